import type { EventDelivery } from '../../ports/event-sender.ts'

/** What an endpoint's status says: 2xx took it, 410 wants no more, anything else may be tried again. */
export function deliveryOf(status: number): EventDelivery {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  return status === 410 ? { kind: 'gone' } : { kind: 'failed', cause: `status_${status}` }
}

/** The code of an error, never its message, which may hold addresses. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
