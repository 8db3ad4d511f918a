import { hashUnit } from '../hash.ts'
import type { Payment } from './payment.ts'
import { hasOpenWork, isClosed, isOpen } from './transition.ts'

/** First wait of the resolver, and the longest one, ms. */
const BACKOFF_FIRST_MS = 500
const BACKOFF_LONGEST_MS = 3_600_000

/** Doubling from half a second to an hour, then spread by +-20% so that payments do not come back in step. */
export function backoffMs(tries: number, salt: string): number {
  const base = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(tries, 20))
  return Math.round(base * (0.8 + 0.4 * hashUnit(salt, tries)))
}

/**
 * When somebody who does not hold the lease has to look at the payment, Unix ms; null when nothing is left that a
 * machine can drive.
 * An INTENT is due when its send must have ended, a redirect when it expires, an unknown by backoff, and a payment
 * between two attempts at once.
 */
export function dueAt(payment: Payment, now: number): number | null {
  if (!hasOpenWork(payment)) return null
  const newest = payment.attempts.at(-1)
  if (payment.result === undefined && newest !== undefined && payment.attempts.every(isClosed)) return now
  const times: number[] = []
  for (const attempt of payment.attempts.filter(isOpen)) {
    if (attempt.status === 'intent') times.push(attempt.sendableUntil + attempt.timeoutMs)
    else if (
      attempt.status === 'requires_action' &&
      attempt.canceling === undefined &&
      attempt.nextAction !== undefined &&
      !payment.cancelRequested &&
      payment.switchTo === undefined
    ) {
      times.push(attempt.nextAction.expiresAt)
    } else times.push(now + backoffMs(payment.resolves, attempt.reference))
  }
  for (const operation of payment.operations) {
    if (operation.status === 'intent') times.push(operation.sendableUntil)
    else if (operation.status === 'unknown' || operation.status === 'processing') {
      times.push(now + backoffMs(payment.resolves, operation.id))
    }
  }
  if (payment.obligations.some(({ status }) => status === 'pending')) {
    times.push(now + backoffMs(payment.resolves, payment.id))
  }
  return times.length === 0 ? null : Math.min(...times)
}
