import {
  applyResolution,
  type Intervention,
  refuseResolution,
  type Resolution,
  type ResolutionRefusal,
  standing,
} from '../core/payment/intervention.ts'
import type { Payment } from '../core/payment/payment.ts'
import { hasOpenWork } from '../core/payment/transition.ts'
import { commit } from './commit.ts'
import type { Facts } from './facts.ts'
import { resolvePayment } from './resolve.ts'
import type { Gateway } from './runtime.ts'

/** How long a proposal may wait for its confirmation, ms: one shift. */
export const PROPOSAL_MS = 8 * 3_600_000

const WRITES_MAX = 16

export interface ProposeCommand {
  readonly tenant: string
  readonly payment: string
  readonly operator: string
  readonly resolution: Resolution
  readonly reason: string
}

export interface DecideCommand {
  readonly tenant: string
  readonly payment: string
  readonly operator: string
  /** Id of the proposal that the operator has seen. */
  readonly proposal: string
}

export type InterventionResult =
  | { readonly kind: 'done'; readonly payment: Payment }
  | { readonly kind: 'not_found' }
  /** The resolution does not fit the payment as it stands. */
  | { readonly kind: 'unfit'; readonly refusal: ResolutionRefusal }
  /** Another proposal waits for its confirmation. */
  | { readonly kind: 'proposal_open'; readonly proposal: string }
  | { readonly kind: 'same_operator' }
  /** It is not the proposal that waits, its time is over, or the payment has moved on since. */
  | { readonly kind: 'stale'; readonly cause: 'not_open' | 'expired' | 'moved_on' }

/**
 * Proposes how a payment ends that no machine can end. Nothing changes until somebody else confirms. In the journal's
 * history from the moment it is made. Rejects with `JournalUnavailable`.
 */
export function proposeResolution(gateway: Gateway, command: ProposeCommand): Promise<InterventionResult> {
  const { clock, random } = gateway.ports
  const id = `prop_${random.hex(32)}`
  return change(gateway, command, payment => {
    const at = clock.now()
    const { intervention: before } = payment
    if (before?.status === 'proposed' && at < before.expiresAt && before.basis === standing(payment)) {
      return { kind: 'proposal_open', proposal: before.id }
    }
    const refusal = refuseResolution(payment, command.resolution)
    if (refusal !== undefined) return { kind: 'unfit', refusal }
    const intervention: Intervention = {
      id,
      status: 'proposed',
      resolution: command.resolution,
      reason: command.reason,
      proposedBy: command.operator,
      proposedAt: at,
      expiresAt: at + PROPOSAL_MS,
      basis: standing(payment),
    }
    return { kind: 'done', payment: { ...payment, intervention } }
  })
}

/**
 * Confirms a proposal of somebody else: it is joined as evidence in the write that marks it confirmed, and what
 * follows from it is done at once. Rejects with `JournalUnavailable`; then it may be confirmed again.
 */
export async function confirmResolution(
  gateway: Gateway,
  facts: Facts,
  command: DecideCommand,
): Promise<InterventionResult> {
  const confirmed = await change(gateway, command, payment => {
    const proposal = openProposal(gateway, payment, command)
    if (proposal.kind !== 'open') return proposal
    const { intervention } = proposal
    if (intervention.proposedBy === command.operator) return { kind: 'same_operator' }
    const at = gateway.ports.clock.now()
    const after = applyResolution(payment, intervention.resolution, at)
    const decided: Intervention = {
      ...intervention,
      status: 'confirmed',
      decidedBy: command.operator,
      decidedAt: at,
    }
    return { kind: 'done', payment: { ...after, intervention: decided } }
  })
  return confirmed.kind === 'done' ? driveNow(gateway, facts, confirmed.payment) : confirmed
}

/** Takes a proposal back, by whoever made it or by anybody else who may act by name. */
export function withdrawResolution(gateway: Gateway, command: DecideCommand): Promise<InterventionResult> {
  return change(gateway, command, payment => {
    const { intervention } = payment
    if (intervention?.status !== 'proposed' || intervention.id !== command.proposal) {
      return { kind: 'stale', cause: 'not_open' }
    }
    const withdrawn: Intervention = {
      ...intervention,
      status: 'withdrawn',
      decidedBy: command.operator,
      decidedAt: gateway.ports.clock.now(),
    }
    return { kind: 'done', payment: { ...payment, intervention: withdrawn } }
  })
}

function openProposal(
  gateway: Gateway,
  payment: Payment,
  { proposal }: DecideCommand,
):
  | { readonly kind: 'open'; readonly intervention: Intervention }
  | Extract<InterventionResult, { kind: 'stale' }> {
  const { intervention } = payment
  if (intervention?.status !== 'proposed' || intervention.id !== proposal) {
    return { kind: 'stale', cause: 'not_open' }
  }
  if (gateway.ports.clock.now() >= intervention.expiresAt) return { kind: 'stale', cause: 'expired' }
  // The resolver, a notification or another person was quicker: what was decided about is no longer there.
  if (intervention.basis !== standing(payment)) return { kind: 'stale', cause: 'moved_on' }
  return { kind: 'open', intervention }
}

/** Judges and writes, again from the start when somebody else has written in between. */
async function change(
  gateway: Gateway,
  { tenant, payment: id }: { readonly tenant: string; readonly payment: string },
  judge: (payment: Payment) => InterventionResult,
): Promise<InterventionResult> {
  let stored = await gateway.ports.journal.find(tenant, id)
  if (stored === undefined) return { kind: 'not_found' }
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const judged = judge(stored.payment)
    if (judged.kind !== 'done') return judged
    const { result, payment } = await commit(gateway, gateway.runtime(), {
      before: stored.payment,
      version: stored.version,
      after: judged.payment,
    })
    if (result.kind === 'saved') return { kind: 'done', payment }
    if (result.kind !== 'conflict') break
    stored = result.stored
  }
  return { kind: 'stale', cause: 'moved_on' }
}

/** Ends at once what the decision allows to end, if nobody is at work on the payment; else whoever is does. */
async function driveNow(gateway: Gateway, facts: Facts, payment: Payment): Promise<InterventionResult> {
  const { journal } = gateway.ports
  if (!hasOpenWork(payment) || gateway.held?.() === true) return { kind: 'done', payment }
  const leaseStartedAt = gateway.ports.clock.monotonic()
  const claimed = await journal.claim(payment.tenant, payment.id, gateway.settings.leaseMs)
  if (claimed !== undefined) await resolvePayment(gateway, facts, claimed, leaseStartedAt)
  const now = await journal.find(payment.tenant, payment.id)
  return { kind: 'done', payment: now?.payment ?? payment }
}
