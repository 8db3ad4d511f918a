import { alternatives } from '../core/decision.ts'
import { hash32 } from '../core/hash.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import { sameMoney } from '../core/payment/money.ts'
import type { Payment } from '../core/payment/payment.ts'
import { dueAt } from '../core/payment/schedule.ts'
import { currentContext } from '../core/payment/switch.ts'
import { finishWithoutMoney, isClosed, openAttempt } from '../core/payment/transition.ts'
import type { BeginResult, KeyBinding, StoredPayment } from '../ports/journal.ts'
import { otherSourceMayCarry, prepareAttempt, type Opening, withPermit } from './attempt.ts'
import { commit } from './commit.ts'
import { decisionRow, type IdentifiedDecision, makeDecision } from './decide.ts'
import { paymentEvents } from './events.ts'
import type { Facts } from './facts.ts'
import { newDecisionId, newPaymentId } from './ids.ts'
import { inFlight, repeatOrder } from './repeat.ts'
import type { Gateway, Runtime, TenantRuntime } from './runtime.ts'
import type { PayCommand, Step } from './step.ts'

/**
 * First half of a payment: decides, then one journal write that inserts or gets key, order, decision,
 * reservation and INTENT. Whoever loses a race returns the winner's state. Rejects with `JournalUnavailable`
 * when the journal cannot say; then nothing was or will be sent by this call.
 */
export async function begin(gateway: Gateway, facts: Facts, command: PayCommand): Promise<Step> {
  const { clock, random } = gateway.ports
  const runtime = gateway.runtime()
  const tenant = runtime.tenants.get(command.tenant) as TenantRuntime
  const id = newPaymentId(clock, random, command.shard)
  const refused = new Map<string, string>()
  let otherSources = 0
  // Every round takes one more route out, or tries another source of its pool a few times.
  while (refused.size <= tenant.policy.routes.length) {
    const decided = await makeDecision(gateway, runtime, facts, {
      id: newDecisionId(clock, random, command.shard),
      tenant,
      context: command.context,
      paying: true,
      prior: [],
      seed: hash32(id),
      refused,
      ...(command.requestId === undefined ? {} : { requestId: command.requestId }),
    })
    const step = await tryToOpen(
      gateway,
      runtime,
      tenant,
      command,
      newPayment(gateway, tenant, command, id, decided),
      decided,
    )
    if (step.kind !== 'refused') return step
    if (step.otherSource !== true || ++otherSources > SOURCE_TRIES_MAX) refused.set(step.route, step.reason)
  }
  throw new Error('unreachable: a decision without routes ends the payment')
}

/** How often another source of a pool is tried when one was used up in the meantime. */
const SOURCE_TRIES_MAX = 8

type Refused = {
  readonly kind: 'refused'
  readonly route: string
  readonly reason: string
  readonly otherSource?: boolean
}

async function tryToOpen(
  gateway: Gateway,
  runtime: Runtime,
  tenant: TenantRuntime,
  command: PayCommand,
  draft: Payment,
  decided: IdentifiedDecision,
): Promise<Step | Refused> {
  const head = decided.decision.cascade[0]
  const opening =
    head === undefined ? undefined : prepareAttempt(gateway, runtime, draft, head, decided.decision)
  if (head !== undefined && opening === undefined)
    return { kind: 'refused', route: head, reason: 'TECH_ROUTE_UNSTABLE' }
  const leaseStartedAt = gateway.ports.clock.monotonic()
  const payment = opening === undefined ? endWithoutRoute(draft, decided, tenant) : open(draft, opening)
  const { result, written } = await withPermit(
    gateway,
    opening,
    () => write(gateway, tenant, command, payment, decided, opening),
    ({ result: { kind } }) => kind === 'begun',
  )
  switch (result.kind) {
    case 'begun':
      if (opening === undefined) return { kind: 'answer', payment: written, replayed: false }
      return {
        kind: 'send',
        attempt: opening.attempt,
        permit: opening.permit,
        session: {
          runtime,
          tenant,
          payment: written,
          version: result.version,
          epoch: result.epoch,
          leaseEndsAt: leaseStartedAt + gateway.settings.leaseMs,
          ...(command.requestId === undefined ? {} : { requestId: command.requestId }),
          ...(command.traceparent === undefined ? {} : { traceparent: command.traceparent }),
        },
      }
    case 'key_exists':
      return replay(command, result.key, result.stored, gateway.ports.clock.now())
    case 'order_exists':
      return command.checkout === undefined
        ? join(gateway, runtime, command, result.stored)
        : repeatOrder(gateway, runtime, tenant, { ...command, checkout: command.checkout }, result.stored)
    case 'refused':
      return {
        kind: 'refused',
        route: head as string,
        reason: result.reason === 'credit_held' ? 'CRD_LIMIT_INSUFFICIENT' : 'LIQ_DAILY_CAPACITY',
        otherSource: result.reason === 'funds_exhausted' && otherSourceMayCarry(gateway, opening),
      }
  }
}

