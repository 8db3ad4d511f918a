import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measure, populationStability } from '../../../src/core/credit/measures.ts'

describe('measures', () => {
  it('count every good and bad pair, ties for half', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), { minLength: 2, maxLength: 60 }),
        pairs => {
          const pd = pairs.map(([value]) => value / 8)
          const bad = pairs.map(([, isBad]) => (isBad ? 1 : 0))
          let [wins, total] = [0, 0]
          for (const [i, a] of pd.entries()) {
            for (const [j, b] of pd.entries()) {
              if (bad[i] !== 1 || bad[j] !== 0) continue
              total++
              wins += a > b ? 1 : a === b ? 0.5 : 0
            }
          }
          const { auc, gini } = measure(pd, bad)
          if (total === 0) expect(auc).toBeNaN()
          else {
            expect(auc).toBeCloseTo(wins / total, 12)
            expect(gini).toBeCloseTo(2 * auc - 1, 12)
          }
        },
      ),
    )
  })

  it('find the greatest distance of the two distributions', () => {
    expect(measure([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]).ks).toBe(1)
    expect(measure([0.9, 0.8, 0.2, 0.1], [1, 0, 1, 0]).ks).toBe(0.5)
    expect(measure([0.5, 0.5], [1, 0]).ks).toBe(0)
  })

  it('weigh calibration by bins of equal width and score the base rate as its own variance', () => {
    const { ece10, brier, brierBase } = measure([0.25, 0.25, 0.25, 0.85], [0, 0, 1, 1])
    expect(ece10).toBeCloseTo((Math.abs(0.75 - 1) + Math.abs(0.85 - 1)) / 4, 12)
    expect(brier).toBeCloseTo((2 * 0.0625 + 0.5625 + 0.0225) / 4, 12)
    expect(brierBase).toBe(0.25)
  })

  it('refuse rows that do not align', () => {
    expect(() => measure([], [])).toThrow(RangeError)
    expect(() => measure([0.5], [1, 0])).toThrow(RangeError)
  })
})

describe('the population stability index', () => {
  it('is zero without a shift, whatever the counts, and symmetric', () => {
    expect(populationStability([10, 20, 30], [1, 2, 3])).toBeCloseTo(0, 15)
    expect(populationStability([10, 20], [20, 10])).toBeCloseTo(populationStability([20, 10], [10, 20]), 15)
  })

  it('is the sum of (a - e) ln(a / e)', () => {
    const expected = (0.7 - 0.5) * Math.log(0.7 / 0.5) + (0.3 - 0.5) * Math.log(0.3 / 0.5)
    expect(populationStability([50, 50], [70, 30])).toBeCloseTo(expected, 12)
  })

  it('stays finite when a bin empties', () => {
    expect(populationStability([50, 50], [100, 0])).toBeGreaterThan(1)
    expect(Number.isFinite(populationStability([0, 100], [100, 0]))).toBe(true)
  })
})
