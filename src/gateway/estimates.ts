import {
  type ContextFeatures,
  type ContextModel,
  createContextModel,
  learnContext,
  predictApproval,
  predictionStrength,
  restoreContext,
  snapshotContext,
  type ContextSnapshot,
} from '../core/learning/contextual.ts'
import type { Volume } from '../core/eligibility/policy.ts'
import { estimate } from '../core/learning/estimate.ts'
import {
  createExplorationBudget,
  type ExplorationBudget,
  explorationAllowance,
  type ExplorationPolicy,
} from '../core/learning/exploration.ts'
import { learn } from '../core/learning/learn.ts'
import { lessonOf } from '../core/learning/lesson.ts'
import { featuresOf, segmentsOf } from '../core/learning/payment-features.ts'
import { type LearningSnapshot, restore, snapshot } from '../core/learning/snapshot.ts'
import { createLearning, type LearningState, priorOf, replacePriors } from '../core/learning/state.ts'
import type { RoutePrior, Stage } from '../core/learning/types.ts'
import type { PaymentContext, Tender } from '../core/payment/context.ts'
import type { Route } from '../core/payment/route.ts'
import type { RouteEstimate } from '../core/scoring/value.ts'
import type { Estimator, LearnedAttempt } from '../ports/estimator.ts'
import { learnedResult, type Lesson } from './lesson.ts'
import { type CountedExperiment, Tallies, type TalliesSnapshot } from './tallies.ts'

/** Kinds of payments that are remembered at a time. */
const KINDS_MAX = 2_000
const HOUR_MS = 3_600_000

/** What is learned of a payment, worked out once for all its routes of a tender. */
interface Features {
  readonly segments: readonly string[]
  readonly features: ContextFeatures
}

export interface EstimatesSnapshot {
  readonly learning: LearningSnapshot
  readonly context: ContextSnapshot
  readonly tallies: TalliesSnapshot
}

/** Lessons waiting to be handed to other instances; the oldest go first when nobody takes them, so many at a time. */
const WAITING_MAX = 20_000
const WAITING_DROPPED = 2_000
const BUDGETS_MAX = 1_000

/** Segments and counted attempts (two numbers each) that a snapshot keeps: the newest, so that it stays small. */
const SNAPSHOT_SEGMENTS_MAX = 2_000
const SNAPSHOT_ATTEMPT_NUMBERS_MAX = 40_000

/**
 * The learner over `core/learning`: segments of the payment, shrunk to a model of its context, per route and
 * stage, with the route's technical health beside it. State of this process; `Sharing` carries lessons to other
 * instances and snapshots to the journal.
 */
export class Estimates implements Estimator {
  readonly #metadataKeys: () => readonly string[]
  #state: LearningState
  #tenders: ReadonlyMap<string, Tender>
  #context: ContextModel = createContextModel()
  #tallies = new Tallies()
  #waiting: Lesson[] = []
  readonly #budgets = new Map<string, ExplorationBudget>()
  readonly #features = new WeakMap<PaymentContext, Map<Tender, Features>>()
  readonly #kinds = new Map<string, Features>()

  /** @param metadataKeys entries of a payment's metadata that the model of the context may look at */
  constructor(routes: Iterable<Route>, metadataKeys: () => readonly string[] = () => []) {
    const known = [...routes]
    this.#metadataKeys = metadataKeys
    this.#state = createLearning(priorsOf(known))
    this.#tenders = tendersOf(known)
  }

  /** Routes of a new configuration. What has been observed stays. */
  useRoutes(routes: Iterable<Route>): void {
    const known = [...routes]
    this.#state = replacePriors(this.#state, priorsOf(known))
    this.#tenders = tendersOf(known)
  }

