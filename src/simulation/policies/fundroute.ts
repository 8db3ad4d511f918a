import { estimate } from '../../core/learning/estimate.ts'
import {
  createExplorationBudget,
  DEFAULT_EXPLORATION,
  explorationAllowance,
  type ExplorationCandidate,
  explorationChoice,
  type ExplorationPolicy,
  spendExploration,
} from '../../core/learning/exploration.ts'
import { learn } from '../../core/learning/learn.ts'
import { sampleApproval } from '../../core/learning/sample.ts'
import type { LearningSettings } from '../../core/learning/settings.ts'
import { createLearning } from '../../core/learning/state.ts'
import type { RoutePrior } from '../../core/learning/types.ts'
import type { SimulatedPayment } from './environment.ts'
import { indexOfMax, type PolicyFactory, type PolicyWorld, type RouteTerms } from './policy.ts'

/** What the simulated gateway believes before the first payment: the same of every route. */
const PRIOR: RoutePrior = { approval: 0.9, unknown: 0, latencyMs: 1_000, strength: 2 }

export interface FundrouteOptions {
  readonly exploration?: Partial<ExplorationPolicy>
  readonly learning?: Partial<LearningSettings>
  /** Thompson sampling over all payments instead of the bounded share. */
  readonly thompson?: { readonly temperature: number; readonly floor: number }
}

/** The gateway's own learner (`core/learning`), driven as the gateway drives it. */
export function fundroute(options: FundrouteOptions = {}): PolicyFactory {
  return world => {
    const state = createLearning(
      Object.fromEntries(world.routes.map(({ id }) => [id, PRIOR])),
      options.learning,
    )
    const policy = { ...DEFAULT_EXPLORATION, ...options.exploration }
    const budget = createExplorationBudget(policy)
    const segmentsOf = segmentKeys(world)
    const indexOf = new Map(world.routes.map(({ id }, i) => [id, i]))
    const assess = (payment: SimulatedPayment): ExplorationCandidate[] =>
      world.routes.map(route => ({
        route: route.id,
        group: 'all',
        estimate: estimate(state, {
          segments: segmentsOf(payment.segment),
          route: route.id,
          stage: 'first',
          now: payment.at,
        }),
        base: 0,
        slope: slopeOf(world, route, payment.amount),
      }))

    return {
      choose: payment => {
        const candidates = assess(payment)
        if (options.thompson !== undefined) {
          const { thompson } = options
          const drawn = candidates.map(
            ({ estimate: believed, slope }) => slope * sampleApproval(believed, world.random, thompson),
          )
          return indexOf.get(candidates[indexOfMax(drawn)]!.route) as number
        }
        putBestFirst(candidates)
        const allowance = explorationAllowance(budget, policy)
        const choice = explorationChoice(
          candidates,
          { allowance, valueAtRisk: 0 },
          seedOf(world.seed, payment.number),
        )
        spendExploration(budget, choice)
        return indexOf.get(choice.route) as number
      },
      observe: ({ payment, route, approved, now }) => {
        learn(state, {
          attemptId: `${payment.number}`,
          route: world.routes[route]!.id,
          segments: segmentsOf(payment.segment),
          stage: 'first',
          result: approved ? { kind: 'approved' } : { kind: 'declined', category: 'issuer_declined' },
          dispatchedAt: payment.at,
          observedAt: now,
        })
      },
    }
  }
}

/** A scenario without segments has the route-wide level alone. */
function segmentKeys({ segmentCount }: PolicyWorld): (segment: number) => readonly string[] {
  if (segmentCount === 1) return () => []
  const keys = Array.from({ length: segmentCount }, (_, i) => [`segment:${i}`] as const)
  return segment => keys[segment] as readonly string[]
}

function slopeOf({ marginBps }: PolicyWorld, route: RouteTerms, amount: number): number {
  if (marginBps === undefined) return 1
  return Math.max(1e-6, (amount * (marginBps - route.costBps)) / 10_000 - route.costFixed)
}

function putBestFirst(candidates: ExplorationCandidate[]): void {
  const best = indexOfMax(candidates.map(({ slope, estimate: { approval } }) => slope * approval.mean))
  const [head] = candidates.splice(best, 1)
  candidates.unshift(head as ExplorationCandidate)
}

function seedOf(runSeed: number, payment: number): number {
  return (Math.imul(runSeed, 0x9e3779b1) ^ Math.imul(payment + 1, 0x85ebca6b)) >>> 0
}
