import type { memoryBreaker } from '../../adapters/memory/breaker.ts'
import type { DecisionPolicy } from '../../core/decision.ts'
import { compileRules } from '../../core/eligibility/policy.ts'
import type { Route } from '../../core/payment/route.ts'
import type { FactsSettings, Pools } from '../../gateway/runtime.ts'
import type { Estimator } from '../../ports/estimator.ts'
import { Dice } from './dice.ts'
import { EPOCH_MS, type Incarnation } from './incarnation.ts'
import type { SimulatedUpstream } from './upstream.ts'

type BreakerSettings = ReturnType<Parameters<typeof memoryBreaker>[0]['settings']>

/** Breakers that open soon and come back soon, so that every seed sees them do it. */
export const BREAKER_SETTINGS: BreakerSettings = {
  volumeThreshold: 5,
  errorThresholdPercentage: 50,
  windowMs: 10_000,
  resetMs: 5_000,
  resetMaxMs: 20_000,
  resetJitter: 0.2,
  permitMs: 30_000,
}

const TIMEOUT_MS = 3_000

export const POOL = { pool: 'funds', source: 'own' } as const

/** What the source may lend: in two of five worlds less than its orders ask for, so that the journal has to refuse. */
export function capOf(seed: number, orders: number): number {
  const dice = new Dice(seed, 'funds')
  if (!dice.chance(0.4)) return Number.MAX_SAFE_INTEGER
  return Math.floor(orders * MEAN_ORDER * dice.between(0.1, 0.6))
}

/** Minor units; orders are spread evenly around it. */
const MEAN_ORDER = 50_000

/** One tender, so that each payment may fail over to every route. */
export function policyOf(upstreams: readonly SimulatedUpstream[]): DecisionPolicy {
  return {
    version: 'simulated',
    routes: upstreams.map((upstream, position) => routeOf(upstream, position === 0)),
    rules: compileRules([]),
    economics: { marginBps: 1_000, abandonmentPerSecond: 0.02, unknownCost: 300, lossGivenDefault: 0.6 },
    attemptsMax: 3,
    preference: 'payer_order',
    leaveOutLosing: false,
    fallback: [],
    exploration: { shareMax: 0, burst: 0 },
  }
}

function routeOf({ id, type }: SimulatedUpstream, needsFacts: boolean): Route {
  return {
    id,
    tender: 'card',
    capability: {
      ...type.contract,
      channels: ['app'],
      currencies: ['CNY'],
      amount: { min: 1, max: 10_000_000 },
      instalments: [],
      excludedCategories: [],
      // Who cannot void an authorization should not be asked for one.
      capture: type.contract.cancel.includes('void') ? ['automatic', 'manual'] : ['automatic'],
    },
    cost: { percentBps: 50, fixed: 0, perAttempt: 0 },
    priors: { approval: 0.9, unknown: 0, latencyMs: 300, strength: 20 },
    timeoutMs: TIMEOUT_MS,
    pool: POOL.pool,
    needsFacts,
    enabled: true,
    maintenance: [],
  }
}

/** Estimates without any truth in them: learning may change the order of routes and nothing else. */
export function estimatorOf(diceOf: (orderId: string) => Dice): Estimator {
  return {
    estimate: (_route, { orderId }) => {
      const dice = diceOf(orderId)
      return { approval: dice.between(0.05, 0.95), unknown: dice.between(0, 0.5), latencyMs: 300 }
    },
    learn: () => undefined,
    volume: () => ({ day: 0, month: 0 }),
    isStopped: () => false,
    explorationAllowance: () => 0,
    spendExploration: () => undefined,
  }
}

/** Every attempt takes its amount from one source, so that what attempts leave behind can be added up. */
export function poolsOf(): Pools {
  return {
    verdict: () => ({ allowed: true, reasons: [], shadowBps: 0 }),
    reservation: (_route, { amount }) => ({
      pool: POOL.pool,
      legs: [{ source: POOL.source, value: amount.value }],
    }),
  }
}

/** A lender's service that sometimes does not answer. */
export function factsOf(who: Incarnation, diceOf: (payer: string) => Dice): FactsSettings {
  return {
    timeoutMs: 200,
    freshSeconds: 5,
    staleSeconds: 60,
    negativeSeconds: 5,
    provider: {
      facts: payer =>
        new Promise(resolve => {
          const dice = diceOf(payer)
          const down = dice.chance(0.1)
          who.deliver(dice.between(1, down ? 200 : 50), () =>
            resolve(
              down
                ? { kind: 'unavailable', cause: 'simulated' }
                : {
                    kind: 'known',
                    facts: {
                      activated: true,
                      frozen: false,
                      availableCredit: 1_000_000_000,
                      daysPastDue: 0,
                      asOf: EPOCH_MS,
                    },
                  },
            ),
          )
        }),
    },
  }
}
