import { eventText } from '../core/explain/event-texts.ts'
import type { Payment, PublicStatus } from '../core/payment/payment.ts'
import { attemptView, publicStatus } from '../core/payment/view.ts'
import type { OutboxItem } from '../ports/journal.ts'
import type { Random } from '../ports/random.ts'
import { creditTold } from './credit-told.ts'
import { eventBody } from './event-body.ts'
import type { TenantRuntime } from './runtime.ts'

/** Whether an endpoint wants an event. `*` is everything but credit events, which have to be asked for by name. */
export function wants(events: readonly string[], type: string): boolean {
  return events.includes(type) || (events.includes('*') && !type.startsWith('credit.'))
}

/** The status that webhooks tell of. A redirect is told in the answer; while a send is under way nothing is. */
function toldStatus(payment: Payment): PublicStatus | undefined {
  const status = publicStatus(payment)
  const executing = payment.attempts.some(attempt => attempt.status === 'intent')
  const silent =
    status === 'requires_action' || status === 'authorized' || (status === 'pending' && executing)
  return silent ? undefined : status
}

/**
 * The webhooks that a change of a payment causes, to be committed with it, and the payment with its sequence
 * moved on. The sequence counts the events of the payment and its refunds without gaps, so that a receiver can put
 * them in order and notice a missing one.
 */
export function paymentEvents(
  before: Payment | undefined,
  after: Payment,
  tenant: TenantRuntime | undefined,
  random: Random,
  now: number,
): { payment: Payment; outbox: OutboxItem[] } {
  if (tenant === undefined || tenant.webhooks.length === 0) return { payment: after, outbox: [] }
  const told = [...statusTold(before, after), ...refundsTold(before, after)]
  let payment = after
  const outbox: OutboxItem[] = []
  for (const { type, data } of told) {
    const endpoints = tenant.webhooks.filter(({ events }) => wants(events, type))
    if (endpoints.length === 0) continue
    payment = { ...payment, sequence: payment.sequence + 1 }
    const id = `evt_${random.hex(32)}`
    const body = eventBody(type, { ...data, sequence: payment.sequence }, now)
    for (const endpoint of endpoints) {
      outbox.push({ id, tenant: payment.tenant, endpoint: endpoint.id, type, body, dueAt: now })
    }
  }
  // Not counted: an endpoint that has not asked for credit would miss one.
  const credit = creditTold(before, after, tenant.policy.routes)
  if (credit !== undefined) {
    outbox.push(...eventItems([tenant], { id: `evt_${random.hex(32)}`, ...credit }, now))
  }
  return { payment, outbox }
}

interface Told {
  readonly type: string
  readonly data: object
}

const PAYMENT_NOTES = {
  succeeded: 'payment_succeeded',
  declined: 'payment_declined',
  pending: 'payment_pending',
  canceled: 'payment_canceled',
} as const

function statusTold(before: Payment | undefined, after: Payment): Told[] {
  const status = toldStatus(after)
  if (status === undefined || (before !== undefined && toldStatus(before) === status)) return []
  const { id, context, attempts } = after
  const { orderId, amount } = context
  const text =
    status in PAYMENT_NOTES
      ? { text: eventText(PAYMENT_NOTES[status as keyof typeof PAYMENT_NOTES], { amount }) }
      : {}
  const data = { id, orderId, status, amount, attempts: attempts.map(attemptView), ...text }
  return [{ type: `payment.${status}`, data }]
}

/** Refunds that have ended with this change. */
function refundsTold(before: Payment | undefined, after: Payment): Told[] {
  return after.operations.flatMap(({ id, kind, status, amount, declineCode }) => {
    const was = before?.operations.find(other => other.id === id)?.status
    if (kind !== 'refund' || was === status || (status !== 'succeeded' && status !== 'failed')) return []
    const code = declineCode === undefined ? {} : { declineCode }
    const text = eventText(`refund_${status}`, { amount })
    const data = { id, payment: after.id, orderId: after.context.orderId, amount, status, ...code, text }
    return [{ type: `refund.${status}`, data }]
  })
}

/**
 * The webhooks of an event that no payment carries, to every endpoint of these tenants that wants it. `id` makes
 * repetitions recognisable to the receiver: the same id for the same event, whoever tells it.
 */
export function eventItems(
  tenants: Iterable<TenantRuntime>,
  event: { readonly id: string; readonly type: string; readonly data: object },
  now: number,
): OutboxItem[] {
  const { id, type, data } = event
  const body = eventBody(type, data, now)
  return [...tenants].flatMap(tenant =>
    tenant.webhooks
      .filter(({ events }) => wants(events, type))
      .map(endpoint => ({ id, tenant: tenant.id, endpoint: endpoint.id, type, body, dueAt: now })),
  )
}
