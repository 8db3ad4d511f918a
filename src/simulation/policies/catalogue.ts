import {
  cusumUcb,
  discountedUcb,
  epsilonGreedy,
  slidingWindowUcb,
  thompson,
  ucb1,
} from './baselines/bandits.ts'
import { successRateAutopilot, successRateV3 } from './baselines/decision-engine.ts'
import { dynamo } from './baselines/dynamo.ts'
import { fourHourRate, randomRoute, staticBreaker, staticPriority, volumeSplit } from './baselines/fixed.ts'
import { fundroute } from './fundroute.ts'
import type { PolicyFactory } from './policy.ts'

export interface CatalogueEntry {
  readonly name: string
  readonly title: string
  readonly create: PolicyFactory
}

const DYNAMO = { blocksMin: 5, blocksMax: 8, blockSize: 5, explore: 0.2 }

/** Every policy that the simulator knows, ours first. Names are what the command line takes. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  { name: 'fundroute', title: 'fundroute (share 5%)', create: fundroute() },
  {
    name: 'fundroute-share-1',
    title: 'fundroute (share 1%)',
    create: fundroute({ exploration: { shareMax: 0.01, burst: 100 } }),
  },
  {
    name: 'fundroute-share-20',
    title: 'fundroute (share 20%)',
    create: fundroute({ exploration: { shareMax: 0.2 } }),
  },
  {
    name: 'fundroute-thompson',
    title: 'fundroute (Thompson, no limit)',
    create: fundroute({ thompson: { temperature: 0.3, floor: 0.01 } }),
  },
  { name: 'random', title: 'random', create: randomRoute },
  { name: 'static', title: 'static priority', create: staticPriority },
  { name: 'static-breaker', title: 'static + breaker (20, 50%)', create: staticBreaker },
  { name: 'volume-split', title: 'volume split, equal', create: volumeSplit },
  { name: 'four-hours', title: '4-hour success rate', create: fourHourRate },
  { name: 'epsilon-greedy', title: 'epsilon-greedy 5%, EWMA .02', create: epsilonGreedy(0.05, 0.02) },
  { name: 'ucb1', title: 'UCB1', create: ucb1 },
  {
    name: 'sw-ucb-200',
    title: 'SW-UCB 200 per route, xi 2',
    create: slidingWindowUcb({ window: 200, perRoute: true, xi: 2 }),
  },
  {
    name: 'sw-ucb-1000',
    title: 'SW-UCB 1000, xi .05',
    create: slidingWindowUcb({ window: 1_000, perRoute: false, xi: 0.05 }),
  },
  { name: 'd-ucb', title: 'D-UCB .998, xi .01', create: discountedUcb(0.998, 0.01) },
  { name: 'thompson', title: 'Thompson', create: thompson(1) },
  { name: 'd-ts-998', title: 'D-TS .998', create: thompson(0.998) },
  { name: 'd-ts-999', title: 'D-TS .999', create: thompson(0.999) },
  {
    name: 'cusum-ucb',
    title: 'CUSUM-UCB (50, .05, 8, 2%)',
    create: cusumUcb({ reference: 50, drift: 0.05, threshold: 8, explore: 0.02, xi: 0.1 }),
  },
  { name: 'sr-v3', title: 'SR v3 (125, 5%), fair', create: successRateV3({ window: 125, hedge: 0.05 }) },
  {
    name: 'sr-v3-shipped',
    title: 'SR v3 (125, 5%), as shipped',
    create: successRateV3({ window: 125, hedge: 0.05, asShipped: true }),
  },
  {
    name: 'sr-v3-reset',
    title: 'SR v3 + 3-sigma reset',
    create: successRateV3({ window: 125, hedge: 0.05, reset: true }),
  },
  {
    name: 'sr-v3-thompson',
    title: 'SR v3, Beta sampling',
    create: successRateV3({ window: 125, hedge: 0, sampling: true }),
  },
  {
    name: 'sr-v3-elimination',
    title: 'SR v3 (200) + elimination .35',
    create: successRateV3({ window: 200, hedge: 0.05, elimination: 0.35 }),
  },
  {
    name: 'sr-v3-cost',
    title: 'SR v3 + cost rule',
    create: successRateV3({ window: 125, hedge: 0.05, costRule: true }),
  },
  { name: 'sr-v3-autopilot', title: 'SR v3, autopilot', create: successRateAutopilot },
  { name: 'dynamo', title: 'dynamo success (5/8/5, 20%)', create: dynamo(DYNAMO) },
  {
    name: 'dynamo-elimination',
    title: 'dynamo success + elimination',
    create: dynamo({ ...DYNAMO, elimination: { size: 5, leakMs: 60_000 } }),
  },
]