  estimate(route: Route, context: PaymentContext, stage: Stage, now: number): RouteEstimate {
    const { segments, features } = this.#featuresOf(context, route.tender, now)
    const contextual = predictApproval(
      this.#context,
      route.id,
      features,
      priorOf(this.#state, route.id).approval,
    )
    const { approval, settled, suspected, unknown, failure, latencyMs, mode } = estimate(this.#state, {
      segments,
      route: route.id,
      stage,
      now,
      contextual,
    })
    // What the model has seen of payments like this one makes the belief as sure, open routes aside.
    const seen = mode === 'normal' ? predictionStrength(this.#context, route.id, features, contextual) : 0
    const sure = { mean: settled.mean, strength: Math.max(settled.strength, seen) }
    return {
      approval: approval.mean,
      unknown,
      latencyMs,
      failure,
      belief: { settled: sure, suspected, mode },
    }
  }

  learn(attempt: LearnedAttempt): void {
    const result = learnedResult(attempt.result)
    const tender = this.#tenders.get(attempt.route)
    if (result === undefined || tender === undefined) return
    const { segments, features } = this.#featuresOf(attempt.context, tender, attempt.dispatchedAt)
    const { attemptId, route, stage, dispatchedAt, observedAt, latencyMs } = attempt
    const times = { dispatchedAt, observedAt, ...(latencyMs === undefined ? {} : { latencyMs }) }
    const outcome = { attemptId, route, segments, stage, result, ...times }
    const { trials } = attempt
    const lesson = { outcome, features, ...(trials === undefined || trials.length === 0 ? {} : { trials }) }
    if (!this.#take(lesson)) return
    this.#waiting.push(lesson)
    if (this.#waiting.length > WAITING_MAX) this.#waiting.splice(0, WAITING_DROPPED)
  }

  /** Lessons of other instances; those that are known already change nothing. */
  takeIn(lessons: readonly Lesson[]): void {
    for (const lesson of lessons) if (this.#tenders.has(lesson.outcome.route)) this.#take(lesson)
  }

  /** The oldest lessons that have not been handed out, at most `limit`. */
  waiting(limit: number): readonly Lesson[] {
    return this.#waiting.slice(0, limit)
  }

  /** These lessons have been handed out. */
  handedOut(lessons: readonly Lesson[]): void {
    const done = new Set(lessons)
    this.#waiting = this.#waiting.filter(lesson => !done.has(lesson))
  }

  /** P(approved) of a route over all its traffic, as the metric shows it. */
  approvalOf(route: string, now: number): number {
    return estimate(this.#state, { segments: [], route, stage: 'first', now }).approval.mean
  }

  volume(route: string, now: number): Volume {
    return this.#tallies.volume(route, now)
  }

  isStopped(experiment: Omit<CountedExperiment, 'percent'>): boolean {
    return this.#tallies.trial(experiment)?.stopped ?? false
  }

  /** How an experiment stands; undefined before its first attempt. */
  trial(experiment: CountedExperiment): ReturnType<Tallies['trial']> {
    return this.#tallies.trial(experiment)
  }

  explorationAllowance(tenant: string, policy: ExplorationPolicy): number {
    let budget = this.#budgets.get(tenant)
    if (budget === undefined) {
      if (this.#budgets.size >= BUDGETS_MAX) return 0
      budget = createExplorationBudget(policy)
      this.#budgets.set(tenant, budget)
    }
    return explorationAllowance(budget, policy)
  }

  spendExploration(tenant: string, share: number): void {
    const budget = this.#budgets.get(tenant)
    if (budget !== undefined) budget.available -= share
  }

  snapshot(): EstimatesSnapshot {
    const learning = snapshot(this.#state)
    return {
      learning: {
        ...learning,
        segments: learning.segments.slice(-SNAPSHOT_SEGMENTS_MAX),
        attempts: learning.attempts.slice(-SNAPSHOT_ATTEMPT_NUMBERS_MAX),
      },
      context: snapshotContext(this.#context),
      tallies: this.#tallies.snapshot(),
    }
  }

  /** Starts from a snapshot, in place of what is known. Throws `RangeError` and changes nothing when it is unusable. */
  restore(from: EstimatesSnapshot): void {
    const { settings, priors } = this.#state
    const state = createLearning(Object.fromEntries(priors), settings)
    restore(state, from.learning)
    const context = restoreContext(from.context)
    this.#tallies = Tallies.restore(from.tallies)
    this.#context = context
    this.#state = state
  }

  #take({ outcome, features, trials }: Lesson): boolean {
    const prior = priorOf(this.#state, outcome.route).approval
    const contextual = predictApproval(this.#context, outcome.route, features, prior)
    if (learn(this.#state, { ...outcome, contextual }) === 'duplicate') return false
    const { approved, final } = lessonOf(outcome.result)
    if (approved === true) this.#tallies.approved(outcome.route, outcome.observedAt)
    if (final && outcome.stage === 'first')
      for (const [key, side] of trials ?? []) this.#tallies.tried(key, side, approved === true)
    if (approved !== undefined) {
      learnContext(this.#context, outcome.route, features, approved, prior)
    }
    return true
  }

  #featuresOf(context: PaymentContext, tender: Tender, now: number): Features {
    let known = this.#features.get(context)
    if (known === undefined) {
      known = new Map()
      this.#features.set(context, known)
    }
    let features = known.get(tender)
    if (features === undefined) {
      features = this.#featuresOfKind(context, tender, now)
      known.set(tender, features)
    }
    return features
  }

  /** What a payment looks like to the learner is the same for all of its kind in one hour, and costly to work out. */
  #featuresOfKind(context: PaymentContext, tender: Tender, now: number): Features {
    const segments = segmentsOf(context, tender)
    const metadataKeys = this.#metadataKeys()
    let kind = `${segments[0]}\n${context.merchant?.mcc}\n${Math.floor(now / HOUR_MS)}`
    if (metadataKeys.length > 0) {
      kind += JSON.stringify(metadataKeys.map(key => [key, context.metadata?.[key]]))
    }
    const known = this.#kinds.get(kind)
    if (known !== undefined) return known
    const features = { segments, features: featuresOf(context, tender, now, metadataKeys) }
    if (this.#kinds.size >= KINDS_MAX) this.#kinds.clear()
    this.#kinds.set(kind, features)
    return features
  }
}

function priorsOf(routes: readonly Route[]): Record<string, RoutePrior> {
  return Object.fromEntries(routes.map(({ id, priors }) => [id, priors]))
}

function tendersOf(routes: readonly Route[]): ReadonlyMap<string, Tender> {
  return new Map(routes.map(({ id, tender }) => [id, tender]))
}
