import type { Attempt, Obligation, Operation, Payment } from './payment.ts'
import type { CancelVerb } from './route.ts'
import { CLOCK_ERROR_MS, isOpen } from './transition.ts'

/** What the resolver may do next about one attempt. `manual` hands it to a person, with the reason. */
export type Move =
  | { readonly kind: 'query' }
  | { readonly kind: 'resend' }
  | { readonly kind: 'cancel'; readonly verb: CancelVerb }
  | { readonly kind: 'wait' }
  | { readonly kind: 'manual'; readonly reason: string }

/** How long before the end of the key window resending stops: travel time and clock error have to fit in. */
const KEY_WINDOW_MARGIN_MS = 10 * 60_000

/** How often an attempt is asked about before it is cancelled, where it can be. */
const QUERIES_BEFORE_CANCEL = 4

/** How long it is tried to find out about an attempt or operation before a person is asked, ms. */
const PATIENCE_MS = 24 * 3_600_000

/**
 * The next move about an open attempt, from what its upstream promises. Whatever it is, it can neither charge twice
 * nor take an unknown for a refusal:
 * - a query has no side effects
 * - a resend goes only to an upstream that keeps refusals under the key too, with the same bytes, within its window
 * - a cancel is the verb for the state: `close` for what the payer has not paid, `reverse` for an unknown
 * - another route is never tried from here
 */
export function nextMove(payment: Payment, attempt: Attempt, now: number): Move {
  if (!isOpen(attempt))
    return attempt.approvalClaimed === undefined ? { kind: 'wait' } : patience(attempt, now)
  // Only the checkout can speak to its upstream; from here it can only be waited for what it tells.
  if (payment.checkout !== undefined) return giveUp(attempt, now)
  if (attempt.canceling !== undefined) return moveWhileCanceling(attempt, attempt.canceling, payment.resolves)
  if (attempt.status === 'requires_action') return moveForPayer(payment, attempt, now)
  const { contract } = attempt
  const unwanted =
    payment.result !== undefined || payment.cancelRequested === true || payment.switchTo !== undefined
  const undo = undoVerb(attempt)
  if (unwanted && undo !== undefined) return { kind: 'cancel', verb: undo }
  // Every other round asks; those between go to what may end it.
  if (contract.queryable && payment.resolves % 2 === 0) return { kind: 'query' }
  // A processing attempt is in good hands: it is asked about, never undone, and sent again only where that is asking.
  // An unwanted one is sent again only where nothing else can tell how it stands.
  const asking = !contract.queryable && (attempt.status === 'processing' || undo === undefined)
  const wanting = attempt.status !== 'processing' && !unwanted
  if ((wanting || asking) && mayResend(attempt, now)) return { kind: 'resend' }
  if (attempt.status !== 'processing' && undo !== undefined && payment.resolves >= QUERIES_BEFORE_CANCEL) {
    return { kind: 'cancel', verb: undo }
  }
  if (contract.queryable) return patience(attempt, now)
  return undo === undefined ? giveUp(attempt, now) : { kind: 'cancel', verb: undo }
}

/** Whether sending the same reference again cannot charge again. */
export function mayResend(attempt: Attempt, now: number): boolean {
  const { contract } = attempt
  if (contract.idempotency.mode !== 'key' || attempt.canceling !== undefined) return false
  // It would only be refused, and the refusal could be mistaken for one of the first send.
  if (contract.honoursExpiry && now > attempt.expiresAt - CLOCK_ERROR_MS) return false
  // Where refusals are not kept under the key, a refused send leaves the key free, and another one that is still under
  // way would charge after the attempt was closed by the refusal. There, one attempt is one request.
  if (!contract.idempotency.replaysErrors) return false
  // A key may be remembered for a year. The backoff makes of one day some forty resends at most.
  if (now > attempt.openedAt + PATIENCE_MS) return false
  return now < attempt.keyWindowEndsAt - KEY_WINDOW_MARGIN_MS
}

/**
 * Whether the caller's own repetition may be passed on to the upstream that has the attempt. Of an approved one it
 * brings the answer again, for as long as the upstream remembers the key; of an open one it is a resend.
 */
export function mayRepeat(attempt: Attempt, now: number): boolean {
  if (isOpen(attempt)) return mayResend(attempt, now)
  const { contract, status, keyWindowEndsAt } = attempt
  if (status !== 'approved' || contract.idempotency.mode !== 'key') return false
  return now < keyWindowEndsAt - KEY_WINDOW_MARGIN_MS
}

