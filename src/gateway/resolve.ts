import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Obligation, Payment } from '../core/payment/payment.ts'
import { type Move, nextMove } from '../core/payment/resolution.ts'
import { isOpen } from '../core/payment/transition.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { Facts } from './facts.ts'
import { giveBack } from './give-back.ts'
import { carryOut, localCore } from './pay.ts'
import { resolveOperation } from './operations.ts'
import { leaveWith, needsPerson, postpone, replaceAttempt, saveOwned } from './owned-write.ts'
import { perUpstream } from './per-upstream.ts'
import { record } from './record.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import { leaseCovers, payRequest } from './send.ts'
import type { Session, Step } from './step.ts'
import { stopwatch } from './stopwatch.ts'

/** How many payments one round takes on. */
export const RESOLVE_BATCH_MAX = 64

/** How many of them may speak to one upstream at the same time. */
export const UPSTREAM_CALLS_MAX = 8

/**
 * One round of the resolver: takes over what is due and drives it one move further. Returns how many payments it
 * took on; the caller comes back at once when the batch was full. Safe to run on every instance at the same time.
 * Rejects with `JournalUnavailable`.
 */
export async function resolveDue(gateway: Gateway, facts: Facts): Promise<number> {
  const { clock, journal } = gateway.ports
  const leaseStartedAt = clock.monotonic()
  const claimed = await journal.claimDue(RESOLVE_BATCH_MAX, gateway.settings.leaseMs)
  await perUpstream(claimed, upstreamOf, UPSTREAM_CALLS_MAX, stored =>
    resolveQuietly(gateway, facts, stored, leaseStartedAt),
  )
  return claimed.length
}

/** The route that the next move about a payment speaks to. */
function upstreamOf({ payment: { attempts, winner } }: StoredPayment): string {
  const open = attempts.find(isOpen) ?? attempts.find(({ reference }) => reference === winner)
  return (open ?? attempts.at(-1))?.route ?? ''
}

async function resolveQuietly(
  gateway: Gateway,
  facts: Facts,
  stored: StoredPayment,
  leaseStartedAt: number,
): Promise<void> {
  try {
    await resolvePayment(gateway, facts, stored, leaseStartedAt)
  } catch (error) {
    // The lease runs out and the payment is due again: nothing is lost but time.
    const cause = error instanceof Error ? error.name : 'unknown'
    gateway.ports.telemetry.record({ kind: 'fault', area: 'resolve', cause })
  }
}

/**
 * Drives one payment one move further.
 * @param stored as the claim has returned it
 * @param leaseStartedAt monotonic ms at which the lease was asked for
 */
export async function resolvePayment(
  gateway: Gateway,
  facts: Facts,
  stored: StoredPayment,
  leaseStartedAt: number,
): Promise<void> {
  const runtime = gateway.runtime()
  const tenant = runtime.tenants.get(stored.payment.tenant)
  if (tenant === undefined) return parkAsManual(gateway, stored, 'tenant_removed')
  const session: Session = {
    runtime,
    tenant,
    payment: { ...stored.payment, resolves: stored.payment.resolves + 1 },
    version: stored.version,
    epoch: stored.epoch,
    // The request of a checkout is gone with whoever brought it.
    ...(stored.payment.checkout === undefined ? {} : { final: true }),
    leaseEndsAt: leaseStartedAt + gateway.settings.leaseMs,
  }
  // It has waited for its turn so long that nothing could be sent any more.
  if (!leaseCovers(gateway.ports.clock, session, longestTimeoutMs(stored.payment))) {
    return postpone(gateway, session)
  }
  const { attempts, obligations } = stored.payment
  const attempt =
    attempts.find(isOpen) ?? attempts.find(({ approvalClaimed }) => approvalClaimed !== undefined)
  if (attempt !== undefined) return resolveAttempt(gateway, facts, session, attempt)
  const owed = obligations.find(({ status }) => status === 'pending')
  if (owed !== undefined) return resolveObligation(gateway, facts, session, owed)
  const operation = stored.payment.operations.find(({ status }) => OPEN_OPERATION.has(status))
  if (operation !== undefined) return resolveOperation(gateway, session, operation)
  // Between two attempts: whoever left it here could not carry on.
  await goOn(gateway, facts, await record(gateway, facts, session))
}

async function resolveObligation(
  gateway: Gateway,
  facts: Facts,
  session: Session,
  owed: Obligation,
): Promise<void> {
  const result = await giveBack(gateway, session, owed)
  if (result === undefined) return
  const evidence: Evidence = {
    reference: owed.reference,
    source: 'cancel',
    result,
    at: gateway.ports.clock.now(),
  }
  await goOn(gateway, facts, await record(gateway, facts, session, evidence))
}

/** What the recorded evidence allows next, by the same loop as a new payment. */
async function goOn(gateway: Gateway, facts: Facts, step: Step): Promise<void> {
  await carryOut(gateway.ports.clock, localCore(gateway, facts), step)
}

const OPEN_OPERATION = new Set(['intent', 'unknown', 'processing'])

