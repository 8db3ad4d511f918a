import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../src/core/decision.ts'
import { readDecision } from '../../../src/core/decision-record.ts'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import { declined, notSent, processing, unknown } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'

const order = (n: number) => ({ key: `key-${n}`, context: { orderId: `o-${n}` } })
const SENSITIVE = { volumeThreshold: 3, resetJitter: 0 }

async function decisionOf(test: TestGateway, id: string): Promise<Decision> {
  const row = await test.gateway.ports.journal.findDecision('demo', id)
  return readDecision(row?.body ?? '')
}

describe('the breaker of a route', () => {
  const open = async (): Promise<TestGateway> => {
    const test = buildTestGateway({
      connectorScripts: {
        card_a: { pay: [unknown, unknown, unknown, { kind: 'declined', category: 'issuer_declined' }] },
      },
      breaker: SENSITIVE,
    })
    for (let n = 1; n <= 3; n++) await test.paid(order(n))
    expect(test.gateway.ports.breaker.state('card_a')).toBe('open')
    return test
  }

  it('skips the route at once when it is open, and the decision says why', async () => {
    const test = await open()
    const payment = await test.paid(order(4))
    expect(payment).toMatchObject({ result: 'succeeded', attempts: [{ route: 'card_b' }] })
    expect(test.connector('card_a').sends).toHaveLength(3)
    const { candidates } = await decisionOf(test, payment.decision)
    expect(candidates[0]).toMatchObject({
      route: 'card_a',
      eligible: false,
      reasons: ['TECH_ROUTE_UNSTABLE'],
      gates: { health: ['TECH_ROUTE_UNSTABLE'] },
    })
  })

  it('lets one payment probe when it is half open; the others go elsewhere', async () => {
    const test = await open()
    await test.clock.advance(35_001)
    expect(test.gateway.ports.breaker.state('card_a')).toBe('half_open')
    const payments = await Promise.all([4, 5, 6].map(n => test.paid(order(n))))
    expect(test.connector('card_a').sends).toHaveLength(4)
    expect(payments.every(({ result }) => result === 'succeeded')).toBe(true)
    // The probe was declined, which is an answer, and so the route is well.
    expect(test.gateway.ports.breaker.state('card_a')).toBe('closed')
  })

  it('ends the payment, and charges nothing, when every route is open', async () => {
    const test = await open()
    test.gateway.ports.breaker.force('card_b', 'open', 'test', test.clock.now() + 60_000)
    expect(await test.paid(order(4))).toMatchObject({ result: 'declined', reasons: ['TECH_ROUTE_UNSTABLE'] })
  })

  it.each<[string, UpstreamResult, 'open' | 'closed']>([
    ['unknown outcomes', unknown, 'open'],
    ['requests that never left', notSent, 'open'],
    ['an upstream that is not there', { kind: 'declined', category: 'upstream_unavailable' }, 'open'],
    ['declines', declined, 'closed'],
    ['payers without funds', { kind: 'declined', category: 'insufficient_funds' }, 'closed'],
    ['payments in progress', processing, 'closed'],
  ])('after %s is as it should be', async (_name, result, state) => {
    const test = buildTestGateway({ connectorScripts: { card_a: { pay: [result] } }, breaker: SENSITIVE })
    for (let n = 1; n <= 5; n++) await test.paid(order(n))
    expect(test.gateway.ports.breaker.state('card_a')).toBe(state)
  })

  it('only prevents: an answer that comes while it is open counts as any other', async () => {
    const test: TestGateway = buildTestGateway({
      connectorScripts: {
        card_a: {
          pay: [
            ({ amount }) => {
              test.gateway.ports.breaker.force('card_a', 'open', 'test', test.clock.now() + 60_000)
              return { kind: 'approved', amount }
            },
          ],
        },
      },
    })
    expect(await test.paid()).toMatchObject({ result: 'succeeded', attempts: [{ route: 'card_a' }] })
  })
})
