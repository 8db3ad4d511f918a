import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrationSlope, interceptForRate } from '../../../src/core/credit/training/calibration.ts'
import { chooseColumns, isProtectedName } from '../../../src/core/credit/training/columns.ts'
import { proposeDerived, withDerived } from '../../../src/core/credit/training/derive.ts'
import { fairnessSlices } from '../../../src/core/credit/training/fairness.ts'
import { fitLogistic, sigmoid } from '../../../src/core/credit/training/logistic.ts'
import { seededRandom, splitHoldout, stratified } from '../../../src/core/credit/training/split.ts'
import { type NumericColumn, tableOf } from '../../../src/core/credit/training/table.ts'
import { population } from './population.ts'

const numeric = (values: number[]): NumericColumn => ({ kind: 'numeric', values: Float64Array.from(values) })

describe('logistic regression', () => {
  it('reaches the point where the penalised gradient is zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(0.01, 1, 10), (seed, ridge) => {
        const random = seededRandom(seed)
        const columns = [0, 1, 2].map(() => Float64Array.from({ length: 120 }, () => random() * 2 - 1))
        const y = Uint8Array.from({ length: 120 }, (_, i) =>
          random() < sigmoid(2 * (columns[0]?.[i] as number)) ? 1 : 0,
        )
        if (new Set(y).size < 2) return
        const { intercept, coefficients } = fitLogistic(columns, y, ridge)
        const residual = Array.from(y, (value, i) => {
          const z = columns.reduce(
            (sum, column, j) => sum + (coefficients[j] as number) * (column[i] as number),
            intercept,
          )
          return value - sigmoid(z)
        })
        expect(residual.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6)
        for (const [j, column] of columns.entries()) {
          const gradient = residual.reduce((sum, r, i) => sum + r * (column[i] as number), 0)
          expect(gradient - ridge * (coefficients[j] as number)).toBeCloseTo(0, 6)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('stays finite on separable data and on exact copies', () => {
    const x = Float64Array.from({ length: 40 }, (_, i) => i - 20)
    const { coefficients } = fitLogistic(
      [x, x.slice()],
      Uint8Array.from(x, value => (value > 0 ? 1 : 0)),
      1,
    )
    expect(coefficients.every(Number.isFinite)).toBe(true)
    expect(coefficients[0]).toBeCloseTo(coefficients[1] as number, 3)
    expect(() => fitLogistic([x], new Uint8Array(40), 1)).toThrow(RangeError)
  })
})

describe('calibration', () => {
  const random = seededRandom(3)
  const truth = Float64Array.from({ length: 20_000 }, () => 4 * random() - 2)
  const outcome = Uint8Array.from(truth, z => (random() < sigmoid(z) ? 1 : 0))

  it('finds how far log odds were overstated', () => {
    expect(calibrationSlope(truth, outcome)).toBeCloseTo(1, 1)
    expect(
      calibrationSlope(
        truth.map(z => 2 * z),
        outcome,
      ),
    ).toBeCloseTo(0.5, 1)
  })

  it('hardly moves on a hundred rows and never turns the ranking round', () => {
    const few = truth.slice(0, 60)
    const opposite = Uint8Array.from(few, z => (z > 0 ? 0 : 1))
    expect(calibrationSlope(few, outcome.slice(0, 60))).toBeGreaterThan(0.7)
    expect(calibrationSlope(few, opposite)).toBeGreaterThan(0)
  })

  it('sets the mean to a rate', () => {
    const shift = interceptForRate(truth, 0.1)
    expect(truth.reduce((sum, z) => sum + sigmoid(z + shift), 0) / truth.length).toBeCloseTo(0.1, 9)
  })
})

describe('columns', () => {
  it.each([
    'sex',
    'SEX',
    'age',
    'personal_status_sex',
    'foreign_worker',
    'MARRIAGE',
    'maritalStatus',
    'numDependents',
  ])('knows %s as protected by its name', name => expect(isProtectedName(name)).toBe(true))

  it.each(['PAY_AMT1', 'mileage', 'average_balance', 'housing', 'BILL_AMT1', 'raceway_visits'])(
    'lets %s be',
    name => expect(isProtectedName(name)).toBe(false),
  )

  it('leaves out protected columns, identifiers and constants, and says why', () => {
    const rows = Array.from({ length: 10 }, (_, i) => [
      String(i),
      String(20 + i),
      '5',
      String(i % 3),
      String(i % 2),
    ])
    const table = tableOf(['user_id', 'age', 'one', 'debt', 'bad'], rows, new Set())
    expect(chooseColumns(table, 'bad', new Set())).toEqual({
      columns: ['debt'],
      excluded: [
        { column: 'user_id', why: 'identifier' },
        { column: 'age', why: 'protected' },
        { column: 'one', why: 'constant' },
        { column: 'bad', why: 'target' },
      ],
    })
    expect(chooseColumns(table, 'bad', new Set(['debt']), new Set()).columns).toEqual(['age'])
  })

  it('are typed by their values, blanks and NA missing', () => {
    const table = tableOf(
      ['a', 'b', 'c'],
      [
        ['1', 'x', '1'],
        ['NA', '', '2'],
        ['2.5', 'y', ''],
      ],
      new Set(['c']),
    )
    expect(table.columns.get('a')).toEqual(numeric([1, Number.NaN, 2.5]))
    expect(table.columns.get('b')).toEqual({ kind: 'category', values: ['x', null, 'y'] })
    expect(table.columns.get('c')).toEqual({ kind: 'category', values: ['1', '2', null] })
    expect(() => tableOf(['a', 'a'], [], new Set())).toThrow(RangeError)
    expect(() => tableOf(['a', 'b'], [['1']], new Set())).toThrow(/row 1/)
  })
})

describe('derived columns', () => {
  it('are proposed from names and shapes, never from the outcome', () => {
    const { table } = population(500, 1)
    const names = proposeDerived(table, ['income', 'debt', 'late_1', 'late_2', 'late_3']).map(
      ({ name }) => name,
    )
    expect(names).toContain('max(late*)')
    expect(names).toContain('debt/income')
    expect(names.some(name => name.includes('bad'))).toBe(false)
  })

  it('leave missing operands out and make a ratio with no positive denominator missing', () => {
    const table = tableOf(
      ['a', 'b'],
      [
        ['1', '0'],
        ['', '4'],
        ['3', '2'],
      ],
      new Set(),
    )
    const wide = withDerived(table, [
      { name: 'm', op: 'max', columns: ['a', 'b'] },
      { name: 'r', op: 'ratio', columns: ['a', 'b'] },
      { name: 'd', op: 'difference', columns: ['m', 'b'] },
    ])
    const values = (name: string): number[] => Array.from((wide.columns.get(name) as NumericColumn).values)
    expect(values('m')).toEqual([1, 4, 3])
    expect(values('r')).toEqual([Number.NaN, Number.NaN, 1.5])
    expect(values('d')).toEqual([1, 0, 1])
    expect(() => withDerived(table, [{ name: 'x', op: 'max', columns: ['nope'] }])).toThrow(/nope/)
  })
})

describe('splits', () => {
  it('are the same for a seed, disjoint, complete and of one bad rate', () => {
    const { table, bad } = population(1_000, 2)
    const first = splitHoldout(table, bad, 0.2, 9)
    expect(splitHoldout(table, bad, 0.2, 9)).toEqual(first)
    expect(splitHoldout(table, bad, 0.2, 10)).not.toEqual(first)
    expect([...first.development, ...first.holdout].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i),
    )
    const rate = (rows: Uint32Array): number =>
      rows.reduce((sum, row) => sum + (bad[row] as number), 0) / rows.length
    expect(rate(first.holdout)).toBeCloseTo(rate(first.development), 2)
    expect(stratified(first.development, bad, 0.25, 1)[0]).toHaveLength(200)
  })

  it('by time hold out the latest rows', () => {
    const table = tableOf(
      ['month', 'x'],
      [
        ['2024-03', '1'],
        ['2024-01', '2'],
        ['2024-05', '3'],
        ['2024-02', '4'],
        ['2024-04', '5'],
      ],
      new Set(),
    )
    const split = splitHoldout(table, new Uint8Array(5), 0.2, 1, 'month')
    expect([...split.holdout]).toEqual([2])
    expect(split.kind).toBe('out_of_time')
    expect(() => splitHoldout(table, new Uint8Array(5), 0.2, 1, 'year')).toThrow(RangeError)
  })
})

describe('fairness slices', () => {
  it('show a group that is approved less, and do not let a handful set the standard', () => {
    const groups = [...Array<string>(60).fill('a'), ...Array<string>(60).fill('b'), 'c']
    const table = tableOf(
      ['group'],
      groups.map(group => [group]),
      new Set(),
    )
    const pd = Float64Array.from(groups, (group, i) =>
      group === 'c' ? 0.001 : (i % 60) / 100 + (group === 'b' ? 0.3 : 0),
    )
    const bad = Uint8Array.from(groups, (_, i) => i % 2)
    const slices = fairnessSlices(table, pd, bad, ['group'])
    const ratio = Object.fromEntries(slices.map(slice => [slice.group, slice.impactRatio]))
    expect(ratio.a).toBe(1)
    expect(ratio.b).toBeLessThan(0.8)
    expect(slices.reduce((sum, slice) => sum + slice.rows, 0)).toBe(121)
  })
})
