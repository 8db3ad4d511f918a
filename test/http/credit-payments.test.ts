import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import {
  cny,
  codes,
  contextOf,
  type ContextBody,
  inFixedOrder,
  operate,
  pay,
  type ProblemView,
  quoteFor,
  quotes,
} from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({ change: inFixedOrder })
})
afterAll(() => target.stop())

const newPayer = (prefix = 'u') => ({ id: `${prefix}-${crypto.randomUUID().slice(0, 8)}` })

/** The context with the payer's consent to a quote, before what else is accepted. */
function withCredit(
  context: ContextBody,
  quote: string | undefined,
  others: readonly string[] = [],
): ContextBody {
  const credit = quote === undefined ? { tender: 'credit' } : { tender: 'credit', quote }
  return { ...context, funding: { accept: [credit, ...others.map(tender => ({ tender }))] } }
}

describe('paying with credit', () => {
  it('needs the quote that the payer has accepted, and is paid by its lender', async () => {
    const context = contextOf({ payer: newPayer() })
    const quote = await quoteFor(target, context, 3)
    const { status, body } = await pay(target, withCredit(context, quote))
    expect([status, body.status, body.route, body.tender]).toEqual([201, 'succeeded', 'jd_baitiao', 'credit'])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['jd_baitiao charged 129900'])
  })

  it('without a quote is refused with 422, even beside another tender, and sends nothing', async () => {
    const context = contextOf({ payer: newPayer() })
    for (const others of [[], ['card']]) {
      const { status, body } = await pay<ProblemView>(target, withCredit(context, undefined, others))
      expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([
        422,
        'quote_required',
        '/funding/accept/0/quote',
      ])
    }
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })

  const other: [string, (context: ContextBody) => ContextBody][] = [
    ['another order', context => ({ ...context, orderId: `o-${crypto.randomUUID()}` })],
    ['another amount', context => ({ ...context, amount: cny(129_901) })],
    ['another payer', context => ({ ...context, payer: newPayer() })],
    [
      'other terms',
      context => ({
        ...context,
        funding: { accept: context.funding.accept.map(accepted => ({ ...accepted, instalments: 6 })) },
      }),
    ],
  ]
  it.each(other)('a quote for %s is refused with 409, and sends nothing', async (_name, change) => {
    const context = contextOf({ payer: newPayer() })
    const changed = change(withCredit(context, await quoteFor(target, context, 3), ['card']))
    const { status, body } = await pay<ProblemView>(target, changed)
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([
      409,
      'quote_changed',
      '/funding/accept/0/quote',
    ])
    expect(await target.sandbox.ledger(changed.orderId)).toEqual([])
  })

  it('a quote that nobody made is refused with 409', async () => {
    const { status, body } = await pay<ProblemView>(target, withCredit(contextOf(), 'quo_nobody'))
    expect([status, body.code]).toEqual([409, 'quote_changed'])
  })

  it('a quote of another tenant is refused with 409', async () => {
    const context = contextOf({ payer: newPayer() })
    const quote = await quoteFor(target, context, 3, { key: 'stranger' })
    const { status, body } = await pay<ProblemView>(target, withCredit(context, quote))
    expect([status, body.code]).toEqual([409, 'quote_changed'])
  })

  it('never moves to credit by itself: own money that is refused leaves credit an offer', async () => {
    const context = contextOf({
      payer: newPayer(),
      metadata: { sandbox_card_a: 'limit_exceeded', sandbox_card_b: 'limit_exceeded' },
    })
    const { body } = await pay(target, context)
    expect(body.status).toBe('declined')
    expect(body.alternatives?.map(({ tender }) => tender)).toContain('credit')
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })

  it('refused by the lender goes to the accepted own money, and says why', async () => {
    const context = contextOf({ payer: newPayer(), metadata: { sandbox_jd_baitiao: 'credit_refused' } })
    const { body } = await pay(target, withCredit(context, await quoteFor(target, context), ['card']))
    expect(body).toMatchObject({ status: 'succeeded', route: 'card_a' })
    expect(body.attempts[0]).toMatchObject({ route: 'jd_baitiao', declineCategory: 'credit_refused' })
  })
})

describe('a payer’s credit', () => {
  it('is asked for again after an approval, so that the next quote knows the smaller limit', async () => {
    const payer = newPayer()
    const first = contextOf({ payer, amount: cny(3_000_000) })
    await pay(target, withCredit(first, await quoteFor(target, first)))
    const { body } = await quotes(target, contextOf({ payer, amount: cny(3_000_000) }))
    const credit = body.options.find(({ tender }) => tender === 'credit')
    expect(credit?.available).toBe(false)
    expect(codes(credit?.reasons)).toEqual(['CRD_LIMIT_INSUFFICIENT'])
  })

  it('is not spent twice by payments at the same moment', async () => {
    const payer = newPayer()
    await target.sandbox.payer(payer.id, { availableCredit: 200_000 })
    const contexts = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const context = contextOf({ payer, amount: cny(120_000) })
        return withCredit(context, await quoteFor(target, context))
      }),
    )
    const answers = await Promise.all(contexts.map(context => pay(target, context)))
    expect(answers.filter(({ body }) => body.status === 'succeeded')).toHaveLength(1)
    const refused = answers.filter(({ body }) => body.status !== 'succeeded')
    // The lender was not even asked: what another payment holds is not there any more.
    expect(refused.every(({ body }) => body.attempts.length === 0)).toBe(true)
    expect(new Set(refused.flatMap(({ body }) => codes(body.reasons)))).toEqual(
      new Set(['CRD_LIMIT_INSUFFICIENT']),
    )
  })

  it('lowered by the lender after the quote stands in the way of paying, though the cache has not heard of it', async () => {
    const payer = newPayer()
    const context = contextOf({ payer })
    const quote = await quoteFor(target, context)
    await target.sandbox.payer(payer.id, { frozen: true })
    const { body } = await pay(target, withCredit(context, quote, ['card']))
    expect(body).toMatchObject({ status: 'succeeded', tender: 'card' })
    expect(await target.sandbox.ledger(context.orderId)).toEqual([expect.stringMatching(/^card_a charged/)])
  })

  it('comes back with a refund', async () => {
    const payer = newPayer()
    const context = contextOf({ payer, amount: cny(4_000_000) })
    const paid = await pay(target, withCredit(context, await quoteFor(target, context)))
    const refund = await operate(target, paid.body.id, 'refunds')
    expect(refund.body.status).toBe('succeeded')
    await expect
      .poll(async () => {
        const { body } = await quotes(target, contextOf({ payer, amount: cny(4_000_000) }))
        return body.options.find(({ tender }) => tender === 'credit')?.available
      })
      .toBe(true)
  })
})
