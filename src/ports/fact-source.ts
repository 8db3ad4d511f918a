import type { FactValues } from '../core/credit/types.ts'

/** What a source of facts answered. `unavailable` covers every failure, late and malformed answers too. */
export type SourceAnswer =
  /** `asOf` is Unix ms; the moment of asking when absent. */
  | { readonly kind: 'known'; readonly values: FactValues; readonly asOf?: number }
  | { readonly kind: 'unknown_payer' }
  | { readonly kind: 'unavailable'; readonly cause: string }

/** A source of facts about payers beside the lender, such as a credit bureau. Each question may cost money. */
export interface FactSourceProvider {
  /** Never rejects and settles within `timeoutMs`. */
  ask(payer: string, options: { readonly timeoutMs: number }): Promise<SourceAnswer>
}
