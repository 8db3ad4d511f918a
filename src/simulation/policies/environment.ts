import { drawNormal, type RandomStream, randomStream } from '../../core/random.ts'
import type { Scenario } from './scenario.ts'
import type { Traffic } from './traffic.ts'

/** A payment of the simulation. `number` counts from 0 and is its time too. */
export interface SimulatedPayment {
  readonly number: number
  /** Unix ms of the simulated clock. */
  readonly at: number
  readonly segment: number
  /** Minor units; 0 where the scenario counts approvals. */
  readonly amount: number
}

/** The world that policies are compared in. It does not depend on what they do. */
export interface Environment {
  readonly payment: (number: number) => SimulatedPayment
  /** P(approved) of every route for a payment. The array is used again by the next call. */
  readonly approvals: (payment: SimulatedPayment) => Float64Array
  /** What a success on a route is worth and what it costs: 1 and 0 where the scenario counts approvals. */
  readonly worth: (
    payment: SimulatedPayment,
    route: number,
  ) => { readonly gain: number; readonly cost: number }
  /** The draw that decides an attempt; the same for every policy, so that they are compared on the same luck. */
  readonly draw: () => number
  /** Payments after which the outcome of an attempt becomes known; 0: before the next payment. */
  readonly delay: () => number
}

/** Streams of one seed, so that no draw of one kind shifts those of another. */
const STREAM = { world: 0, traffic: 1, outcome: 2, delay: 3 } as const

const EPOCH_MS = 1_700_000_000_000

/** @param seed below 2^32; the same seed gives the same world */
export function createEnvironment(scenario: Scenario, seed: number, traffic?: Traffic): Environment {
  const base = segmentApprovals(scenario, randomStream(seed, STREAM.world), traffic)
  const next = trafficOf(scenario, randomStream(seed, STREAM.traffic), traffic)
  const outcome = randomStream(seed, STREAM.outcome)
  const lag = randomStream(seed, STREAM.delay)
  const perPaymentMs = 1_000 / scenario.paymentsPerSecond
  return {
    payment: number => ({ number, at: EPOCH_MS + number * perPaymentMs, ...next(number) }),
    approvals: approvalsOf(scenario, base),
    worth: worthOf(scenario),
    draw: outcome,
    delay: () => (scenario.feedbackDelay === 0 ? 0 : scenario.feedbackDelay * (0.5 + lag())),
  }
}

function segmentApprovals(scenario: Scenario, random: RandomStream, traffic?: Traffic): number[][] {
  const fitted = traffic?.approvals
  if (fitted !== undefined)
    return fitted.map(row => scenario.routes.map(({ id }, i) => row[id] ?? scenario.routes[i]!.approval))
  const count = traffic?.segmentCount ?? scenario.segments?.count ?? 1
  const spread = scenario.segments?.spread ?? 0
  return Array.from({ length: count }, () =>
    scenario.routes.map(({ approval }) =>
      spread === 0 ? approval : logistic(logit(approval) + spread * drawNormal(random)),
    ),
  )
}

/** Segments by Zipf's law (the n-th as frequent as 1/n), or as the file has them, from its start again at its end. */
function trafficOf(
  scenario: Scenario,
  random: RandomStream,
  traffic?: Traffic,
): (number: number) => { segment: number; amount: number } {
  if (traffic !== undefined)
    return number => {
      const row = number % traffic.segments.length
      return { segment: traffic.segments[row] as number, amount: traffic.amounts?.[row] ?? 0 }
    }
  const count = scenario.segments?.count ?? 1
  const cumulative = new Float64Array(count)
  let total = 0
  for (let i = 0; i < count; i++) cumulative[i] = total += 1 / (i + 1)
  const { amount } = scenario
  return () => ({
    segment: count === 1 ? 0 : firstAbove(cumulative, random() * total),
    amount:
      amount === undefined ? 0 : Math.round(amount.median * Math.exp(amount.spread * drawNormal(random))),
  })
}

function firstAbove(cumulative: Float64Array, value: number): number {
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cumulative[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

function approvalsOf(scenario: Scenario, base: readonly number[][]): Environment['approvals'] {
  const { routes, waves, changes, payments } = scenario
  const now = new Float64Array(routes.length)
  const indexOf = new Map(routes.map(({ id }, i) => [id, i]))
  const swings = waves.map(wave => ({ ...wave, index: indexOf.get(wave.route) as number }))
  const shifts = changes.map(change => ({
    ...change,
    approvals: Object.entries(change.approval).map(
      ([id, value]) => [indexOf.get(id) as number, value] as const,
    ),
  }))
  return ({ number, segment }) => {
    now.set(base[segment] as number[])
    for (const { index, amplitude, cycles } of swings)
      now[index] = clamp(
        (now[index] as number) + amplitude * Math.sin((2 * Math.PI * cycles * number) / payments),
      )
    for (const shift of shifts) {
      const time = shift.every === undefined ? number : number % shift.every
      if (time < shift.from || time >= shift.to) continue
      if (shift.segments !== undefined && segment % shift.segments.every !== shift.segments.offset) continue
      for (const [index, value] of shift.approvals) now[index] = value
    }
    return now
  }
}

function worthOf({ routes, marginBps }: Scenario): Environment['worth'] {
  if (marginBps === undefined) return () => ({ gain: 1, cost: 0 })
  return ({ amount }, route) => {
    const { costBps, costFixed } = routes[route]!
    const cost = (amount * costBps) / 10_000 + costFixed
    return { gain: (amount * marginBps) / 10_000 - cost, cost }
  }
}

function logit(p: number): number {
  return Math.log(p / (1 - p))
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function clamp(p: number): number {
  return Math.min(1, Math.max(0, p))
}
