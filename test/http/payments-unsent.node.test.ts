import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { contextOf, inFixedOrder, pay } from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({ change: inFixedOrder })
})
afterAll(() => target.stop())

/** Only Node sees that not a byte has left; on Workers the outcome is unknown, and no other route is tried. */
describe('an acquirer that cannot be reached', () => {
  afterEach(() => target.sandbox.dial('card_a', { outage: 'none' }))

  it('refuses connections: nothing was sent, so the next one is tried at once', async () => {
    await target.sandbox.dial('card_a', { outage: 'refuse' })
    const context = contextOf()
    const { body } = await pay(target, context)
    expect(body.attempts.map(({ route, status }) => [route, status])).toEqual([
      ['card_a', 'not_sent'],
      ['card_b', 'approved'],
    ])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_b charged 129900'])
  })
})
