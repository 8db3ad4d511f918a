import { describe, expect, it } from 'vitest'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import { publicStatus } from '../../../src/core/payment/view.ts'
import { begin } from '../../../src/gateway/begin.ts'
import { pay } from '../../../src/gateway/pay.ts'
import { record } from '../../../src/gateway/record.ts'
import { send } from '../../../src/gateway/send.ts'
import type { Sending } from '../../../src/gateway/step.ts'
import { JournalUnavailable } from '../../../src/ports/journal.ts'
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

async function began(test: TestGateway): Promise<Sending> {
  const step = await begin(test.gateway, test.facts, test.command())
  if (step.kind !== 'send') throw new Error('expected to be asked to send')
  return step
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
        await test.clock.advance(2_000)
        return declined
      }),
      settings: { paymentMs: 1_500 },
    })
    expect(await test.paid()).toMatchObject({ result: 'declined', attempts: [{ route: 'card_a' }] })
  })

  it('keeps the decision of every attempt', async () => {
    const test = buildTestGateway({ connectorScripts: { card_a: { pay: [declined] } } })
    const payment = await test.paid()
    const rows = await test.gateway.ports.journal.listDecisions('demo', 0, test.clock.now() + 1, 10)
    expect(rows).toHaveLength(2)
    expect(rows.map(({ id }) => id)).toContain(payment.decision)
    const last = JSON.parse(rows.find(({ id }) => id === payment.decision)?.body ?? '{}')
    expect(last).toMatchObject({
      cascade: ['card_b'],
      inputs: { prior: [{ route: 'card_a', category: 'issuer_declined' }] },
    })
  })
})

describe('the idempotency key', () => {
  it('gives the same answer again, and sends nothing', async () => {
    const test = buildTestGateway()
    const first = await test.pay()
    expect(await test.pay()).toEqual({ ...first, replayed: true })
    expect(test.sends()).toBe(1)
  })

  it('never executes with another request', async () => {
    const test = buildTestGateway()
    await test.pay()
    expect(await test.pay({ fingerprint: 'f-2', context: { orderId: 'o-2' } })).toEqual({
      kind: 'conflict',
      code: 'idempotency_key_reused',
    })
    expect(test.sends()).toBe(1)
  })

  it('is refused while the first request is at work, and answered with the state once that must be over', async () => {
    const test = buildTestGateway()
    const { session } = await began(test)
    expect(await test.pay()).toEqual({
      kind: 'conflict',
      code: 'request_in_progress',
      payment: session.payment.id,
    })
    await test.clock.advance(8_000)
    expect(await test.pay()).toMatchObject({
      kind: 'answer',
      replayed: true,
      payment: { id: session.payment.id },
    })
    expect(test.sends()).toBe(0)
  })

  it('charges once for 50 submits at once', async () => {
    const test = buildTestGateway()
    const answers = await Promise.all(Array.from({ length: 50 }, () => test.pay()))
    expect(test.sends()).toBe(1)
    expect(answers.filter(answer => answer.kind === 'answer' && !answer.replayed)).toHaveLength(1)
    for (const answer of answers) {
      if (answer.kind === 'conflict') expect(answer.code).toBe('request_in_progress')
    }
  })

  it('belongs to one tenant’s payment for ever: another order under it is refused after the end too', async () => {
    const test = buildTestGateway({
      connectorScripts: { card_a: { pay: [declined] }, card_b: { pay: [declined] } },
    })
    const first = await test.pay()
    await test.clock.advance(30 * 86_400_000)
    expect(await test.pay()).toEqual({ ...first, replayed: true })
  })
})

