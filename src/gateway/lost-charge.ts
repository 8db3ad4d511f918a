import { sameMoney } from '../core/payment/money.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import { dueAt } from '../core/payment/schedule.ts'
import { keepsOrder } from '../core/payment/trail.ts'
import { applyEvidence } from '../core/payment/transition.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { contractOf } from './attempt.ts'
import { join } from './commit.ts'
import { paymentEvents } from './events.ts'
import { newPaymentId, shardOf } from './ids.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import {
  evidenceOf,
  manual,
  type ManualReason,
  type Reconciled,
  type UpstreamRecord,
} from './upstream-record.ts'

const ORDER_PAYMENTS_MAX = 100

/** A charge under a reference that the journal does not know. The upstream itself has to confirm it, where it can. */
export async function takeIn(
  gateway: Gateway,
  route: RouteRuntime,
  record: UpstreamRecord,
): Promise<Reconciled> {
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
async function adopt(
  gateway: Gateway,
  route: RouteRuntime,
  record: UpstreamRecord,
  holder: StoredPayment,
): Promise<Reconciled> {
  const { payment } = holder
  if (!sameMoney(payment.context.amount, record.amount)) return manual('amount_differs')
  // It has taken money already: which of the two the shopper was told of is for people to find out.
  if (payment.result !== undefined) return manual('order_paid_otherwise')
  const at = gateway.ports.clock.now()
  const attempt = foundAttempt(route, record, at)
  const { kind } = await join(gateway, holder, undefined, current =>
    applyEvidence({ ...current, attempts: [...current.attempts, attempt] }, evidenceOf(record, at)),
  )
  return { kind: kind === 'unchanged' ? 'known' : 'adopted' }
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
  return {
    reference: record.reference,
    route: route.id,
    tender: route.tender,
    amount: record.amount,
    status: 'unknown',
    contract: contractOf(route),
    timeoutMs: route.timeoutMs,
    openedAt: at,
    sendableUntil: at,
    expiresAt: at,
    keyWindowEndsAt: at,
  }
}
