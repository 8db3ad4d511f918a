import { awaitsPerson } from '../core/payment/intervention.ts'
import type { HistoryRow, StoredPayment } from '../ports/journal.ts'
import type { Gateway } from './runtime.ts'

/** What an operator knows of a payment, or what it waits for. */
export type PaymentQuery =
  | { readonly by: 'order'; readonly orderId: string }
  /** Of one of its attempts or refunds. */
  | { readonly by: 'reference'; readonly reference: string }
  | { readonly by: 'provider_reference'; readonly providerReference: string }
  /** `manual` waits for a person, `pending` for the resolver. */
  | { readonly by: 'status'; readonly status: 'manual' | 'pending' }

export interface FoundPayments {
  readonly payments: readonly StoredPayment[]
  /** There may be more than were looked at or asked for. */
  readonly more: boolean
}

/** Open payments that one search looks at. */
const OPEN_LOOKED_AT_MAX = 2_000

/** Searches the journal, of one tenant or of all. Rejects with `JournalUnavailable`. */
export async function findPayments(
  gateway: Gateway,
  query: PaymentQuery,
  limit: number,
  tenant?: string,
): Promise<FoundPayments> {
  const { journal } = gateway.ports
  const found = await candidates(gateway, query, limit + 1, tenant)
  if (query.by !== 'status') {
    const own = found.filter(({ payment }) => tenant === undefined || payment.tenant === tenant)
    return { payments: own.slice(0, limit), more: own.length > limit }
  }
  const open = await journal.listOpen(tenant, OPEN_LOOKED_AT_MAX)
  const wanted = open
    .filter(({ payment }) => awaitsPerson(payment) === (query.status === 'manual'))
    .sort((a, b) => a.payment.createdAt - b.payment.createdAt)
  const more = wanted.length > limit || open.length === OPEN_LOOKED_AT_MAX
  return { payments: wanted.slice(0, limit), more }
}

async function candidates(
  gateway: Gateway,
  query: PaymentQuery,
  limit: number,
  tenant: string | undefined,
): Promise<StoredPayment[]> {
  const { journal } = gateway.ports
  switch (query.by) {
    case 'order': {
      const tenants = tenant === undefined ? [...gateway.runtime().tenants.keys()] : [tenant]
      const found = await Promise.all(tenants.map(id => journal.findByOrder(id, query.orderId, limit)))
      return found.flat()
    }
    case 'reference': {
      const found = await journal.findByReference(query.reference)
      return found === undefined ? [] : [found]
    }
    case 'provider_reference':
      return journal.findByProviderReference(query.providerReference, limit)
    case 'status':
      return []
  }
}

/** One payment with everything that was ever written about its money. */
export async function showPayment(
  gateway: Gateway,
  id: string,
  tenant?: string,
): Promise<{ readonly stored: StoredPayment; readonly history: readonly HistoryRow[] } | undefined> {
  const { journal } = gateway.ports
  const tenants = tenant === undefined ? [...gateway.runtime().tenants.keys()] : [tenant]
  for (const owner of tenants) {
    const stored = await journal.find(owner, id)
    if (stored !== undefined) return { stored, history: await journal.history(owner, id) }
  }
  return undefined
}
