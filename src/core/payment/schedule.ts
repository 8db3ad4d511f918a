import { hashUnit } from '../hash.ts'
import type { Attempt, Payment } from './payment.ts'
import { CLOCK_ERROR_MS, hasOpenWork, isClear, isOpen } from './transition.ts'

/** First wait of the resolver, and the longest one, ms. */
const BACKOFF_FIRST_MS = 500
const BACKOFF_LONGEST_MS = 3_600_000

/** How often a payer's page is asked about: soon and then ever less, but at least once a minute until it expires. */
const PAYER_TRIES_FIRST = 3
const PAYER_LONGEST_MS = 60_000

/** Doubling from half a second to an hour, then spread by +-20% so that payments do not come back in step. */
export function backoffMs(tries: number, salt: string): number {
  const base = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(tries, 20))
  return Math.round(base * (0.8 + 0.4 * hashUnit(salt, tries)))
}

/**
 * When somebody who does not hold the lease has to look at the payment, Unix ms; null when nothing is left that a
 * machine can drive.
 * An INTENT is due when its send must have ended, a payer's page now and then until it expires, an unknown by backoff,
 * and a payment between two attempts at once. Whatever was due and is not done is due again by backoff, never at once.
 */
export function dueAt(payment: Payment, now: number): number | null {
  if (!hasOpenWork(payment)) return null
  const newest = payment.attempts.at(-1)
  if (payment.result === undefined && newest !== undefined && isClear(payment)) return now
  const times: number[] = []
  for (const attempt of payment.attempts) {
    if (isOpen(attempt) || attempt.approvalClaimed !== undefined)
      times.push(attemptDueAt(payment, attempt, now))
  }
  for (const operation of payment.operations) {
    const again = now + backoffMs(payment.resolves, operation.id)
    if (operation.status === 'intent') times.push(onceOver(operation.sendableUntil, now) ?? again)
    else if (operation.status === 'unknown' || operation.status === 'processing') times.push(again)
  }
  if (payment.obligations.some(({ status }) => status === 'pending')) {
    times.push(now + backoffMs(payment.resolves, payment.id))
  }
  return times.length === 0 ? null : Math.min(...times)
}

function attemptDueAt(payment: Payment, attempt: Attempt, now: number): number {
  const { status, reference, sendableUntil, timeoutMs, nextAction, canceling, contract } = attempt
  const again = now + backoffMs(payment.resolves, reference)
  if (status === 'intent') return onceOver(sendableUntil + timeoutMs, now) ?? again
  const left = canceling !== undefined || payment.cancelRequested === true || payment.switchTo !== undefined
  if (status !== 'requires_action' || nextAction === undefined || left) return again
  // Only past this moment it counts as expired, whatever this machine's clock says.
  const expiresAt = nextAction.expiresAt + CLOCK_ERROR_MS + 1
  const expires = onceOver(expiresAt, now)
  if (expires === undefined) return now + backoffMs(triesIn(now - expiresAt), reference)
  if (!contract.queryable) return expires
  const poll = Math.min(PAYER_LONGEST_MS, backoffMs(payment.resolves + PAYER_TRIES_FIRST, reference))
  return Math.min(expires, now + poll)
}

/**
 * When a moment has passed on every clock, or undefined where it has passed on ours. The journal says what is due by its own
 * clock: due at the moment itself, a payment would come back at once, again and again, to whoever's clock is behind, and each
 * time would make its backoff longer.
 */
function onceOver(moment: number, now: number): number | undefined {
  return moment > now ? moment + CLOCK_ERROR_MS : undefined
}

/** How many tries by backoff fit into the time since something was due. */
function triesIn(ms: number): number {
  return Math.floor(Math.log2(1 + ms / BACKOFF_FIRST_MS))
}
