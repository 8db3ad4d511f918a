import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from './exchange.ts'
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
  type ProblemView,
} from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({ change: inFixedOrder })
})
afterAll(() => target.stop())

const newKey = () => ({ 'idempotency-key': crypto.randomUUID() })
const isReplay = ({ headers }: Answer<unknown>) => headers.get('idempotency-replayed') === 'true'

describe('the key of a money request', () => {
  it.each([
    ['missing', undefined, 'idempotency_key_missing'],
    ['empty', '', 'idempotency_key_missing'],
    ['with a blank inside', 'a b', 'idempotency_key_invalid'],
    ['sent twice, so joined by a comma', 'a, a', 'idempotency_key_invalid'],
    ['longer than 255 characters', 'k'.repeat(256), 'idempotency_key_invalid'],
    ['not ASCII', 'cl\u00e9', 'idempotency_key_invalid'],
  ])('%s: refused, nothing is sent', async (_name, key, code) => {
    const context = contextOf()
    const { status, body } = await pay<ProblemView>(target, context, { headers: { 'idempotency-key': key } })
    expect([status, body.code]).toEqual([400, code])
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })

  it('may be 255 characters long', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID().padEnd(255, '!') }
    expect((await pay(target, contextOf(), { headers })).status).toBe(201)
  })

  it.each(['capture', 'cancel', 'refunds'] as const)('is required for %s too', async verb => {
    const { body } = await pay(target, contextOf({ capture: 'manual' }))
    const answer = await operate<ProblemView>(
      target,
      body.id,
      verb,
      {},
      { headers: { 'idempotency-key': undefined } },
    )
    expect([answer.status, answer.body.code]).toEqual([400, 'idempotency_key_missing'])
  })
})

describe('the same request again', () => {
  it.each(['approved', 'insufficient_funds'])(
    '%s: is answered byte by byte as before, and sends nothing',
    async behaviour => {
      const context = behaving(behaviour)
      const headers = newKey()
      const first = await pay(target, context, { headers })
      const sent = await target.sandbox.requestsSeen()
      const again = await pay(target, context, { headers })
      expect(again.text).toBe(first.text)
      expect([again.status, isReplay(first), isReplay(again)]).toEqual([first.status, false, true])
      expect(await target.sandbox.requestsSeen()).toBe(sent)
    },
  )

  it('is answered as before even after a refund', async () => {
    const context = contextOf()
    const headers = newKey()
    const first = await pay(target, context, { headers })
    expect((await operate(target, first.body.id, 'refunds')).status).toBe(201)
    expect((await pay(target, context, { headers })).text).toBe(first.text)
  })

  it('is told the state of now while it is pending, and the end once there is one', async () => {
    const context = behaving('processing_approved')
    const headers = newKey()
    const first = await pay(target, context, { headers })
    expect([first.status, first.body.status]).toEqual([202, 'pending'])
    const pending = await pay(target, context, { headers })
    expect([pending.status, pending.body.status, isReplay(pending)]).toEqual([202, 'pending', true])
    await paymentOnce(target, first.body.id, 'succeeded')
    const settled = await pay(target, context, { headers })
    expect([settled.status, settled.body.status, isReplay(settled)]).toEqual([201, 'succeeded', true])
    expect((await pay(target, context, { headers })).text).toBe(settled.text)
  })

  it('is refused with 409 while the first is being sent', async () => {
    await target.sandbox.dial('card_a', { slowMs: 2_000 })
    const context = behaving('slow', ['card'], 'card_a')
    const headers = newKey()
    const first = pay(target, context, { headers })
    await expect.poll(() => target.sandbox.ledger(context.orderId)).toHaveLength(1)
    const meanwhile = await pay<ProblemView>(target, context, { headers })
    expect([meanwhile.status, meanwhile.body.code]).toEqual([409, 'request_in_progress'])
    expect(Number(meanwhile.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(meanwhile.body.payment).toBe((await first).body.id)
  })

  it('sent 50 times at once charges once, and all who are told are told the same', async () => {
    const context = contextOf()
    const headers = newKey()
    const answers = await Promise.all(Array.from({ length: 50 }, () => pay(target, context, { headers })))
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
    const told = answers.filter(({ status }) => status === 201)
    expect(new Set(told.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
    expect(told.filter(answer => !isReplay(answer))).toHaveLength(1)
  })
})

describe('a key that was used', () => {
  it.each([
    ['another amount', { amount: cny(100) }],
    ['another order', { orderId: 'o-other' }],
    ['the same fields in other words', { payer: { id: 'u-1', locale: 'en' } }],
  ])('with %s is refused with 422 and executes nothing', async (_name, change) => {
    const context = contextOf()
    const headers = newKey()
    await pay(target, context, { headers })
    const charged = await target.sandbox.records()
    const { status, body } = await pay<ProblemView>(target, { ...context, ...change }, { headers })
    expect([status, body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(await target.sandbox.records()).toBe(charged)
  })

  it('for a payment cannot refund it', async () => {
    const headers = newKey()
    const { body } = await pay(target, contextOf(), { headers })
    const { status, body: problem } = await operate<ProblemView>(target, body.id, 'refunds', {}, { headers })
    expect([status, problem.code]).toEqual([422, 'idempotency_key_reused'])
  })

  it('for a refund repeats that refund, not another one', async () => {
    const { body } = await pay(target, contextOf())
    const headers = newKey()
    const refund = { amount: cny(1_000) }
    const first = await operate(target, body.id, 'refunds', refund, { headers })
    const again = await operate(target, body.id, 'refunds', refund, { headers })
    expect([again.status, again.text, isReplay(again)]).toEqual([first.status, first.text, true])
    const other = await operate<ProblemView>(target, body.id, 'refunds', { amount: cny(999) }, { headers })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(await target.sandbox.ledger(body.orderId)).toEqual([
      'card_a charged 129900',
      'card_a refunded 1000',
    ])
  })

  it('by one tenant is free for another', async () => {
    const headers = newKey()
    const ours = await pay(target, contextOf(), { headers })
    const theirs = await pay(target, contextOf(), { headers, key: 'stranger' })
    expect([ours.status, theirs.status]).toEqual([201, 201])
    expect(theirs.body.id).not.toBe(ours.body.id)
    expect((await paymentNow(target, ours.body.id)).id).toBe(ours.body.id)
  })
})
