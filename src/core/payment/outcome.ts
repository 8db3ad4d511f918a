import type { DeclineCategory } from './decline.ts'
import type { Money } from './money.ts'

/** What the payer has to do to go on. */
export interface NextAction {
  readonly type: 'redirect' | 'qr_code' | 'app_link' | 'form'
  readonly url?: string
  readonly payload?: string
  /** Unix ms. */
  readonly expiresAt: number
}

/**
 * What one exchange with an upstream has told. Only `approved`, `authorized`, `declined` and `canceled` are
 * facts about money. `not_sent` is proof, by the live caller alone, that no byte left. `not_found` proves nothing
 * by itself. Whatever cannot be classified is `unknown`.
 */
export type UpstreamResult =
  | { readonly kind: 'approved' | 'authorized'; readonly amount: Money; readonly providerReference?: string }
  | { readonly kind: 'declined'; readonly category: DeclineCategory; readonly code?: string }
  | { readonly kind: 'processing'; readonly providerReference?: string }
  | { readonly kind: 'requires_action'; readonly nextAction: NextAction; readonly providerReference?: string }
  | { readonly kind: 'unknown'; readonly cause: UnknownCause }
  | { readonly kind: 'not_sent'; readonly cause: string }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'already_paid' }

export type UnknownCause =
  | 'timeout'
  | 'connection'
  | 'upstream_error'
  | 'unreadable'
  | 'mismatch'
  | 'abandoned'

/**
 * How a piece of evidence reached us. `caller` is the live process that made the first send. Whoever sends an
 * attempt again marks it `unknown` first, so that a resend that did not leave proves nothing about the first send.
 */
export type EvidenceSource = 'caller' | 'query' | 'cancel' | 'notification' | 'operator'

/** One observation about one attempt. Evidence is applied commutatively and idempotently. */
export interface Evidence {
  readonly reference: string
  readonly source: EvidenceSource
  readonly result: UpstreamResult
  /** Unix ms at which it was observed. */
  readonly at: number
  /** How long the exchange took, so that `at` less this is when it was asked, or earlier. Queries must give it. */
  readonly latencyMs?: number
}
