import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import { giveBackMove, type Move, nextMove } from '../core/payment/resolution.ts'
import { isOpen } from '../core/payment/transition.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { Facts } from './facts.ts'
import { carryOut, localCore } from './pay.ts'
import { resolveOperation } from './operations.ts'
import { record } from './record.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import { payRequest } from './send.ts'
import type { Session, Step } from './step.ts'

/** How many payments one round takes on, and how many calls may be open to one upstream. */
export const RESOLVE_BATCH_MAX = 64

/**
 * One round of the resolver: takes over what is due and drives it one move further. Returns how many payments it
 * took on; the caller comes back at once when the batch was full. Safe to run on every instance at the same time.
 * Rejects with `JournalUnavailable`.
 */
export async function resolveDue(gateway: Gateway, facts: Facts): Promise<number> {
  const claimed = await gateway.ports.journal.claimDue(RESOLVE_BATCH_MAX, gateway.settings.leaseMs)
  await Promise.all(claimed.map(stored => resolveQuietly(gateway, facts, stored)))
  return claimed.length
}

async function resolveQuietly(gateway: Gateway, facts: Facts, stored: StoredPayment): Promise<void> {
  try {
    await resolvePayment(gateway, facts, stored)
  } catch (error) {
    // The lease runs out and the payment is due again: nothing is lost but time.
    const cause = error instanceof Error ? error.name : 'unknown'
    gateway.ports.telemetry.record({ kind: 'fault', area: 'resolve', cause })
  }
}

/** Drives one payment, whose lease the caller has just been granted, one move further. */
export async function resolvePayment(gateway: Gateway, facts: Facts, stored: StoredPayment): Promise<void> {
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
    leaseEndsAt: gateway.ports.clock.monotonic() + gateway.settings.leaseMs,
  }
  const attempt = stored.payment.attempts.find(isOpen)
  if (attempt !== undefined) return resolveAttempt(gateway, facts, session, attempt)
  const owed = stored.payment.obligations.find(({ status }) => status === 'pending')
  if (owed !== undefined) return giveBack(gateway, facts, session, owed.reference)
  const operation = stored.payment.operations.find(({ status }) => OPEN_OPERATION.has(status))
  if (operation !== undefined) return resolveOperation(gateway, session, operation)
  // Between two attempts: whoever left it here could not carry on.
  await goOn(gateway, facts, await record(gateway, facts, session))
}

/** What the recorded evidence allows next, by the same loop as a new payment. */
async function goOn(gateway: Gateway, facts: Facts, step: Step): Promise<void> {
  await carryOut(gateway.ports.clock, localCore(gateway, facts), step)
}

const OPEN_OPERATION = new Set(['intent', 'unknown', 'processing'])

async function parkAsManual(gateway: Gateway, stored: StoredPayment, reason: string): Promise<void> {
  await commit(gateway, gateway.runtime(), {
    before: stored.payment,
    version: stored.version,
    after: needsPerson(stored.payment, reason),
    epoch: stored.epoch,
    leaseMs: 0,
  })
}

async function resolveAttempt(
  gateway: Gateway,
  facts: Facts,
  session: Session,
  attempt: Attempt,
): Promise<void> {
  const { clock } = gateway.ports
  const route = session.runtime.routes.get(attempt.route)
  const move: Move =
    route === undefined
      ? { kind: 'manual', reason: 'route_removed' }
      : nextMove(session.payment, attempt, clock.now())
  if (move.kind === 'wait' || move.kind === 'manual') {
    const after = move.kind === 'wait' ? session.payment : needsPerson(session.payment, move.reason)
    await commit(gateway, session.runtime, {
      before: session.payment,
      version: session.version,
      after,
      epoch: session.epoch,
      leaseMs: 0,
    })
    return
  }
  const prepared = await announce(gateway, session, attempt, move)
  if (prepared === undefined) return
  const evidence = await ask(gateway, prepared, attempt.reference, move)
  await goOn(gateway, facts, await record(gateway, facts, prepared, evidence))
}

/** What first called for a person stands: an answer that lied must not be forgotten for one that never came. */
function needsPerson(payment: Payment, reason: string): Payment {
  return payment.manual === undefined ? { ...payment, manual: reason } : payment
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
  const { clock, settings } = { clock: gateway.ports.clock, settings: gateway.settings }
  const changed: Attempt =
    move.kind === 'cancel'
      ? { ...attempt, canceling: move.verb }
      : { ...attempt, sendableUntil: Math.max(attempt.sendableUntil, clock.now() + settings.sendWindowMs) }
  return save(gateway, session, replaceAttempt(session.payment, changed))
}

