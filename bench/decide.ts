import { decide, type DecisionInputs, type DecisionPolicy } from '../src/core/decision.ts'
import { hash32 } from '../src/core/hash.ts'
import type { Route } from '../src/core/payment/route.ts'

const WARM_UP = 20_000
const BATCHES = 101
const PER_BATCH = 1_000

function route(i: number): Route {
  return {
    id: `r${i}`,
    tender: i === 0 ? 'credit' : 'card',
    capability: {
      channels: ['app', 'web'],
      currencies: ['CNY'],
      amount: { min: 1, max: 10_000_000 },
      instalments: i === 0 ? [1, 3] : [],
      excludedCategories: [],
      capture: ['automatic'],
      idempotency: { mode: 'key', retentionHours: 24, replaysErrors: true },
      queryable: true,
      cancel: ['void'],
      honoursExpiry: false,
      cancelTombstones: false,
    },
    cost: { percentBps: 40 + i, fixed: 0, perAttempt: 0 },
    priors: { approval: 0.9, unknown: 0.003, latencyMs: 800, strength: 20 },
    timeoutMs: 3_000,
    needsFacts: i === 0,
    enabled: true,
    maintenance: [],
  }
}

/** Median time of one decision in microseconds, over batches, in this process. */
export function decideMicroseconds(routes: number): number {
  const policy: DecisionPolicy = {
    version: 'bench',
    routes: Array.from({ length: routes }, (_, i) => route(i)),
    rules: [],
    economics: { marginBps: 1_000, abandonmentPerSecond: 0.02, unknownCost: 300, lossGivenDefault: 0.6 },
    attemptsMax: 3,
    preference: 'best_value',
    leaveOutLosing: false,
    fallback: [],
    exploration: { shareMax: 0, burst: 0 },
  }
  let seed = 0
  const once = (): number => decide(policy, inputs(policy, seed++)).cascade.length
  for (let i = 0; i < WARM_UP; i++) once()
  const batches = Array.from({ length: BATCHES }, () => {
    const started = performance.now()
    for (let i = 0; i < PER_BATCH; i++) once()
    return ((performance.now() - started) / PER_BATCH) * 1_000
  })
  return batches.sort((a, b) => a - b)[BATCHES >> 1] as number
}

function inputs(policy: DecisionPolicy, seed: number): DecisionInputs {
  return {
    context: {
      orderId: 'o-1',
      amount: { currency: 'CNY', value: 129_900 },
      channel: 'app',
      payer: { id: 'u-1' },
      funding: { accept: [{ tender: 'credit', instalments: 3 }, { tender: 'card' }] },
    },
    now: 1_800_000_000_000,
    paying: false,
    prior: [],
    seed: hash32(String(seed)),
    routes: Object.fromEntries(
      policy.routes.map(({ id, needsFacts }, i) => [
        id,
        {
          breaker: 'closed',
          estimate: { approval: 0.85 + i / 100, unknown: 0.003, latencyMs: 800 },
          ...(needsFacts
            ? {
                facts: {
                  kind: 'known',
                  fresh: true,
                  facts: {
                    activated: true,
                    frozen: false,
                    availableCredit: 500_000,
                    daysPastDue: 0,
                    asOf: 0,
                  },
                },
              }
            : {}),
        },
      ]),
    ),
  }
}
