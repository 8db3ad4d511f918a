import type { Money } from './money.ts'
import type { Operation, OperationKind, OperationStatus, Payment } from './payment.ts'
import { capturedValue, publicStatus, reservedBy, succeededBy } from './view.ts'

export type OperationRefusal = 'state_conflict' | 'amount_too_high' | 'currency_mismatch'

/**
 * Captures, voids and refunds of one payment, whatever came of them: a payment is written as a whole, so that every further
 * one would make every write of it dearer without end.
 */
export const OPERATIONS_MAX = 100

/**
 * Whether a capture, void or refund may be opened. Operations that may still succeed count as if they had, so that
 * the sum of refunds can never exceed what was captured, whatever becomes of those that are unknown.
 */
export function refuseOperation(
  payment: Payment,
  kind: OperationKind,
  amount: Money,
): OperationRefusal | undefined {
  if (amount.currency !== payment.context.amount.currency) return 'currency_mismatch'
  if (payment.operations.length >= OPERATIONS_MAX) return 'state_conflict'
  switch (kind) {
    case 'capture':
      if (publicStatus(payment) === 'canceled' || payment.result !== 'authorized') return 'state_conflict'
      if (reservedBy(payment, 'void') > 0 || endedByCapture(payment)) return 'state_conflict'
      return amount.value > payment.context.amount.value - reservedBy(payment, 'capture')
        ? 'amount_too_high'
        : undefined
    case 'void':
      if (payment.result !== 'authorized' || reservedBy(payment, 'capture') > 0) return 'state_conflict'
      return reservedBy(payment, 'void') > 0 ? 'state_conflict' : undefined
    case 'refund':
      if (capturedValue(payment) === 0) return 'state_conflict'
      return amount.value > capturedValue(payment) - reservedBy(payment, 'refund')
        ? 'amount_too_high'
        : undefined
  }
}

/** What is left to capture or to refund, in minor units. */
export function remaining(payment: Payment, kind: OperationKind): number {
  const amount = payment.context.amount.value
  if (kind === 'refund') return capturedValue(payment) - reservedBy(payment, 'refund')
  if (kind === 'capture' && endedByCapture(payment)) return 0
  return kind === 'capture' ? amount - reservedBy(payment, 'capture') : amount - succeededBy(payment, 'void')
}

/** Whether a last capture has been made or may still be: nothing more can be captured. */
function endedByCapture({ operations }: Payment): boolean {
  return operations.some(
    ({ kind, final, status }) => kind === 'capture' && final === true && status !== 'failed',
  )
}

const FINAL: ReadonlySet<OperationStatus> = new Set(['succeeded', 'failed'])

/**
 * Joins what was learned about an operation. A final status never changes; `manual` may still be ended by evidence.
 * `not_sent` is proof by the caller of the first send only, and proves nothing once somebody else may have sent it.
 */
export function applyOperation(
  payment: Payment,
  id: string,
  learned: OperationStatus | 'not_sent',
  declineCode?: string,
): Payment {
  const operations = payment.operations.map((operation): Operation => {
    if (learned === 'not_sent' && operation.status !== 'intent') return operation
    const status = learned === 'not_sent' ? 'failed' : learned
    if (operation.id !== id || FINAL.has(operation.status) || operation.status === status) return operation
    if (status === 'unknown' && operation.status !== 'intent') return operation
    if (status === 'processing' && operation.status === 'manual') return operation
    return { ...operation, status, ...(declineCode === undefined ? {} : { declineCode }) }
  })
  const same = operations.every((operation, i) => operation === payment.operations[i])
  return same ? payment : { ...payment, operations }
}
