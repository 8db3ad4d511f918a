import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decision, decide, type RouteInputs } from '../../../src/core/decision.ts'
import { readDecision, writeDecision } from '../../../src/core/decision-record.ts'
import type { RouteEstimate } from '../../../src/core/scoring/value.ts'
import { accepting, NOON, sampleInputs, samplePolicy, sampleRoute } from '../../support/samples.ts'

const policy = samplePolicy(
  [
    sampleRoute('baitiao', { tender: 'credit', needsFacts: true, capability: { instalments: [3] } }),
    sampleRoute('card_a', { cost: { percentBps: 45, fixed: 10, perAttempt: 1 } }),
    sampleRoute('card_b'),
    sampleRoute('wallet', { tender: 'wallet' }),
  ],
  { exploration: { shareMax: 0.2, burst: 10 } },
)

const share = fc.double({ min: 0, max: 1, noNaN: true })
const strength = fc.double({ min: 0, max: 1e6, noNaN: true })
const belief = fc.record({
  settled: fc.record({ mean: share, strength }),
  suspected: fc.record({ mean: share, strength, weight: share }),
  mode: fc.constantFrom('normal', 'open', 'probe'),
})
const estimate = fc.record(
  { approval: share, unknown: share, latencyMs: strength, failure: share, belief },
  { requiredKeys: ['approval', 'unknown', 'latencyMs'] },
) as fc.Arbitrary<RouteEstimate>
const known = fc.record({
  activated: fc.boolean(),
  frozen: fc.boolean(),
  availableCredit: fc.nat(),
  daysPastDue: fc.nat(),
  asOf: fc.nat(),
})
const routeInputs = fc.record(
  {
    breaker: fc.constantFrom('closed', 'half_open', 'open'),
    estimate,
    facts: fc.oneof(
      fc.record({ kind: fc.constant('known' as const), fresh: fc.boolean(), facts: known }),
      fc.constant({ kind: 'unavailable' as const }),
    ),
    credit: fc.record({ reasons: fc.subarray(['CRD_FROZEN']), pd: share }),
    liquidity: fc.record({
      allowed: fc.boolean(),
      reasons: fc.subarray(['LIQ_DAILY_CAPACITY']),
      shadowBps: fc.nat(500),
    }),
  },
  { requiredKeys: ['breaker', 'estimate'] },
) as fc.Arbitrary<RouteInputs>
const decision: fc.Arbitrary<Decision> = fc
  .record({
    routes: fc.record({
      baitiao: routeInputs,
      card_a: routeInputs,
      card_b: routeInputs,
      wallet: routeInputs,
    }),
    seed: fc.nat(),
    tried: fc.boolean(),
    allowance: fc.option(share, { nil: undefined }),
  })
  .map(({ routes, seed, tried, allowance }) => {
    const inputs = sampleInputs(policy, {
      context: { funding: { ...accepting('credit', 'card', 'wallet'), preference: 'best_value' } },
      routes,
      seed,
      prior: tried ? [{ route: 'card_a', tender: 'card', category: 'insufficient_funds' }] : [],
    })
    return decide(policy, allowance === undefined ? inputs : { ...inputs, explorationAllowance: allowance })
  })

describe('the record of a decision', () => {
  it('gives back every decision bit for bit, member by member in its order', () => {
    fc.assert(
      fc.property(decision, made => {
        const plain = JSON.stringify(made)
        const read = readDecision(writeDecision(made))
        expect(JSON.stringify(read)).toBe(plain)
        expect(read).toStrictEqual(JSON.parse(plain))
        expect(JSON.stringify(decide(policy, read.inputs))).toBe(plain)
      }),
      { numRuns: 300 },
    )
  })

  it('keeps what shadows would have done', () => {
    const made = {
      ...decide(policy, sampleInputs(policy, { now: NOON })),
      shadows: [{ policyVersion: 'v2', cascade: ['card_a'], propensity: 1 }],
    }
    expect(readDecision(writeDecision(made))).toStrictEqual(JSON.parse(JSON.stringify(made)))
  })

  it('reads records that an earlier build kept in full', () => {
    const text = JSON.stringify(decide(policy, sampleInputs(policy)))
    expect(readDecision(text)).toStrictEqual(JSON.parse(text))
  })
})
