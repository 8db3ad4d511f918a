/** JSON text of an event as Standard Webhooks shapes it. `now` is Unix ms. */
export function eventBody(type: string, data: object, now: number): string {
  return JSON.stringify({ type, timestamp: new Date(now).toISOString(), data })
}

/** When the event of a body came into being, Unix ms; 0 for a body that is not one of ours. */
export function createdAt(body: string): number {
  const { timestamp } = JSON.parse(body) as { readonly timestamp?: string }
  const at = Date.parse(timestamp ?? '')
  return Number.isNaN(at) ? 0 : at
}
