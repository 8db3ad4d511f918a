import { describe, expect, it } from 'vitest'
import type { OperationKind, Payment } from '../../../src/core/payment/payment.ts'
import { giveBackReference } from '../../../src/core/payment/resolution.ts'
import { operate } from '../../../src/gateway/operations.ts'
import type { RefundResult } from '../../../src/ports/connector.ts'
import { approved, authorized, canceled, declined, processing, unknown } from '../../support/evidence.ts'
import type { TestGateway } from '../../support/gateway.ts'
import { CNY } from '../../support/samples.ts'
import type { ConnectorScript } from '../../support/scripted-connector.ts'
import { current, rounds, type Told, upstreamsOf } from '../../support/telling-upstreams.ts'

const lost: RefundResult = { kind: 'unknown', cause: 'timeout' }
const made: RefundResult = { kind: 'approved' }
const HOUR_MS = 3_600_000

const onlyOperation = async (test: TestGateway, payment: Payment) =>
  (await current(test, payment)).operations[0]

/** A payment with one operation on it. */
async function operated(
  kind: OperationKind,
  script: ConnectorScript,
  queryable = true,
  retentionHours?: number,
) {
  const { test, tell } = upstreamsOf(script, queryable, retentionHours)
  const payment = await test.paid()
  const key = { key: 'op-1', fingerprint: 'f' }
  const answer = await operate(test.gateway, { tenant: 'demo', payment: payment.id, kind, key })
  if (answer.kind !== 'done') throw new Error(`expected an operation, not ${answer.kind}`)
  const { reference } = answer.operation
  const attempt = payment.attempts[0]?.reference ?? ''
  return {
    test,
    tell,
    payment,
    reference,
    attempt,
    status: async () => (await onlyOperation(test, payment))?.status,
  }
}

