import type { Payment } from './payment.ts'
import { holdsMoney } from './transition.ts'

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
