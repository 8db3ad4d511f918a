import { describe, expect, it } from 'vitest'
import { publicStatus } from '../../../src/core/payment/view.ts'
import { begin } from '../../../src/gateway/begin.ts'
import { pay } from '../../../src/gateway/pay.ts'
import { record } from '../../../src/gateway/record.ts'
import { send } from '../../../src/gateway/send.ts'
import type { Sending } from '../../../src/gateway/step.ts'
import { JournalUnavailable } from '../../../src/ports/journal.ts'
import { declined, unknown } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'
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
