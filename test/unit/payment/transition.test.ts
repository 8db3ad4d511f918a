import { describe, expect, it } from 'vitest'
import { claimApproval } from '../../../src/core/payment/claim.ts'
import type { AttemptStatus, Payment } from '../../../src/core/payment/payment.ts'
import {
  absenceIsConclusive,
  CLOCK_ERROR_MS,
  finish,
  finishWithoutMoney,
  hasOpenWork,
  mayOpenNext,
  openAttempt,
} from '../../../src/core/payment/transition.ts'
import { capturedValue, publicStatus } from '../../../src/core/payment/view.ts'
import {
  alreadyPaid,
  approved,
  authorized,
  canceled,
  declined,
  join,
  LATER,
  notFound,
  notSent,
  processing,
  requiresAction,
  told,
  unknown,
} from '../../support/evidence.ts'
import { CNY, NOON, reference, sampleAttempt, sampleContext, samplePayment } from '../../support/samples.ts'

const statusOf = (payment: Payment, n = 1) =>
  payment.attempts.find(attempt => attempt.reference === reference(n))?.status

const OPEN_OR_MONEY: AttemptStatus[] = [
  'intent',
  'unknown',
  'processing',
  'requires_action',
  'approved',
  'authorized',
  'reversing',
]
const CLOSED: AttemptStatus[] = ['not_sent', 'declined', 'voided', 'absent', 'reversed']

describe('a next attempt opens only when no earlier one may hold money', () => {
  it.each(OPEN_OR_MONEY)('not beside one that is %s', status => {
    const payment = samplePayment([sampleAttempt(1, { status: 'declined' }), sampleAttempt(2, { status })])
    expect(mayOpenNext(payment, NOON)).toBe(false)
    expect(() => openAttempt(payment, sampleAttempt(3), NOON)).toThrow(TypeError)
  })

  it.each(CLOSED)('but after one that is %s', status => {
    const payment = samplePayment([sampleAttempt(1, { status })])
    expect(openAttempt(payment, sampleAttempt(2), NOON).attempts).toHaveLength(2)
  })

  it.each<[string, Partial<Payment>]>([
    ['the payment has ended', { result: 'declined' }],
    ['a person has to look', { manual: 'answer_mismatch' }],
    ['a cancellation was asked for', { cancelRequested: true }],
    ['all attempts are used', { attemptsMax: 1 }],
    ['its deadline has come', { deadlineAt: NOON }],
  ])('not when %s', (_name, change) => {
    const payment = samplePayment([sampleAttempt(1, { status: 'declined' })], change)
    expect(mayOpenNext(payment, NOON)).toBe(false)
    expect(() => openAttempt(payment, sampleAttempt(2), NOON)).toThrow(TypeError)
  })
})

