import type { Money } from '../core/payment/money.ts'
import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'

/** One line of what an upstream has on its books, as a person brings it. */
export interface UpstreamRecord {
  readonly route: string
  /** Ours, of the attempt. */
  readonly reference: string
  readonly orderId: string
  readonly status: 'approved' | 'authorized' | 'declined' | 'canceled' | 'captured' | 'refunded'
  readonly amount: Money
  readonly providerReference?: string
  /** Ours, of a capture or refund: needed for these two. */
  readonly operationReference?: string
  /** Of a capture: it was the last one, and the rest of the authorization is released there. */
  readonly final?: boolean
  /** Needed where the order alone does not tell it. */
  readonly tenant?: string
}

/** What came of one record. `manual` says why a person has to look; it is brought again when that is done. */
export type Reconciled =
  | { readonly kind: 'known' | 'updated' | 'adopted' | 'recreated' | 'no_money' }
  | { readonly kind: 'manual'; readonly reason: ManualReason }

export type ManualReason =
  | 'route_unknown'
  | 'tenant_unknown'
  | 'order_differs'
  | 'amount_differs'
  | 'order_paid_otherwise'
  | 'upstream_disagrees'
  | 'upstream_unreachable'
  | 'payment_unknown'
  | 'operation_does_not_fit'

/**
 * Records that bring new references come after those that may free their order; operations after their payments, the last
 * capture after the others, and refunds after what they give back.
 */
export function inOrder(records: readonly UpstreamRecord[]): UpstreamRecord[] {
  const rank = ({ status, final }: UpstreamRecord): number => {
    switch (status) {
      case 'declined':
      case 'canceled':
        return 0
      case 'approved':
      case 'authorized':
        return 1
      case 'captured':
        return final === true ? 3 : 2
      case 'refunded':
        return 4
    }
  }
  return records.toSorted((a, b) => rank(a) - rank(b))
}

/** What a record says of the attempt. */
export function resultOf({ status, amount, providerReference }: UpstreamRecord): UpstreamResult {
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

/** The record as if the upstream had been asked. */
export function evidenceOf(record: UpstreamRecord, at: number): Evidence {
  return { reference: record.reference, source: 'query', result: resultOf(record), at }
}

export function manual(reason: ManualReason): Reconciled {
  return { kind: 'manual', reason }
}
