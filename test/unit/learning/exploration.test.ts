import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createExplorationBudget,
  explorationAllowance,
  type ExplorationCandidate,
  explorationChoice,
  normalCdf,
  spendExploration,
} from '../../../src/core/learning/exploration.ts'
import type { Estimate } from '../../../src/core/learning/types.ts'

function believed(mean: number, strength = 100, suspected = { mean: 0, strength: 0, weight: 0 }): Estimate {
  const belief = { mean, strength }
  return {
    approval: belief,
    settled: belief,
    suspected,
    unknown: 0,
    failure: 0,
    latencyMs: 1,
    mode: 'normal',
  }
}

function candidate(route: string, estimate: Estimate, group = 'card'): ExplorationCandidate {
  return { route, group, estimate, base: 0, slope: 1 }
}

const CLOSE = [
  candidate('a', believed(0.93)),
  candidate('b', believed(0.925)),
  candidate('c', believed(0.92)),
] as const
const FREE = { allowance: 0.5, valueAtRisk: 0 }

const chosen = fc.array(
  fc.record({
    mean: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    strength: fc.integer({ min: 1, max: 5_000 }),
  }),
  {
    minLength: 2,
    maxLength: 6,
  },
)

describe('the choice to explore', () => {
  it('is the same again for the same seed', () => {
    for (let seed = 0; seed < 100; seed++)
      expect(explorationChoice(CLOSE, FREE, seed)).toEqual(explorationChoice(CLOSE, FREE, seed))
  })

  it('has the propensities that it tells: frequencies over seeds agree', () => {
    const draws = 40_000
    const counts = new Map<string, { count: number; propensity: number }>()
    for (let seed = 0; seed < draws; seed++) {
      const { route, propensity } = explorationChoice(CLOSE, { ...FREE, allowance: 0.3 }, seed)
      counts.set(route, { count: (counts.get(route)?.count ?? 0) + 1, propensity })
    }
    let total = 0
    for (const { count, propensity } of counts.values()) {
      expect(Math.abs(count / draws - propensity)).toBeLessThan(4 * Math.sqrt(propensity / draws))
      total += propensity
    }
    expect(counts.size).toBe(3)
    expect(total).toBeCloseTo(1, 12)
  })

  it('never leaves the head more often than allowed (property)', () => {
    fc.assert(
      fc.property(
        chosen,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (beliefs, allowance, seed) => {
          const candidates = beliefs.map(({ mean, strength }, i) =>
            candidate(`r${i}`, believed(mean, strength)),
          )
          const choice = explorationChoice(candidates, { allowance, valueAtRisk: 0 }, seed)
          expect(choice.share).toBeLessThanOrEqual(Math.min(0.5, allowance) + 1e-12)
          expect(choice.propensity).toBeGreaterThan(0)
          if (!choice.explored) expect(choice.propensity).toBeCloseTo(1 - choice.share, 12)
        },
      ),
    )
  })

  it('stays within the tender and price of the head', () => {
    const mixed = [CLOSE[0], candidate('credit', believed(0.99), 'credit'), candidate('b', believed(0.92))]
    for (let seed = 0; seed < 2_000; seed++)
      expect(explorationChoice(mixed, FREE, seed).route).not.toBe('credit')
    const alone = [CLOSE[0], candidate('credit', believed(0.99), 'credit')]
    expect(explorationChoice(alone, FREE, 1)).toMatchObject({ route: 'a', propensity: 1 })
  })

  it('leaves payments with too much at stake alone', () => {
    const limits = { allowance: 0.5, valueAtRisk: 10_001, valueAtRiskMax: 10_000 }
    for (let seed = 0; seed < 500; seed++)
      expect(explorationChoice(CLOSE, limits, seed)).toEqual({
        route: 'a',
        explored: false,
        propensity: 1,
        share: 0,
      })
  })

  it('prefers to try what may well be better, and a suspected recovery more than a known failure', () => {
    const shareOf = (estimate: Estimate): number =>
      explorationChoice([candidate('a', believed(0.93, 1_000)), candidate('b', estimate)], FREE, 1).share
    expect(shareOf(believed(0.92, 20))).toBeGreaterThan(shareOf(believed(0.92, 5_000)))
    expect(shareOf(believed(0.2, 20, { mean: 0.95, strength: 300, weight: 0.3 }))).toBeGreaterThan(
      10 * shareOf(believed(0.2, 20)),
    )
  })

  it('weighs what a route costs: a cheaper route at the same approval is worth trying', () => {
    const head = { ...candidate('a', believed(0.93, 500)), slope: 100 }
    const dear = { ...candidate('b', believed(0.93, 500)), slope: 60 }
    const cheap = { ...candidate('b', believed(0.91, 500)), slope: 105 }
    expect(explorationChoice([head, cheap], FREE, 1).share).toBeGreaterThan(0.2)
    expect(explorationChoice([head, dear], FREE, 1).share).toBeLessThan(0.02)
  })

  it('refuses to choose among nothing', () => {
    expect(() => explorationChoice([], FREE, 1)).toThrow(RangeError)
  })
})

describe('the exploration budget', () => {
  it('explores at most burst + n x share in any n decisions, whatever is wanted (property)', () => {
    const policies = fc.record({
      shareMax: fc.double({ min: 0, max: 0.5, noNaN: true }),
      burst: fc.integer({ min: 0, max: 100 }),
    })
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 400 }), (policy, decisions) => {
        const budget = createExplorationBudget(policy)
        let spent = 0
        for (let seed = 0; seed < decisions; seed++) {
          const allowance = explorationAllowance(budget, policy)
          const choice = explorationChoice(CLOSE, { allowance, valueAtRisk: 0 }, seed)
          spendExploration(budget, choice)
          spent += choice.share
        }
        expect(spent).toBeLessThanOrEqual(
          Math.max(policy.burst, policy.shareMax) + decisions * policy.shareMax + 1e-6,
        )
      }),
    )
  })

  it('explores nothing at share 0', () => {
    const policy = { shareMax: 0, burst: 500 }
    expect(explorationAllowance(createExplorationBudget(policy), policy)).toBe(0)
  })
})

describe('the normal distribution', () => {
  it.each([
    [0, 0.5],
    [1.959964, 0.975],
    [-1.281552, 0.1],
  ])('is %d -> %d', (z, p) => {
    expect(normalCdf(z)).toBeCloseTo(p, 5)
  })
})
