import { describe, expect, it } from 'vitest'
import type { Payment } from '../../../src/core/payment/payment.ts'
import type { Capability } from '../../../src/core/payment/route.ts'
import { operate } from '../../../src/gateway/operations.ts'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import { approved, canceled, declined, notFound, requiresAction, unknown } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'
import { sampleRoute } from '../../support/samples.ts'
import type { ConnectorScript } from '../../support/scripted-connector.ts'

const onOneRoute = (capability: Partial<Capability>, script: ConnectorScript) =>
  buildTestGateway({
    routes: [sampleRoute('card_a', { capability })],
    connectorScripts: { card_a: script },
  })

const current = async (test: TestGateway, { id }: Payment): Promise<Payment> =>
  (await test.gateway.ports.journal.find('demo', id))?.payment as Payment

/** As a new configuration does that leaves it out. */
function removeRoute(test: TestGateway): void {
  ;(test.gateway.runtime().routes as Map<string, unknown>).delete('card_a')
}

/** Lets time pass and the resolver work; returns what it took on in each round. */
async function rounds(test: TestGateway, count: number, everyMs: number): Promise<number[]> {
  const taken: number[] = []
  for (let round = 0; round < count; round++) {
    await test.clock.advance(everyMs)
    taken.push(await resolveDue(test.gateway, test.facts))
  }
  return taken
}

describe('an upstream that keeps approvals only under its keys', () => {
  it('is sent one request per attempt, so that a refusal that is heard is the only one under way', async () => {
    const idempotency = { mode: 'key', retentionHours: 24, replaysErrors: false } as const
    const test = onOneRoute(
      { idempotency, cancel: [] },
      { pay: [unknown], query: [unknown, unknown, declined] },
    )
    const payment = await test.paid()
    await rounds(test, 6, 120_000)
    expect(await current(test, payment)).toMatchObject({ result: 'declined' })
    expect(test.sends()).toBe(1)
  })
})

describe('an upstream that finds nothing to cancel', () => {
  it('is asked in the same round, because that proves nothing and the answer may', async () => {
    const test = onOneRoute(
      { idempotency: { mode: 'none', retentionHours: 0, replaysErrors: false }, cancelTombstones: false },
      { pay: [unknown], query: [unknown, unknown, unknown, unknown, notFound], cancel: [notFound] },
    )
    const payment = await test.paid()
    while (test.connector('card_a').cancels.length === 0) expect(await rounds(test, 1, 200_000)).toEqual([1])
    expect(await current(test, payment)).toMatchObject({
      result: 'declined',
      attempts: [{ status: 'absent', canceling: 'reverse' }],
    })
  })
})

describe('a payment that was taken over and could not be settled', () => {
  it('is not due again at once: an INTENT that its upstream does not know yet', async () => {
    const test = onOneRoute(
      { idempotency: { mode: 'none', retentionHours: 0, replaysErrors: false } },
      {
        query: [notFound],
      },
    )
    test.flaky.fail('save', 100)
    await test.elapse(test.paid())
    test.flaky.fail('save', 0)
    await test.clock.advance(31_000)
    expect(await rounds(test, 5, 1)).toEqual([0, 0, 0, 0, 0])
    await test.clock.advance(60_000)
    expect(await rounds(test, 5, 1)).toEqual([1, 0, 0, 0, 0])
  })

  it('is unknown from then on, also where it can only be waited for', async () => {
    const never = { mode: 'none', retentionHours: 0, replaysErrors: false } as const
    const test = onOneRoute({ idempotency: never, queryable: false, cancel: [] }, {})
    test.flaky.fail('save', 100)
    const payment = await test.elapse(test.paid())
    test.flaky.fail('save', 0)
    expect((await current(test, payment)).attempts[0]?.status).toBe('intent')
    await rounds(test, 1, 100_000)
    expect((await current(test, payment)).attempts[0]?.status).toBe('unknown')
  })

  it('is not due again at once: a redirect that has expired and that nobody answers for', async () => {
    const test = onOneRoute({ cancel: [], honoursExpiry: true }, { pay: [requiresAction], query: [unknown] })
    await test.paid()
    await test.clock.advance(700_000)
    expect(await rounds(test, 5, 1)).toEqual([1, 0, 0, 0, 0])
  })

  it('is not due again at once: an operation whose route is gone needs a person', async () => {
    const test = buildTestGateway()
    const payment = await test.paid()
    Object.assign(test.connector('card_a'), { refund: async () => ({ kind: 'unknown', cause: 'timeout' }) })
    const key = { key: 'refund-1', fingerprint: 'f' }
    await operate(test.gateway, { tenant: 'demo', payment: payment.id, kind: 'refund', key })
    removeRoute(test)
    await rounds(test, 1, 10_000)
    expect(await current(test, payment)).toMatchObject({
      manual: 'route_removed',
      operations: [{ status: 'unknown' }],
    })
    expect(await rounds(test, 3, 1)).toEqual([0, 0, 0])
  })
})

