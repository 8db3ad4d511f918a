import { describe, expect, it } from 'vitest'
import type { Evidence, EvidenceSource, UpstreamResult } from '../../../src/core/payment/outcome.ts'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { recordEvidence } from '../../../src/gateway/evidence.ts'
import {
  approved,
  authorized,
  canceled,
  declined,
  notFound,
  notSent,
  processing,
  unknown,
} from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'

const about = (
  payment: Payment,
  test: TestGateway,
  result: UpstreamResult,
  source: EvidenceSource = 'notification',
): Evidence => ({
  reference: payment.attempts[0]?.reference ?? '',
  source,
  result,
  at: test.clock.now(),
})

const answering = (...pay: UpstreamResult[]) => buildTestGateway({ connectorScripts: { card_a: { pay } } })
const tell = (test: TestGateway, evidence: Evidence) => recordEvidence(test.gateway, test.facts, evidence)
const current = async (test: TestGateway, { id }: Payment) =>
  (await test.gateway.ports.journal.find('demo', id))?.payment

describe('an answer that comes after its deadline', () => {
  it('is recorded, whoever waits for it', async () => {
    let late: ((result: UpstreamResult) => void) | undefined
    const test = buildTestGateway({
      connectorScripts: {
        card_a: {
          pay: [
            (_request, { onLate }) => {
              late = onLate
              return unknown
            },
          ],
        },
      },
    })
    const payment = await test.paid()
    await test.clock.advance(20_000)
    late?.(approved())
    await test.clock.advance(1)
    expect(await current(test, payment)).toMatchObject({
      result: 'succeeded',
      attempts: [{ status: 'approved' }],
    })
  })

  it('that nothing was sent proves nothing any more', async () => {
    const test = answering(unknown)
    const payment = await test.paid()
    await tell(test, about(payment, test, notSent, 'caller'))
    expect(await current(test, payment)).toMatchObject({ attempts: [{ status: 'unknown' }] })
  })

  it('may be lost with the journal, and is a fault that is counted', async () => {
    let late: ((result: UpstreamResult) => void) | undefined
    const test = buildTestGateway({
      connectorScripts: { card_a: { pay: [(_r, { onLate }) => ((late = onLate), unknown)] } },
    })
    await test.paid()
    test.flaky.fail('findByReference', 1)
    late?.(approved())
    await test.clock.advance(1)
    expect(test.events).toContainEqual({ kind: 'fault', area: 'late_answer', cause: 'journal_unavailable' })
  })
})

describe('evidence from outside', () => {
  it('ends a payment without a lease, and opens nothing', async () => {
    const test = answering(unknown)
    const payment = await test.paid()
    await tell(test, about(payment, test, declined))
    const after = await current(test, payment)
    expect(after).toMatchObject({ attempts: [{ status: 'declined' }] })
    expect(after?.result).toBeUndefined()
    expect(test.sends()).toBe(1)
    expect(await test.gateway.ports.journal.claimDue(10, 1_000)).toHaveLength(1)
  })

  it('counts however many tell it at once', async () => {
    const test = answering(unknown)
    const payment = await test.paid()
    const all = [approved(), processing, approved(), notFound, approved()]
    await Promise.all(all.map(result => tell(test, about(payment, test, result))))
    expect(await current(test, payment)).toMatchObject({ result: 'succeeded', obligations: [] })
  })

  it('that comes before the answer of the send is joined with it', async () => {
    const test: TestGateway = buildTestGateway({
      connectorScripts: {
        card_a: {
          pay: [
            async ({ reference, amount }) => {
              const result = { kind: 'approved', amount } as const
              await tell(test, { reference, source: 'notification', result, at: test.clock.now() })
              return unknown
            },
          ],
        },
      },
    })
    expect(await test.paid()).toMatchObject({ result: 'succeeded', attempts: [{ status: 'approved' }] })
    expect(test.sends()).toBe(1)
  })

  it('is consumed once per event', async () => {
    const test = answering(unknown)
    const payment = await test.paid()
    const inbox = { route: 'card_a', eventId: 'evt_1' }
    const twice = () => recordEvidence(test.gateway, test.facts, about(payment, test, processing), { inbox })
    expect((await twice()).kind).toBe('recorded')
    expect((await twice()).kind).toBe('duplicate')
  })

  it('about an unknown reference changes nothing', async () => {
    const test = answering(unknown)
    const payment = await test.paid()
    const stray = { ...about(payment, test, approved()), reference: 'f'.repeat(32) }
    expect(await tell(test, stray)).toEqual({ kind: 'unknown_reference' })
  })

  it('of an approval after the payment was declined owes the money back', async () => {
    const test = buildTestGateway({
      connectorScripts: { card_a: { pay: [declined] }, card_b: { pay: [declined] } },
    })
    const payment = await test.paid()
    expect(payment.result).toBe('declined')
    await tell(test, about(payment, test, approved()))
    expect(await current(test, payment)).toMatchObject({
      result: 'declined',
      attempts: [{ status: 'reversing' }, { status: 'declined' }],
      obligations: [{ status: 'pending' }],
    })
    expect(await test.gateway.ports.journal.claimDue(10, 1_000)).toHaveLength(0)
    await test.clock.advance(3_000)
    expect(await test.gateway.ports.journal.claimDue(10, 1_000)).toHaveLength(1)
  })
})