describe('a notification about a refund without an end', () => {
  it.each([
    ['names the refund', (reference: string, attempt: string): Told => ({ reference, payment: attempt })],
    ['names the refund alone', (reference: string): Told => ({ reference })],
  ])('ends it at once when the upstream confirms it: it %s', async (_name, as) => {
    const { tell, reference, attempt, status } = await operated('refund', {
      refund: [lost],
      queryRefund: [made],
    })
    expect(await status()).toBe('unknown')
    expect(await tell(as(reference, attempt))).toBe('recorded')
    expect(await status()).toBe('succeeded')
  })

  it('of a refusal frees its amount only when the upstream says so too', async () => {
    const script = { refund: [lost], queryRefund: [made] }
    const { tell, reference, attempt, status } = await operated('refund', script)
    await tell({ reference, payment: attempt, result: declined })
    expect(await status()).toBe('succeeded')
    const other = await operated('refund', {
      refund: [lost],
      queryRefund: [{ kind: 'declined', code: '05' }],
    })
    await other.tell({ reference: other.reference, payment: other.attempt, result: declined })
    expect(await onlyOperation(other.test, other.payment)).toMatchObject({
      status: 'failed',
      declineCode: '05',
    })
  })

  it('that cannot be confirmed now changes nothing, and the refund is asked about at the quickest pace', async () => {
    const script = { refund: [lost], queryRefund: [lost, lost, lost, lost, lost, lost, made] }
    const { test, tell, payment, reference, attempt, status } = await operated('refund', script)
    await rounds(test, 5, 60_000)
    expect((await current(test, payment)).resolves).toBeGreaterThan(3)
    expect(await tell({ reference, payment: attempt })).toBe('recorded')
    expect([await status(), (await current(test, payment)).resolves]).toEqual(['unknown', 0])
    await rounds(test, 1, 1_000)
    expect(await status()).toBe('succeeded')
  })

  it('counts as it is told where nobody can be asked', async () => {
    const yes = await operated('refund', { refund: [lost] }, false)
    await yes.tell({ reference: yes.reference })
    expect(await yes.status()).toBe('succeeded')
    const no = await operated('refund', { refund: [lost] }, false)
    await no.tell({ reference: no.reference, result: declined })
    expect(await no.status()).toBe('failed')
    const busy = await operated('refund', { refund: [lost] }, false)
    await busy.tell({ reference: busy.reference, result: processing })
    expect(await busy.status()).toBe('processing')
  })

  it.each([true, false])(
    'of another amount calls for a person and ends nothing (queryable: %s)',
    async queryable => {
      const { test, tell, payment, reference, status } = await operated(
        'refund',
        { refund: [lost] },
        queryable,
      )
      await tell({ reference, result: approved(99) })
      expect([await status(), (await current(test, payment)).manual]).toEqual(['unknown', 'answer_mismatch'])
    },
  )

  it('is used up once', async () => {
    const { test, tell, payment, reference } = await operated('refund', { refund: [lost] })
    const event = { reference, eventId: 'evt_same' }
    expect(await tell(event)).toBe('recorded')
    const before = await current(test, payment)
    expect(await tell(event)).toBe('duplicate')
    expect(await current(test, payment)).toEqual(before)
  })

  it('of another route, or beside a payment that is not its own, is not there and changes nothing', async () => {
    const script = { refund: [lost], queryRefund: [made] }
    const { test, tell, payment, reference, attempt, status } = await operated('refund', script)
    const before = await current(test, payment)
    expect(await tell({ reference, route: 'card_b' })).toBe('unknown')
    expect(await tell({ reference, payment: giveBackReference(attempt) })).toBe('unknown')
    expect(await tell({ reference: 'f'.repeat(32), payment: attempt })).toBe('unknown')
    // A reference of the payment itself is no refund, however it is called.
    expect(await tell({ reference: attempt, payment: attempt })).toBe('unknown')
    expect([await current(test, payment), await status()]).toEqual([before, 'unknown'])
  })

  it('has to name the attempt that was paid, where it names one', async () => {
    const { test, tell } = upstreamsOf({ pay: [declined] })
    const payment = await test.paid()
    const [refused, paid] = payment.attempts.map(({ reference }) => reference)
    const key = { key: 'op-1', fingerprint: 'f' }
    await operate(test.gateway, { tenant: 'demo', payment: payment.id, kind: 'refund', key })
    const { reference = '' } = (await onlyOperation(test, payment)) ?? {}
    expect(await tell({ reference, payment: refused ?? '', route: 'card_b' })).toBe('unknown')
    expect(await tell({ reference, payment: paid ?? '', route: 'card_b' })).toBe('recorded')
  })

  it('leaves one to the person who has it once the upstream may have forgotten its key', async () => {
    const asked = Array.from({ length: 28 }, (): RefundResult => lost)
    const script = { refund: [lost, made], queryRefund: [...asked, { kind: 'not_found' as const }] }
    const { test, tell, payment, reference, status } = await operated('refund', script)
    await rounds(test, 26, HOUR_MS)
    expect(await status()).toBe('manual')
    await tell({ reference, result: processing })
    await rounds(test, 8, 60_000)
    // Sent again, it could be made a second time beside what the person has done.
    expect(await status()).toBe('manual')
    expect((await current(test, payment)).operations).toHaveLength(1)
  })

  it('brings back one that was left to a person while its key is known, and it is asked about for another day', async () => {
    const asked = Array.from({ length: 27 }, (): RefundResult => lost)
    const script = { refund: [lost], queryRefund: [...asked, made] }
    const { test, tell, payment, reference, status } = await operated('refund', script, true, 72)
    await rounds(test, 26, HOUR_MS)
    expect(await status()).toBe('manual')
    await tell({ reference })
    expect(await status()).toBe('unknown')
    await rounds(test, 8, 60_000)
    expect(await status()).toBe('succeeded')
    expect((await current(test, payment)).operations).toHaveLength(1)
  })
})

describe('a notification that comes before the answer', () => {
  it('ends the refund, and the answer that says otherwise does not undo it', async () => {
    const { test, tell } = upstreamsOf({ queryRefund: [made] })
    const payment = await test.paid()
    Object.assign(test.connector('card_a'), {
      refund: async (_reference: string, refundReference: string): Promise<RefundResult> => {
        await tell({ reference: refundReference })
        return lost
      },
    })
    const key = { key: 'op-1', fingerprint: 'f' }
    await operate(test.gateway, { tenant: 'demo', payment: payment.id, kind: 'refund', key })
    expect((await onlyOperation(test, payment))?.status).toBe('succeeded')
  })

  it('and cannot be confirmed leaves proof that the refund was never sent with whoever sent it', async () => {
    const { test, tell } = upstreamsOf({ queryRefund: [{ kind: 'not_sent', cause: 'ECONNREFUSED' }] })
    const payment = await test.paid()
    Object.assign(test.connector('card_a'), {
      refund: async (_reference: string, refundReference: string): Promise<RefundResult> => {
        await tell({ reference: refundReference })
        expect((await onlyOperation(test, payment))?.status).toBe('intent')
        return { kind: 'not_sent', cause: 'ECONNREFUSED' }
      },
    })
    const key = { key: 'op-1', fingerprint: 'f' }
    await operate(test.gateway, { tenant: 'demo', payment: payment.id, kind: 'refund', key })
    expect((await onlyOperation(test, payment))?.status).toBe('failed')
  })
})

