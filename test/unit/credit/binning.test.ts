import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numericBin } from '../../../src/core/credit/bin-of.ts'
import { binCount } from '../../../src/core/credit/scorecard-model.ts'
import { binColumn, type BinningOptions } from '../../../src/core/credit/training/binning.ts'
import { binRows } from '../../../src/core/credit/training/candidates.ts'
import { seededRandom } from '../../../src/core/credit/training/split.ts'
import type { NumericColumn } from '../../../src/core/credit/training/table.ts'
import { weightOfEvidence } from '../../../src/core/credit/training/woe.ts'

const binning: BinningOptions = {
  fineBins: 20,
  chiSquareMin: 3.84,
  binRowsMin: 20,
  binsMax: 12,
  monotone: 'none',
  special: [],
}
const numeric = (values: number[]): NumericColumn => ({ kind: 'numeric', values: Float64Array.from(values) })

describe('binning', () => {
  it('puts its borders where the rate really changes and nowhere else', () => {
    const random = seededRandom(7)
    const values = Array.from({ length: 4_000 }, () => Math.floor(100 * random()))
    const bad = Uint8Array.from(values, value => (random() < (value > 60 ? 0.5 : 0.1) ? 1 : 0))
    const found = binColumn(numeric(values), bad, { ...binning, chiSquareMin: 15 })
    expect(found.kind).toBe('numeric')
    if (found.kind === 'numeric') {
      expect(found.edges.length).toBeGreaterThan(0)
      // A fine bin that straddles the change may stay between the two sides.
      expect(found.edges.every(edge => Math.abs(edge - 60) <= 5)).toBe(true)
    }
  })

  it('keeps missing and special values apart from the others', () => {
    const values = [
      ...Array.from({ length: 200 }, (_, i) => i),
      ...Array<number>(50).fill(-999),
      ...Array<number>(50).fill(Number.NaN),
    ]
    const bad = Uint8Array.from(values, (_, i) => i % 2)
    const found = binColumn(numeric(values), bad, { ...binning, special: [-999] })
    if (found.kind !== 'numeric') throw new Error('a number is binned as a number')
    const last = binCount(found) - 1
    expect(numericBin(found, Number.NaN)).toBe(last)
    expect(numericBin(found, -999)).toBe(last - 1)
    expect(numericBin(found, -998)).toBe(0)
    const counts = weightOfEvidence(binRows(numeric(values), found), bad, last + 1)
    expect((counts.good[last] as number) + (counts.bad[last] as number)).toBe(50)
  })

  it('is monotone where asked, down to the smoothed weight of evidence', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.constantFrom('increasing', 'decreasing'),
        (seed, monotone) => {
          const random = seededRandom(seed)
          const values = Array.from({ length: 400 }, () => Math.floor(40 * random()))
          const bad = Uint8Array.from(values, value => (random() < 0.3 + 0.2 * Math.sin(value / 4) ? 1 : 0))
          if (new Set(bad).size < 2) return
          const found = binColumn(numeric(values), bad, { ...binning, chiSquareMin: 0, monotone })
          if (found.kind !== 'numeric') throw new Error('a number is binned as a number')
          const { woe } = weightOfEvidence(binRows(numeric(values), found), bad, binCount(found))
          const regular = Array.from(woe.slice(0, found.edges.length + 1))
          const sorted = regular.toSorted((a, b) => (monotone === 'increasing' ? b - a : a - b))
          // Bins of the same share may differ in the last digit, by the order of the sums.
          sorted.forEach((woe, i) => expect(regular[i]).toBeCloseTo(woe, 9))
        },
      ),
      { examples: [[3_801, 'decreasing']] },
    )
  })

  it('pools rare categories and groups alike ones', () => {
    const levels = ['a', 'b', 'c']
    const values = Array.from({ length: 300 }, (_, i) => (i < 4 ? `rare${i}` : (levels[i % 3] as string)))
    const bad = Uint8Array.from(values, (value, i) =>
      value === 'c' ? Number(i % 2 === 0) : Number(i % 10 === 0),
    )
    const found = binColumn({ kind: 'category', values }, bad, binning)
    if (found.kind !== 'category') throw new Error('a category is binned as one')
    expect(found.groups.flat().sort()).toEqual(['a', 'b', 'c', 'rare0', 'rare1', 'rare2', 'rare3'])
    expect(found.groups.find(group => group.includes('c'))).toEqual(['c'])
  })
})

describe('weight of evidence', () => {
  it('is the smoothed log ratio of shares, and neutral for a bin nobody is in', () => {
    const bins = Uint16Array.from([0, 0, 0, 0, 1, 1, 1, 1])
    const bad = Uint8Array.from([0, 0, 0, 1, 0, 1, 1, 1])
    const { woe, informationValue } = weightOfEvidence(bins, bad, 3)
    expect(woe[0]).toBeCloseTo(Math.log(3.5 / 5 / (1.5 / 5)), 12)
    expect(woe[1]).toBeCloseTo(-(woe[0] as number), 12)
    expect(woe[2]).toBe(0)
    expect(informationValue).toBeCloseTo((0.75 - 0.25) * 2 * (woe[0] as number), 12)
  })
})
