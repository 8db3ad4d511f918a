import { claimGiveBack, claimOperations } from '../core/payment/claim.ts'
import { sameMoney } from '../core/payment/money.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Obligation, Operation, Payment } from '../core/payment/payment.ts'
import { giveBackReference, giveBackReferences } from '../core/payment/resolution.ts'
import type { NotificationClaim, RefundResult } from '../ports/connector.ts'
import type { PaymentWrite, StoredPayment } from '../ports/journal.ts'
import { join } from './commit.ts'
import { recordEvidence } from './evidence.ts'
import type { Facts } from './facts.ts'
import { applyAnswer, isMismatch } from './operations.ts'
import { needsPerson } from './owned-write.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'

/** What a notification about something else than a payment itself may be about. */
type Subject =
  | { readonly kind: 'operation'; readonly attempt: Attempt; readonly operation: Operation }
  | { readonly kind: 'give_back'; readonly attempt: Attempt; readonly owed: Obligation }

/**
 * Takes in what an upstream tells of a refund or capture, after its signature was verified. A refund counts as what the
 * upstream says when it is asked, where it can be asked. A capture cannot be asked about but by repeating it, so its
 * notification makes the resolver do that soon. `unknown` for what is not this route's.
 * Safe to repeat. Rejects with `JournalUnavailable`; then the upstream tells again.
 */
export async function hearOfOperation(
  gateway: Gateway,
  facts: Facts,
  route: RouteRuntime,
  stored: StoredPayment,
  claim: NotificationClaim,
): Promise<'recorded' | 'duplicate' | 'ignored' | 'unknown'> {
  const { evidence, eventId } = claim
  const subject = subjectOf(stored.payment, claim)
  if (subject === undefined || subject.attempt.route !== route.route.id) return 'unknown'
  const { kind } = evidence.result
  if (kind !== 'approved' && kind !== 'declined' && kind !== 'processing') return 'ignored'
  const inbox = { route: route.route.id, eventId }
  return subject.kind === 'operation'
    ? joinOperation(gateway, route, stored, inbox, subject, claim)
    : joinGiveBack(gateway, facts, route, stored, inbox, subject, claim)
}

function subjectOf(payment: Payment, { evidence, payment: named }: NotificationClaim): Subject | undefined {
  const attemptBy = (reference: string | undefined): Attempt | undefined =>
    payment.attempts.find(attempt => attempt.reference === reference)
  const operation = payment.operations.find(
    ({ kind, reference }) => kind !== 'void' && reference === evidence.reference,
  )
  const owed = payment.obligations.find(each => giveBackReferences(each).includes(evidence.reference))
  const attempt = attemptBy(operation === undefined ? owed?.reference : payment.winner)
  // What names a payment beside it has to name the right one.
  if (attempt === undefined || (named !== undefined && named !== attempt.reference)) return undefined
  if (operation !== undefined) return { kind: 'operation', attempt, operation }
  return owed === undefined ? undefined : { kind: 'give_back', attempt, owed }
}

async function joinOperation(
  gateway: Gateway,
  route: RouteRuntime,
  stored: StoredPayment,
  inbox: NonNullable<PaymentWrite['inbox']>,
  { attempt, operation }: Extract<Subject, { kind: 'operation' }>,
  { evidence }: NotificationClaim,
): Promise<'recorded' | 'duplicate'> {
  const { id } = operation
  const told = readAs(operation, evidence.result)
  const result = await confirm(route, attempt, operation, told)
  const now = gateway.ports.clock.now()
  const { kind } = await join(gateway, stored, inbox, payment => {
    const suspected =
      isMismatch(told) || isMismatch(result) ? needsPerson(payment, 'answer_mismatch') : payment
    const learned = isAnswer(result) ? applyAnswer(suspected, id, result) : suspected
    const heard = isSilence(result) ? told : result
    const after = contradicts(learned, id, heard) ? needsPerson(learned, 'refund_contradicted') : learned
    return claimOperations(after, now, other => other.id === id)
  })
  return kind === 'duplicate_event' ? 'duplicate' : 'recorded'
}

