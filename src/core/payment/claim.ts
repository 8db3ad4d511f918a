import type { Obligation, Operation, Payment } from './payment.ts'
import { holdsMoney } from './transition.ts'
import { operationStatus } from './view.ts'

/**
 * Notes that an upstream has told of an approval and could not be asked about it. The note is work for the resolver: an
 * approval of an attempt that was taken for closed would otherwise be told once and forgotten.
 * @param at Unix ms
 */
export function claimApproval(payment: Payment, reference: string, at: number): Payment {
  const index = payment.attempts.findIndex(attempt => attempt.reference === reference)
  const attempt = payment.attempts[index]
  if (attempt === undefined || holdsMoney(attempt) || attempt.status === 'reversed') return payment
  if (attempt.approvalClaimed !== undefined && attempt.approvalClaimed >= at) return payment
  return { ...payment, attempts: payment.attempts.with(index, { ...attempt, approvalClaimed: at }) }
}

const HOUR_MS = 3_600_000

/**
 * Notes that an upstream has told something of captures, voids or refunds that does not end them yet: the resolver finds
 * out at its quickest pace again. What was left to a person is taken up again only while the upstream still knows its
 * key: after that a repetition could be made a second time, and the person may have settled it by hand.
 * @param at Unix ms
 */
export function claimOperations(
  payment: Payment,
  at: number,
  isMeant: (operation: Operation) => boolean,
): Payment {
  if (!payment.operations.some(each => isMeant(each) && operationStatus(each) === 'pending')) return payment
  const winner = payment.attempts.find(({ reference }) => reference === payment.winner)
  const keptMs = (winner?.contract.idempotency.retentionHours ?? 0) * HOUR_MS
  const operations = payment.operations.map(operation =>
    operation.status === 'manual' && isMeant(operation) && at < operation.openedAt + keptMs
      ? { ...operation, status: 'unknown' as const, claimedAt: at }
      : operation,
  )
  return { ...payment, operations, resolves: 0 }
}

/** The same for money that has to go back. */
export function claimGiveBack(payment: Payment, reference: string, at: number): Payment {
  const obligations = payment.obligations.map(
    (owed): Obligation =>
      owed.reference === reference && owed.status === 'manual'
        ? { ...owed, status: 'pending', claimedAt: at }
        : owed,
  )
  return { ...payment, obligations, resolves: 0 }
}