function replaceAttempt(payment: Payment, changed: Attempt): Payment {
  return {
    ...payment,
    attempts: payment.attempts.map(attempt => (attempt.reference === changed.reference ? changed : attempt)),
  }
}

/** Writes under the session's epoch. Undefined when somebody else has written: then this round ends here. */
async function save(gateway: Gateway, session: Session, after: Payment): Promise<Session | undefined> {
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

async function ask(gateway: Gateway, session: Session, reference: string, move: Move): Promise<Evidence> {
  const { clock } = gateway.ports
  const attempt = session.payment.attempts.find(other => other.reference === reference) as Attempt
  const { connector } = session.runtime.routes.get(attempt.route) as RouteRuntime
  const options = { timeoutMs: attempt.timeoutMs }
  switch (move.kind) {
    case 'query': {
      const askedAt = clock.monotonic()
      const result = await connector.query(reference, attempt.amount, options)
      const latencyMs = Math.ceil(clock.monotonic() - askedAt)
      return { reference, source: 'query', result, at: clock.now(), latencyMs }
    }
    case 'cancel': {
      const result = await connector.cancel(reference, move.verb, options)
      return { reference, source: 'cancel', result, at: clock.now() }
    }
    case 'resend': {
      const late =
        clock.monotonic() + attempt.timeoutMs > session.leaseEndsAt || clock.now() > attempt.sendableUntil
      const result: UpstreamResult = late
        ? { kind: 'unknown', cause: 'abandoned' }
        : await connector.pay(payRequest(session.payment, attempt), options)
      // Only the first send can prove that nothing left; about a resend "not sent" says nothing of the earlier ones.
      return {
        reference,
        source: 'query',
        result: result.kind === 'not_sent' ? { kind: 'unknown', cause: 'connection' } : result,
        at: clock.now(),
      }
    }
    case 'wait':
    case 'manual':
      throw new TypeError('nothing is asked')
  }
}

/** Sends money back that the payment does not keep, until the upstream has confirmed it. */
async function giveBack(gateway: Gateway, facts: Facts, session: Session, reference: string): Promise<void> {
  const attempt = session.payment.attempts.find(other => other.reference === reference)
  const route = attempt === undefined ? undefined : session.runtime.routes.get(attempt.route)
  if (attempt === undefined || route === undefined || session.payment.checkout !== undefined) {
    const manual = session.payment.checkout === undefined ? 'route_removed' : 'route_cannot_tell'
    await save(gateway, session, needsPerson(session.payment, manual))
    return
  }
  const verb = giveBackMove(attempt)
  const options = { timeoutMs: attempt.timeoutMs }
  const result =
    verb === 'refund'
      ? await refundAll(gateway, route, attempt)
      : await route.connector.cancel(reference, verb, options)
  const at = gateway.ports.clock.now()
  if (result.kind === 'already_paid') {
    const changed: Attempt = { ...attempt, cancelRefused: true }
    await save(gateway, session, replaceAttempt(session.payment, changed))
    return
  }
  await goOn(
    gateway,
    facts,
    await record(gateway, facts, session, { reference, source: 'cancel', result, at }),
  )
}

/** The refund's reference is made from the attempt's, so that a repetition is recognised by the upstream. */
async function refundAll(
  gateway: Gateway,
  { connector }: RouteRuntime,
  attempt: Attempt,
): Promise<UpstreamResult> {
  const options = { timeoutMs: attempt.timeoutMs }
  const refundReference = refundReferenceOf(attempt.reference)
  const asked = await connector.queryRefund(attempt.reference, refundReference, options)
  const result =
    asked.kind === 'not_found'
      ? await connector.refund(attempt.reference, refundReference, attempt.amount, options)
      : asked
  if (result.kind === 'approved') return { kind: 'canceled' }
  gateway.ports.telemetry.record({ kind: 'fault', area: 'give_back', cause: result.kind })
  return { kind: 'unknown', cause: 'upstream_error' }
}

/** Another 32 hex digits, made from the attempt's by turning its first digit round; the shard at the end stays. */
function refundReferenceOf(reference: string): string {
  const first = Number.parseInt(reference.charAt(0), 16) ^ 0xf
  return first.toString(16) + reference.slice(1)
}