/** What the notification says, as an answer about this very operation. */
function readAs({ amount }: Operation | Attempt, result: UpstreamResult): RefundResult {
  switch (result.kind) {
    case 'approved':
      return sameMoney(result.amount, amount) ? { kind: 'approved' } : { kind: 'unknown', cause: 'mismatch' }
    case 'declined':
      return { kind: 'declined', ...(result.code === undefined ? {} : { code: result.code }) }
    case 'processing':
      return { kind: 'processing' }
    default:
      return { kind: 'unknown', cause: 'unreadable' }
  }
}

/** A stolen secret must be enough neither to make a refund look made, nor to free its amount to be refunded again. */
async function confirm(
  { connector }: RouteRuntime,
  { reference, contract, timeoutMs }: Attempt,
  operation: Operation,
  told: RefundResult,
): Promise<RefundResult> {
  // It is repeated under its own reference, which is asking.
  if (operation.kind === 'capture') return { kind: 'unknown', cause: 'unconfirmed' }
  if (!contract.queryable || isNoNews(operation, told)) return told
  return connector.queryRefund(reference, operation.reference, operation.amount, { timeoutMs })
}

function isNoNews({ status }: Operation, { kind }: RefundResult): boolean {
  if (status === 'succeeded') return kind !== 'declined'
  return status === 'failed' ? kind !== 'approved' : kind === 'processing' && status === 'processing'
}

/** A question that did not leave, or that is not answered yet, says nothing of what was sent. */
const isAnswer = ({ kind }: RefundResult): boolean =>
  kind === 'approved' || kind === 'declined' || kind === 'processing'

/** Whoever could not be asked has not denied a contradiction: an event is told once, and a person has to ask then. */
const isSilence = ({ kind }: RefundResult): boolean => kind === 'unknown' || kind === 'not_sent'

/** A refund that was told to the merchant as made or as failed, and is the other after all. */
function contradicts({ operations }: Payment, id: string, { kind }: RefundResult): boolean {
  const status = operations.find(operation => operation.id === id)?.status
  return (status === 'failed' && kind === 'approved') || (status === 'succeeded' && kind === 'declined')
}

/**
 * A refund that nobody asked for: it gives back what the payment does not keep. One that was held to be made and is
 * refused, or that was refused and is made after all beside the next one, calls for a person.
 */
async function joinGiveBack(
  gateway: Gateway,
  facts: Facts,
  { connector }: RouteRuntime,
  stored: StoredPayment,
  inbox: NonNullable<PaymentWrite['inbox']>,
  { attempt, owed }: Extract<Subject, { kind: 'give_back' }>,
  { evidence }: NotificationClaim,
): Promise<'recorded' | 'duplicate'> {
  const { clock } = gateway.ports
  const { reference, amount, contract, timeoutMs } = attempt
  const refund = evidence.reference
  const told = readAs(attempt, evidence.result)
  const ends = told.kind === 'approved' && owed.status !== 'done'
  const asks = contract.queryable && (ends || contradictsGiveBack(owed, refund, told))
  const result = asks ? await connector.queryRefund(reference, refund, amount, { timeoutMs }) : told
  const heard = isSilence(result) ? told : result
  const at = clock.now()
  const also = (payment: Payment): Payment =>
    payment.obligations.some(each => each.reference === reference && contradictsGiveBack(each, refund, heard))
      ? needsPerson(payment, 'give_back_contradicted')
      : payment
  if (result.kind === 'approved') {
    const done = { reference, source: 'query', result: { kind: 'canceled' }, at } as const
    const recorded = await recordEvidence(gateway, facts, done, { stored, inbox, also })
    return recorded.kind === 'duplicate' ? 'duplicate' : 'recorded'
  }
  const joined = await join(gateway, stored, inbox, payment => also(claimGiveBack(payment, reference, at)))
  return joined.kind === 'duplicate_event' ? 'duplicate' : 'recorded'
}

/** Of the refunds that give one attempt back, all but the newest were refused for certain. */
function contradictsGiveBack(owed: Obligation, refund: string, { kind }: RefundResult): boolean {
  const isNewest = refund === giveBackReference(owed.reference, owed.refusals)
  if (kind === 'approved') return !isNewest
  return kind === 'declined' && isNewest && owed.status === 'done'
}
