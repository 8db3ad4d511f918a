import type { Payment, PublicStatus } from '../core/payment/payment.ts'
import { attemptView, publicStatus } from '../core/payment/view.ts'
import type { OutboxItem } from '../ports/journal.ts'
import type { Random } from '../ports/random.ts'
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
 * moved on. The sequence has no gaps, so that a receiver can put events in order and notice a missing one.
 */
export function paymentEvents(
  before: Payment | undefined,
  after: Payment,
  tenant: TenantRuntime | undefined,
  random: Random,
  now: number,
): { payment: Payment; outbox: OutboxItem[] } {
  const status = toldStatus(after)
  if (status === undefined || (before !== undefined && toldStatus(before) === status)) {
    return { payment: after, outbox: [] }
  }
  const endpoints = (tenant?.webhooks ?? []).filter(({ events }) => wants(events, `payment.${status}`))
  if (endpoints.length === 0) return { payment: after, outbox: [] }
  const payment = { ...after, sequence: after.sequence + 1 }
  const body = JSON.stringify({
    type: `payment.${status}`,
    timestamp: new Date(now).toISOString(),
    data: {
      id: payment.id,
      orderId: payment.context.orderId,
      status,
      amount: payment.context.amount,
      attempts: payment.attempts.map(attemptView),
      sequence: payment.sequence,
    },
  })
  const id = `evt_${random.hex(32)}`
  return {
    payment,
    outbox: endpoints.map(endpoint => ({
      id,
      tenant: payment.tenant,
      endpoint: endpoint.id,
      type: `payment.${status}`,
      body,
      dueAt: now,
    })),
  }
}
