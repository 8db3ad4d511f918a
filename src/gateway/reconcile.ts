import { sameMoney } from '../core/payment/money.ts'
import { applyOperation, refuseOperation } from '../core/payment/operation.ts'
import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Operation, Payment } from '../core/payment/payment.ts'
import { dueAt } from '../core/payment/schedule.ts'
import { keepsOrder } from '../core/payment/trail.ts'
import { applyEvidence, isOpen } from '../core/payment/transition.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { join } from './commit.ts'
import { paymentEvents } from './events.ts'
import { newPaymentId, shardOf } from './ids.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import type { ManualReason, Reconciled, UpstreamRecord } from './upstream-record.ts'
import { stopwatch } from './stopwatch.ts'

const ORDER_PAYMENTS_MAX = 100
/** Payments that one recovery can have open. */
export const OPEN_MAX = 100_000
const ASKED_AT_ONCE = 16

/**
 * What was sent of an open attempt after the backup is not in the journal: from the hold on, at the earliest, the time
 * counts after which "not found" proves something. Safe to repeat.
 */
export async function distrustOpenAttempts(gateway: Gateway, heldAt: number): Promise<number> {
  const open = await gateway.ports.journal.listOpen(undefined, OPEN_MAX)
  for (const stored of open) {
    await change(gateway, stored, payment => {
      const attempts = payment.attempts.map(attempt => distrusted(attempt, heldAt))
      const same = attempts.every((attempt, i) => attempt === payment.attempts[i])
      return same ? payment : { ...payment, attempts }
    })
  }
  return open.length
}

function distrusted(attempt: Attempt, heldAt: number): Attempt {
  if (!isOpen(attempt) || (attempt.status !== 'intent' && attempt.sendableUntil >= heldAt)) return attempt
  return {
    ...attempt,
    status: attempt.status === 'intent' ? 'unknown' : attempt.status,
    sendableUntil: Math.max(attempt.sendableUntil, heldAt),
  }
}

/** Asks about every open attempt whose upstream can be asked. Nothing else is sent, and nothing is opened. */
export async function askAboutOpen(
  gateway: Gateway,
): Promise<{ readonly asked: number; readonly open: number }> {
  const before = await gateway.ports.journal.listOpen(undefined, OPEN_MAX)
  const askable = before.flatMap(stored =>
    stored.payment.checkout === undefined
      ? stored.payment.attempts
          .filter(attempt => isOpen(attempt) && attempt.contract.queryable)
          .map(attempt => ({ stored, attempt }))
      : [],
  )
  for (let start = 0; start < askable.length; start += ASKED_AT_ONCE) {
    const some = askable.slice(start, start + ASKED_AT_ONCE)
    await Promise.all(some.map(({ stored, attempt }) => ask(gateway, stored, attempt)))
  }
  const open = await gateway.ports.journal.listOpen(undefined, OPEN_MAX)
  return { asked: askable.length, open: open.length }
}

async function ask(gateway: Gateway, stored: StoredPayment, attempt: Attempt): Promise<void> {
  const { clock } = gateway.ports
  const route = gateway.runtime().routes.get(attempt.route)
  if (route === undefined) return
  const elapsedMs = stopwatch(clock)
  const options = { timeoutMs: attempt.timeoutMs }
  const result = await route.connector.query(attempt.reference, attempt.amount, options)
  await joinEvidence(gateway, stored, {
    reference: attempt.reference,
    source: 'query',
    result,
    at: clock.now(),
    latencyMs: elapsedMs(),
  })
}

/**
 * Joins one record of an upstream. A charge that the journal does not know becomes part of the payment that holds its
 * order, or a payment of its own; where neither can be told for certain a person has to look. Safe to repeat.
 * Rejects with `JournalUnavailable`.
 */
export async function reconcile(gateway: Gateway, record: UpstreamRecord): Promise<Reconciled> {
  const route = gateway.runtime().routes.get(record.route)
  if (route === undefined) return manual('route_unknown')
  const stored = await gateway.ports.journal.findByReference(record.reference)
  const attempt = stored?.payment.attempts.find(({ reference }) => reference === record.reference)
  if (stored !== undefined && attempt !== undefined) return joinKnown(gateway, stored, attempt, record)
  switch (record.status) {
    case 'declined':
    case 'canceled':
      return { kind: 'no_money' }
    case 'captured':
    case 'refunded':
      return manual('payment_unknown')
    case 'approved':
    case 'authorized':
      return takeIn(gateway, route, record)
  }
}

