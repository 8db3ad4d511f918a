import type { Attempt, AttemptView, Operation, Payment, PublicStatus } from './payment.ts'

/** An attempt as clients see it. An INTENT is "maybe sent", so it is told as unknown. */
export function attemptView(attempt: Attempt): AttemptView {
  return {
    route: attempt.route,
    reference: attempt.reference,
    status: publicAttemptStatus(attempt),
    ...(attempt.declineCategory === undefined ? {} : { declineCategory: attempt.declineCategory }),
    ...(attempt.latencyMs === undefined ? {} : { latencyMs: attempt.latencyMs }),
  }
}

function publicAttemptStatus(attempt: Attempt): string {
  if (attempt.status === 'intent') return 'unknown'
  if (attempt.status === 'reversing') return 'approved'
  return attempt.status
}

/** Sum of the operations of a kind that have succeeded or may still succeed, in minor units. */
export function reservedBy(payment: Payment, kind: Operation['kind']): number {
  return payment.operations
    .filter(operation => operation.kind === kind && operation.status !== 'failed')
    .reduce((sum, operation) => sum + operation.amount.value, 0)
}

/** Sum of the operations of a kind that have succeeded for certain, in minor units. */
export function succeededBy(payment: Payment, kind: Operation['kind']): number {
  return payment.operations
    .filter(operation => operation.kind === kind && operation.status === 'succeeded')
    .reduce((sum, operation) => sum + operation.amount.value, 0)
}

/**
 * What of the reservations for the winning attempt stays taken, in minor units: nothing once the authorization was voided,
 * what was captured once the last capture was made; undefined while all of it may be needed.
 */
export function keptValue(payment: Payment): number | undefined {
  if (succeededBy(payment, 'void') > 0) return 0
  const ended = payment.operations.some(
    ({ kind, final, status }) => kind === 'capture' && final === true && status === 'succeeded',
  )
  return ended ? reservedBy(payment, 'capture') : undefined
}

/** What has been captured for certain, in minor units. */
export function capturedValue(payment: Payment): number {
  if (payment.result === 'succeeded' || capturedByUpstream(payment)) return payment.context.amount.value
  return payment.result === 'authorized' ? succeededBy(payment, 'capture') : 0
}

/** Capture is automatic and the upstream has told of it after the authorization. */
function capturedByUpstream({ result, context, attempts, operations, winner }: Payment): boolean {
  if (result !== 'authorized' || context.capture === 'manual') return false
  // What we have captured ourselves is told as approved, too, and is counted by its own amounts.
  if (operations.some(({ kind, status }) => kind === 'capture' && status !== 'failed')) return false
  return attempts.some(({ reference, status }) => reference === winner && status === 'approved')
}

/** The status of the payment now. An authorized payment becomes succeeded by a capture, canceled by a void. */
export function publicStatus(payment: Payment): PublicStatus {
  switch (payment.result) {
    case 'succeeded':
    case 'declined':
    case 'canceled':
      return payment.result
    case 'unsent':
      return 'declined'
    case 'authorized':
      if (succeededBy(payment, 'void') > 0) return 'canceled'
      return capturedValue(payment) > 0 ? 'succeeded' : 'authorized'
    case undefined:
    default:
      return awaitsPayer(payment) ? 'requires_action' : 'pending'
  }
}

/** Whether the payer has something to do: the newest attempt waits for them and is not being closed. */
export function awaitsPayer(payment: Payment): boolean {
  const newest = payment.attempts.at(-1)
  const leaving = payment.switchTo !== undefined || payment.cancelRequested === true
  return newest?.status === 'requires_action' && newest.canceling === undefined && !leaving
}

/** The status of a refund as clients see it. */
export function operationStatus({ status }: Operation): 'succeeded' | 'failed' | 'pending' {
  return status === 'succeeded' || status === 'failed' ? status : 'pending'
}
