import type { Evidence, EvidenceSource, UpstreamResult } from '../../src/core/payment/outcome.ts'
import type { Payment } from '../../src/core/payment/payment.ts'
import { applyEvidence } from '../../src/core/payment/transition.ts'
import { CNY, NOON, reference } from './samples.ts'

/** Long past every window of `sampleAttempt`. */
export const LATER = NOON + 3_600_000

/** Evidence about the n-th attempt. */
export function told(
  n: number,
  result: UpstreamResult,
  source: EvidenceSource = 'query',
  at = NOON + 1_000,
): Evidence {
  return { reference: reference(n), source, result, at }
}

export const approved = (value = 100_000): UpstreamResult => ({ kind: 'approved', amount: CNY(value) })
export const authorized = (value = 100_000): UpstreamResult => ({ kind: 'authorized', amount: CNY(value) })
export const declined: UpstreamResult = { kind: 'declined', category: 'issuer_declined' }
export const unknown: UpstreamResult = { kind: 'unknown', cause: 'timeout' }
export const processing: UpstreamResult = { kind: 'processing' }
export const notFound: UpstreamResult = { kind: 'not_found' }
export const canceled: UpstreamResult = { kind: 'canceled' }
export const alreadyPaid: UpstreamResult = { kind: 'already_paid' }
export const notSent: UpstreamResult = { kind: 'not_sent', cause: 'ECONNREFUSED' }
export const requiresAction: UpstreamResult = {
  kind: 'requires_action',
  nextAction: { type: 'redirect', url: 'https://bank.example', expiresAt: NOON + 600_000 },
}

export function join(payment: Payment, ...evidence: Evidence[]): Payment {
  return evidence.reduce(applyEvidence, payment)
}