function longestTimeoutMs({ attempts }: Payment): number {
  return Math.max(0, ...attempts.map(({ timeoutMs }) => timeoutMs))
}

async function parkAsManual(gateway: Gateway, stored: StoredPayment, reason: string): Promise<void> {
  const { payment: before, version, epoch } = stored
  const after = needsPerson({ ...before, resolves: before.resolves + 1 }, reason)
  await commit(gateway, gateway.runtime(), { before, version, after, epoch, leaseMs: 0 })
}

async function resolveAttempt(
  gateway: Gateway,
  facts: Facts,
  session: Session,
  attempt: Attempt,
): Promise<void> {
  const { clock } = gateway.ports
  const route = session.runtime.routes.get(attempt.route)
  const wanted: Move =
    route === undefined
      ? { kind: 'manual', reason: 'route_removed' }
      : nextMove(session.payment, attempt, clock.now())
  const move = affordable(gateway, attempt, wanted)
  if (move === undefined) return postpone(gateway, session)
  if (move.kind === 'wait' || move.kind === 'manual') {
    const taken = replaceAttempt(session.payment, takenOver(attempt))
    const after = move.kind === 'wait' ? taken : needsPerson(taken, move.reason)
    return leaveWith(gateway, session, after)
  }
  const prepared = await announce(gateway, session, attempt, move)
  if (prepared === undefined) return
  let evidence = await ask(gateway, prepared, attempt.reference, move)
  // That there is nothing to cancel proves nothing; that there is nothing when it is asked now may.
  if (saysNothing(evidence, attempt))
    evidence = await ask(gateway, prepared, attempt.reference, { kind: 'query' })
  await goOn(gateway, facts, await record(gateway, facts, prepared, evidence))
}

/** A cancel that found nothing, where only asking can tell whether there is nothing. */
function saysNothing({ source, result }: Evidence, { contract }: Attempt): boolean {
  return (
    source === 'cancel' && result.kind === 'not_found' && contract.queryable && !contract.cancelTombstones
  )
}

/** A resend that the upstream's budget does not allow now becomes a question, or waits. */
function affordable({ retries }: Gateway, { route, contract }: Attempt, move: Move): Move | undefined {
  if (move.kind !== 'resend' || retries === undefined || retries.spend(route)) return move
  return contract.queryable ? { kind: 'query' } : undefined
}

/**
 * Makes durable, before it happens, what changes the meaning of later answers: that a reference may be under way
 * again until a later time, or that it is being cancelled. Queries need no announcement.
 */
async function announce(
  gateway: Gateway,
  session: Session,
  attempt: Attempt,
  move: Move,
): Promise<Session | undefined> {
  if (move.kind === 'query') return session
  const taken = takenOver(attempt)
  if (move.kind === 'cancel') {
    const changed: Attempt = { ...taken, canceling: move.verb }
    const { resolves } = session.payment
    // The cancel has a pace of its own, however long it was waited and asked before.
    const restarted = { ...session.payment, resolves: attempt.canceling === undefined ? 0 : resolves }
    return saveOwned(gateway, session, replaceAttempt(restarted, changed))
  }
  const until = gateway.ports.clock.now() + gateway.settings.sendWindowMs
  const changed: Attempt = { ...taken, sendableUntil: Math.max(attempt.sendableUntil, until) }
  return saveOwned(gateway, session, replaceAttempt(session.payment, changed))
}

/** From here on "not sent", told by whoever made the first send, proves nothing any more. */
function takenOver(attempt: Attempt): Attempt {
  return attempt.status === 'intent' ? { ...attempt, status: 'unknown' } : attempt
}

async function ask(gateway: Gateway, session: Session, reference: string, move: Move): Promise<Evidence> {
  const { clock } = gateway.ports
  const attempt = session.payment.attempts.find(other => other.reference === reference) as Attempt
  const { connector } = session.runtime.routes.get(attempt.route) as RouteRuntime
  const options = { timeoutMs: attempt.timeoutMs }
  switch (move.kind) {
    case 'query': {
      const elapsedMs = stopwatch(clock)
      const result = await connector.query(reference, attempt.amount, options)
      return { reference, source: 'query', result, at: clock.now(), latencyMs: elapsedMs() }
    }
    case 'cancel': {
      const result = await connector.cancel(reference, move.verb, options)
      return { reference, source: 'cancel', result, at: clock.now() }
    }
    case 'resend': {
      const elapsedMs = stopwatch(clock)
      const late = !leaseCovers(clock, session, attempt.timeoutMs) || clock.now() > attempt.sendableUntil
      const result: UpstreamResult = late
        ? { kind: 'unknown', cause: 'abandoned' }
        : await connector.pay(payRequest(session.payment, attempt), options)
      // Only the first send can prove that nothing left; about a resend "not sent" says nothing of the earlier ones.
      return {
        reference,
        source: 'query',
        result: result.kind === 'not_sent' ? { kind: 'unknown', cause: 'connection' } : result,
        at: clock.now(),
        latencyMs: elapsedMs(),
      }
    }
    case 'wait':
    case 'manual':
      throw new TypeError('nothing is asked')
  }
}
