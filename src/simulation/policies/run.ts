import { randomStream } from '../../core/random.ts'
import { createEnvironment, type SimulatedPayment } from './environment.ts'
import type { PolicyFactory, PolicyWorld } from './policy.ts'
import type { Scenario } from './scenario.ts'
import type { Traffic } from './traffic.ts'

/** What one policy made of one scenario under one seed. */
export interface RunResult {
  /** Expected value lost against the oracle, which knows every rate: approvals, or minor units of margin. */
  readonly regret: number
  /** Expected approvals, and the oracle's. */
  readonly approvals: number
  readonly oracleApprovals: number
  /** Expected cost of the successes, minor units. */
  readonly cost: number
  readonly oracleCost: number
  /** Expected value of the best single route, known in hindsight, lost against the oracle. */
  readonly bestSingleRegret: number
  readonly payments: number
  /** Expected losses over time, in equal slices. */
  readonly slices: readonly number[]
}

const SLICES = 40
const POLICY_STREAM = 16

interface Pending {
  readonly due: number
  readonly payment: SimulatedPayment
  readonly route: number
  readonly approved: boolean
}

export type Watch = (payment: SimulatedPayment, route: number) => void

/** Runs one policy through one scenario. `watch` sees every choice. */
export function runPolicy(
  scenario: Scenario,
  factory: PolicyFactory,
  seed: number,
  traffic?: Traffic,
  watch?: Watch,
): RunResult {
  const environment = createEnvironment(scenario, seed, traffic)
  const policy = factory(worldOf(scenario, seed, traffic))
  const tally = newTally(scenario)
  let pending: Pending[] = []
  for (let number = 0; number < scenario.payments; number++) {
    const payment = environment.payment(number)
    const approvals = environment.approvals(payment)
    const route = policy.choose(payment)
    watch?.(payment, route)
    count(tally, environment, payment, approvals, route)
    const approved = environment.draw() < (approvals[route] as number)
    const delay = environment.delay()
    if (delay === 0) policy.observe({ payment, route, approved, nowNumber: number, now: payment.at })
    else {
      pending.push({ due: number + delay, payment, route, approved })
      pending = deliver(pending, payment, policy.observe)
    }
  }
  return resultOf(tally, scenario)
}

/** Hands over what is due, in the order in which it was sent, and returns the rest. */
function deliver(
  pending: Pending[],
  now: SimulatedPayment,
  observe: ReturnType<PolicyFactory>['observe'],
): Pending[] {
  let kept = 0
  for (const outcome of pending) {
    if (outcome.due <= now.number) {
      const { payment, route, approved } = outcome
      observe({ payment, route, approved, nowNumber: now.number, now: now.at })
    } else pending[kept++] = outcome
  }
  pending.length = kept
  return pending
}

function worldOf(scenario: Scenario, seed: number, traffic?: Traffic): PolicyWorld {
  return {
    routes: scenario.routes.map(({ id, costBps, costFixed }) => ({ id, costBps, costFixed })),
    segmentCount: traffic?.segmentCount ?? scenario.segments?.count ?? 1,
    payments: scenario.payments,
    paymentsPerSecond: scenario.paymentsPerSecond,
    ...(scenario.marginBps === undefined ? {} : { marginBps: scenario.marginBps }),
    random: randomStream(seed, POLICY_STREAM),
    seed,
  }
}

interface Tally {
  readonly single: Float64Array
  readonly slices: number[]
  readonly perSlice: number
  oracle: number
  regret: number
  approvals: number
  oracleApprovals: number
  cost: number
  oracleCost: number
}

function newTally({ routes, payments }: Scenario): Tally {
  return {
    single: new Float64Array(routes.length),
    slices: Array.from({ length: SLICES }, () => 0),
    perSlice: payments / SLICES,
    oracle: 0,
    regret: 0,
    approvals: 0,
    oracleApprovals: 0,
    cost: 0,
    oracleCost: 0,
  }
}

/** Counts expected values under the true rates: the luck of single draws is noise that no policy can help. */
function count(
  tally: Tally,
  environment: ReturnType<typeof createEnvironment>,
  payment: SimulatedPayment,
  approvals: Float64Array,
  route: number,
): void {
  let best = 0
  let bestValue = Number.NEGATIVE_INFINITY
  let value = 0
  for (let i = 0; i < approvals.length; i++) {
    const approval = approvals[i] as number
    const { gain, cost } = environment.worth(payment, i)
    const own = approval * gain
    tally.single[i] = (tally.single[i] as number) + own
    if (own > bestValue) {
      bestValue = own
      best = i
    }
    if (i !== route) continue
    value = own
    tally.cost += approval * cost
  }
  const slice = Math.floor(payment.number / tally.perSlice)
  tally.slices[slice] = (tally.slices[slice] as number) + bestValue - value
  tally.oracle += bestValue
  tally.regret += bestValue - value
  tally.approvals += approvals[route] as number
  tally.oracleApprovals += approvals[best] as number
  tally.oracleCost += (approvals[best] as number) * environment.worth(payment, best).cost
}

function resultOf(tally: Tally, scenario: Scenario): RunResult {
  const { regret, approvals, oracleApprovals, cost, oracleCost, slices } = tally
  const bestSingleRegret = tally.oracle - Math.max(...tally.single)
  return {
    regret,
    approvals,
    oracleApprovals,
    cost,
    oracleCost,
    slices,
    bestSingleRegret,
    payments: scenario.payments,
  }
}
