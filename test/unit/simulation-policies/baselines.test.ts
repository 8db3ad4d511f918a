import { describe, expect, it } from 'vitest'
import {
  autopilot,
  expectedValue,
  resetTerms,
  successRateV3,
} from '../../../src/simulation/policies/baselines/decision-engine.ts'
import { blockScore, leak } from '../../../src/simulation/policies/baselines/dynamo.ts'
import {
  eliminationScore,
  eliminationV2,
  newElimination,
  softReset,
} from '../../../src/simulation/policies/baselines/elimination.ts'
import { djb2, staticBreaker } from '../../../src/simulation/policies/baselines/fixed.ts'
import { randomStream } from '../../../src/core/random.ts'
import type { PolicyWorld } from '../../../src/simulation/policies/policy.ts'

const WORLD: PolicyWorld = {
  routes: ['a', 'b', 'c'].map(id => ({ id, costBps: 0, costFixed: 0 })),
  segmentCount: 1,
  payments: 1_000,
  paymentsPerSecond: 10,
  random: randomStream(1),
  seed: 1,
}

const payment = (number: number) => ({ number, at: number * 100, segment: 0, amount: 0 })

describe('success rate v3', () => {
  it.each([
    [0.95, 125, 0.0268, 0.8695, 16, 0.872],
    [0.95, 200, undefined, 0.8864, 22, 0.89],
    [0.8, 125, undefined, 0.6927, 38, 0.696],
  ])('resets laggards of a best of %d with window %d', (best, size, sigma, bound, zeros, score) => {
    const terms = resetTerms(best, size)
    if (sigma !== undefined) expect(terms.sigma).toBeCloseTo(sigma, 4)
    expect(terms.bound).toBeCloseTo(bound, 4)
    expect(terms.zeros).toBe(zeros)
    expect(terms.score).toBeCloseTo(score, 3)
  })

  it('starts optimistic: a route that was never tried beats one that has failed once', () => {
    const policy = successRateV3({ window: 125, hedge: 0 })(WORLD)
    const first = policy.choose(payment(0))
    policy.observe({ payment: payment(0), route: first, approved: false, nowNumber: 0, now: 0 })
    expect(policy.choose(payment(1))).not.toBe(first)
  })

  it('hedges to the others in equal parts', () => {
    const policy = successRateV3({ window: 5, hedge: 0.3 })({ ...WORLD, random: randomStream(2) })
    for (let i = 0; i < 5; i++)
      for (const route of [1, 2])
        policy.observe({ payment: payment(i), route, approved: false, nowNumber: i, now: 0 })
    const counts = [0, 0, 0]
    for (let i = 0; i < 10_000; i++) counts[policy.choose(payment(i))]!++
    expect(counts[0]! / 10_000).toBeCloseTo(0.7, 1)
    expect(counts[1]! / counts[2]!).toBeCloseTo(1, 0)
  })

  it.each([
    [4_000, 3, 225, 0.1125],
    [4_000, 2, 325, 0.08125],
    [50_000, 3, 800, 0.032],
    [500, 2, 100, 0.2],
  ])('sets itself for a volume of %d over %d routes', (volume, routes, window, hedge) => {
    const set = autopilot(volume, routes)
    expect(set.window).toBe(window)
    expect(set.hedge).toBeCloseTo(hedge, 4)
  })

  it('has the cost rule of auth x (margin - cost)', () => {
    const values = [
      [0.91, 200],
      [0.902, 150],
      [0.885, 120],
      [0.85, 110],
    ].map(([auth, bps]) => expectedValue(auth as number, 0.2, bps as number))
    ;[0.1638, 0.16687, 0.16638, 0.16065].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5))
    expect(values.indexOf(Math.max(...values))).toBe(1)
  })
})

describe('elimination', () => {
  it.each([
    [0.05, 59, 0.0793],
    [0.2, 32, 0.3173],
    [0.35, 21, 0.5553],
  ])(
    'trips at threshold %d after %d penalties, and is lifted to ten away from it',
    (threshold, penalties, lifted) => {
      const state = newElimination()
      for (let i = 0; i < penalties - 1; i++) state.observe(false, 0)
      expect(state.score(0, threshold)).toBeGreaterThanOrEqual(threshold)
      state.observe(false, 0)
      expect(state.score(0, threshold)).toBeLessThan(threshold)
      expect(softReset(threshold)).toBeCloseTo(lifted, 4)
      expect(state.score(900_001, threshold)).toBeCloseTo(lifted, 4)
    },
  )

  it('divides by five and does not remove: the eliminated may still win', () => {
    expect(eliminationScore(0.95, 0.1, 0.35)).toBeCloseTo(0.19, 9)
    expect(eliminationScore(0.15, 0.9, 0.35)).toBe(0.15)
  })

  it('version 2 has its vector', () => {
    const { threshold, alpha } = eliminationV2(90, 80, 10)
    expect(alpha).toBeCloseTo(0.001111, 6)
    expect(threshold).toBeCloseTo(0.829, 3)
  })
})

describe('dynamo', () => {
  it('weighs later blocks more', () => {
    const blocks = [3, 5, 4].map(successes => ({ successes, total: 5 }))
    expect(blockScore(blocks)).toBe(83.33)
  })

  it('leaks one error per interval', () => {
    const bucket = { level: 5, leakedAt: 0 }
    expect(leak(bucket, 59_999, 60_000)).toBe(5)
    expect(leak(bucket, 125_000, 60_000)).toBe(3)
    expect(leak(bucket, 179_999, 60_000)).toBe(3)
    expect(leak(bucket, 10_000_000, 60_000)).toBe(0)
  })
})

describe('fixed policies', () => {
  it('hash payments as djb2 does', () => {
    expect(djb2('')).toBe(5_381)
    expect(djb2('a')).toBe(177_670)
  })

  it('the breaker opens under half of twenty and closes after 200 payments', () => {
    const policy = staticBreaker(WORLD)
    for (let i = 0; i < 20; i++)
      policy.observe({ payment: payment(i), route: 0, approved: i % 2 === 0 && i > 1, nowNumber: i, now: 0 })
    expect(policy.choose(payment(20))).toBe(1)
    expect(policy.choose(payment(219))).toBe(1)
    expect(policy.choose(payment(220))).toBe(0)
  })
})
