import { sameMoney } from './money.ts'
import { isName } from './name.ts'
import type { Evidence, UpstreamResult } from './outcome.ts'
import type { Attempt, AttemptStatus, Obligation, Payment, PaymentResult } from './payment.ts'
import { attemptView } from './view.ts'

/** Attempts that are closed and hold no money. Only when all are here may another one open. */
const CLOSED: ReadonlySet<AttemptStatus> = new Set(['not_sent', 'declined', 'voided', 'absent', 'reversed'])

/** Attempts about whose money nothing is known yet. */
const OPEN: ReadonlySet<AttemptStatus> = new Set(['intent', 'unknown', 'processing', 'requires_action'])

/** Clocks of different machines may differ by this much; every conclusion from time allows for it. */
export const CLOCK_ERROR_MS = 2_000

export function isClosed(attempt: Attempt): boolean {
  return CLOSED.has(attempt.status)
}

/** Whether the attempt still waits for evidence about its money. */
export function isOpen(attempt: Attempt): boolean {
  return OPEN.has(attempt.status)
}

/** Whether the upstream said yes and the money is, or may be, with us. */
export function holdsMoney(attempt: Attempt): boolean {
  return !isClosed(attempt) && !isOpen(attempt)
}

/**
 * Whether "not found" at `now` proves that the attempt never took effect and never will.
 *
 * An unseen request may still be under way. It is harmless only when the last moment at which we can have sent
 * it, the time it may travel and the time the upstream may take have all passed, or when the upstream refuses
 * requests after an expiry that has passed. Without either promise the answer is no for ever.
 */
export function absenceIsConclusive(attempt: Attempt, now: number): boolean {
  const { contract } = attempt
  if (contract.honoursExpiry && now > attempt.expiresAt + CLOCK_ERROR_MS) return true
  if (contract.settleWindowMs === undefined) return false
  return now > attempt.sendableUntil + attempt.timeoutMs + contract.settleWindowMs + CLOCK_ERROR_MS
}

/** Whether no attempt holds money or may hold it: all are closed, and of none an approval has been claimed since. */
export function isClear({ attempts }: Payment): boolean {
  return attempts.every(attempt => isClosed(attempt) && attempt.approvalClaimed === undefined)
}

/** Whether every attempt is closed without money, so that the next one may open. */
export function mayOpenNext(payment: Payment, now: number): boolean {
  return (
    payment.result === undefined &&
    payment.manual === undefined &&
    !payment.cancelRequested &&
    isClear(payment) &&
    payment.attempts.length < payment.attemptsMax &&
    now < payment.deadlineAt
  )
}

/** Adds an INTENT. Misuse, an attempt while another is not closed, throws: the caller must ask `mayOpenNext`. */
export function openAttempt(payment: Payment, attempt: Attempt, now: number): Payment {
  if (!mayOpenNext(payment, now)) throw new TypeError('an attempt may not open while another may hold money')
  const { switchTo, ...rest } = payment
  const switched = switchTo === undefined ? {} : { switched: switchTo }
  return { ...rest, ...switched, attempts: [...payment.attempts, attempt], reasons: [], resolves: 0 }
}

/**
 * Joins one piece of evidence into the payment. Any order and any repetition of the same evidence lead to the
 * same end: approval beats refusal, refusal beats waiting, and an approval that the payment no longer wants
 * becomes an obligation to reverse it. Returns the same object when the evidence adds nothing.
 */
export function applyEvidence(payment: Payment, evidence: Evidence): Payment {
  const index = payment.attempts.findIndex(attempt => attempt.reference === evidence.reference)
  const attempt = payment.attempts[index]
  if (attempt === undefined) return payment
  if (mismatches(attempt, evidence.result)) return suspect(payment, attempt, index)
  const next = answered(advance(attempt, evidence), evidence)
  if (next === attempt) return payment
  return conclude({ ...payment, attempts: payment.attempts.with(index, next) }, evidence.at)
}

/** What the upstream says when it is asked after a claim stands in the claim's place. */
function answered(attempt: Attempt, { result, source, at, latencyMs = 0 }: Evidence): Attempt {
  const { approvalClaimed, ...rest } = attempt
  if (approvalClaimed === undefined) return attempt
  const later = source === 'query' && at - latencyMs > approvalClaimed + CLOCK_ERROR_MS
  const asked = later || source === 'operator'
  const final = result.kind === 'declined' || result.kind === 'canceled' || result.kind === 'not_found'
  return holdsMoney(attempt) || (asked && final) ? rest : attempt
}

function mismatches(attempt: Attempt, result: UpstreamResult): boolean {
  if (result.kind === 'unknown') return result.cause === 'mismatch'
  return (
    (result.kind === 'approved' || result.kind === 'authorized') && !sameMoney(result.amount, attempt.amount)
  )
}

