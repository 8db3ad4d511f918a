import { sameMoney } from '../core/payment/money.ts'
import { applyOperation, refuseOperation } from '../core/payment/operation.ts'
import type { Evidence } from '../core/payment/outcome.ts'
import type { Attempt, Operation, Payment } from '../core/payment/payment.ts'
import { applyEvidence } from '../core/payment/transition.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { join } from './commit.ts'
import { takeIn } from './lost-charge.ts'
import type { Gateway } from './runtime.ts'
import { manual, type Reconciled, resultOf, type UpstreamRecord } from './upstream-record.ts'

/**
 * Joins one record of an upstream. A charge that the journal does not know becomes part of the payment that holds its
 * order, or a payment of its own; where neither can be told for certain a person has to look. Safe to repeat.
 * Rejects with `JournalUnavailable`.
 */
export async function reconcile(gateway: Gateway, record: UpstreamRecord): Promise<Reconciled> {
  const route = gateway.runtime().routes.get(record.route)
  if (route === undefined) return manual('route_unknown')
  const stored = await gateway.ports.journal.findByReference(record.reference)
  const attempt = stored?.payment.attempts.find(({ reference }) => reference === record.reference)
  if (stored !== undefined && attempt !== undefined) return joinKnown(gateway, stored, attempt, record)
  switch (record.status) {
    case 'declined':
    case 'canceled':
      return { kind: 'no_money' }
    case 'captured':
    case 'refunded':
      return manual('payment_unknown')
    case 'approved':
    case 'authorized':
      return takeIn(gateway, route, record)
  }
}

async function joinKnown(
  gateway: Gateway,
  stored: StoredPayment,
  attempt: Attempt,
  record: UpstreamRecord,
): Promise<Reconciled> {
  if (stored.payment.context.orderId !== record.orderId || attempt.route !== record.route) {
    return manual('order_differs')
  }
  const { reference, status } = record
  if (status === 'captured' || status === 'refunded') return joinOperation(gateway, stored, record)
  if (!sameMoney(attempt.amount, record.amount)) return manual('amount_differs')
  const at = gateway.ports.clock.now()
  return joinEvidence(gateway, stored, { reference, source: 'query', result: resultOf(record), at })
}

/** An authorization that the upstream has released was voided by us, after the backup. */
export async function joinEvidence(
  gateway: Gateway,
  stored: StoredPayment,
  evidence: Evidence,
): Promise<Reconciled> {
  return change(gateway, stored, payment => {
    const voided =
      evidence.result.kind === 'canceled' &&
      payment.result === 'authorized' &&
      payment.winner === evidence.reference &&
      !payment.operations.some(({ kind, status }) => kind === 'void' && status === 'succeeded')
    return applyEvidence(voided ? withVoid(payment, evidence) : payment, evidence)
  })
}

function withVoid(payment: Payment, { reference, at }: Evidence): Payment {
  const operation: Operation = {
    id: `void_${reference}`,
    kind: 'void',
    reference,
    amount: payment.context.amount,
    status: 'succeeded',
    openedAt: at,
    sendableUntil: at,
  }
  return { ...payment, operations: [...payment.operations, operation] }
}

async function joinOperation(
  gateway: Gateway,
  stored: StoredPayment,
  record: UpstreamRecord,
): Promise<Reconciled> {
  const { operationReference: reference, status, amount } = record
  const kind = status === 'captured' ? 'capture' : 'refund'
  const final = record.final === true
  if (reference === undefined || (final && kind === 'refund')) return manual('operation_does_not_fit')
  const known = stored.payment.operations.find(operation => operation.reference === reference)
  if (known !== undefined) {
    if (known.kind !== kind || known.status === 'failed' || !sameMoney(known.amount, amount)) {
      return manual('operation_does_not_fit')
    }
    return change(gateway, stored, payment => {
      const joined = applyOperation(payment, known.id, 'succeeded')
      return final ? withLastCapture(joined, known.id) : joined
    })
  }
  if (refuseOperation(stored.payment, kind, amount) !== undefined) return manual('operation_does_not_fit')
  const at = gateway.ports.clock.now()
  const operation: Operation = {
    id: `${kind === 'capture' ? 'cap' : 'ref'}_${reference}`,
    kind,
    reference,
    amount,
    status: 'succeeded',
    openedAt: at,
    sendableUntil: at,
    ...(final ? { final } : {}),
  }
  return change(gateway, stored, payment =>
    payment.operations.some(other => other.reference === reference)
      ? payment
      : { ...payment, operations: [...payment.operations, operation] },
  )
}

/** What the upstream has released is gone, whatever it was asked for. */
function withLastCapture(payment: Payment, id: string): Payment {
  const position = payment.operations.findIndex(operation => operation.id === id)
  const capture = payment.operations[position]
  if (capture === undefined || capture.final === true) return payment
  return { ...payment, operations: payment.operations.with(position, { ...capture, final: true }) }
}

async function change(
  gateway: Gateway,
  first: StoredPayment,
  next: (payment: Payment) => Payment,
): Promise<Reconciled> {
  const { kind } = await join(gateway, first, undefined, next)
  return { kind: kind === 'unchanged' ? 'known' : 'updated' }
}
