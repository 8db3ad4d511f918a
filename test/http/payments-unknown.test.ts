import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import {
  behaving,
  codes,
  contextOf,
  inFixedOrder,
  operate,
  pay,
  paymentNow,
  paymentOnce,
} from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      inFixedOrder(config)
      for (const { id, connector, capability } of config.routes) {
        connector.timeoutMs = 700
        // What is sent again is under way again, and its absence is proven later: only the wallet is sent to again.
        capability['idempotency'] = { mode: 'key', retentionHours: 24, replaysErrors: id === 'wallet' }
        // Nothing takes effect later than this, so that "not found" is proof within the time of a test.
        capability.settleWindowMs = 0
      }
    },
  })
  // Only the resolver's own questions may settle anything here.
  await target.sandbox.tell(null)
})
afterAll(() => target.stop())

const bothCards = ['card', 'wallet']

describe('an outcome that is not known', () => {
  it.concurrent.each([
    'outcome_unknown',
    'timeout_approved',
    'garbage',
    'truncated',
    'oversized',
    'redirected',
    'error_after',
    'reset_after',
  ])('%s: the payment waits, no other route is tried, and it settles by itself', async behaviour => {
    const context = behaving(behaviour, bothCards, 'card_a')
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([202, 'pending'])
    expect(body.attempts.map(({ route, status: state }) => `${route} ${state}`)).toEqual(['card_a unknown'])
    expect(codes(body.reasons)).toEqual(['TECH_OUTCOME_CONFIRMING'])
    expect(body).not.toHaveProperty('alternatives')

    const settled = await paymentOnce(target, body.id, 'succeeded')
    expect(settled).toMatchObject({
      status: 'succeeded',
      route: 'card_a',
      attempts: [{ status: 'approved' }],
    })
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it.concurrent.each(['wrong_amount', 'wrong_reference'])(
    '%s: an answer about something else is believed by nobody and tried nowhere else',
    async behaviour => {
      const context = behaving(behaviour, bothCards, 'card_a')
      const { status, body } = await pay(target, context)
      expect([status, body.status]).toEqual([202, 'pending'])
      await new Promise(resolve => setTimeout(resolve, 1_500))
      expect((await paymentNow(target, body.id)).attempts).toHaveLength(1)
      expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
    },
  )

  it.concurrent('is proven absent only after everything that could be under way has ended; then the next route is tried', async () => {
    const context = behaving('timeout_absent', bothCards, 'card_a')
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([202, 'pending'])
    await new Promise(resolve => setTimeout(resolve, 4_000))
    // The upstream has already said "not found" by now; it is too early to believe it.
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
    const settled = await paymentOnce(target, body.id, 'succeeded', 25_000)
    expect(settled.attempts.map(({ route, status: state }) => `${route} ${state}`)).toEqual([
      expect.stringMatching(/^card_a (absent|voided)$/),
      'card_b approved',
    ])
    expect(await target.sandbox.ledger(context.orderId)).toContain('card_b charged 129900')
    expect(await target.sandbox.ledger(context.orderId)).not.toContain('card_a charged 129900')
  }, 40_000)

  it.concurrent('is paid by the same request sent again, where the upstream keeps all its answers', async () => {
    const context = behaving('reset_before', ['wallet'], 'wallet')
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([202, 'pending'])
    const settled = await paymentOnce(target, body.id, 'succeeded')
    expect(settled.attempts.map(({ route, status: state }) => `${route} ${state}`)).toEqual([
      'wallet approved',
    ])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['wallet charged 129900'])
  })

  it.concurrent('is not sent a second time by a client that asks again, under its own key or another', async () => {
    const context = behaving('timeout_approved', bothCards, 'card_a')
    const [first, ...others] = await Promise.all([
      pay(target, context, { headers: { 'idempotency-key': `k-${context.orderId}` } }),
      pay(target, context),
      pay(target, context),
    ])
    const replayed = await pay(target, context, { headers: { 'idempotency-key': `k-${context.orderId}` } })
    for (const { status, body } of [...others, replayed]) {
      expect([201, 202]).toContain(status)
      expect(body.id).toBe(first.body.id)
    }
    await paymentOnce(target, first.body.id, 'succeeded')
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it.concurrent('ends when the client cancels it and the upstream confirms', async () => {
    const context = behaving('timeout_absent', ['wallet'], 'wallet')
    const { body } = await pay(target, context)
    expect(body.status).toBe('pending')
    const canceled = await operate<{ status: string }>(target, body.id, 'cancel')
    expect([canceled.status, canceled.body.status]).toEqual([201, 'canceled'])
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })
})

describe('a payment that its upstream takes its time for', () => {
  it.concurrent.each([
    ['processing_approved', 'succeeded', ['card_a charged 129900']],
    ['processing_declined', 'declined', []],
  ])('%s: pending at first, then %s', async (behaviour, end, ledger) => {
    const context = {
      ...contextOf(),
      metadata: { sandbox_card_a: behaviour, sandbox_card_b: 'suspected_fraud' },
    }
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([202, 'pending'])
    expect(body.attempts.map(attempt => attempt.status)).toEqual(['processing'])
    expect((await paymentOnce(target, body.id, end)).status).toBe(end)
    expect(await target.sandbox.ledger(context.orderId)).toEqual(ledger)
  })
})
