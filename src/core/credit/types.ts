/**
 * The vocabulary of the credit room. Money is an integer in minor units of the named currency, times are epoch
 * milliseconds (`...Ms`) or calendar dates (`IsoDate`), rates are basis points, parts per million or plain fractions
 * as the name says. Nothing here reads a clock: every decision takes its time as an argument.
 */

/** A calendar date `YYYY-MM-DD` in the lender's own time zone. */
export type IsoDate = string

/** Credit reasons a shopper may be told. The wording is the explanation catalogue's. */
export const CREDIT_REASON_CODES = [
  'CRD_NOT_ACTIVATED',
  'CRD_LIMIT_INSUFFICIENT',
  'CRD_OVERDUE',
  'CRD_HISTORY_INSUFFICIENT',
  'CRD_OBLIGATIONS_HIGH',
  'CRD_ASSESSMENT_NOT_MET',
  'CRD_INFO_UNVERIFIED',
  'CRD_NOT_ELIGIBLE_BY_RULE',
  'CRD_FROZEN_BY_USER',
] as const

export type CreditReasonCode = (typeof CREDIT_REASON_CODES)[number]

/** The reasons that a scorecard's feature may give; the others are facts of law or account, which no score knows. */
export const FEATURE_REASONS = [
  'CRD_OVERDUE',
  'CRD_HISTORY_INSUFFICIENT',
  'CRD_OBLIGATIONS_HIGH',
  'CRD_ASSESSMENT_NOT_MET',
  'CRD_INFO_UNVERIFIED',
] as const satisfies readonly CreditReasonCode[]

export const FACT_DIMENSIONS = [
  'payment_history',
  'obligations',
  'stability',
  'consumption',
  'bureau',
  'unspecified',
] as const

/** The area a fact speaks about; a refusal names areas, never values or weights. */
export type FactDimension = (typeof FACT_DIMENSIONS)[number]

/** One known value of a payer. `null` and absence both mean "not known" and have their own bin. */
export type FactValue = number | string | null

/** What a scorecard is asked with: raw column name to value. */
export type FactValues = Readonly<Record<string, FactValue | undefined>>

// --- instalment plans -------------------------------------------------------------------------------------------

/** One charge beside the principal, as it has to be disclosed: what, to whom, borne by whom, how much in all. */
export interface FeeItem {
  readonly code: string
  readonly payee: string
  readonly bearer: 'payer' | 'merchant'
  readonly timing: 'upfront' | 'per_instalment'
  readonly total: number
}

export interface Instalment {
  /** 1-based. */
  readonly number: number
  readonly dueDate: IsoDate
  readonly principal: number
  readonly fee: number
  readonly total: number
}

/** A complete offer. What a payer consents to is all of it; a changed figure is another plan. */
export interface InstalmentPlan {
  readonly currency: string
  readonly principal: number
  readonly instalments: number
  readonly startDate: IsoDate
  readonly schedule: readonly Instalment[]
  readonly feeItems: readonly FeeItem[]
  /** Everything the payer pays beside the principal, upfront and by instalment. */
  readonly totalFee: number
  /** principal + totalFee. */
  readonly totalPayable: number
  /** Simple annual rate of the payer, 12 r, as a fraction (0.109 is 10.9 %). To be labelled "simple". */
  readonly annualRateSimple: number
  /** Compound annual rate of the payer, (1 + r)^12 - 1, as a fraction. To be labelled "compound (IRR)". */
  readonly annualRateCompound: number
  /** What the lender earns when a merchant's subsidy is counted in; equals the payer's rates without one. */
  readonly lenderYieldSimple: number
  readonly lenderYieldCompound: number
  /** What the merchant bears, deducted from its settlement: a cost of the route, not of the payer. */
  readonly merchantSubsidy: number
  /** Whether fees of instalments not yet due are given back on early repayment or refund. */
  readonly feeRefundable: boolean
}

/** A dated ceiling on the all-in price of new credit; the latest one in effect on the day of the offer holds. */
export interface PriceCapRule {
  readonly effectiveFrom: IsoDate
  readonly basis: 'simple' | 'compound' | 'both'
  readonly capBps: number
}

// --- assessment -------------------------------------------------------------------------------------------------

/** A principal reason behind a score: which feature lost points against its best bin, and how many. */
export interface ReasonFactor {
  readonly feature: string
  readonly dimension: FactDimension
  /** Public code of this feature, when the model's owner declared one that is true whenever the feature is weak. */
  readonly reason: CreditReasonCode
  /** Index of the bin the payer fell in; for the audit log only. */
  readonly bin: number
  readonly points: number
  readonly shortfall: number
}

export interface Assessment {
  /** Points, unrounded; show it rounded, decide on the float. */
  readonly score: number
  /** Calibrated probability of default over the model's own horizon, 0..1. */
  readonly pd: number
  /** At most four, greatest shortfall first. */
  readonly factors: readonly ReasonFactor[]
  readonly modelVersion: string
}

/** How willing the lender is to lend; moves cut-offs, limits and terms together. */
export type RiskPosture = 'expansion' | 'neutral' | 'contraction'
