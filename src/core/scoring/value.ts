import type { Estimate } from '../learning/types.ts'
import { BPS } from '../payment/money.ts'

/** What is believed of a route when the decision is made, as plain numbers. Part of the decision record. */
export interface RouteEstimate {
  /** P(approved | definite answer), 0..1. */
  readonly approval: number
  /** P(outcome unknown), 0..1. */
  readonly unknown: number
  readonly latencyMs: number
  /** P(technical failure | outcome known), 0..1; 0 when absent. The route's health, apart from what it approves. */
  readonly failure?: number
  /** How sure that is, for exploration; without it the route is not explored. */
  readonly belief?: Pick<Estimate, 'settled' | 'suspected' | 'mode'>
}

/** What an attempt on a route costs, in minor units of the payment's currency. */
export interface RouteCosts {
  /** On success: merchant discount, fixed fee, subsidy. */
  readonly success: number
  /** On every attempt, whatever comes of it. */
  readonly perAttempt: number
  /** Expected credit loss when the platform bears it: PD x LGD x amount. */
  readonly expectedLoss: number
  /** Shadow price of the funding pool for this amount. */
  readonly shadowPrice: number
}

/** The policy's numbers behind every value. */
export interface Economics {
  /** Contribution margin on the order, basis points of the amount. */
  readonly marginBps: number
  /** Rate at which waiting shoppers leave, per second. */
  readonly abandonmentPerSecond: number
  /** Cost of one unknown outcome, minor units. */
  readonly unknownCost: number
  /** Share of the amount lost when a credit payer defaults, 0..1. */
  readonly lossGivenDefault: number
  /** What counts, in percent; value alone when absent. See `gainTerms`. */
  readonly objective?: { readonly value: number; readonly approval: number; readonly cost: number }
}

/** The value of trying a route, with every term that made it. Money terms in minor units, not rounded. */
export interface RouteValue {
  /** What the cascade sorts by: gain / (1 - continuation). */
  readonly index: number
  /** A: expected gain of this try alone. */
  readonly gain: number
  /** B: chance that it fails definitely and the shopper is still there, below 1. */
  readonly continuation: number
  readonly approval: number
  readonly unknown: number
  /** P(technical failure | outcome known). */
  readonly failure: number
  readonly latencyMs: number
  readonly margin: number
  readonly cost: number
  readonly perAttempt: number
  readonly expectedLoss: number
  readonly shadowPrice: number
  readonly unknownCost: number
  /** What `prefer` rules added, minor units. */
  readonly preference: number
}

/** Largest chance of going on that is used, so that the index stays finite. */
const CONTINUATION_MAX = 0.999_999

/**
 * Values one route for one payment.
 *
 *     p = (1-u)(1-h) q   f = (1-u) - p        a = 1 - exp(-kappa t)
 *     A = -k + p (M - C - L - lambda) - u U + preference
 *     B = f (1 - a)
 *
 * u unknown, h technical failure (it takes from p and lets the cascade go on), q approval given an answer, k cost per attempt, M margin on the order (not the ticket),
 * C success cost, L expected credit loss, lambda shadow price, U cost of an unknown, kappa abandonment per
 * second, t latency.
 */
export function valueRoute(
  amount: number,
  estimate: RouteEstimate,
  costs: RouteCosts,
  economics: Economics,
  preferenceBps: number,
): RouteValue {
  const { approval, unknown, latencyMs, failure = 0 } = estimate
  const succeeds = (1 - unknown) * (1 - failure) * approval
  const terms = {
    unknown,
    margin: (amount * economics.marginBps) / BPS,
    cost: costs.success,
    perAttempt: costs.perAttempt,
    expectedLoss: costs.expectedLoss,
    shadowPrice: costs.shadowPrice,
    unknownCost: economics.unknownCost,
    preference: (amount * preferenceBps) / BPS,
  }
  const { base, perSuccess } = gainTerms(terms, economics)
  const gain = base + succeeds * perSuccess
  const goesOn = (1 - unknown - succeeds) * staysChance(latencyMs, economics)
  const continuation = Math.min(CONTINUATION_MAX, goesOn)
  return { index: gain / (1 - continuation), gain, continuation, approval, failure, latencyMs, ...terms }
}

type GainTerms = Omit<RouteValue, 'index' | 'gain' | 'continuation' | 'approval' | 'failure' | 'latencyMs'>

/**
 * The gain as a line in the chance of success: A = base + p perSuccess.
 *
 * With an objective the operator weighs three goals, each in money: `value` is A as above, `approval` counts
 * every approval as its margin whatever it costs, `cost` charges the full price of a success whatever comes of it.
 */
export function gainTerms(terms: GainTerms, economics: Economics): { base: number; perSuccess: number } {
  const { margin, cost, perAttempt, expectedLoss, shadowPrice, unknown, unknownCost, preference } = terms
  const own = cost + expectedLoss + shadowPrice
  const { objective } = economics
  if (objective === undefined)
    return { base: preference - perAttempt - unknown * unknownCost, perSuccess: margin - own }
  const [value, approval, thrift] = [objective.value / 100, objective.approval / 100, objective.cost / 100]
  return {
    base: preference - value * (perAttempt + unknown * unknownCost) - thrift * (own + perAttempt),
    perSuccess: (value + approval) * margin - value * own,
  }
}

/** Chance that the payer is still there after waiting for an answer. */
export function staysChance(latencyMs: number, economics: Economics): number {
  return Math.exp((-economics.abandonmentPerSecond * latencyMs) / 1_000)
}

/** Success cost of a route for an amount: a share of it, rounded half up to a minor unit, and a fixed fee. */
export function successCost(
  amount: number,
  cost: { readonly percentBps: number; readonly fixed: number },
): number {
  return Math.floor((amount * cost.percentBps + BPS / 2) / BPS) + cost.fixed
}
