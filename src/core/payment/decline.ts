/** The classes into which every upstream's refusals are mapped. Codes of one upstream never speak for another. */
export const DECLINE_CATEGORIES = [
  'not_sent',
  'outcome_unknown',
  'upstream_unavailable',
  'insufficient_funds',
  'limit_exceeded',
  'authentication_required',
  'credential_invalid',
  'instrument_blocked',
  'suspected_fraud',
  'issuer_declined',
  'not_permitted',
  'credit_refused',
  'funding_unavailable',
  'invalid_request',
] as const
export type DeclineCategory = (typeof DECLINE_CATEGORIES)[number]

/**
 * Where a payment may go after a definite refusal.
 * - `any`: every other consented route
 * - `other_tender`: the instrument is the cause, so only a route of another tender
 * - `once`: one further route, then it stands
 * - `non_credit`: any consented route that is not credit
 * - `never`: the payment ends here
 */
export type Failover = 'any' | 'other_tender' | 'once' | 'non_credit' | 'never'

interface DeclineRule {
  readonly failover: Failover
  /** Whether it speaks of the route's technical health and so counts for its breaker. */
  readonly health: boolean
}

/**
 * What each category allows. `outcome_unknown` is not a refusal: it blocks failover until it is resolved.
 * `suspected_fraud` and `invalid_request` are never tried elsewhere automatically: the first because another
 * route must not be used to get round a risk decision, the second because the fault is ours.
 */
export const DECLINE_RULES: Readonly<Record<DeclineCategory, DeclineRule>> = {
  not_sent: { failover: 'any', health: true },
  outcome_unknown: { failover: 'never', health: true },
  upstream_unavailable: { failover: 'any', health: true },
  insufficient_funds: { failover: 'any', health: false },
  limit_exceeded: { failover: 'any', health: false },
  authentication_required: { failover: 'any', health: false },
  credential_invalid: { failover: 'other_tender', health: false },
  instrument_blocked: { failover: 'other_tender', health: false },
  suspected_fraud: { failover: 'never', health: false },
  issuer_declined: { failover: 'once', health: false },
  not_permitted: { failover: 'any', health: false },
  credit_refused: { failover: 'non_credit', health: false },
  funding_unavailable: { failover: 'any', health: false },
  invalid_request: { failover: 'never', health: false },
}

export function isDeclineCategory(value: string): value is DeclineCategory {
  return Object.hasOwn(DECLINE_RULES, value)
}
