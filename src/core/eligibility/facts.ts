/** What a lender's eligibility service says about one payer. Amounts in minor units of the asked currency. */
export interface PayerFacts {
  readonly activated: boolean
  readonly frozen: boolean
  readonly availableCredit: number
  readonly daysPastDue: number
  readonly tier?: string
  /** Reason codes that the provider itself gives, such as CRD_NOT_ELIGIBLE_BY_RULE. */
  readonly restrictions?: readonly string[]
  /** Unix ms at which the provider computed this. Our own approvals after it are not in it yet. */
  readonly asOf: number
  readonly version?: string
}

/**
 * What is known about a payer on one route at decision time. `fresh` false means older than the fresh limit but
 * within the stale limit: good enough for a quote, not for paying with credit.
 */
export type FactState =
  | { readonly kind: 'known'; readonly facts: PayerFacts; readonly fresh: boolean }
  | { readonly kind: 'unknown_payer' }
  | { readonly kind: 'unavailable' }