/** Set where an upstream has told of another amount or reference than it was sent. No evidence takes it back. */
const MISMATCH = 'answer_mismatch'

/** What has been seen of upstreams' words, and is not answered by the end of the payment. */
const LASTING_ALARMS: ReadonlySet<string> = new Set([MISMATCH, 'give_back_contradicted'])

/** An answer that is not about what was asked proves that something was sent, and calls for a person. */
function suspect(payment: Payment, attempt: Attempt, index: number): Payment {
  const sent = attempt.status === 'intent'
  if (!sent && payment.manual === MISMATCH) return payment
  const attempts = sent ? payment.attempts.with(index, { ...attempt, status: 'unknown' }) : payment.attempts
  return { ...payment, attempts, manual: MISMATCH }
}

function advance(attempt: Attempt, evidence: Evidence): Attempt {
  const { result } = evidence
  const { status } = attempt
  switch (result.kind) {
    case 'approved':
      if (status === 'approved' || status === 'reversing' || status === 'reversed') return attempt
      return approve(attempt, evidence, 'approved')
    case 'authorized':
      if (holdsMoney(attempt) || status === 'reversed') return attempt
      return approve(attempt, evidence, 'authorized')
    case 'declined':
      // An approval that waits for the answer to a cancel must not be closed by a refusal: it may be money.
      if (holdsMoney(attempt) || attempt.approvalSeen || status === 'reversed') return attempt
      if (attempt.declineCategory !== undefined) return attempt
      return {
        ...withResult(attempt, evidence, status === 'voided' ? 'voided' : 'declined'),
        declineCategory: result.category,
        ...(result.code === undefined ? {} : { declineCode: result.code }),
      }
    case 'canceled':
      if (status === 'voided' || status === 'reversed') return attempt
      return { ...attempt, status: holdsMoney(attempt) ? 'reversed' : 'voided' }
    case 'not_sent':
      // Proof that no byte left can come only from the process that made the call, about its own first send.
      if (evidence.source !== 'caller' || status !== 'intent') return attempt
      return { ...withResult(attempt, evidence, 'not_sent'), declineCategory: 'not_sent' }
    case 'not_found':
      return notFound(attempt, evidence)
    case 'requires_action':
      if (status !== 'intent' && status !== 'unknown' && status !== 'processing') return attempt
      // The payer must not be sent to pay what may be paid.
      if (attempt.approvalSeen || attempt.cancelRefused) return attempt
      return { ...withResult(attempt, evidence, 'requires_action'), nextAction: result.nextAction }
    case 'processing':
      if (status !== 'intent' && status !== 'unknown') return attempt
      return withResult(attempt, evidence, 'processing')
    case 'unknown':
      return status === 'intent' ? withResult(attempt, evidence, 'unknown') : attempt
    case 'already_paid':
      return refuseCancel(attempt)
  }
}

/**
 * An approval counts at once unless a void or reversal is under way: then the money may be on its way back, and
 * only the cancel's own answer, "canceled" or "already paid", tells which of the two stands.
 *
 * One that is seen after the attempt was canceled may be older than the cancel, and its money back already, or the
 * upstream has broken its word. Reversing it is right in both cases; keeping it would be wrong in the first.
 */
function approve(attempt: Attempt, evidence: Evidence, status: 'approved' | 'authorized'): Attempt {
  const undoing = (attempt.canceling === 'void' || attempt.canceling === 'reverse') && !attempt.cancelRefused
  if (attempt.status === 'voided' || (undoing && isClosed(attempt))) {
    return withResult(attempt, evidence, 'reversing')
  }
  if (!undoing) return withResult(attempt, evidence, status)
  return attempt.approvalSeen ? attempt : { ...attempt, status: waiting(attempt.status), approvalSeen: true }
}

/** "Already paid" names no amount: it counts as approval only beside one, or where nothing else can be asked. */
function refuseCancel(attempt: Attempt): Attempt {
  if (!isOpen(attempt)) return attempt
  if (attempt.approvalSeen || !attempt.contract.queryable)
    return { ...attempt, status: 'approved', cancelRefused: true }
  return attempt.cancelRefused
    ? attempt
    : { ...attempt, status: waiting(attempt.status), cancelRefused: true }
}

function waiting(status: AttemptStatus): AttemptStatus {
  return status === 'intent' || status === 'requires_action' ? 'unknown' : status
}

function withResult(attempt: Attempt, evidence: Evidence, status: AttemptStatus): Attempt {
  const { result, latencyMs } = evidence
  const { nextAction: _ended, ...rest } = attempt
  return {
    ...rest,
    status,
    // How long a query took says nothing of how long the payment did.
    ...(latencyMs === undefined || evidence.source !== 'caller' || attempt.latencyMs !== undefined
      ? {}
      : { latencyMs }),
    ...providerNameOf(result),
  }
}