async function joinKnown(
  gateway: Gateway,
  stored: StoredPayment,
  attempt: Attempt,
  record: UpstreamRecord,
): Promise<Reconciled> {
  if (stored.payment.context.orderId !== record.orderId || attempt.route !== record.route) {
    return manual('order_differs')
  }
  const { reference, status } = record
  if (status === 'captured' || status === 'refunded') return joinOperation(gateway, stored, record)
  if (!sameMoney(attempt.amount, record.amount)) return manual('amount_differs')
  const at = gateway.ports.clock.now()
  return joinEvidence(gateway, stored, { reference, source: 'query', result: resultOf(record), at })
}

function resultOf({ status, amount, providerReference }: UpstreamRecord): UpstreamResult {
  const named = providerReference === undefined ? {} : { providerReference }
  switch (status) {
    case 'declined':
      return { kind: 'declined', category: 'issuer_declined' }
    case 'canceled':
      return { kind: 'canceled' }
    case 'authorized':
      return { kind: 'authorized', amount, ...named }
    case 'approved':
    case 'captured':
    case 'refunded':
      return { kind: 'approved', amount, ...named }
  }
}

/** An authorization that the upstream has released was voided by us, after the backup. */
async function joinEvidence(
  gateway: Gateway,
  stored: StoredPayment,
  evidence: Evidence,
): Promise<Reconciled> {
  return change(gateway, stored, payment => {
    const voided =
      evidence.result.kind === 'canceled' &&
      payment.result === 'authorized' &&
      payment.winner === evidence.reference &&
      !payment.operations.some(({ kind, status }) => kind === 'void' && status === 'succeeded')
    return applyEvidence(voided ? withVoid(payment, evidence) : payment, evidence)
  })
}

function withVoid(payment: Payment, { reference, at }: Evidence): Payment {
  const operation: Operation = {
    id: `void_${reference}`,
    kind: 'void',
    reference,
    amount: payment.context.amount,
    status: 'succeeded',
    openedAt: at,
    sendableUntil: at,
  }
  return { ...payment, operations: [...payment.operations, operation] }
}

async function joinOperation(
  gateway: Gateway,
  stored: StoredPayment,
  record: UpstreamRecord,
): Promise<Reconciled> {
  const { operationReference: reference, status, amount } = record
  if (reference === undefined) return manual('operation_does_not_fit')
  const kind = status === 'captured' ? 'capture' : 'refund'
  const known = stored.payment.operations.find(operation => operation.reference === reference)
  if (known !== undefined) {
    if (known.kind !== kind || known.status === 'failed' || !sameMoney(known.amount, amount)) {
      return manual('operation_does_not_fit')
    }
    return change(gateway, stored, payment => applyOperation(payment, known.id, 'succeeded'))
  }
  if (refuseOperation(stored.payment, kind, amount) !== undefined) return manual('operation_does_not_fit')
  const at = gateway.ports.clock.now()
  const operation: Operation = {
    id: `${kind === 'capture' ? 'cap' : 'ref'}_${reference}`,
    kind,
    reference,
    amount,
    status: 'succeeded',
    openedAt: at,
    sendableUntil: at,
  }
  return change(gateway, stored, payment =>
    payment.operations.some(other => other.reference === reference)
      ? payment
      : { ...payment, operations: [...payment.operations, operation] },
  )
}

/** A charge under a reference that the journal does not know. The upstream itself has to confirm it, where it can. */
async function takeIn(gateway: Gateway, route: RouteRuntime, record: UpstreamRecord): Promise<Reconciled> {
  const refusal = await contradiction(route, record)
  if (refusal !== undefined) return manual(refusal)
  const { tenants } = gateway.runtime()
  const asked = record.tenant === undefined ? [...tenants.keys()] : [record.tenant]
  const { journal } = gateway.ports
  const found = await Promise.all(
    asked.map(tenant => journal.findByOrder(tenant, record.orderId, ORDER_PAYMENTS_MAX)),
  )
  const [tenant, ambiguous] = asked.length === 1 ? asked : asked.filter((_, i) => found[i]?.length !== 0)
  if (tenant === undefined || ambiguous !== undefined || !tenants.has(tenant)) return manual('tenant_unknown')
  const holder = found.flat().find(({ payment }) => keepsOrder(payment))
  return holder === undefined
    ? recreate(gateway, route, record, tenant)
    : adopt(gateway, route, record, holder)
}