describe('one payment per order', () => {
  it('joins another key that asks for the same, and binds it for good', async () => {
    const test = buildTestGateway(answering(processing))
    const first = await test.paid()
    expect((await test.paid({ key: 'key-2' })).id).toBe(first.id)
    expect(await test.pay({ key: 'key-2', fingerprint: 'f-2' })).toMatchObject({
      code: 'idempotency_key_reused',
    })
    expect((await test.gateway.ports.journal.findByKey('demo', 'key-2'))?.stored.payment.id).toBe(first.id)
    expect(test.sends()).toBe(1)
  })

  it.each([
    ['another amount', { amount: CNY(1) }],
    ['another payer', { payer: { id: 'u-2' } }],
    ['other accepted tenders', { funding: accepting('card', 'wallet') }],
    ['another term', { funding: { accept: [{ tender: 'card', instalments: 3 }] } }],
    ['another capture', { capture: 'manual' }],
  ] as const)('refuses %s while it is live, and after it is paid', async (_name, context) => {
    const live = buildTestGateway(answering(processing))
    const { id } = await live.paid()
    expect(await live.pay({ key: 'key-2', context: context as never })).toEqual({
      kind: 'conflict',
      code: 'order_in_progress',
      payment: id,
    })
    const done = buildTestGateway()
    const { id: paidId } = await done.paid()
    expect(await done.pay({ key: 'key-2', context: context as never })).toEqual({
      kind: 'conflict',
      code: 'order_already_paid',
      payment: paidId,
    })
    expect([live.sends(), done.sends()]).toEqual([1, 1])
  })

  it('frees the order when it ended without money', async () => {
    const test = buildTestGateway({
      connectorScripts: { card_a: { pay: [declined, approved()] }, card_b: { pay: [declined] } },
    })
    const first = await test.paid()
    const second = await test.paid({ key: 'key-2' })
    expect([first.result, second.result]).toEqual(['declined', 'succeeded'])
    expect(second.id).not.toBe(first.id)
  })

  it('charges once for 50 submits at once under different keys', async () => {
    const test = buildTestGateway()
    await Promise.all(Array.from({ length: 50 }, (_, i) => test.pay({ key: `key-${i}` })))
    expect(test.sends()).toBe(1)
  })
})

describe('when the journal is away', () => {
  it('before the INTENT: the payment is refused and nothing is sent', async () => {
    const test = buildTestGateway()
    test.flaky.fail('begin', 1)
    await expect(test.pay()).rejects.toBeInstanceOf(JournalUnavailable)
    expect(test.sends()).toBe(0)
  })

  it('and the INTENT was written all the same: still nothing is sent, and the key finds it', async () => {
    const test = buildTestGateway()
    test.flaky.fail('begin', 1, 'after')
    await expect(test.pay()).rejects.toBeInstanceOf(JournalUnavailable)
    expect(await test.pay()).toMatchObject({ code: 'request_in_progress' })
    expect(test.sends()).toBe(0)
  })

  it('opens no breaker: the permits go back', async () => {
    const test = buildTestGateway({ breaker: { volumeThreshold: 3 } })
    test.flaky.fail('begin', 10)
    for (let i = 0; i < 10; i++) await expect(test.pay()).rejects.toBeInstanceOf(JournalUnavailable)
    await test.clock.advance(60_001)
    expect(test.gateway.ports.breaker.state('card_a')).toBe('closed')
    expect((await test.paid()).attempts[0]?.route).toBe('card_a')
  })

  it('at the record: it is tried again, and the answer waits until it is durable', async () => {
    const test = buildTestGateway()
    test.flaky.fail('save', 2)
    expect(await test.elapse(test.paid())).toMatchObject({ result: 'succeeded' })
    expect(test.sends()).toBe(1)
  })

  it('at the record, and the write was applied: the outcome counts once', async () => {
    const test = buildTestGateway()
    test.flaky.fail('save', 1, 'after')
    expect(await test.elapse(test.paid())).toMatchObject({
      result: 'succeeded',
      attempts: [{ status: 'approved' }],
    })
  })

  it('for good at the record: the client is told pending, and the resolver finds the INTENT', async () => {
    const test = buildTestGateway()
    test.flaky.fail('save', 100)
    const payment = await test.elapse(test.paid())
    expect(publicStatus(payment)).toBe('pending')
    expect((await stored(test, payment.id)).payment.attempts[0]?.status).toBe('intent')
    await test.clock.advance(100_000)
    const due = await test.gateway.ports.journal.claimDue(10, 1_000)
    expect(due.map(({ payment: { id } }) => id)).toEqual([payment.id])
  })

  it('at a failover: nothing is sent to the next route until its INTENT is durable', async () => {
    const test = buildTestGateway({ connectorScripts: { card_a: { pay: [declined] } } })
    test.flaky.fail('save', 100)
    expect(publicStatus(await test.elapse(test.paid()))).toBe('pending')
    expect(test.connector('card_b').sends).toEqual([])
    expect(test.gateway.ports.breaker.permit('card_b')).toBeDefined()
  })
})

