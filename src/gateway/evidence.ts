import type { Evidence } from '../core/payment/outcome.ts'
import type { Payment } from '../core/payment/payment.ts'
import { applyEvidence } from '../core/payment/transition.ts'
import type { PaymentWrite, StoredPayment } from '../ports/journal.ts'
import { join } from './commit.ts'
import type { Facts } from './facts.ts'
import { learnFromEvidence } from './learn.ts'
import type { Gateway } from './runtime.ts'

/**
 * "Not sent" proves something only when the one who sent still owns the payment: from anybody else it leaves open
 * whether a successor has sent the attempt again.
 */
export function withoutProof(evidence: Evidence): Evidence {
  if (evidence.result.kind !== 'not_sent') return evidence
  return { ...evidence, result: { kind: 'unknown', cause: 'abandoned' } }
}

export type EvidenceResult =
  | { readonly kind: 'recorded' | 'duplicate'; readonly payment: Payment }
  | { readonly kind: 'unknown_reference' }

export interface RecordOptions {
  /** As it was read just now. */
  readonly stored?: StoredPayment
  /** The event that is used up by this write. */
  readonly inbox?: PaymentWrite['inbox']
  /** What else the same write has to note, so that the resolver acts on it. */
  readonly also?: (joined: Payment) => Payment
}

/**
 * Records evidence that comes from outside the payment's own loop: a late answer, a notification, a query. It
 * needs no lease, because joining evidence is commutative; it never opens or sends anything. Whoever holds the
 * lease, or the resolver when nobody does, carries on from the state that this leaves.
 * Safe to repeat. Rejects with `JournalUnavailable`.
 */
export async function recordEvidence(
  gateway: Gateway,
  facts: Facts,
  told: Evidence,
  options: RecordOptions = {},
): Promise<EvidenceResult> {
  const evidence = withoutProof(told)
  const { also = joined => joined } = options
  const stored = options.stored ?? (await gateway.ports.journal.findByReference(evidence.reference))
  if (stored === undefined) return { kind: 'unknown_reference' }
  const { kind, before, payment } = await join(gateway, stored, options.inbox, current =>
    also(applyEvidence(current, evidence)),
  )
  if (kind === 'saved') learnFromEvidence(gateway, facts, before, payment, evidence)
  return { kind: kind === 'duplicate_event' ? 'duplicate' : 'recorded', payment }
}