async function contradiction(
  { route, connector }: RouteRuntime,
  { reference, amount }: UpstreamRecord,
): Promise<ManualReason | undefined> {
  if (!route.capability.queryable) return undefined
  const told = await connector.query(reference, amount, { timeoutMs: route.timeoutMs })
  if (told.kind === 'approved' || told.kind === 'authorized') return undefined
  const silent = told.kind === 'not_sent' || (told.kind === 'unknown' && told.cause !== 'mismatch')
  return silent ? 'upstream_unreachable' : 'upstream_disagrees'
}

/** Another attempt of a payment that was still open when the backup was made. */
function adopt(
  gateway: Gateway,
  route: RouteRuntime,
  record: UpstreamRecord,
  holder: StoredPayment,
): Promise<Reconciled> | Reconciled {
  const { payment } = holder
  if (!sameMoney(payment.context.amount, record.amount)) return manual('amount_differs')
  // It has taken money already: which of the two the shopper was told of is for people to find out.
  if (payment.result !== undefined) return manual('order_paid_otherwise')
  const at = gateway.ports.clock.now()
  const attempt = foundAttempt(route, record, at)
  return change(
    gateway,
    holder,
    current =>
      applyEvidence({ ...current, attempts: [...current.attempts, attempt] }, evidenceOf(record, at)),
    'adopted',
  )
}

/**
 * A payment of which the journal has lost everything. Who paid and with whose consent is not known any more, so it
 * joins no other request: a client that repeats its own is told that the order is paid, and by which payment.
 */
async function recreate(
  gateway: Gateway,
  route: RouteRuntime,
  record: UpstreamRecord,
  tenantId: string,
): Promise<Reconciled> {
  const { clock, random, journal } = gateway.ports
  const at = clock.now()
  const { tender, capability } = route.route
  const lost: Payment = {
    id: newPaymentId(clock, random, shardOf(record.reference)),
    tenant: tenantId,
    context: {
      orderId: record.orderId,
      amount: record.amount,
      channel: capability.channels[0] ?? 'web',
      payer: { id: LOST },
      funding: { accept: [{ tender }] },
      capture: record.status === 'authorized' ? 'manual' : 'automatic',
    },
    createdAt: at,
    deadlineAt: at,
    configVersion: LOST,
    attemptsMax: 1,
    attempts: [foundAttempt(route, record, at)],
    operations: [],
    obligations: [],
    decision: LOST,
    considered: [],
    reasons: [],
    sequence: 0,
    resolves: 0,
  }
  const ended = applyEvidence(lost, evidenceOf(record, at))
  const tenant = gateway.runtime().tenants.get(tenantId)
  const { payment, outbox } = paymentEvents(undefined, ended, tenant, random, at)
  const result = await journal.begin({
    payment,
    key: { key: `recover:${record.reference}`, fingerprint: LOST, target: 'payment' },
    leaseMs: 0,
    dueAt: dueAt(payment, at),
    ...(outbox.length === 0 ? {} : { outbox }),
  })
  return result.kind === 'begun' ? { kind: 'recreated' } : manual('order_paid_otherwise')
}

/** Stands where the journal has lost what was there. */
const LOST = 'lost-by-restore'

function foundAttempt({ route }: RouteRuntime, record: UpstreamRecord, at: number): Attempt {
  const { idempotency, queryable, cancel, settleWindowMs, honoursExpiry, cancelTombstones } = route.capability
  const contract = { idempotency, queryable, cancel, honoursExpiry, cancelTombstones }
  return {
    reference: record.reference,
    route: route.id,
    tender: route.tender,
    amount: record.amount,
    status: 'unknown',
    contract: settleWindowMs === undefined ? contract : { ...contract, settleWindowMs },
    timeoutMs: route.timeoutMs,
    openedAt: at,
    sendableUntil: at,
    expiresAt: at,
    keyWindowEndsAt: at,
  }
}

function evidenceOf(record: UpstreamRecord, at: number): Evidence {
  return { reference: record.reference, source: 'query', result: resultOf(record), at }
}

async function change(
  gateway: Gateway,
  first: StoredPayment,
  next: (payment: Payment) => Payment,
  done: 'updated' | 'adopted' = 'updated',
): Promise<Reconciled> {
  const { kind } = await join(gateway, first, undefined, next)
  return { kind: kind === 'unchanged' ? 'known' : done }
}

function manual(reason: ManualReason): Reconciled {
  return { kind: 'manual', reason }
}
