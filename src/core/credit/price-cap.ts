import { assertIsoDate } from './calendar.ts'
import { type InstalmentTerms, type Purchase, planInstalments } from './instalment-plan.ts'
import type { InstalmentPlan, IsoDate, PriceCapRule } from './types.ts'

/**
 * The all-in ceiling that applies unless configured: 24 % a year, tested on both bases, since the rule on loan
 * facilitation by banks took effect (金规〔2025〕9号). For micro-lenders a further step is announced (four times the
 * one-year LPR for new loans by the end of 2027): add it as a rule with its own date once the rate is known.
 */
export const DEFAULT_PRICE_CAPS: readonly PriceCapRule[] = [
  { effectiveFrom: '2025-10-01', basis: 'both', capBps: 2400 },
]

/** Why a term was not offered; for operators. */
export interface RefusedTerm {
  readonly instalments: number
  readonly reason: 'no_price_cap_rule' | 'above_price_cap' | 'principal_too_small'
  /** The dearer of the two rates, as a fraction, when it was computed. */
  readonly annualRate?: number
}

export interface Offers {
  readonly plans: readonly InstalmentPlan[]
  readonly refused: readonly RefusedTerm[]
}

/** The rule in effect on `date`: the one with the latest start not after it, or undefined. */
export function priceCapOn(rules: readonly PriceCapRule[], date: IsoDate): PriceCapRule | undefined {
  assertIsoDate(date)
  let current: PriceCapRule | undefined
  for (const rule of rules) {
    if (rule.effectiveFrom <= date && (!current || rule.effectiveFrom > current.effectiveFrom)) current = rule
  }
  return current
}

/** Whether a plan's price to the payer is at or under the rule's cap on each basis the rule names. */
export function withinPriceCap(plan: InstalmentPlan, rule: PriceCapRule): boolean {
  const cap = rule.capBps / 10_000
  const simple = rule.basis === 'compound' || plan.annualRateSimple <= cap
  const compound = rule.basis === 'simple' || plan.annualRateCompound <= cap
  return simple && compound
}

/**
 * Makes the plans that may be offered for a purchase, in the order of the terms given. A term above the cap in effect
 * on the start date is left out, and so is every term when no rule is in effect: an offer needs a rule that allows it.
 * The gate reads the plan's real cash flows, so the rounding of a tiny purchase cannot slip through.
 */
export function offerInstalmentPlans(
  purchase: Purchase,
  terms: readonly InstalmentTerms[],
  rules: readonly PriceCapRule[] = DEFAULT_PRICE_CAPS,
): Offers {
  const rule = priceCapOn(rules, purchase.startDate)
  const plans: InstalmentPlan[] = []
  const refused: RefusedTerm[] = []
  for (const term of terms) {
    const { instalments } = term
    if (!rule) {
      refused.push({ instalments, reason: 'no_price_cap_rule' })
      continue
    }
    if (purchase.principal < instalments) {
      refused.push({ instalments, reason: 'principal_too_small' })
      continue
    }
    const plan = planInstalments(purchase, term)
    if (withinPriceCap(plan, rule)) plans.push(plan)
    else refused.push({ instalments, reason: 'above_price_cap', annualRate: plan.annualRateCompound })
  }
  return { plans, refused }
}

/**
 * The highest flat monthly fee, in whole parts per million, whose plan stays at or under the cap (before the rounding
 * of amounts to minor units). With annuity factor a at the cap's monthly rate, payment = P / a, so f = 1/a - 1/n.
 */
export function highestMonthlyFeePpm(
  instalments: number,
  capBps: number,
  basis: 'simple' | 'compound',
): number {
  const cap = capBps / 10_000
  const rate = basis === 'simple' ? cap / 12 : (1 + cap) ** (1 / 12) - 1
  if (rate <= 0) return 0
  const annuity = (1 - (1 + rate) ** -instalments) / rate
  return Math.floor((1 / annuity - 1 / instalments) * 1_000_000)
}
