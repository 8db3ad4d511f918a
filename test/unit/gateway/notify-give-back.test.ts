import { describe, expect, it } from 'vitest'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { giveBackReference } from '../../../src/core/payment/resolution.ts'
import type { RefundResult } from '../../../src/ports/connector.ts'
import { declined, unknown } from '../../support/evidence.ts'
import type { ConnectorScript } from '../../support/scripted-connector.ts'
import { current, rounds, upstreamsOf } from '../../support/telling-upstreams.ts'

const lost: RefundResult = { kind: 'unknown', cause: 'timeout' }
const made: RefundResult = { kind: 'approved' }
const mismatch: RefundResult = { kind: 'unknown', cause: 'mismatch' }
const HOUR_MS = 3_600_000

describe('a notification about money that is given back', () => {
  /** A payment that ended without money, whose first attempt was approved all the same and can only be refunded. */
  async function owing(script: ConnectorScript, queryable = true) {
    const first = { pay: [unknown], cancel: [{ kind: 'already_paid' as const }] }
    const { test, tell } = upstreamsOf({ ...first, ...script }, queryable)
    const payment = await test.paid()
    const attempt = payment.attempts[0]?.reference ?? ''
    const { journal } = test.gateway.ports
    const stored = await journal.findByReference(attempt)
    if (stored === undefined) throw new Error('the payment is not there')
    const reversing = { ...stored.payment.attempts[0], status: 'reversing', cancelRefused: true }
    await journal.save({
      payment: {
        ...stored.payment,
        result: 'canceled',
        attempts: [reversing] as Payment['attempts'],
        obligations: [
          { reference: attempt, cause: 'late_approval', status: 'pending', openedAt: test.clock.now() },
        ],
      },
      version: stored.version,
      dueAt: test.clock.now(),
    })
    return { test, tell, payment, attempt, refund: giveBackReference(attempt) }
  }

  it.each([true, false])('ends the obligation when the upstream confirms it (both named: %s)', async both => {
    const { test, tell, payment, attempt, refund } = await owing({ queryRefund: [made] })
    await tell({ reference: refund, ...(both ? { payment: attempt } : {}) })
    expect(await current(test, payment)).toMatchObject({
      attempts: [{ status: 'reversed' }],
      obligations: [{ status: 'done' }],
    })
  })

  it('does not end it on its word alone, and one that was left to a person is tried again', async () => {
    const { test, tell, payment, refund } = await owing({ refund: [lost], queryRefund: [mismatch] })
    await rounds(test, 30, HOUR_MS)
    expect(await current(test, payment)).toMatchObject({ obligations: [{ status: 'manual' }] })
    await tell({ reference: refund })
    expect(await current(test, payment)).toMatchObject({
      attempts: [{ status: 'reversing' }],
      obligations: [{ status: 'pending' }],
    })
  })

  const refused: RefundResult = { kind: 'declined', code: '05' }

  it.each([
    ['upheld when it is asked', refused, 'give_back_contradicted'],
    ['silent when it is asked', lost, 'give_back_contradicted'],
    ['denied when it is asked', made, undefined],
  ])('that refuses what was held to be made calls for a person: %s', async (_name, asked, manual) => {
    const { test, tell, payment, refund } = await owing({ queryRefund: [made, asked] })
    await tell({ reference: refund })
    await tell({ reference: refund, result: declined })
    const after = await current(test, payment)
    expect(after.manual).toBe(manual)
    expect(after).toMatchObject({ attempts: [{ status: 'reversed' }], obligations: [{ status: 'done' }] })
  })

  it('of a refund that was refused and is made after all ends it, and calls for a person', async () => {
    const script = { queryRefund: [{ kind: 'not_found' as const }, made], refund: [refused] }
    const { test, tell, payment, attempt, refund } = await owing(script)
    await rounds(test, 1, 60_000)
    expect(await current(test, payment)).toMatchObject({ obligations: [{ status: 'pending', refusals: 1 }] })
    await tell({ reference: refund })
    expect(await current(test, payment)).toMatchObject({
      manual: 'give_back_contradicted',
      obligations: [{ status: 'done' }],
    })
    expect(refund).not.toBe(giveBackReference(attempt, 1))
  })

  it('of a second refund beside the one that was made calls for a person, where nobody can be asked too', async () => {
    const script = { queryRefund: [{ kind: 'not_found' as const }, made], refund: [refused] }
    const { test, tell, payment, attempt, refund } = await owing(script, false)
    await rounds(test, 1, 60_000)
    await tell({ reference: giveBackReference(attempt, 1) })
    expect((await current(test, payment)).manual).toBeUndefined()
    await tell({ reference: giveBackReference(attempt, 1) })
    expect((await current(test, payment)).manual).toBeUndefined()
    await tell({ reference: refund })
    expect((await current(test, payment)).manual).toBe('give_back_contradicted')
  })

  it('that repeats the refusal of an earlier refund is no news', async () => {
    const script = { queryRefund: [{ kind: 'not_found' as const }, made], refund: [refused] }
    const { test, tell, payment, attempt, refund } = await owing(script)
    await rounds(test, 1, 60_000)
    await tell({ reference: giveBackReference(attempt, 1) })
    await tell({ reference: refund, result: declined })
    const after = await current(test, payment)
    expect(after.manual).toBeUndefined()
    expect(after).toMatchObject({ obligations: [{ status: 'done' }] })
  })
})
