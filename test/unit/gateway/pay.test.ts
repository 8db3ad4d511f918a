import { describe, expect, it } from 'vitest'
import { readDecision } from '../../../src/core/decision-record.ts'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import { publicStatus } from '../../../src/core/payment/view.ts'
import { approved, declined, notSent, processing, requiresAction, unknown } from '../../support/evidence.ts'
import { buildTestGateway, cardRoutes, type TestGateway } from '../../support/gateway.ts'
import { accepting, CNY, sampleRoute } from '../../support/samples.ts'
import type { ScriptedAnswer } from '../../support/scripted-connector.ts'

const answering = (...pay_: ScriptedAnswer[]) => ({ connectorScripts: { card_a: { pay: pay_ } } })

async function stored({ gateway }: TestGateway, id: string) {
  const found = await gateway.ports.journal.find('demo', id)
  if (found === undefined) throw new Error('the payment is not in the journal')
  return found
}

describe('a payment', () => {
  it('is sent to the best route, and succeeds', async () => {
    const test = buildTestGateway()
    const payment = await test.paid()
    expect(payment).toMatchObject({
      result: 'succeeded',
      attempts: [{ route: 'card_a', status: 'approved' }],
    })
    expect(payment.winner).toBe(payment.attempts[0]?.reference)
    expect((await stored(test, payment.id)).payment).toEqual(payment)
    expect(test.connector('card_a').sends).toEqual([
      expect.objectContaining({
        reference: expect.stringMatching(/^[0-9a-f]{32}$/),
        orderId: 'o-1',
        amount: CNY(100_000),
        capture: 'automatic',
        payer: 'u-1',
      }),
    ])
  })

  it('has its INTENT in the journal before the first byte leaves', async () => {
    const seen: unknown[] = []
    const test: TestGateway = buildTestGateway(
      answering(async request => {
        const found = await test.gateway.ports.journal.findByReference(request.reference)
        seen.push(
          found?.payment.attempts.map(({ reference, route, status }) => ({ reference, route, status })),
        )
        return { kind: 'approved', amount: request.amount }
      }),
    )
    const payment = await test.paid()
    expect(seen).toEqual([[{ reference: payment.attempts[0]?.reference, route: 'card_a', status: 'intent' }]])
  })

  it('is authorized, not captured, when the capture is manual', async () => {
    const test = buildTestGateway(answering(({ amount }) => ({ kind: 'authorized', amount })))
    const payment = await test.paid({ context: { capture: 'manual' } })
    expect([payment.result, publicStatus(payment)]).toEqual(['authorized', 'authorized'])
    expect(test.connector('card_a').sends).toMatchObject([{ capture: 'manual' }])
  })

  it('goes to the second route after a decline, with its INTENT durable and a reference of its own', async () => {
    const before: unknown[] = []
    const test: TestGateway = buildTestGateway({
      connectorScripts: {
        card_a: { pay: [declined] },
        card_b: {
          pay: [
            async request => {
              const found = await test.gateway.ports.journal.findByReference(request.reference)
              before.push(found?.payment.attempts.map(({ status }) => status))
              return { kind: 'approved', amount: request.amount }
            },
          ],
        },
      },
    })
    const payment = await test.paid()
    expect(before).toEqual([['declined', 'intent']])
    expect(payment).toMatchObject({
      result: 'succeeded',
      attempts: [
        { route: 'card_a', status: 'declined', declineCategory: 'issuer_declined' },
        { route: 'card_b', status: 'approved' },
      ],
    })
    expect(new Set(payment.attempts.map(({ reference }) => reference)).size).toBe(2)
    expect(test.events).toContainEqual({
      kind: 'failover',
      from: 'card_a',
      to: 'card_b',
      category: 'issuer_declined',
    })
  })

  it('ends declined when no route is left, with the reason and what would work now', async () => {
    const test = buildTestGateway({
      routes: [...cardRoutes(), sampleRoute('wallet', { tender: 'wallet' })],
      connectorScripts: { card_a: { pay: [declined] }, card_b: { pay: [declined] } },
    })
    expect(await test.paid()).toMatchObject({
      result: 'declined',
      reasons: ['SEC_CANNOT_PROCESS'],
      alternatives: [{ tender: 'wallet', route: 'wallet' }],
    })
    expect(test.sends()).toBe(2)
  })

  it('sends nothing where nothing is accepted, and says what would work', async () => {
    const test = buildTestGateway()
    const payment = await test.paid({ context: { funding: accepting('balance') } })
    expect(payment).toMatchObject({ result: 'declined', attempts: [], alternatives: [{ tender: 'card' }] })
    expect(test.sends()).toBe(0)
  })

  it.each<[string, UpstreamResult, string]>([
    ['unknown', unknown, 'pending'],
    ['processing', processing, 'pending'],
    ['requires_action', requiresAction, 'requires_action'],
    ['approved for another amount', approved(1), 'pending'],
  ])('never goes to another route while the first is %s', async (_name, result, status) => {
    const test = buildTestGateway(answering(result))
    const payment = await test.paid()
    expect(publicStatus(payment)).toBe(status)
    expect(test.sends()).toBe(1)
  })

  it('goes to another route when nothing was sent', async () => {
    const test = buildTestGateway(answering(notSent))
    expect(await test.paid()).toMatchObject({
      result: 'succeeded',
      attempts: [{ status: 'not_sent' }, { route: 'card_b', status: 'approved' }],
    })
  })

  it('is unsent, which is a decline, when nothing ever left', async () => {
    const scripts = { card_a: { pay: [notSent] }, card_b: { pay: [notSent] } }
    const payment = await buildTestGateway({ connectorScripts: scripts }).paid()
    expect([payment.result, publicStatus(payment)]).toEqual(['unsent', 'declined'])
  })

  it('takes a connector that throws for one that may have sent', async () => {
    const test = buildTestGateway(
      answering(() => {
        throw new RangeError('card 4111111111111111')
      }),
    )
    expect(publicStatus(await test.paid())).toBe('pending')
    expect(test.sends()).toBe(1)
  })

  it('makes no more attempts than the policy allows, over the whole payment', async () => {
    const routes = ['a', 'b', 'c', 'd', 'e'].map(id => sampleRoute(id))
    const connectorScripts = Object.fromEntries(routes.map(({ id }) => [id, { pay: [notSent] }]))
    const test = buildTestGateway({ routes, connectorScripts, policy: { attemptsMax: 3 } })
    expect((await test.paid()).attempts).toHaveLength(3)
    expect(test.sends()).toBe(3)
  })

  it('opens no attempt past its deadline', async () => {
    const test: TestGateway = buildTestGateway({
      ...answering(async () => {
        await test.clock.advance(6_000)
        return declined
      }),
      settings: { paymentMs: 5_000 },
    })
    expect(await test.paid()).toMatchObject({ result: 'declined', attempts: [{ route: 'card_a' }] })
  })

  it('keeps the decision of every attempt', async () => {
    const test = buildTestGateway({ connectorScripts: { card_a: { pay: [declined] } } })
    const payment = await test.paid()
    const rows = await test.gateway.ports.journal.listDecisions('demo', 0, test.clock.now() + 1, 10)
    expect(rows).toHaveLength(2)
    expect(rows.map(({ id }) => id)).toContain(payment.decision)
    const last = readDecision(rows.find(({ id }) => id === payment.decision)?.body ?? '')
    expect(last).toMatchObject({
      cascade: ['card_b'],
      inputs: { prior: [{ route: 'card_a', category: 'issuer_declined' }] },
    })
  })
})
