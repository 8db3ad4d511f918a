import type { Money } from './money.ts'
import { sameMoney } from './money.ts'
import type { Evidence, UpstreamResult } from './outcome.ts'
import type { Attempt, Payment } from './payment.ts'
import { applyOperation } from './operation.ts'
import { applyEvidence, isOpen } from './transition.ts'

/**
 * What people may decide about a payment that no machine can end, each from what the upstream has told them.
 * `no_money`: the attempt has taken nothing and never will. `given_back`: what was owed back has gone back.
 * `acknowledged`: the alarm was looked into, and everything stays as it is.
 */
export type Resolution =
  | {
      readonly kind: 'approved' | 'authorized'
      readonly reference: string
      readonly amount: Money
      readonly providerReference?: string
    }
  | { readonly kind: 'no_money' | 'given_back'; readonly reference: string }
  | { readonly kind: 'operation_succeeded' | 'operation_failed'; readonly operation: string }
  | { readonly kind: 'acknowledged' }

/** A resolution on its way through two pairs of hands. It takes effect when somebody else confirms it. */
export interface Intervention {
  readonly id: string
  readonly status: 'proposed' | 'confirmed' | 'withdrawn'
  readonly resolution: Resolution
  /** Where it is known from, in the operator's words. */
  readonly reason: string
  readonly proposedBy: string
  /** Unix ms. */
  readonly proposedAt: number
  /** Unix ms from which it can no longer be confirmed. */
  readonly expiresAt: number
  /** What stood when it was proposed. It is confirmed only while the same stands. */
  readonly basis: string
  /** Who confirmed or withdrew it. */
  readonly decidedBy?: string
  readonly decidedAt?: number
}

/** Whether the payment waits for a person: nothing is left that the resolver could find out by itself. */
export function awaitsPerson({ manual, obligations, operations }: Payment): boolean {
  return (
    manual !== undefined ||
    obligations.some(({ status }) => status === 'manual') ||
    operations.some(({ status }) => status === 'manual')
  )
}

/** Everything that a decision by hand rests on; what only paces the resolver is left out. */
export function standing({ result, winner, manual, attempts, operations, obligations }: Payment): string {
  return JSON.stringify([
    result ?? null,
    winner ?? null,
    manual ?? null,
    attempts.map(({ reference, status, canceling, approvalSeen, cancelRefused, approvalClaimed }) =>
      [
        reference,
        status,
        canceling,
        approvalSeen && 'approval',
        cancelRefused && 'refused',
        approvalClaimed && 'claimed',
      ].filter(Boolean),
    ),
    operations.map(({ id, status }) => [id, status]),
    obligations.map(({ reference, status }) => [reference, status]),
  ])
}

export type ResolutionRefusal =
  | 'attempt_not_open'
  | 'amount_differs'
  | 'nothing_owed'
  | 'operation_not_open'
  | 'no_alarm'
  | 'still_open'

/** Why a resolution does not fit the payment as it stands; undefined when it does. */
export function refuseResolution(payment: Payment, resolution: Resolution): ResolutionRefusal | undefined {
  switch (resolution.kind) {
    case 'approved':
    case 'authorized': {
      const attempt = undecided(payment, resolution.reference)
      if (attempt === undefined) return 'attempt_not_open'
      return sameMoney(attempt.amount, resolution.amount) ? undefined : 'amount_differs'
    }
    case 'no_money':
      return undecided(payment, resolution.reference) === undefined ? 'attempt_not_open' : undefined
    case 'given_back': {
      const owed = payment.obligations.find(({ reference }) => reference === resolution.reference)
      return owed === undefined || owed.status === 'done' ? 'nothing_owed' : undefined
    }
    case 'operation_succeeded':
    case 'operation_failed': {
      const operation = payment.operations.find(({ id }) => id === resolution.operation)
      const open = operation !== undefined && UNDECIDED_OPERATIONS.has(operation.status)
      return open ? undefined : 'operation_not_open'
    }
    case 'acknowledged':
      if (payment.manual === undefined) return 'no_alarm'
      return payment.attempts.some(isOpen) || payment.result === undefined ? 'still_open' : undefined
  }
}

const UNDECIDED_OPERATIONS: ReadonlySet<string> = new Set(['unknown', 'processing', 'manual'])

/** The attempt, when its outcome is open or in doubt and nobody can be just sending it. */
function undecided(payment: Payment, wanted: string): Attempt | undefined {
  return payment.attempts.find(
    attempt =>
      attempt.reference === wanted &&
      attempt.status !== 'intent' &&
      (isOpen(attempt) || attempt.approvalClaimed !== undefined),
  )
}

/**
 * The payment after a confirmed resolution: it is joined as evidence, by the same rules as an upstream's own answer,
 * so that an approval of what is no longer wanted becomes an obligation. Takes the alarm away that it answers; what
 * comes in later may raise it again.
 */
export function applyResolution(payment: Payment, resolution: Resolution, at: number): Payment {
  const { manual: _answered, ...calm } = payment
  switch (resolution.kind) {
    case 'approved':
    case 'authorized':
      return approveByHand(calm, resolution, at)
    case 'no_money':
    case 'given_back':
      return applyEvidence(calm, byHand(resolution.reference, { kind: 'canceled' }, at))
    case 'operation_succeeded':
      return applyOperation(calm, resolution.operation, 'succeeded')
    case 'operation_failed':
      return applyOperation(calm, resolution.operation, 'failed')
    case 'acknowledged':
      return calm
  }
}

/**
 * While an undoing is under way an approval alone does not tell whether the money stays: people have looked, so theirs
 * is the refusal of the undoing too.
 */
function approveByHand(
  payment: Payment,
  { kind, reference, amount, providerReference }: Extract<Resolution, { amount: Money }>,
  at: number,
): Payment {
  const named = providerReference === undefined ? {} : { providerReference }
  const approved = applyEvidence(payment, byHand(reference, { kind, amount, ...named }, at))
  if (undecided(approved, reference) === undefined) return approved
  const attempts = approved.attempts.map(attempt =>
    attempt.reference === reference ? { ...attempt, ...named } : attempt,
  )
  return applyEvidence({ ...approved, attempts }, byHand(reference, { kind: 'already_paid' }, at))
}

function byHand(reference: string, result: UpstreamResult, at: number): Evidence {
  return { reference, source: 'operator', result, at }
}
