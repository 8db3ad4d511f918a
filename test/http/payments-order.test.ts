import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import {
  behaving,
  cny,
  contextOf,
  inFixedOrder,
  pay,
  paymentOnce,
  type PaymentView,
  type ProblemView,
} from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({ change: inFixedOrder })
})
afterAll(() => target.stop())

describe('one order', () => {
  it('is joined by a second request, under another key, that asks for the same', async () => {
    const context = contextOf()
    const first = await pay(target, context)
    const second = await pay(target, { ...context, metadata: { try: '2' } })
    expect([second.status, second.body.id]).toEqual([201, first.body.id])
    expect(second.headers.get('idempotency-replayed')).toBeNull()
    expect(await target.sandbox.ledger(context.orderId)).toHaveLength(1)
  })

  const differences: [string, object][] = [
    ['amount', { amount: cny(129_901) }],
    ['payer', { payer: { id: 'u-2' } }],
    ['accepted tenders', { funding: { accept: [{ tender: 'card' }, { tender: 'wallet' }] } }],
    ['order of tenders', { funding: { accept: [{ tender: 'card' }], preference: 'best_value' } }],
    ['capture', { capture: 'manual' }],
  ]

  it.each(differences)('once paid is not paid with another %s', async (_name, change) => {
    const context = contextOf()
    const first = await pay(target, context)
    const { status, body } = await pay<ProblemView>(target, { ...context, ...change })
    expect([status, body.code, body.payment]).toEqual([409, 'order_already_paid', first.body.id])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it.each(differences)('is not paid with another %s while a payment is pending', async (_name, change) => {
    const context = behaving('processing_approved')
    const first = await pay(target, context)
    expect(first.body.status).toBe('pending')
    const { status, body } = await pay<ProblemView>(target, { ...context, ...change })
    expect([status, body.code, body.payment]).toEqual([409, 'order_in_progress', first.body.id])
    await paymentOnce(target, first.body.id, 'succeeded')
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it('may be tried again after a refusal', async () => {
    const context = behaving('insufficient_funds')
    const refused = await pay(target, context)
    expect(refused.body.status).toBe('declined')
    const { metadata: _magic, ...again } = context
    const paid = await pay(target, again)
    expect([paid.status, paid.body.status]).toEqual([201, 'succeeded'])
    expect(paid.body.id).not.toBe(refused.body.id)
    const listed = await target.api<{ payments: { id: string }[] }>(
      'GET',
      `/v1/payments?orderId=${context.orderId}`,
    )
    expect(listed.body.payments.map(({ id }) => id).sort()).toEqual([refused.body.id, paid.body.id].sort())
  })

  it('sent under 30 keys at once is charged once, and everybody is told of the same payment', async () => {
    const context = contextOf()
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => pay<PaymentView & ProblemView>(target, context)),
    )
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
    // Most join it; who finds it changing again and again is told `order_in_progress`.
    expect(new Set(answers.map(({ body }) => body.payment ?? body.id)).size).toBe(1)
    expect(answers.filter(({ status }) => ![201, 202, 409].includes(status))).toEqual([])
  })

  it('of one tenant has nothing to do with an order of the same name of another', async () => {
    const context = contextOf()
    const ours = await pay(target, context)
    const theirs = await pay(target, context, { key: 'stranger' })
    expect([ours.status, theirs.status]).toEqual([201, 201])
    expect(theirs.body.id).not.toBe(ours.body.id)
    expect(await target.sandbox.ledger(context.orderId)).toHaveLength(2)
  })
})
