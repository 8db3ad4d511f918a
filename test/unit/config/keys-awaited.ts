/**
 * Keys that are in the schema and have no test of their own yet. A key leaves this list with its test: the suite fails
 * for a key that is in both places, and for a key that is in neither.
 */
export const AWAITED: ReadonlySet<string> = new Set([
  'checkouts.id',
  'checkouts.tenant',
  'checkouts.auth.apiKey',
  'checkouts.routes',
  'checkouts.order',
  'checkouts.context.amount',
  'checkouts.context.currency',
  'checkouts.context.payer',
  'checkouts.outcome.approved.pointer',
  'checkouts.outcome.approved.equals',
  'checkouts.outcome.declined.pointer',
  'checkouts.outcome.declined.equals',
  'checkouts.outcome.declined.category',
])