describe('what was unknown is learned when it is known', () => {
  const kinds = (test: TestGateway) => test.learned.map(({ result, stage }) => `${stage}: ${result.kind}`)

  it.each<[string, UpstreamResult[], string[]]>([
    ['approved', [approved()], ['first: approved']],
    ['declined', [declined], ['first: declined']],
    ['approved, told five times', Array.from({ length: 5 }, () => approved()), ['first: approved']],
    ['still processing', [processing], []],
    ['not found, too early', [notFound], []],
    ['ended by our own cancel', [canceled], []],
  ])('%s', async (_name, told, expected) => {
    const test = answering(unknown)
    const payment = await test.paid()
    for (const result of told) await tell(test, about(payment, test, result, 'query'))
    expect(kinds(test)).toEqual(['first: unknown', ...expected])
    expect(new Set(test.learned.map(({ attemptId }) => attemptId)).size).toBe(1)
  })

  it('absent, once that is certain', async () => {
    const test = answering(unknown)
    const payment = await test.paid()
    await test.clock.advance(3_600_000)
    await tell(test, about(payment, test, notFound, 'query'))
    expect(kinds(test)).toEqual(['first: unknown', 'first: not_found'])
  })

  it('as the try that it was: after a decline, not first', async () => {
    const test = buildTestGateway({
      connectorScripts: {
        card_a: { pay: [{ kind: 'declined', category: 'insufficient_funds' }] },
        card_b: { pay: [unknown] },
      },
    })
    const payment = await test.paid()
    const reference = payment.attempts[1]?.reference ?? ''
    await tell(test, { ...about(payment, test, approved()), reference })
    expect(kinds(test)).toEqual([
      'first: declined',
      'insufficient_funds: unknown',
      'insufficient_funds: approved',
    ])
    expect(test.learned.map(({ route }) => route)).toEqual(['card_a', 'card_b', 'card_b'])
  })

  it('once, when an authorization is followed by its capture', async () => {
    const test = answering(authorized())
    const payment = await test.paid()
    await tell(test, about(payment, test, approved()))
    expect(kinds(test)).toEqual(['first: authorized'])
  })

  it('once, when the first answer is definite', async () => {
    const test = answering(approved())
    const payment = await test.paid()
    await tell(test, about(payment, test, approved()))
    expect(kinds(test)).toEqual(['first: approved'])
  })
})

describe('webhooks of a payment', () => {
  const webhooks = [{ id: 'demo/0', events: ['*'] }]
  const outbox = async (test: TestGateway) => {
    const items = await test.gateway.ports.journal.claimOutbox(100, 60_000)
    return items.map(({ type, body }) => `${JSON.parse(body).data.sequence} ${type}`).sort()
  }

  it('tell of the end, once, in the same write', async () => {
    const test = buildTestGateway({ webhooks })
    await test.paid()
    expect(await outbox(test)).toEqual(['1 payment.succeeded'])
    expect(test.flaky.calls('putOutbox')).toBe(0)
  })

  it('tell of the wait and then of the end, with a sequence that has no gaps', async () => {
    const test = buildTestGateway({ webhooks, connectorScripts: { card_a: { pay: [unknown] } } })
    const payment = await test.paid()
    await tell(test, about(payment, test, processing))
    await tell(test, about(payment, test, approved()))
    await tell(test, about(payment, test, approved()))
    expect(await outbox(test)).toEqual(['1 payment.pending', '2 payment.succeeded'])
  })

  it('say nothing of a failover while it is under way', async () => {
    const test = buildTestGateway({ webhooks, connectorScripts: { card_a: { pay: [declined] } } })
    await test.paid()
    expect(await outbox(test)).toEqual(['1 payment.succeeded'])
  })

  it('go to the endpoints that asked for them', async () => {
    const test = buildTestGateway({
      webhooks: [
        { id: 'demo/0', events: ['payment.declined'] },
        { id: 'demo/1', events: ['payment.succeeded'] },
      ],
    })
    await test.paid()
    const items = await test.gateway.ports.journal.claimOutbox(100, 60_000)
    expect(items.map(({ endpoint }) => endpoint)).toEqual(['demo/1'])
  })

  it('are not lost when the answer to their write is', async () => {
    const test = buildTestGateway({ webhooks })
    test.flaky.fail('save', 1, 'after')
    await test.elapse(test.paid())
    expect(await outbox(test)).toEqual(['1 payment.succeeded'])
  })
})
