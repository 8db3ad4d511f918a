import { inject } from 'vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/shared-services.ts'
import { startTarget } from './harness.ts'
import {
  behaving,
  cny,
  contextOf,
  inFixedOrder,
  operate,
  pay,
  paymentNow,
  paymentOnce,
  quoteFor,
} from './payments.ts'
import type { Target, TargetOptions } from './target.ts'

const kinds: Record<string, () => Promise<Omit<TargetOptions, 'change'>>> = {
  PostgreSQL: async () => ({ databaseUrl: await freshDatabase() }),
  'PostgreSQL and Redis': async () => ({ databaseUrl: await freshDatabase(), redisUrl: inject('redisUrl') }),
  'memory, as in benchmarks': async () => ({ databaseUrl: 'memory:' }),
}

/** The suite runs over SQLite; here is what has to hold over every journal. */
describe.each(Object.keys(kinds))('over %s', kind => {
  let options: Omit<TargetOptions, 'change'>
  let target: Target
  beforeAll(async () => {
    options = (await kinds[kind]?.()) ?? {}
    target = await startTarget({ ...options, change: inFixedOrder })
  })
  afterAll(() => target.stop())

  it('a payment is made, found and answered again byte by byte', async () => {
    const context = contextOf()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const first = await pay(target, context, { headers })
    expect([first.status, first.body.status]).toEqual([201, 'succeeded'])
    expect((await pay(target, context, { headers })).text).toBe(first.text)
    expect(await paymentNow(target, first.body.id)).toEqual(first.body)
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it('50 requests with one key, and 20 with keys of their own, charge an order once', async () => {
    const context = contextOf()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const answers = await Promise.all([
      ...Array.from({ length: 50 }, () => pay(target, context, { headers })),
      ...Array.from({ length: 20 }, () => pay(target, context)),
    ])
    expect(answers.filter(({ status }) => ![201, 202, 409].includes(status))).toEqual([])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it('100 orders at once are charged once each', async () => {
    const contexts = Array.from({ length: 100 }, () => contextOf())
    const answers = await Promise.all(contexts.map(context => pay(target, context)))
    // On a machine that is busy with something else an answer may come too late, and is then found by asking.
    const ended = await Promise.all(answers.map(({ body }) => paymentOnce(target, body.id, 'succeeded')))
    expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([])
    const ledgers = await Promise.all(contexts.map(({ orderId }) => target.sandbox.ledger(orderId)))
    expect(ledgers.filter(records => records.length !== 1)).toEqual([])
  })

  it('a refusal moves on, an unknown waits and settles', async () => {
    const refused = await pay(target, behaving('limit_exceeded', ['card'], 'card_a'))
    expect(refused.body.attempts.map(({ route }) => route)).toEqual(['card_a', 'card_b'])
    const unknown = behaving('error_after', ['card'], 'card_a')
    const { body } = await pay(target, unknown)
    expect((await paymentOnce(target, body.id, 'succeeded')).status).toBe('succeeded')
    expect(await target.sandbox.ledger(unknown.orderId)).toEqual(['card_a charged 129900'])
  })

  it('ten refunds at once give back no more than was taken', async () => {
    const { body } = await pay(target, contextOf())
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => operate(target, body.id, 'refunds', { amount: cny(40_000) })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
  })

  it('a payer’s credit is not spent twice at the same moment', async () => {
    const payer = { id: `u-${crypto.randomUUID().slice(0, 8)}` }
    await target.sandbox.payer(payer.id, { availableCredit: 200_000 })
    const bodies = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const context = contextOf({ payer, amount: cny(120_000) })
        return {
          ...context,
          funding: { accept: [{ tender: 'credit', quote: await quoteFor(target, context) }] },
        }
      }),
    )
    const answers = await Promise.all(bodies.map(body => pay(target, body)))
    expect(answers.filter(({ body }) => body.status === 'succeeded')).toHaveLength(1)
  })

  // What is in memory ends with its process.
  if (kind.startsWith('PostgreSQL')) {
    it('another gateway on the same journal sees the same payments', async () => {
      const second = await startTarget({ ...options, sandbox: target.sandbox, change: inFixedOrder })
      const context = contextOf()
      const headers = { 'idempotency-key': crypto.randomUUID() }
      const [one, two] = await Promise.all([
        pay(target, context, { headers }),
        pay(second, context, { headers }),
      ])
      expect([one.status, two.status].filter(status => ![201, 202, 409].includes(status))).toEqual([])
      const id = one.body.id ?? two.body.id
      expect(await paymentNow(second, id)).toEqual(await paymentNow(target, id))
      expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
      await second.stop()
      await target.sandbox.tell(target.url)
    })
  }
})
