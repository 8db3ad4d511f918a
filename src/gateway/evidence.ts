import type { Evidence } from '../core/payment/outcome.ts'
import type { Payment } from '../core/payment/payment.ts'
import { claimApproval } from '../core/payment/claim.ts'
import { applyEvidence } from '../core/payment/transition.ts'
import type { PaymentWrite, StoredPayment } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { Facts } from './facts.ts'
import { learnFromEvidence } from './learn.ts'
import type { Gateway } from './runtime.ts'

const WRITES_MAX = 16

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
  /** An approval was told that the upstream could not be asked about: it is noted, so that the resolver asks. */
  readonly claim?: boolean
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
  let stored = options.stored ?? (await gateway.ports.journal.findByReference(evidence.reference))
  if (stored === undefined) return { kind: 'unknown_reference' }
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const before: Payment = stored.payment
    const joined = applyEvidence(before, evidence)
    const after = options.claim === true ? claimApproval(joined, evidence.reference, evidence.at) : joined
    if (after === before && options.inbox === undefined) return { kind: 'recorded', payment: before }
    const { result, payment } = await commit(gateway, gateway.runtime(), {
      before,
      version: stored.version,
      after,
      ...(options.inbox === undefined ? {} : { inbox: options.inbox }),
    })
    if (result.kind === 'saved') {
      learnFromEvidence(gateway, facts, before, payment, evidence)
      return { kind: 'recorded', payment }
    }
    if (result.kind === 'duplicate_event') return { kind: 'duplicate', payment: before }
    if (result.kind !== 'conflict') break
    stored = result.stored
  }
  throw new Error('a payment changed more often than evidence could be joined')
}