describe('a refund of a payment whose route is gone', () => {
  it('is taken in and waits for a person, who may put the route back', async () => {
    const test = buildTestGateway()
    const payment = await test.paid()
    removeRoute(test)
    const key = { key: 'refund-1', fingerprint: 'f' }
    const command = { tenant: 'demo', payment: payment.id, kind: 'refund', key } as const
    expect(await operate(test.gateway, command)).toMatchObject({
      kind: 'done',
      operation: { status: 'unknown' },
    })
    await rounds(test, 1, 10_000)
    expect((await current(test, payment)).manual).toBe('route_removed')
  })
})

describe('a payer on a page', () => {
  it('is found to have paid by asking, when the notification is lost', async () => {
    const test = onOneRoute({}, { pay: [requiresAction], query: [requiresAction, approved()] })
    const payment = await test.paid()
    await rounds(test, 3, 10_000)
    expect(await current(test, payment)).toMatchObject({ result: 'succeeded' })
    expect(test.connector('card_a').cancels).toEqual([])
  })

  it('who lets it expire has it closed and confirmed', async () => {
    const test = onOneRoute(
      {},
      { pay: [requiresAction], query: [requiresAction], cancel: [unknown, canceled] },
    )
    const payment = await test.paid()
    await rounds(test, 60, 10_000)
    expect(test.connector('card_a').cancels).toEqual([])
    await rounds(test, 6, 5_000)
    expect(await current(test, payment)).toMatchObject({
      result: 'declined',
      attempts: [{ status: 'voided' }],
    })
    expect(test.connector('card_a').cancels.map(({ verb }) => verb)).toEqual(['close', 'close'])
  })
})

describe('money that has to go back', () => {
  const UNABLE_TO_VOID = { cancel: [] } as const
  async function owing(script: ConnectorScript) {
    const test = onOneRoute(UNABLE_TO_VOID, { pay: [declined], ...script })
    const payment = await test.paid()
    const reference = payment.attempts[0]?.reference ?? ''
    test.core.late({ reference, source: 'caller', result: approved(), at: test.clock.now() })
    await test.clock.advance(1)
    expect(await current(test, payment)).toMatchObject({ obligations: [{ status: 'pending' }] })
    return { test, payment, refunds: test.connector('card_a').refunds }
  }

  it('is refunded under a fresh reference after each refusal, ever less often', async () => {
    const refusal = { kind: 'declined' } as const
    const { test, payment, refunds } = await owing({ refund: [refusal, refusal, { kind: 'approved' }] })
    expect((await rounds(test, 60, 500)).reduce((sum, taken) => sum + taken, 0)).toBeLessThan(8)
    expect(await current(test, payment)).toMatchObject({ obligations: [{ status: 'done' }] })
    expect(new Set(refunds).size).toBe(3)
  })

  it('and is refused for certain five times is for a person, and is tried no more', async () => {
    const { test, payment, refunds } = await owing({ refund: [{ kind: 'declined' }] })
    await rounds(test, 12, 600_000)
    expect(await current(test, payment)).toMatchObject({
      manual: 'give_back_refused',
      attempts: [{ status: 'reversing' }],
      obligations: [{ status: 'manual', refusals: 5 }],
    })
    expect(new Set(refunds).size).toBe(5)
    expect(await rounds(test, 3, 3_600_000)).toEqual([0, 0, 0])
  })

  it('and whose refund is not answered is asked about, not made again, and is for a person after a day', async () => {
    const { test, payment, refunds } = await owing({
      refund: [{ kind: 'unknown', cause: 'timeout' }],
      queryRefund: [{ kind: 'not_found' }, { kind: 'processing' }],
    })
    await rounds(test, 40, 3_600_000)
    expect(await current(test, payment)).toMatchObject({
      manual: 'give_back_unconfirmed',
      obligations: [{ status: 'manual' }],
    })
    expect(refunds).toHaveLength(1)
  })
})