describe('a notification about a refund that has ended', () => {
  it.each([
    ['made and is refused after all', made, declined, { kind: 'declined' } as const, 'succeeded'],
    ['refused and is made after all', { kind: 'declined' } as const, approved(), made, 'failed'],
  ])(
    'that was %s calls for a person, and what was told stands',
    async (_name, first, result, asked, status) => {
      const script = { refund: [first], queryRefund: [asked] }
      const { test, tell, payment, reference } = await operated('refund', script)
      await tell({ reference, result })
      expect(await current(test, payment)).toMatchObject({
        manual: 'refund_contradicted',
        operations: [{ status }],
      })
    },
  )

  it('changes nothing when it says the same, or when the upstream denies it', async () => {
    const { test, tell, payment, reference } = await operated('refund', {
      refund: [made],
      queryRefund: [made],
    })
    const before = await current(test, payment)
    await tell({ reference })
    await tell({ reference, result: declined })
    expect(await current(test, payment)).toEqual(before)
  })
})

describe('a contradiction that the upstream could not be asked about', () => {
  it('calls for a person, because it is told only once', async () => {
    const { test, tell, payment, reference } = await operated('refund', {
      refund: [made],
      queryRefund: [lost],
    })
    await tell({ reference, result: declined })
    expect(await current(test, payment)).toMatchObject({
      manual: 'refund_contradicted',
      operations: [{ status: 'succeeded' }],
    })
  })
})

describe('a notification about a capture or a void', () => {
  it('makes the resolver repeat the capture soon, and believes nothing by itself', async () => {
    const { test, tell } = upstreamsOf({ pay: [authorized()] })
    const payment = await test.paid({ context: { capture: 'manual' } })
    const captures: string[] = []
    const answers = [lost, lost, lost, lost, made]
    Object.assign(test.connector('card_a'), {
      capture: async (_reference: string, own: string): Promise<RefundResult> => {
        captures.push(own)
        return answers[captures.length - 1] ?? made
      },
    })
    const key = { key: 'op-1', fingerprint: 'f' }
    const command = {
      tenant: 'demo',
      payment: payment.id,
      kind: 'capture' as const,
      amount: CNY(100_000),
      key,
    }
    await operate(test.gateway, command)
    await rounds(test, 3, 60_000)
    await tell({ reference: captures[0] ?? '', payment: payment.attempts[0]?.reference ?? '' })
    expect(await current(test, payment)).toMatchObject({ resolves: 0, operations: [{ status: 'unknown' }] })
    await rounds(test, 1, 1_000)
    expect(await onlyOperation(test, payment)).toMatchObject({ status: 'succeeded' })
    expect(new Set(captures).size).toBe(1)
  })

  it('that names the payment only makes the resolver repeat the void soon', async () => {
    const script = {
      pay: [authorized()],
      query: [declined],
      cancel: [unknown, unknown, unknown, unknown, canceled],
    }
    const { test, tell } = upstreamsOf(script)
    const payment = await test.paid({ context: { capture: 'manual' } })
    const key = { key: 'op-1', fingerprint: 'f' }
    await operate(test.gateway, { tenant: 'demo', payment: payment.id, kind: 'void', key })
    await rounds(test, 3, 60_000)
    await tell({ reference: payment.attempts[0]?.reference ?? '', result: declined })
    expect(await current(test, payment)).toMatchObject({ resolves: 0, operations: [{ status: 'unknown' }] })
    await rounds(test, 1, 1_000)
    expect(await onlyOperation(test, payment)).toMatchObject({ status: 'succeeded' })
  })
})
