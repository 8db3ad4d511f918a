import { hashUnit } from '../hash.ts'
import type { Belief, Estimate } from './types.ts'

/** What an operator allows. */
export interface ExplorationPolicy {
  /** Share of payments that may be sent elsewhere than to the best known route, over the long run, 0..0.5. */
  readonly shareMax: number
  /** Payments by which learning may run ahead of that share, at the start and after changes. */
  readonly burst: number
  /** What may at most be at stake in a payment that explores, in minor units; absent: no limit. */
  readonly valueAtRiskMax?: number
}

/** Decisions whose share of exploration may be used ahead of time. */
const BURST_DECISIONS = 10_000

/** The burst that goes with a share, so that an operator who allows little is not surprised by a start or a restart. */
export function burstOf(shareMax: number): number {
  return BURST_DECISIONS * shareMax
}

export const DEFAULT_EXPLORATION: ExplorationPolicy = { shareMax: 0.05, burst: burstOf(0.05) }

/** Most of one moment's traffic that may explore, so that the best route keeps a share to be judged by. */
const SHARE_PEAK = 0.5

/** Share that every candidate gets in any case, all of them together. */
const FLOOR = 0.01

/** Variance of a belief as it enters the comparison, against what it is. Below 1 explores less. */
const TEMPERATURE = 0.25

/** The allowance of an instance: refilled by `shareMax` per decision, never above `burst`. */
export interface ExplorationBudget {
  available: number
}

export function createExplorationBudget(policy: ExplorationPolicy): ExplorationBudget {
  return { available: policy.burst }
}

/**
 * The share that the next decision may explore with; refills the budget by one decision. It is an input of the
 * decision and is recorded with it. In any n decisions at most `burst + n shareMax` explore on average.
 */
export function explorationAllowance(budget: ExplorationBudget, policy: ExplorationPolicy): number {
  if (policy.shareMax <= 0) return 0
  budget.available = Math.min(Math.max(policy.burst, policy.shareMax), budget.available + policy.shareMax)
  return Math.min(SHARE_PEAK, Math.max(0, budget.available))
}

/** Books what a decision has used. */
export function spendExploration(budget: ExplorationBudget, choice: ExplorationChoice): void {
  budget.available -= choice.share
}

export interface ExplorationCandidate {
  readonly route: string
  /** Tender and price to the payer: only candidates of the head's group are explored. */
  readonly group: string
  readonly estimate: Estimate
  /** Value of the try as a line in the approval rate: `base + slope x approval`, slope > 0. */
  readonly base: number
  readonly slope: number
}

export interface ExplorationChoice {
  readonly route: string
  readonly explored: boolean
  /** Probability with which this route was chosen, given all inputs. Exact. */
  readonly propensity: number
  /** Probability that another route than the head would have been chosen. */
  readonly share: number
}

export interface ExplorationLimits {
  /** From `explorationAllowance`. */
  readonly allowance: number
  /** What is at stake in this payment, in minor units: its margin, say. */
  readonly valueAtRisk: number
  readonly valueAtRiskMax?: number
}

/**
 * Keeps the head of the cascade, or puts another route in its place in order to learn.
 *
 * Each other candidate gets the probability that it is really better than the head (normal approximation of the
 * two beliefs, the suspected change weighed in; open routes thereby get their probe share), scaled down together
 * to the allowance. Unlike Thompson sampling this has propensities in closed form, and only the given share of
 * payments ever leaves the best known route. The same seed (from the payment's id) decides the same again.
 * @param candidates the head first
 */
export function explorationChoice(
  candidates: readonly ExplorationCandidate[],
  limits: ExplorationLimits,
  seed: number,
): ExplorationChoice {
  const head = candidates[0]
  if (head === undefined) throw new RangeError('at least one candidate')
  const kept = { route: head.route, explored: false, propensity: 1, share: 0 }
  if (limits.allowance <= 0 || candidates.length === 1) return kept
  if (limits.valueAtRiskMax !== undefined && limits.valueAtRisk > limits.valueAtRiskMax) return kept

  const shares = candidates.map((candidate, i) =>
    i === 0 || candidate.group !== head.group
      ? 0
      : Math.max(FLOOR / candidates.length, chanceBetter(candidate, head)),
  )
  const wanted = shares.reduce((sum, share) => sum + share, 0)
  const share = Math.min(wanted, limits.allowance, SHARE_PEAK)
  let left = hashUnit('explore', seed) * (share > 0 ? wanted / share : 1)
  for (let i = 1; i < candidates.length; i++) {
    const own = shares[i] as number
    left -= own
    if (own > 0 && left < 0)
      return {
        route: (candidates[i] as ExplorationCandidate).route,
        explored: true,
        propensity: (own * share) / wanted,
        share,
      }
  }
  return { ...kept, propensity: 1 - share, share }
}

function chanceBetter(candidate: ExplorationCandidate, head: ExplorationCandidate): number {
  const target = head.base + head.slope * head.estimate.approval.mean
  const noise = head.slope ** 2 * variance(head.estimate.settled)
  const { settled, suspected } = candidate.estimate
  const usual = chanceAbove(candidate, settled, target, noise)
  if (suspected.weight === 0) return usual
  return (1 - suspected.weight) * usual + suspected.weight * chanceAbove(candidate, suspected, target, noise)
}

function chanceAbove(candidate: ExplorationCandidate, belief: Belief, target: number, noise: number): number {
  const { base, slope } = candidate
  const spread = Math.sqrt(TEMPERATURE * (noise + slope ** 2 * variance(belief)) + 1e-12)
  return normalCdf((base + slope * belief.mean - target) / spread)
}

function variance({ mean, strength }: Belief): number {
  return (mean * (1 - mean)) / (strength + 1)
}

/** Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail =
    0.3989422804 *
    Math.exp((-z * z) / 2) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z > 0 ? 1 - tail : tail
}