function moveWhileCanceling(attempt: Attempt, verb: CancelVerb, resolves: number): Move {
  if (!attempt.contract.queryable) return { kind: 'cancel', verb }
  if (attempt.cancelRefused && !attempt.approvalSeen) return { kind: 'query' }
  return resolves % 2 === 0 ? { kind: 'cancel', verb } : { kind: 'query' }
}

function moveForPayer(payment: Payment, attempt: Attempt, now: number): Move {
  const { contract, nextAction } = attempt
  const expired = nextAction !== undefined && now > nextAction.expiresAt + CLOCK_ERROR_MS
  const leave =
    expired || payment.cancelRequested || payment.switchTo !== undefined || payment.result !== undefined
  if (!leave) return contract.queryable ? { kind: 'query' } : { kind: 'wait' }
  const verb = contract.cancel.includes('close') ? 'close' : undoVerb(attempt)
  if (verb !== undefined) return { kind: 'cancel', verb }
  return contract.queryable ? patience(attempt, now) : giveUp(attempt, now)
}

/** The verb that undoes an attempt of unknown outcome. A void is for known successes only. */
function undoVerb({ contract }: Attempt): CancelVerb | undefined {
  if (contract.cancel.includes('reverse')) return 'reverse'
  return contract.cancel.includes('close') ? 'close' : undefined
}

function patience(attempt: Attempt, now: number): Move {
  const over = now > attempt.sendableUntil + PATIENCE_MS + (attempt.contract.settleWindowMs ?? 0)
  return over ? { kind: 'manual', reason: 'no_answer' } : { kind: 'query' }
}

/** Neither to be asked, resent nor undone: only a notification can tell, and it gets its time. */
function giveUp(attempt: Attempt, now: number): Move {
  const window = attempt.contract.settleWindowMs ?? 0
  const over = now > attempt.sendableUntil + attempt.timeoutMs + window + CLOCK_ERROR_MS
  return over ? { kind: 'manual', reason: 'route_cannot_tell' } : { kind: 'wait' }
}

/** How long an upstream may be at work on a refund or capture that it has taken in. */
const PROCESSING_PATIENCE_MS = 30 * 24 * 3_600_000

/** Whether a capture, void or refund has been without an end for so long that a person has to find it out. */
export function operationEnds({ status, openedAt, claimedAt }: Operation, now: number): boolean {
  return now > (claimedAt ?? openedAt) + (status === 'processing' ? PROCESSING_PATIENCE_MS : PATIENCE_MS)
}

/** After how many refused refunds, or after how long without an answer, giving back is for a person. */
const REFUSALS_MAX = 5

/** Why a person has to give the money back; undefined while it is still worth trying. */
export function giveBackEnds(
  { openedAt, claimedAt, refusals = 0 }: Obligation,
  now: number,
): string | undefined {
  if (refusals >= REFUSALS_MAX) return 'give_back_refused'
  return now > (claimedAt ?? openedAt) + PATIENCE_MS ? 'give_back_unconfirmed' : undefined
}

/**
 * Reference of the refund that gives an attempt's money back: another 32 hex digits, made from the attempt's by its
 * first digit, so that a repetition is recognised; the shard at the end stays. A refused one is tried again under the
 * next reference, because the upstream goes on refusing what it has refused.
 */
export function giveBackReference(reference: string, refusals = 0): string {
  const first = Number.parseInt(reference.charAt(0), 16) ^ (0xf - (refusals % 0xf))
  return first.toString(16) + reference.slice(1)
}

/** References of all refunds that were tried, or are about to be, to give an attempt's money back. */
export function giveBackReferences({ reference, refusals = 0 }: Obligation): string[] {
  return Array.from({ length: refusals + 1 }, (_, tried) => giveBackReference(reference, tried))
}

/** How money of an attempt that is not wanted goes back: by cancelling what was approved, or by a refund. */
export function giveBackMove({ contract, canceling, cancelRefused }: Attempt): CancelVerb | 'refund' {
  if (cancelRefused || canceling === 'close') return 'refund'
  if (contract.cancel.includes('void')) return 'void'
  return contract.cancel.includes('reverse') ? 'reverse' : 'refund'
}
