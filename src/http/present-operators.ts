import { awaitsPerson, type Intervention } from '../core/payment/intervention.ts'
import type { Payment } from '../core/payment/payment.ts'
import { isOpen } from '../core/payment/transition.ts'
import { publicStatus } from '../core/payment/view.ts'
import type { HistoryRow, StoredPayment } from '../ports/journal.ts'

/** A payment as operators see it: what of it is open, since when, and what was tried. Nothing about the payer. */
export function presentForOperators({ payment }: Pick<StoredPayment, 'payment'>): object {
  const { id, tenant, context, createdAt, manual, resolves, intervention } = payment
  return {
    id,
    tenant,
    orderId: context.orderId,
    amount: context.amount,
    status: publicStatus(payment),
    createdAt: timeOf(createdAt),
    waitsFor: waitsFor(payment),
    ...(manual === undefined ? {} : { manual }),
    /** Rounds of the resolver: questions, resends and cancels. */
    triedTimes: resolves,
    open: openParts(payment),
    ...(intervention === undefined ? {} : { intervention: presentIntervention(intervention) }),
  }
}

function waitsFor(payment: Payment): 'person' | 'resolver' | 'nobody' {
  if (awaitsPerson(payment)) return 'person'
  return payment.result === undefined || openParts(payment).length > 0 ? 'resolver' : 'nobody'
}

function openParts({ attempts, operations, obligations }: Payment): object[] {
  return [
    ...attempts
      .filter(attempt => isOpen(attempt) || attempt.approvalClaimed !== undefined)
      .map(({ reference, route, status, openedAt, canceling, providerReference, approvalClaimed }) => ({
        part: 'attempt',
        reference,
        route,
        status,
        since: timeOf(openedAt),
        ...(approvalClaimed === undefined ? {} : { approvalClaimed: timeOf(approvalClaimed) }),
        ...(canceling === undefined ? {} : { canceling }),
        ...(providerReference === undefined ? {} : { providerReference }),
      })),
    ...operations
      .filter(({ status }) => status !== 'succeeded' && status !== 'failed')
      .map(({ id, kind, reference, amount, status, openedAt }) => ({
        part: 'operation',
        operation: id,
        kind,
        reference,
        amount,
        status,
        since: timeOf(openedAt),
      })),
    ...obligations
      .filter(({ status }) => status !== 'done')
      .map(({ reference, cause, status, openedAt }) => ({
        part: 'obligation',
        reference,
        cause,
        status,
        since: timeOf(openedAt),
      })),
  ]
}

function presentIntervention({
  id,
  status,
  resolution,
  reason,
  proposedBy,
  proposedAt,
  expiresAt,
  decidedBy,
  decidedAt,
}: Intervention): object {
  return {
    proposal: id,
    status,
    resolution,
    reason,
    proposedBy,
    proposedAt: timeOf(proposedAt),
    expiresAt: timeOf(expiresAt),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(decidedAt === undefined ? {} : { decidedAt: timeOf(decidedAt) }),
  }
}

/** The payment with all its parts, closed ones too, and every line of its history. */
export function presentWithHistory(stored: StoredPayment, history: readonly HistoryRow[]): object {
  const { attempts, operations, obligations, winner, result } = stored.payment
  return {
    ...presentForOperators(stored),
    ...(result === undefined ? {} : { result }),
    ...(winner === undefined ? {} : { winner }),
    attempts: attempts.map(attempt => ({
      reference: attempt.reference,
      route: attempt.route,
      amount: attempt.amount,
      status: attempt.status,
      openedAt: timeOf(attempt.openedAt),
      contract: attempt.contract,
      ...(attempt.providerReference === undefined ? {} : { providerReference: attempt.providerReference }),
      ...(attempt.declineCategory === undefined ? {} : { declineCategory: attempt.declineCategory }),
      ...(attempt.declineCode === undefined ? {} : { declineCode: attempt.declineCode }),
      ...(attempt.canceling === undefined ? {} : { canceling: attempt.canceling }),
    })),
    operations: operations.map(({ openedAt, sendableUntil: _sendable, ...operation }) => ({
      ...operation,
      openedAt: timeOf(openedAt),
    })),
    obligations: obligations.map(({ openedAt, ...obligation }) => ({
      ...obligation,
      openedAt: timeOf(openedAt),
    })),
    history: history.map(({ at, body, ...line }) => ({
      ...line,
      at: timeOf(at),
      trail: JSON.parse(body) as unknown,
    })),
  }
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}
