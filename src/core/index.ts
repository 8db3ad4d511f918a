/**
 * The pure part for programs that want it without the gateway: decisions that replay bit for bit, the optimal cascade,
 * instalment plans with their annual rates, and reasons in words. No I/O, no clock, no randomness.
 */
export { bestWithin, rankCascade, sequenceValue, sortByIndex } from './cascade/rank.ts'
export type { CascadeOptions, Step } from './cascade/rank.ts'
export { planInstalments } from './credit/instalment-plan.ts'
export type { InstalmentTerms, Purchase } from './credit/instalment-plan.ts'
export { offerInstalmentPlans } from './credit/price-cap.ts'
export type { InstalmentPlan, PriceCapRule } from './credit/types.ts'
export { decide } from './decision.ts'
export type { Candidate, Decision, DecisionInputs, DecisionPolicy } from './decision.ts'
export { compileRules } from './eligibility/policy.ts'
export type { PolicyRule } from './eligibility/policy.ts'
export { explainReasons } from './explain/explain.ts'
export type { PaymentContext } from './payment/context.ts'
export type { Route } from './payment/route.ts'
export { valueRoute } from './scoring/value.ts'
