import { hash32 } from '../hash.ts'
import {
  type ExplorationCandidate,
  explorationChoice,
  type ExplorationPolicy,
} from '../learning/exploration.ts'
import type { Tender } from '../payment/context.ts'
import {
  type Economics,
  gainTerms,
  type RouteEstimate,
  type RouteValue,
  staysChance,
} from '../scoring/value.ts'

/** A route that may stand at the head of the cascade, in the order of the cascade. */
export interface Explorable {
  readonly route: string
  readonly tender: Tender
  readonly estimate: RouteEstimate
  readonly value: RouteValue
}

export interface Explored {
  readonly route: string
  /** Probability with which this route was chosen, and with which any other than the best known one was. */
  readonly propensity: number
  readonly share: number
  readonly explored: boolean
}

export interface ExploreInputs {
  /** The best known route first; then the others that the payer would not tell apart from it but by their names. */
  readonly routes: readonly Explorable[]
  readonly policy: ExplorationPolicy
  readonly economics: Economics
  /** Share that may be used now: what is left of the budget. */
  readonly allowance: number
  /** Of the payment, and how many attempts it has behind it: each draws anew. */
  readonly seed: number
  readonly attempt: number
}

/**
 * Keeps the head of a cascade, or puts another route of its tender in its place in order to learn.
 *
 * Trying i before the head h is better exactly when A_i + B_i V > V, with V the index of h (see the proof in
 * `rank.ts`), and the left side is a line in the approval of i: that is what is compared. Credit routes are never
 * explored, because they differ in what the payer pays.
 */
export function exploreHead(inputs: ExploreInputs): Explored | undefined {
  const { routes, policy, economics, allowance, seed, attempt } = inputs
  const [head] = routes
  if (head === undefined || head.tender === 'credit') return undefined
  const lines = routes.flatMap(candidate => lineOf(candidate, head.value.index, economics) ?? [])
  if (lines[0]?.route !== head.route || lines.length < 2) return undefined
  const { valueAtRiskMax } = policy
  const choice = explorationChoice(
    lines,
    {
      allowance,
      valueAtRisk: head.value.margin,
      ...(valueAtRiskMax === undefined ? {} : { valueAtRiskMax }),
    },
    hash32(`explore/${attempt}`, seed),
  )
  return choice.share > 0 ? choice : undefined
}

function lineOf(
  { route, tender, estimate, value }: Explorable,
  headIndex: number,
  economics: Economics,
): ExplorationCandidate | undefined {
  const { belief, unknown, failure = 0, latencyMs, approval } = estimate
  if (belief === undefined) return undefined
  const { base, perSuccess } = gainTerms(value, economics)
  const goesOn = staysChance(latencyMs, economics) * headIndex
  const slope = (1 - unknown) * (1 - failure) * (perSuccess - goesOn)
  if (!(slope > 0)) return undefined
  const { settled, suspected, mode } = belief
  return {
    route,
    group: tender,
    base: base + (1 - unknown) * goesOn,
    slope,
    estimate: {
      approval: { mean: approval, strength: settled.strength },
      settled,
      suspected,
      mode,
      unknown,
      failure,
      latencyMs,
    },
  }
}
