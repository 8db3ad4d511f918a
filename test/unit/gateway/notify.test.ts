import { describe, expect, it } from 'vitest'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { receiveNotification } from '../../../src/gateway/notify.ts'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import type { NotificationReader } from '../../../src/ports/connector.ts'
import { approved, declined, unknown } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'
import { sampleRoute } from '../../support/samples.ts'

const current = async (test: TestGateway, { id }: Payment): Promise<Payment> =>
  (await test.gateway.ports.journal.find('demo', id))?.payment as Payment

/** Lets time pass and the resolver work; returns what it took on in each round. */
async function rounds(test: TestGateway, count: number, everyMs: number): Promise<number[]> {
  const taken: number[] = []
  for (let round = 0; round < count; round++) {
    await test.clock.advance(everyMs)
    taken.push(await resolveDue(test.gateway, test.facts))
  }
  return taken
}

describe('an approval that is notified of a closed attempt', () => {
  /** The first route has refused, and then tells of an approval. */
  async function claimedAfter(
    query: readonly UpstreamResult[],
    rest: readonly UpstreamResult[] = [declined],
  ) {
    let events = 0
    let told = ''
    const notifications: NotificationReader = {
      read: async (_headers, _body, at) => ({
        kind: 'claim',
        claim: {
          eventId: `evt_${++events}`,
          evidence: { reference: told, source: 'notification', result: approved(), at },
        },
      }),
    }
    const test = buildTestGateway({
      notifications,
      connectorScripts: { card_a: { pay: [declined], query }, card_b: { pay: rest } },
    })
    const payment = await test.paid()
    told = payment.attempts[0]?.reference ?? ''
    const tell = () => receiveNotification(test.gateway, test.facts, 'card_a', {}, new Uint8Array())
    return { test, payment, tell }
  }

  it('and cannot be confirmed now is asked about until it can, and its money goes back', async () => {
    const { test, payment, tell } = await claimedAfter([unknown, unknown, approved()])
    expect(await tell()).toBe('recorded')
    expect(await current(test, payment)).toMatchObject({
      result: 'declined',
      attempts: [{ status: 'declined' }, { status: 'declined' }],
    })
    await rounds(test, 4, 5_000)
    expect(await current(test, payment)).toMatchObject({
      result: 'declined',
      attempts: [{ status: 'reversed' }, { status: 'declined' }],
      obligations: [{ status: 'done' }],
    })
  })

  it('and that the upstream denies when it is asked again changes nothing', async () => {
    const { test, payment, tell } = await claimedAfter([unknown, declined])
    const before = await current(test, payment)
    expect(await tell()).toBe('recorded')
    await rounds(test, 4, 5_000)
    const { resolves: _pace, attempts, ...after } = await current(test, payment)
    expect({ ...after, attempts: [...attempts], resolves: 0 }).toEqual(before)
    expect(await rounds(test, 2, 3_600_000)).toEqual([0, 0])
  })

  it('holds the next attempt back until the upstream has been asked', async () => {
    const pay: UpstreamResult[] = [unknown]
    const { test, payment, tell } = await claimedAfter([unknown, unknown, unknown, approved()], pay)
    expect(payment.result).toBeUndefined()
    await tell()
    const second = payment.attempts[1]?.reference ?? ''
    await test.core.hear(
      // The second attempt is refused by now; only the claim stands between the payment and its end.
      { ...(await sendingOf(test, payment)), repeated: true },
      { reference: second, source: 'query', result: declined, at: test.clock.now() },
    )
    expect((await current(test, payment)).result).toBeUndefined()
    await rounds(test, 5, 5_000)
    expect(await current(test, payment)).toMatchObject({
      result: 'succeeded',
      winner: payment.attempts[0]?.reference,
      attempts: [{ status: 'approved' }, { status: 'declined' }],
    })
  })
})

describe('a refusal that is notified of an open attempt', () => {
  async function refusedBy(query: readonly UpstreamResult[], queryable = true) {
    let told = ''
    const notifications: NotificationReader = {
      read: async (_headers, _body, at) => ({
        kind: 'claim',
        claim: {
          eventId: 'evt_1',
          evidence: { reference: told, source: 'notification', result: declined, at },
        },
      }),
    }
    const test = buildTestGateway({
      routes: [sampleRoute('card_a', { capability: { queryable, cancel: [] } })],
      connectorScripts: { card_a: { pay: [unknown], query } },
      notifications,
    })
    const payment = await test.paid()
    told = payment.attempts[0]?.reference ?? ''
    expect(await receiveNotification(test.gateway, test.facts, 'card_a', {}, new Uint8Array())).toBe(
      'recorded',
    )
    return { test, after: await current(test, payment), later: () => current(test, payment) }
  }

  it('counts when the upstream says the same', async () => {
    expect((await refusedBy([declined])).after.attempts[0]?.status).toBe('declined')
  })

  it('frees nothing when the upstream says otherwise, so that nobody is charged twice for a lie', async () => {
    expect((await refusedBy([approved()])).after).toMatchObject({ result: 'succeeded' })
  })

  it('frees nothing until the upstream can be asked', async () => {
    const { test, after, later } = await refusedBy([unknown, approved()])
    expect(after.attempts[0]?.status).toBe('unknown')
    await rounds(test, 4, 5_000)
    expect(await later()).toMatchObject({ result: 'succeeded' })
  })

  it('counts as it is where nobody can be asked', async () => {
    expect((await refusedBy([], false)).after.attempts[0]?.status).toBe('declined')
  })
})

/** The right to act on a payment, as the resolver would be granted it. */
async function sendingOf(test: TestGateway, payment: Payment) {
  const { gateway, clock } = test
  await clock.advance(1_000)
  const [stored] = await gateway.ports.journal.claimDue(1, 90_000)
  if (stored === undefined) throw new Error('the payment is not due')
  const attempt = stored.payment.attempts.at(-1)
  const permit = gateway.ports.breaker.permit(attempt?.route ?? '')
  const runtime = gateway.runtime()
  const tenant = runtime.tenants.get(payment.tenant)
  if (attempt === undefined || permit === undefined || tenant === undefined)
    throw new Error('no such payment')
  const { version, epoch } = stored
  const session = {
    runtime,
    tenant,
    payment: stored.payment,
    version,
    epoch,
    leaseEndsAt: clock.monotonic() + 90_000,
  }
  return { kind: 'send' as const, attempt, permit, session }
}
