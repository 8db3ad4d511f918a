import { hashUnit } from '../core/hash.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import { commit } from './commit.ts'
import type { Gateway } from './runtime.ts'
import type { Session } from './step.ts'

/**
 * Writes under the session's epoch and renews its lease. Undefined when somebody else has written: then whoever acts
 * under this session stops here.
 */
export async function saveOwned(
  gateway: Gateway,
  session: Session,
  after: Payment,
): Promise<Session | undefined> {
  const leaseStartedAt = gateway.ports.clock.monotonic()
  const { leaseMs } = gateway.settings
  const { result, payment } = await commit(gateway, session.runtime, {
    before: session.payment,
    version: session.version,
    after,
    epoch: session.epoch,
    leaseMs,
  })
  if (result.kind !== 'saved') return undefined
  return { ...session, payment, version: result.version, leaseEndsAt: leaseStartedAt + leaseMs }
}

/** Writes under the session's epoch and gives its lease up: this round is over, and the next one comes when it is due. */
export async function leaveWith(gateway: Gateway, session: Session, after: Payment): Promise<void> {
  const { payment: before, version, epoch } = session
  await commit(gateway, session.runtime, { before, version, after, epoch, leaseMs: 0 })
}

/** How soon what could not have its turn is taken on again, ms; spread, so that it does not all come back at once. */
const POSTPONED_MS = 1_000

/** Gives the lease up with nothing done, to be taken on again soon, whatever its backoff says. */
export async function postpone(gateway: Gateway, session: Session): Promise<void> {
  const { payment, version, epoch } = session
  // The round that was not had does not count.
  const before = { ...payment, resolves: Math.max(0, payment.resolves - 1) }
  const dueAt = gateway.ports.clock.now() + POSTPONED_MS * (1 + hashUnit(payment.id, version))
  const change = { before, version, after: before, epoch, leaseMs: 0, dueAt: Math.round(dueAt) }
  await commit(gateway, session.runtime, change)
}

/** What first called for a person stands: an answer that lied must not be forgotten for one that never came. */
export function needsPerson(payment: Payment, reason: string): Payment {
  return payment.manual === undefined ? { ...payment, manual: reason } : payment
}

export function replaceAttempt(payment: Payment, changed: Attempt): Payment {
  return {
    ...payment,
    attempts: payment.attempts.map(attempt => (attempt.reference === changed.reference ? changed : attempt)),
  }
}