/** A name that no journal could keep is left out: it must not cost the outcome that it came with. */
function providerNameOf(result: UpstreamResult): Pick<Attempt, 'providerReference'> {
  const given = 'providerReference' in result ? result.providerReference : undefined
  return given !== undefined && isName(given) ? { providerReference: given } : {}
}

function notFound(attempt: Attempt, evidence: Evidence): Attempt {
  if (!isOpen(attempt) || attempt.cancelRefused || attempt.approvalSeen) return attempt
  // A tombstoning upstream that did not know the reference has made it unusable by the cancel itself.
  if (evidence.source === 'cancel') {
    return attempt.contract.cancelTombstones ? { ...attempt, status: 'voided' } : attempt
  }
  // An upstream that has acknowledged the attempt cannot unsay it.
  const acknowledged = attempt.status === 'requires_action' || attempt.status === 'processing'
  if (evidence.source !== 'query' || acknowledged) return attempt
  // The answer speaks of some moment since the question: only the earliest of them is safe to conclude from.
  const askedAt = evidence.at - (evidence.latencyMs ?? 0)
  return absenceIsConclusive(attempt, askedAt) ? { ...attempt, status: 'absent' } : attempt
}

/** Takes the first approval as the winner, turns every other one into an obligation, and closes done ones. */
function conclude(payment: Payment, now: number): Payment {
  let next = payment
  if (next.result === undefined) {
    const won = next.attempts.find(
      attempt => attempt.status === 'approved' || attempt.status === 'authorized',
    )
    if (won !== undefined) {
      next = finish(
        { ...next, winner: won.reference },
        won.status === 'approved' ? 'succeeded' : 'authorized',
        [],
      )
    }
  }
  for (const attempt of next.attempts) {
    if (attempt.reference === next.winner) next = alarmIfLost(next, attempt)
    else if (holdsMoney(attempt)) next = oblige(next, attempt, now)
    else if (attempt.status === 'reversed') next = discharge(next, attempt.reference)
  }
  return next
}

/** The client was told that it is paid. When the upstream gives the money back unasked, a person has to look. */
function alarmIfLost(payment: Payment, winner: Attempt): Payment {
  const asked = payment.operations.some(({ kind, status }) => kind === 'void' && status !== 'failed')
  if (winner.status !== 'reversed' || asked || payment.manual !== undefined) return payment
  return { ...payment, manual: 'canceled_after_approval' }
}

function oblige(payment: Payment, attempt: Attempt, now: number): Payment {
  const cause = payment.winner === undefined ? 'late_approval' : 'surplus_approval'
  const obligation: Obligation = { reference: attempt.reference, cause, status: 'pending', openedAt: now }
  const known = payment.obligations.some(({ reference }) => reference === attempt.reference)
  if (known && attempt.status === 'reversing') return payment
  return {
    ...payment,
    attempts: payment.attempts.map(other =>
      other === attempt ? { ...attempt, status: 'reversing' } : other,
    ),
    obligations: known ? payment.obligations : [...payment.obligations, obligation],
    resolves: 0,
  }
}

function discharge(payment: Payment, reference: string): Payment {
  return {
    ...payment,
    obligations: payment.obligations.map(obligation =>
      obligation.reference === reference ? { ...obligation, status: 'done' } : obligation,
    ),
  }
}

/** Sets the result, once, and freezes what the client is told with it. */
export function finish(payment: Payment, result: PaymentResult, reasons: readonly string[]): Payment {
  if (payment.result !== undefined) return payment
  const { manual, switchTo: _gone, ...rest } = payment
  const alarm = manual !== undefined && LASTING_ALARMS.has(manual) ? { manual } : {}
  return { ...rest, ...alarm, result, reasons, answered: payment.attempts.map(attemptView) }
}

/**
 * Ends a payment whose attempts are all closed without money. `unsent` when not one byte left, `canceled` when
 * the payer asked for it, else `declined`.
 */
export function finishWithoutMoney(payment: Payment, reasons: readonly string[]): Payment {
  if (!isClear(payment)) throw new TypeError('a payment with an open attempt cannot be ended')
  // It was called off, and nothing stood against it.
  if (payment.cancelRequested) return finish(payment, 'canceled', [])
  const unsent = payment.attempts.length > 0 && payment.attempts.every(({ status }) => status === 'not_sent')
  return finish(payment, unsent ? 'unsent' : 'declined', reasons)
}

/** Whether the resolver still has something to drive: open attempts, reversals, captures, voids or refunds. */
export function hasOpenWork(payment: Payment): boolean {
  return (
    payment.result === undefined ||
    payment.attempts.some(attempt => isOpen(attempt) || attempt.approvalClaimed !== undefined) ||
    payment.obligations.some(({ status }) => status === 'pending') ||
    payment.operations.some(
      ({ status }) => status === 'intent' || status === 'unknown' || status === 'processing',
    )
  )
}