describe('absence', () => {
  // Sendable until +5 s, a timeout of 3 s and a settle window of 60 s, and the clocks' error.
  const horizon = NOON + 5_000 + 3_000 + 60_000 + CLOCK_ERROR_MS

  it('is concluded from "not found" past the settle window only', () => {
    const payment = samplePayment([sampleAttempt(1, { status: 'unknown' })])
    expect(statusOf(join(payment, told(1, notFound, 'query', horizon)))).toBe('unknown')
    expect(statusOf(join(payment, told(1, notFound, 'query', horizon + 1)))).toBe('absent')
  })

  it('is judged from when it was asked, not from when the answer came', () => {
    const payment = samplePayment([sampleAttempt(1, { status: 'unknown' })])
    const slow = { ...told(1, notFound, 'query', horizon + 1), latencyMs: 1 }
    expect(join(payment, slow)).toBe(payment)
  })

  it('moves out with every resend', () => {
    const resent = sampleAttempt(1, { status: 'unknown', sendableUntil: NOON + 10_000 })
    expect(absenceIsConclusive(resent, horizon + 5_000)).toBe(false)
    expect(absenceIsConclusive(resent, horizon + 5_001)).toBe(true)
  })

  it('is never concluded where the upstream names no settle window', () => {
    const { settleWindowMs: _none, ...contract } = sampleAttempt(1).contract
    expect(absenceIsConclusive(sampleAttempt(1, { contract }), Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  it('is concluded past the expiry where the upstream honours it', () => {
    const { settleWindowMs: _none, ...contract } = { ...sampleAttempt(1).contract, honoursExpiry: true }
    const attempt = sampleAttempt(1, { contract })
    expect(absenceIsConclusive(attempt, attempt.expiresAt + CLOCK_ERROR_MS)).toBe(false)
    expect(absenceIsConclusive(attempt, attempt.expiresAt + CLOCK_ERROR_MS + 1)).toBe(true)
  })

  it.each(['notification', 'caller', 'operator'] as const)('is not concluded from a %s', source => {
    const payment = samplePayment([sampleAttempt(1, { status: 'unknown' })])
    expect(join(payment, told(1, notFound, source, LATER))).toBe(payment)
  })

  it.each([
    ['has acknowledged it', processing],
    ['has asked the payer to act', requiresAction],
    ['has refused to cancel it as paid', alreadyPaid],
  ])('is not concluded from an upstream that %s', (_name, result) => {
    const payment = join(samplePayment([sampleAttempt(1)]), told(1, result))
    expect(join(payment, told(1, notFound, 'query', LATER))).toBe(payment)
  })

  it('is made by cancelling an unseen reference, only where that makes it unusable', () => {
    const payment = (cancelTombstones: boolean) =>
      samplePayment([
        sampleAttempt(1, { status: 'unknown', contract: { ...sampleAttempt(1).contract, cancelTombstones } }),
      ])
    expect(statusOf(join(payment(false), told(1, notFound, 'cancel', LATER)))).toBe('unknown')
    expect(statusOf(join(payment(true), told(1, notFound, 'cancel')))).toBe('voided')
  })
})

describe('a claimed approval', () => {
  const closed = samplePayment([sampleAttempt(1, { status: 'declined', declineCategory: 'issuer_declined' })])
  const claimed = claimApproval(closed, reference(1), NOON)
  const asked = (ms: number, result = declined, latencyMs = 0) => ({
    ...told(1, result, 'query', NOON + ms),
    latencyMs,
  })

  it('keeps the payment from its end and from a next attempt', () => {
    expect(mayOpenNext(closed, NOON)).toBe(true)
    expect(mayOpenNext(claimed, NOON)).toBe(false)
    expect(() => finishWithoutMoney(claimed, [])).toThrow(TypeError)
    expect(hasOpenWork({ ...claimed, result: 'declined' })).toBe(true)
  })

  it('is answered by what was asked after it for certain, whichever clock one goes by', () => {
    expect(join(claimed, asked(CLOCK_ERROR_MS))).toBe(claimed)
    expect(join(claimed, asked(CLOCK_ERROR_MS + 1, declined, 1))).toBe(claimed)
    expect(join(claimed, asked(CLOCK_ERROR_MS + 1))).toEqual(closed)
  })

  it.each([unknown, processing, requiresAction])('is not answered by $kind', result => {
    expect(join(claimed, asked(60_000, result))).toBe(claimed)
  })

  it('is not answered by a refusal that somebody tells', () => {
    expect(join(claimed, told(1, declined, 'notification', LATER))).toBe(claimed)
  })

  it('that turns out to be true wins, or is owed back where the payment has ended', () => {
    expect(join(claimed, asked(1, approved()))).toMatchObject({ result: 'succeeded', winner: reference(1) })
    const ended = finishWithoutMoney(closed, [])
    const late = join(claimApproval(ended, reference(1), NOON), asked(1, approved()))
    expect(late).toMatchObject({ result: 'declined', obligations: [{ status: 'pending' }] })
    expect(late.attempts[0]?.approvalClaimed).toBeUndefined()
  })

  it.each(['approved', 'authorized', 'reversing', 'reversed'] as const)('adds nothing to %s', status => {
    const paid = samplePayment([sampleAttempt(1, { status })])
    expect(claimApproval(paid, reference(1), NOON)).toBe(paid)
  })
})

describe('"not sent"', () => {
  it('counts from the process that made the call, about its first send', () => {
    const payment = join(samplePayment([sampleAttempt(1)]), told(1, notSent, 'caller'))
    expect(payment.attempts[0]).toMatchObject({ status: 'not_sent', declineCategory: 'not_sent' })
  })

  it.each(['query', 'cancel', 'notification', 'operator'] as const)('proves nothing from a %s', source => {
    expect(statusOf(join(samplePayment([sampleAttempt(1)]), told(1, notSent, source)))).toBe('intent')
  })

  it.each(['unknown', 'processing', 'requires_action'] as const)('proves nothing once it is %s', status => {
    const payment = samplePayment([sampleAttempt(1, { status })])
    expect(join(payment, told(1, notSent, 'caller'))).toBe(payment)
  })
})

describe('an answer that does not match what was asked', () => {
  it.each([
    ['another amount', approved(100_001)],
    ['another currency', { kind: 'approved', amount: { currency: 'USD', value: 100_000 } }],
    ['an authorization of another amount', authorized(1)],
    ['what the connector calls a mismatch', { kind: 'unknown', cause: 'mismatch' }],
  ] as const)('is no approval but a case for a person: %s', (_name, result) => {
    const payment = join(samplePayment([sampleAttempt(1)]), told(1, result))
    expect(payment).toMatchObject({ manual: 'answer_mismatch', attempts: [{ status: 'unknown' }] })
    expect(payment.result).toBeUndefined()
  })

  it('stays an alarm when a matching answer ends the payment', () => {
    const payment = join(samplePayment([sampleAttempt(1)]), told(1, approved(1)), told(1, approved()))
    expect(payment).toMatchObject({ result: 'succeeded', manual: 'answer_mismatch' })
  })
})

describe('a late approval', () => {
  it.each(['declined', 'absent'] as const)('wins while the payment is open, though it was %s', status => {
    const payment = samplePayment([sampleAttempt(1, { status }), sampleAttempt(2)])
    const after = join(payment, told(1, approved(), 'notification'))
    expect(after).toMatchObject({ result: 'succeeded', winner: reference(1), obligations: [] })
    expect(hasOpenWork(after)).toBe(true)
  })

  it('has to go back when another attempt has won', () => {
    const payment = samplePayment([sampleAttempt(1, { status: 'declined' }), sampleAttempt(2)])
    const after = join(payment, told(2, approved()), told(1, approved(), 'notification', LATER))
    expect(after).toMatchObject({
      result: 'succeeded',
      winner: reference(2),
      attempts: [{ status: 'reversing' }, { status: 'approved' }],
      obligations: [
        { reference: reference(1), cause: 'surplus_approval', status: 'pending', openedAt: LATER },
      ],
    })
  })

  it('has to go back when the client was told that it is declined', () => {
    const ended = finishWithoutMoney(samplePayment([sampleAttempt(1, { status: 'declined' })]), [])
    const after = join(ended, told(1, approved(), 'notification'))
    expect(after).toMatchObject({
      result: 'declined',
      attempts: [{ status: 'reversing' }],
      obligations: [{ cause: 'late_approval', status: 'pending' }],
    })
    expect(publicStatus(after)).toBe('declined')
    expect(hasOpenWork(after)).toBe(true)
  })

  it('is done with when its reversal is confirmed, and stays so', () => {
    const ended = finishWithoutMoney(samplePayment([sampleAttempt(1, { status: 'declined' })]), [])
    const after = join(ended, told(1, approved()), told(1, canceled, 'cancel'))
    expect(after).toMatchObject({ attempts: [{ status: 'reversed' }], obligations: [{ status: 'done' }] })
    expect(hasOpenWork(after)).toBe(false)
    expect(join(after, told(1, approved()), told(1, authorized()))).toBe(after)
  })
})

describe('an approval while a cancel is under way', () => {
  const undoing = samplePayment([sampleAttempt(1, { status: 'unknown', canceling: 'void' })])

  it('waits for the answer to the void: "canceled" closes, "already paid" keeps', () => {
    const seen = join(undoing, told(1, approved()))
    expect(seen.result).toBeUndefined()
    expect(statusOf(seen)).toBe('unknown')
    expect(statusOf(join(seen, told(1, canceled, 'cancel')))).toBe('voided')
    expect(join(seen, told(1, alreadyPaid, 'cancel'))).toMatchObject({ result: 'succeeded' })
  })

  it('is not closed by a refusal, which would let another attempt open', () => {
    const seen = join(undoing, told(1, approved()), told(1, declined))
    expect(mayOpenNext(seen, NOON)).toBe(false)
  })

  it('never wins once the void is confirmed: it is given back again, to be sure', () => {
    const after = join(undoing, told(1, canceled, 'cancel'), told(1, approved(), 'caller'))
    expect(after.result).toBeUndefined()
    expect(after).toMatchObject({ attempts: [{ status: 'reversing' }], obligations: [{ status: 'pending' }] })
    expect(mayOpenNext(after, NOON)).toBe(false)
    expect(mayOpenNext(join(after, told(1, canceled, 'cancel')), NOON)).toBe(true)
  })

  it.each([undefined, 'close'] as const)(
    'never wins after the upstream said that it is canceled (%s)',
    canceling => {
      const open = samplePayment([sampleAttempt(1, { status: 'unknown', ...(canceling && { canceling }) })])
      const after = join(open, told(1, canceled, 'query'), told(1, approved(), 'caller'))
      expect(after).toMatchObject({
        attempts: [{ status: 'reversing' }],
        obligations: [{ status: 'pending' }],
      })
      expect(after.result).toBeUndefined()
    },
  )

  it('counts at once beside a close, which an upstream refuses once it is paid', () => {
    const closing = samplePayment([sampleAttempt(1, { status: 'requires_action', canceling: 'close' })])
    expect(join(closing, told(1, approved(), 'notification'))).toMatchObject({ result: 'succeeded' })
  })

  it('"already paid" alone names no amount: it counts only where nothing else can be asked', () => {
    expect(join(undoing, told(1, alreadyPaid, 'cancel')).result).toBeUndefined()
    const contract = { ...sampleAttempt(1).contract, queryable: false }
    const blind = samplePayment([sampleAttempt(1, { status: 'unknown', canceling: 'void', contract })])
    expect(join(blind, told(1, alreadyPaid, 'cancel'))).toMatchObject({ result: 'succeeded' })
  })

  it('does not send the payer to pay again', () => {
    const seen = join(undoing, told(1, approved()), told(1, requiresAction))
    expect(publicStatus(seen)).toBe('pending')
  })
})

describe('money that an upstream gives back unasked', () => {
  it('calls for a person, since the client was told that it is paid', () => {
    const paid = join(samplePayment([sampleAttempt(1)]), told(1, approved()))
    const after = join(paid, told(1, canceled, 'notification'))
    expect(after).toMatchObject({ result: 'succeeded', manual: 'canceled_after_approval' })
  })

  it('does not when a void was asked for', () => {
    const operation = {
      id: 'op_1',
      kind: 'void',
      reference: reference(9),
      amount: sampleContext().amount,
      status: 'unknown',
      openedAt: NOON,
      sendableUntil: NOON,
    } as const
    const held = join(samplePayment([sampleAttempt(1)], { operations: [operation] }), told(1, authorized()))
    expect(join(held, told(1, canceled, 'cancel')).manual).toBeUndefined()
  })
})

describe('the end of a payment', () => {
  it('is set once, and what was told with it is frozen', () => {
    const paid = join(samplePayment([sampleAttempt(1)]), { ...told(1, approved(), 'caller'), latencyMs: 40 })
    expect(paid.answered).toEqual([
      { route: 'card_1', reference: reference(1), status: 'approved', latencyMs: 40 },
    ])
    expect(finish(paid, 'declined', ['SEC_CANNOT_PROCESS'])).toBe(paid)
    expect(join(paid, told(1, canceled)).answered).toBe(paid.answered)
  })

  it.each([
    ['answer_mismatch', 'answer_mismatch'],
    ['give_back_contradicted', 'give_back_contradicted'],
    ['no_answer', undefined],
  ])('keeps an alarm that evidence does not answer: %s', (manual, left) => {
    const attempts = [sampleAttempt(1, { status: 'reversed' })]
    expect(finishWithoutMoney(samplePayment(attempts, { manual }), []).manual).toBe(left)
  })

  it.each<[AttemptStatus[], Partial<Payment>, string]>([
    [['declined'], {}, 'declined'],
    [['not_sent', 'declined'], {}, 'declined'],
    [['not_sent', 'not_sent'], {}, 'unsent'],
    [[], {}, 'declined'],
    [['voided'], { cancelRequested: true }, 'canceled'],
  ])('without money, after %j %j, is %s', (statuses, change, expected) => {
    const attempts = statuses.map((status, i) => sampleAttempt(i + 1, { status }))
    expect(finishWithoutMoney(samplePayment(attempts, change), []).result).toBe(expected)
  })

  it.each(OPEN_OR_MONEY)('without money is misuse while an attempt is %s', status => {
    expect(() => finishWithoutMoney(samplePayment([sampleAttempt(1, { status })]), [])).toThrow(TypeError)
  })

  it('asks the payer to act, until the attempt is being closed', () => {
    const waiting = join(samplePayment([sampleAttempt(1)]), told(1, requiresAction, 'caller'))
    expect(publicStatus(waiting)).toBe('requires_action')
    const [attempt] = waiting.attempts
    expect(attempt?.nextAction).toMatchObject({ type: 'redirect' })
    const closing = samplePayment([sampleAttempt(1, { status: 'requires_action', canceling: 'close' })])
    expect(publicStatus(closing)).toBe('pending')
  })

  it('is succeeded when an automatic capture is told after the authorization', () => {
    const after = join(samplePayment([sampleAttempt(1)]), told(1, authorized()), told(1, approved()))
    expect(publicStatus(after)).toBe('succeeded')
    expect(capturedValue(after)).toBe(100_000)
    const part = { id: 'cap_1', kind: 'capture' as const, reference: 'c'.repeat(32), amount: CNY(100) }
    const own = { ...part, status: 'succeeded' as const, final: true, openedAt: 0, sendableUntil: 0 }
    // What was captured by parts is told as approved too, and is no more than the parts.
    expect(capturedValue({ ...after, operations: [own] })).toBe(100)
    const manual = samplePayment([sampleAttempt(1)], { context: sampleContext({ capture: 'manual' }) })
    expect(capturedValue(join(manual, told(1, authorized()), told(1, approved())))).toBe(0)
  })

  it('is not brought about by what is told about a reference that it does not know', () => {
    const payment = samplePayment([sampleAttempt(1)])
    expect(join(payment, told(7, approved()))).toBe(payment)
  })

  it('keeps a first answer of "unknown" open', () => {
    const payment = join(samplePayment([sampleAttempt(1)]), told(1, unknown, 'caller'))
    expect(publicStatus(payment)).toBe('pending')
    expect(hasOpenWork(payment)).toBe(true)
  })
})
