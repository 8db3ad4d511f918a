import type { PayerFacts } from '../core/eligibility/facts.ts'

/** What a lender's eligibility service answered. `unavailable` covers every failure, late and malformed answers too. */
export type FactsAnswer =
  | { readonly kind: 'known'; readonly facts: PayerFacts }
  | { readonly kind: 'unknown_payer' }
  | { readonly kind: 'unavailable'; readonly cause: string }

/** Asks a lender about a payer. Free of side effects, safe to repeat. */
export interface EligibilityProvider {
  /** Never rejects and settles within `timeoutMs`. */
  facts(
    payer: string,
    currency: string,
    options: { readonly timeoutMs: number; readonly traceparent?: string },
  ): Promise<FactsAnswer>
}
