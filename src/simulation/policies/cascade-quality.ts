import { sequenceValue, sortByIndex, type Step } from '../../core/cascade/rank.ts'
import { type RandomStream, randomStream } from '../../core/random.ts'
import { type Economics, successCost, valueRoute } from '../../core/scoring/value.ts'
import { measure, type Measured } from './summary.ts'

/** How good the order of fallbacks is, over random sets of routes with known parameters. */
export interface CascadeQuality {
  readonly routes: number
  readonly cases: number
  /** Share of cases where the order is worth as much as the best of all orders. */
  readonly closedFormOptimal: number
  readonly greedyOptimal: number
  /** Value lost against the best order, as a share of it, over cases. */
  readonly closedFormLoss: Measured
  readonly greedyLoss: Measured
}

const ECONOMICS: Economics = {
  marginBps: 1_000,
  abandonmentPerSecond: 0.02,
  unknownCost: 300,
  lossGivenDefault: 0.6,
}

/** Relative difference up to which two values count as equal. */
const SAME = 1e-9

/**
 * Compares the closed-form order (index A / (1 - B)) and the greedy one (greatest A first) with the best of all
 * orders. Brute force goes over n! orders, so `routes` is at most 7.
 */
export function cascadeQuality(routes: number, cases: number, seed: number): CascadeQuality {
  if (!Number.isInteger(routes) || routes < 2 || routes > 7) throw new RangeError('routes must be 2..7')
  const random = randomStream(seed)
  const lost = { closedForm: [] as number[], greedy: [] as number[] }
  while (lost.greedy.length < cases) {
    const steps = Array.from({ length: routes }, (_, i) => drawStep(`route_${i}`, random))
    const best = bestValue(steps)
    if (best <= 0) continue
    const greedy = [...steps].sort((a, b) => b.gain - a.gain)
    lost.closedForm.push(1 - sequenceValue(sortByIndex(steps, () => 0)) / best)
    lost.greedy.push(1 - sequenceValue(greedy) / best)
  }
  const optimal = (losses: readonly number[]): number => losses.filter(loss => loss < SAME).length / cases
  return {
    routes,
    cases,
    closedFormOptimal: optimal(lost.closedForm),
    greedyOptimal: optimal(lost.greedy),
    closedFormLoss: measure(lost.closedForm),
    greedyLoss: measure(lost.greedy),
  }
}

/** Order value in minor units. */
const AMOUNT = 20_000

/** Routes as they are met: approvals from 50 to 97%, up to 3% unknown, up to eight seconds, costs from 0.2 to 3%. */
function drawStep(id: string, random: RandomStream): Step {
  const estimate = {
    approval: 0.5 + 0.47 * random(),
    unknown: 0.03 * random(),
    latencyMs: 200 + 7_800 * random() ** 2,
  }
  const costs = {
    success: successCost(AMOUNT, { percentBps: 20 + 280 * random(), fixed: Math.floor(30 * random()) }),
    perAttempt: Math.floor(20 * random()),
    expectedLoss: 0,
    shadowPrice: 0,
  }
  const { gain, continuation } = valueRoute(AMOUNT, estimate, costs, ECONOMICS, 0)
  return { id, gain, continuation }
}

/** The greatest value over all orders, by Heap's algorithm without recursion. */
function bestValue(steps: readonly Step[]): number {
  const order = [...steps]
  const counters = order.map(() => 0)
  let best = sequenceValue(order)
  for (let i = 1; i < order.length; ) {
    const turns = counters[i] as number
    if (turns >= i) {
      counters[i] = 0
      i++
      continue
    }
    const from = i % 2 === 0 ? 0 : turns
    const held = order[from] as Step
    order[from] = order[i] as Step
    order[i] = held
    best = Math.max(best, sequenceValue(order))
    counters[i] = turns + 1
    i = 1
  }
  return best
}
