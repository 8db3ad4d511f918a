import { type DecisionInputs, type DecisionPolicy, decide, type RouteInputs } from '../../core/decision.ts'
import type { LoggedChoice } from '../../core/evaluation/off-policy.ts'
import { hash32 } from '../../core/hash.ts'
import type { PaymentContext } from '../../core/payment/context.ts'
import type { Route } from '../../core/payment/route.ts'
import { successCost } from '../../core/scoring/value.ts'
import type { Estimates } from '../../gateway/estimates.ts'

/** One attempt of a log, with what was known before it. */
export interface LoggedAttempt {
  readonly id: string
  /** Unix ms. */
  readonly at: number
  /** The payment that it belongs to. */
  readonly cluster: string
  /** First of its payment, or a retry: they may have been chosen by other rules. */
  readonly stage: 'first' | 'retry'
  readonly context: PaymentContext
  readonly route: string
  readonly approved: boolean
  /** Probability with which the route was chosen, when the log has it. */
  readonly propensity?: number
}

/** Net value of an attempt in minor units: its margin when approved, less what the route costs. */
export function netValue(attempt: LoggedAttempt, route: Route, marginBps: number): number {
  return valueOf(attempt, route, marginBps, attempt.approved ? 1 : 0)
}

function valueOf({ context }: LoggedAttempt, route: Route, marginBps: number, approval: number): number {
  const { value } = context.amount
  return approval * ((value * marginBps) / 10_000 - successCost(value, route.cost)) - route.cost.perAttempt
}

/** Lets the gateway's own learner see a part of a log, in its order. */
export function learnFrom(estimates: Estimates, attempts: readonly LoggedAttempt[]): void {
  for (const { id, at, context, stage, route, approved } of attempts) {
    estimates.learn({
      attemptId: id,
      route,
      context,
      stage: stageOf(stage),
      result: approved
        ? { kind: 'approved', amount: context.amount }
        : { kind: 'declined', category: 'issuer_declined' },
      dispatchedAt: at,
      observedAt: at + 1_000,
    })
  }
}

function stageOf(stage: LoggedAttempt['stage']): 'first' | 'issuer_declined' {
  return stage === 'first' ? 'first' : 'issuer_declined'
}

/**
 * Propensities of a log that does not tell them: the shares of the routes, for first attempts and retries apart.
 * Right only when nothing else decided, as in a log of a volume split.
 */
export function sharesOf(attempts: readonly LoggedAttempt[]): (attempt: LoggedAttempt) => number {
  const counts = new Map<string, number>()
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const { stage, route } of attempts) {
    count(stage)
    count(`${stage}|${route}`)
  }
  return ({ stage, route, propensity }) =>
    propensity ?? (counts.get(`${stage}|${route}`) ?? 0) / Math.max(1, counts.get(stage) ?? 0)
}

/** The route that the gateway would try first, from what its learner knows; nothing is explored. */
export function routerOf(
  policy: DecisionPolicy,
  estimates: Estimates,
): (attempt: LoggedAttempt) => string | undefined {
  return ({ id, at, context, stage }) => {
    const routes: Record<string, RouteInputs> = Object.fromEntries(
      policy.routes.map(route => [
        route.id,
        { breaker: 'closed', estimate: estimates.estimate(route, context, stageOf(stage), at) },
      ]),
    )
    const inputs: DecisionInputs = { context, now: at, paying: false, prior: [], routes, seed: hash32(id) }
    return decide(policy, inputs).cascade[0]
  }
}

export interface JudgeOptions {
  readonly routes: readonly Route[]
  readonly marginBps: number
  readonly propensity: (attempt: LoggedAttempt) => number
  /** P(approved) of a route for an attempt, from a model that has not seen the attempts to judge. */
  readonly approval: (attempt: LoggedAttempt, route: Route) => number
}

/** What a policy would have chosen, as rows for the estimators. `choose` undefined: the policy of the log itself. */
export function choicesOf(
  attempts: readonly LoggedAttempt[],
  choose: ((attempt: LoggedAttempt) => string | undefined) | undefined,
  options: JudgeOptions,
): LoggedChoice[] {
  const { marginBps, propensity, approval } = options
  const routes = new Map(options.routes.map(route => [route.id, route]))
  const expected = (attempt: LoggedAttempt, id: string): number => {
    const route = routes.get(id)
    return route === undefined ? 0 : valueOf(attempt, route, marginBps, approval(attempt, route))
  }
  return attempts.map(attempt => {
    const logged = routes.get(attempt.route)
    if (logged === undefined) throw new RangeError(`route ${attempt.route} of the log is not configured`)
    const reward = netValue(attempt, logged, marginBps)
    const own = { cluster: attempt.cluster, reward, propensity: propensity(attempt) }
    const predicted = expected(attempt, attempt.route)
    if (choose === undefined) return { ...own, target: own.propensity, predicted, predictedTarget: predicted }
    const chosen = choose(attempt)
    return {
      ...own,
      target: chosen === attempt.route ? 1 : 0,
      predicted,
      predictedTarget: chosen === undefined ? 0 : expected(attempt, chosen),
    }
  })
}