describe('the lease', () => {
  it('is looked at before the send: what it does not cover is not sent', async () => {
    const test = buildTestGateway({ settings: { leaseMs: 6_000 } })
    const sending = await began(test)
    // 3 s of timeout and 1 s of margin have to fit in, also when the wall clock says that no time has passed.
    await test.clock.advance(2_001)
    test.clock.jump(-2_001)
    const evidence = await send(test.clock, sending, () => undefined)
    expect(evidence.result).toEqual({ kind: 'not_sent', cause: 'lease_ended' })
    expect(test.sends()).toBe(0)
  })

  it('is not all: a wall clock past the send window stops the send too, as after a frozen machine', async () => {
    const test = buildTestGateway()
    const sending = await began(test)
    test.clock.jump(5_001)
    expect((await send(test.clock, sending, () => undefined)).result.kind).toBe('not_sent')
    expect(test.sends()).toBe(0)
  })

  it('sends at its very end', async () => {
    const test = buildTestGateway({ settings: { leaseMs: 9_000 } })
    const sending = await began(test)
    await test.clock.advance(5_000)
    expect((await send(test.clock, sending, () => undefined)).result.kind).toBe('approved')
  })

  it('that somebody else has taken over: the outcome is recorded, and nothing further is opened', async () => {
    const test = buildTestGateway()
    const sending = await began(test)
    await test.clock.advance(100_000)
    expect(await test.gateway.ports.journal.claimDue(1, 90_000)).toHaveLength(1)
    const evidence = {
      reference: sending.attempt.reference,
      source: 'caller',
      result: declined,
      at: test.clock.now(),
    } as const
    const step = await record(test.gateway, test.facts, sending.session, evidence)
    expect(step).toMatchObject({ kind: 'answer', payment: { attempts: [{ status: 'declined' }] } })
    const now = await stored(test, sending.session.payment.id)
    expect(now).toMatchObject({ epoch: 2, payment: { attempts: [{ status: 'declined' }] } })
    expect(now.payment.result).toBeUndefined()
  })

  it('that somebody else has taken over: "not sent" proves nothing, for the successor may have sent', async () => {
    const test = buildTestGateway()
    const sending = await began(test)
    await test.clock.advance(100_000)
    await test.gateway.ports.journal.claimDue(1, 90_000)
    const evidence = await send(test.clock, sending, () => undefined)
    expect(evidence.result.kind).toBe('not_sent')
    await record(test.gateway, test.facts, sending.session, evidence)
    expect((await stored(test, sending.session.payment.id)).payment.attempts).toMatchObject([
      { status: 'unknown' },
    ])
  })

  it('is given up with the answer, so that the resolver need not wait for it', async () => {
    const test = buildTestGateway(answering(unknown))
    const { id } = await test.paid()
    await test.clock.advance(3_000)
    expect((await test.gateway.ports.journal.claimDue(10, 1_000)).map(({ payment }) => payment.id)).toEqual([
      id,
    ])
  })
})

it('runs to its end though its caller has gone', async () => {
  const test = buildTestGateway({ connectorScripts: { card_a: { pay: [declined] } } })
  void pay(test.clock, test.core, test.command())
  await test.clock.advance(1_000)
  const [found] = await test.gateway.ports.journal.findByOrder('demo', 'o-1', 1)
  expect(found?.payment.result).toBe('succeeded')
})
