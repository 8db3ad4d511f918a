import { fitLogistic } from '../src/core/credit/training/logistic.ts'
import { type DecisionPolicy, decide, type RouteInputs } from '../src/core/decision.ts'
import { hash32 } from '../src/core/hash.ts'
import type { Route } from '../src/core/payment/route.ts'
import { randomStream } from '../src/core/random.ts'
import { Estimates } from '../src/gateway/estimates.ts'
import type { LoggedAttempt } from '../src/simulation/logged/study.ts'

/** A world in which every acquirer's chance of approval is known: fitted to the log, one logistic model each. */
export interface Environment {
  readonly attempts: readonly LoggedAttempt[]
  /** By attempt, in the order of the routes. */
  readonly approvals: readonly Float64Array[]
}

/** Best of 1, 3, 10, 30 and 100 by log loss in five folds, for every acquirer. */
const RIDGE = 30

/** Fits the world to a log. Its features are its own, not those of the gateway's model. */
export function fitEnvironment(attempts: readonly LoggedAttempt[], routes: readonly Route[]): Environment {
  const names = featureNames(attempts)
  const models = routes.map(({ id }) => {
    const own = attempts.filter(({ route }) => route === id)
    const columns = names.map(name => Float64Array.from(own, attempt => featureValue(attempt, name)))
    return fitLogistic(
      columns,
      Uint8Array.from(own, ({ approved }) => (approved ? 1 : 0)),
      RIDGE,
    )
  })
  const approvals = attempts.map(attempt => {
    const values = names.map(name => featureValue(attempt, name))
    return Float64Array.from(models, ({ intercept, coefficients }) => {
      const logit = values.reduce((sum, value, i) => sum + value * (coefficients[i] as number), intercept)
      return 1 / (1 + Math.exp(-logit))
    })
  })
  return { attempts, approvals }
}

/** Issuer, 3-D Secure and country, alone and crossed; steps of the amount; hours and days. */
function featureNames(attempts: readonly LoggedAttempt[]): string[] {
  const kinds = new Set(attempts.flatMap(kindsOf))
  const steps = [50, 100, 150, 200, 250, 300, 400, 500].map(euros => `over ${euros}`)
  const hours = [0, 4, 8, 13, 18, 22].map(hour => `from hour ${hour}`)
  const days = Array.from({ length: 31 }, (_, i) => `day ${i + 1}`)
  return [...kinds, ...steps, ...hours, 'weekend', ...days]
}

function kindsOf({ context }: LoggedAttempt): string[] {
  const issuer = context.funding.instruments?.card?.issuer ?? ''
  const metadata = Object.entries(context.metadata ?? {}).map(([key, value]) => `${key}=${value}`)
  return [issuer, ...metadata, ...metadata.map(entry => `${issuer} ${entry}`)]
}

function featureValue(attempt: LoggedAttempt, name: string): number {
  const date = new Date(attempt.at)
  const number = Number(name.split(' ').at(-1))
  if (name.startsWith('over ')) return attempt.context.amount.value >= number * 100 ? 1 : 0
  if (name.startsWith('from hour ')) return date.getUTCHours() >= number ? 1 : 0
  if (name.startsWith('day ')) return date.getUTCDate() === number ? 1 : 0
  if (name === 'weekend') return date.getUTCDay() % 6 === 0 ? 1 : 0
  return kindsOf(attempt).includes(name) ? 1 : 0
}

/** Expected net value per attempt in minor units, of the log's choices, the oracle's and ours. */
export interface StreamResult {
  readonly logged: number
  readonly oracle: number
  readonly ours: number
  readonly gapClosed: number
  readonly exploredShare: number
}

/**
 * Lets the gateway decide and learn from its first payment on. What is told of covers the attempts from `judgedFrom`
 * on, exploration included.
 */
export function runStream(
  { attempts, approvals }: Environment,
  policy: DecisionPolicy,
  metadata: readonly string[],
  seed: number,
  judgedFrom: readonly number[],
): StreamResult[] {
  const { routes, economics } = policy
  const estimates = new Estimates(routes, () => metadata)
  const random = randomStream(seed)
  const indexOf = new Map(routes.map(({ id }, i) => [id, i]))
  const totals = judgedFrom.map(() => ({ count: 0, logged: 0, oracle: 0, ours: 0, explored: 0 }))
  attempts.forEach((attempt, i) => {
    const chances = approvals[i] as Float64Array
    const values = routes.map(({ cost }, r) => {
      const margin = (attempt.context.amount.value * economics.marginBps) / 10_000
      return (chances[r] as number) * (margin - cost.fixed) - cost.perAttempt
    })
    const choice = chooseOnline(estimates, policy, attempt, hash32(`${seed}/${attempt.id}`))
    const own = indexOf.get(choice.route) as number
    totals.forEach((total, part) => {
      if (attempt.at < (judgedFrom[part] as number)) return
      total.count++
      total.logged += values[indexOf.get(attempt.route) as number] as number
      total.oracle += Math.max(...values)
      total.ours += values[own] as number
      if (choice.explored) total.explored++
    })
    estimates.learn({
      attemptId: attempt.id,
      route: choice.route,
      context: attempt.context,
      stage: attempt.stage === 'first' ? 'first' : 'issuer_declined',
      result:
        random() < (chances[own] as number)
          ? { kind: 'approved', amount: attempt.context.amount }
          : { kind: 'declined', category: 'issuer_declined' },
      dispatchedAt: attempt.at,
      observedAt: attempt.at + 1_000,
    })
  })
  return totals.map(({ count, logged, oracle, ours, explored }) => ({
    logged: logged / count,
    oracle: oracle / count,
    ours: ours / count,
    gapClosed: (ours - logged) / (oracle - logged),
    exploredShare: explored / count,
  }))
}

function chooseOnline(
  estimates: Estimates,
  policy: DecisionPolicy,
  { context, at, stage }: LoggedAttempt,
  seed: number,
): { route: string; explored: boolean } {
  const known: Record<string, RouteInputs> = {}
  for (const route of policy.routes) {
    const estimate = estimates.estimate(route, context, stage === 'first' ? 'first' : 'issuer_declined', at)
    known[route.id] = { breaker: 'closed', estimate }
  }
  const explorationAllowance = estimates.explorationAllowance('bench', policy.exploration)
  const inputs = { context, now: at, paying: false, prior: [], routes: known, seed, explorationAllowance }
  const { cascade, exploration } = decide(policy, inputs)
  if (exploration !== undefined) estimates.spendExploration('bench', exploration.share)
  return { route: cascade[0] as string, explored: exploration?.explored ?? false }
}
