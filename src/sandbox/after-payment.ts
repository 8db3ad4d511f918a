import { type Payment, type Refund, refundedOf, viewOf } from './payment.ts'
import {
  answer,
  captureRequestSchema,
  firstIssue,
  type Money,
  parseJson,
  problem,
  refundRequestSchema,
  type Reply,
} from './protocol.ts'
import type { Timers } from './timers.ts'
import type { Upstream } from './upstream.ts'

const refundsMax = 100

const notFound = problem(404, 'not_found', 'No payment with this reference.')

/**
 * Takes part or all of what is authorized; what is left may be captured by a further call, or is released with the last
 * one. The same capture reference is the same capture.
 */
export function capture(upstream: Upstream, reference: string, raw: string): Reply {
  const request = captureRequestSchema.safeParse(parseJson(raw))
  if (!request.success) return problem(400, 'invalid_request', firstIssue(request.error))
  const payment = upstream.find(reference)
  if (payment === undefined) return notFound
  const { amount, captureReference, final } = request.data
  if (captureReference !== undefined && payment.captures?.has(captureReference) === true) {
    return answer({ ...viewOf(payment), amount })
  }
  const own = captureReference === undefined ? {} : { captureReference }
  const code = captureRefusal(payment, amount)
  if (code !== undefined) {
    const refused = { status: 'declined', reference, amount, declineCode: code }
    if (captureReference !== undefined) upstream.tell(payment, { ...refused, ...own })
    return answer(refused)
  }
  upstream.record(payment, 'captured', amount.value, own)
  if (captureReference !== undefined) {
    payment.captures ??= new Set()
    payment.captures.add(captureReference)
  }
  payment.captured += amount.value
  payment.state = 'approved'
  if (final) upstream.releaseRest(payment)
  const made = { ...viewOf(payment), amount }
  upstream.tell(payment, captureReference === undefined ? viewOf(payment) : { ...made, ...own })
  return answer(made)
}

function captureRefusal(payment: Payment, amount: Money): string | undefined {
  const open = payment.state === 'authorized' || payment.state === 'approved'
  if (!open || payment.capture !== 'manual' || payment.ended === true) return 'not_authorized'
  if (payment.behaviour?.capture === 'declined') return '05'
  if (amount.currency !== payment.amount.currency) return 'currency_mismatch'
  return payment.captured + amount.value > payment.amount.value ? 'exceeds_authorized' : undefined
}

/** Gives back part or all of what was captured. The same refund reference is the same refund. */
export function refund(
  upstream: Upstream,
  timers: Timers,
  settleMs: number,
  reference: string,
  raw: string,
): Reply {
  const request = refundRequestSchema.safeParse(parseJson(raw))
  if (!request.success) return problem(400, 'invalid_request', firstIssue(request.error))
  const payment = upstream.find(reference)
  if (payment === undefined) return notFound
  const { refundReference, amount } = request.data
  const known = payment.refunds?.get(refundReference)
  if (known !== undefined) {
    if (known.amount.value === amount.value && known.amount.currency === amount.currency) return answer(known)
    return problem(422, 'key_reused', 'This refund reference was used with another amount.')
  }
  payment.refunds ??= new Map()
  if (payment.refunds.size >= refundsMax) return problem(422, 'too_many_refunds', `At most ${refundsMax}.`)
  const made: Refund = { refundReference, amount, status: 'declined' }
  const code = refundRefusal(payment, amount)
  payment.refunds.set(refundReference, made)
  if (code !== undefined) {
    made.declineCode = code
    upstream.tell(payment, made)
    return answer(made)
  }
  if (payment.behaviour?.refund === 'processing') {
    made.status = 'processing'
    timers.after(settleMs, () => give(upstream, payment, made))
    return answer(made)
  }
  give(upstream, payment, made)
  const reply = answer(made)
  return payment.behaviour?.refund === 'hang' ? { ...reply, fate: 'hang' } : reply
}

export function queryRefund(upstream: Upstream, reference: string, refundReference: string): Reply {
  const known = upstream.find(reference)?.refunds?.get(refundReference)
  return known === undefined ? problem(404, 'not_found', 'No such refund.') : answer(known)
}

function give(upstream: Upstream, payment: Payment, made: Refund): void {
  upstream.record(payment, 'refunded', made.amount.value, { refundReference: made.refundReference })
  made.status = 'approved'
  upstream.tell(payment, made)
}

function refundRefusal(payment: Payment, amount: Money): string | undefined {
  if (payment.state !== 'approved') return 'not_paid'
  if (payment.behaviour?.refund === 'declined') return '05'
  if (amount.currency !== payment.amount.currency) return 'currency_mismatch'
  return refundedOf(payment) + amount.value > payment.captured ? 'exceeds_captured' : undefined
}
