import { describe, expect, it } from 'vitest'
import {
  flowToLoss,
  fourWeekChange,
  provision,
  rollMatrix,
  rollRates,
} from '../../../src/core/credit/roll-rate.ts'

describe('roll rates', () => {
  it('count who moved where', () => {
    expect(rollMatrix([0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 0, 2], 3)).toEqual([
      [0.75, 0.25, 0],
      [0.5, 0, 0.5],
      [0, 0, 0],
    ])
    expect(() => rollMatrix([0], [0, 1], 2)).toThrow(RangeError)
    expect(() => rollMatrix([0], [2], 2)).toThrow(RangeError)
  })

  it('are next stage now over this stage before; their product is the flow to loss', () => {
    const rates = rollRates([1_000, 100, 40, 20], [1_000, 50, 60, 30])
    expect(rates).toEqual([0.05, 0.6, 0.75])
    expect(flowToLoss(rates)).toEqual([0.05 * (0.6 * 0.75), 0.6 * 0.75, 0.75, 1])
    expect(rollRates([0, 10], [5, 5])).toEqual([0])
  })

  it('never lose more than there is, though stock ratios can pass 1 in a run-off', () => {
    expect(flowToLoss([0.5, 1.2, 1])).toEqual([0.5, 1, 1, 1])
  })

  it('set the provision, rounded up', () => {
    expect(provision([1_000, 100, 40, 20], [0.05, 0.6, 0.75], 0.6)).toBe(
      Math.ceil((22.5 + 45 + 30 + 20) * 0.6),
    )
    expect(() => provision([1], [0.5], 0.6)).toThrow(RangeError)
  })

  it('change over four weeks against the four before, unknown without eight', () => {
    expect(fourWeekChange([1, 1, 1, 1, 1.2, 1.2, 1.2, 1.2])).toBeCloseTo(0.2, 12)
    expect(fourWeekChange([1, 1, 1, 1, 1, 1, 1])).toBeNull()
    expect(fourWeekChange([0, 0, 0, 0, 1, 1, 1, 1])).toBeNull()
  })
})