function newPayment(
  gateway: Gateway,
  tenant: TenantRuntime,
  command: PayCommand,
  id: string,
  decided: IdentifiedDecision,
): Payment {
  const now = gateway.ports.clock.now()
  return {
    id,
    tenant: tenant.id,
    context: command.context,
    createdAt: now,
    deadlineAt: now + gateway.settings.paymentMs,
    configVersion: tenant.policy.version,
    attemptsMax: tenant.policy.attemptsMax,
    attempts: [],
    operations: [],
    obligations: [],
    decision: decided.id,
    considered: decided.decision.candidates.map(({ route, reasons }) => ({ route, reasons })),
    reasons: [],
    sequence: 0,
    resolves: 0,
    ...(command.checkout === undefined ? {} : { checkout: command.checkout }),
  }
}

function open(draft: Payment, opening: Opening): Payment {
  return openAttempt(draft, opening.attempt, opening.attempt.openedAt)
}

/** The payment ends before anything is sent; its answer says why and what would work now. */
export function endWithoutRoute(
  payment: Payment,
  decided: IdentifiedDecision,
  tenant: TenantRuntime,
): Payment {
  const { accept } = currentContext(payment).funding
  const reasons = decided.decision.candidates
    .filter(candidate => accept.some(({ tender }) => tender === candidate.tender))
    .flatMap(candidate => candidate.reasons)
  const ways = alternatives(decided.decision, tenant.policy.routes)
  return finishWithoutMoney({ ...payment, decision: decided.id, alternatives: ways }, [...new Set(reasons)])
}

async function write(
  gateway: Gateway,
  tenant: TenantRuntime,
  command: PayCommand,
  payment: Payment,
  decided: IdentifiedDecision,
  opening: Opening | undefined,
): Promise<{ result: BeginResult; written: Payment }> {
  const { clock, random, journal, telemetry } = gateway.ports
  const now = clock.now()
  const { payment: written, outbox } = paymentEvents(undefined, payment, tenant, random, now)
  const started = clock.monotonic()
  const result = await journal.begin({
    payment: written,
    key: command.key,
    decision: decisionRow(decided),
    dueAt: dueAt(written, now),
    leaseMs: opening === undefined ? 0 : gateway.settings.leaseMs,
    ...(opening?.reserve === undefined ? {} : { reserve: opening.reserve }),
    ...(outbox.length === 0 ? {} : { outbox }),
  })
  telemetry.record({ kind: 'journal_commit', durationMs: clock.monotonic() - started })
  return { result, written }
}

/** The same key again: the same request gets the state that stands, another one never executes. */
function replay(command: PayCommand, bound: KeyBinding, stored: StoredPayment, now: number): Step {
  if (bound.fingerprint !== command.key.fingerprint)
    return { kind: 'conflict', code: 'idempotency_key_reused' }
  if (inFlight(stored.payment, now))
    return { kind: 'conflict', code: 'request_in_progress', payment: stored.payment.id }
  return { kind: 'answer', payment: stored.payment, replayed: true }
}

const JOIN_TRIES_MAX = 5

/**
 * Another key for an order that is live or paid. It joins the payment when it asks for exactly the same; the key
 * is bound to that payment in a write of its own, so that the two keys can never come apart again.
 */
async function join(
  gateway: Gateway,
  runtime: Runtime,
  command: PayCommand,
  first: StoredPayment,
): Promise<Step> {
  let stored = first
  for (let tries = 0; tries < JOIN_TRIES_MAX; tries++) {
    const { payment, version } = stored
    if (!asksTheSame(command.context, payment.context)) {
      const paid = payment.result !== undefined
      return {
        kind: 'conflict',
        code: paid ? 'order_already_paid' : 'order_in_progress',
        payment: payment.id,
      }
    }
    const { result } = await commit(gateway, runtime, {
      before: payment,
      after: payment,
      version,
      key: command.key,
    })
    if (result.kind === 'saved') return { kind: 'answer', payment, replayed: false }
    if (result.kind === 'key_exists') {
      return replay(command, result.key, result.stored, gateway.ports.clock.now())
    }
    if (result.kind !== 'conflict') break
    stored = result.stored
    // It ended without money in the meantime, and the order is free again: the client may simply try anew.
    if (stored.payment.result !== undefined && stored.payment.attempts.every(isClosed)) break
  }
  return { kind: 'conflict', code: 'order_in_progress', payment: stored.payment.id }
}

function asksTheSame(a: PaymentContext, b: PaymentContext): boolean {
  return (
    sameMoney(a.amount, b.amount) &&
    a.payer.id === b.payer.id &&
    (a.capture ?? 'automatic') === (b.capture ?? 'automatic') &&
    JSON.stringify(fundingOf(a)) === JSON.stringify(fundingOf(b))
  )
}

function fundingOf({ funding }: PaymentContext): unknown {
  return [
    funding.preference ?? null,
    funding.accept.map(({ tender, instalments, quote }) => [tender, instalments ?? null, quote ?? null]),
  ]
}
