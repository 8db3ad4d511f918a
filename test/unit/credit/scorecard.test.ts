import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measure } from '../../../src/core/credit/measures.ts'
import { parseScorecard } from '../../../src/core/credit/parse-scorecard.ts'
import { compileScorecard, pdOfScore, scoreOfPd } from '../../../src/core/credit/scorecard.ts'
import { type Scorecard, scaleConstants } from '../../../src/core/credit/scorecard-model.ts'
import { chooseColumns, type ColumnSpec } from '../../../src/core/credit/training/columns.ts'
import { crossValidate } from '../../../src/core/credit/training/cross-validation.ts'
import { developScorecard, probabilities } from '../../../src/core/credit/training/develop.ts'
import { FIT_DEFAULTS } from '../../../src/core/credit/training/fit.ts'
import { rowOf } from '../../../src/core/credit/training/table.ts'
import { population } from './population.ts'

const scale = { pointsToDouble: 20, baseScore: 600, baseOdds: 50 }
const quiet = (): void => {}

function develop(seed: number, columns: ReadonlyMap<string, ColumnSpec> = new Map()) {
  const { table, bad } = population(4_000, seed)
  const names = chooseColumns(table, 'bad', new Set()).columns
  const labels = { target: 'bad', scale, columns }
  return {
    table,
    bad,
    ...developScorecard(table, names, bad, { ...FIT_DEFAULTS, columns }, labels, 1, quiet),
  }
}
const { table, bad, scorecard, fit } = develop(1)

describe('points scaling', () => {
  it('with 20 points to double and 600 at 50:1 has factor 28.8539 and offset 487.1229', () => {
    const { factor, offset } = scaleConstants(scale)
    expect(factor.toFixed(4)).toBe('28.8539')
    expect(offset.toFixed(4)).toBe('487.1229')
  })

  it.each([
    [0.02, '599.4'],
    [0.1, '550.5'],
    [0.2212, '523.4'],
  ])('scores p = %d as %s', (pd, score) => {
    expect(scoreOfPd(pd, scale).toFixed(1)).toBe(score)
    expect(pdOfScore(scoreOfPd(pd, scale), scale)).toBeCloseTo(pd, 12)
  })
})

describe('a trained scorecard', () => {
  it('finds what drives the risk, built from ratios and extremes it was not told of', () => {
    const names = fit.features.map(feature => feature.name)
    expect(names).toContain('debt/income')
    expect(names.some(name => name.startsWith('max(late') || name.startsWith('count_positive(late'))).toBe(
      true,
    )
    expect(names).not.toContain('noise')
    expect(names).not.toContain('age')
  })

  it('separates and is calibrated on a population it has not seen', () => {
    const fresh = population(4_000, 99)
    const { auc, ece10 } = measure(probabilities(scorecard, fresh.table), fresh.bad)
    expect(auc).toBeGreaterThan(0.77)
    expect(ece10).toBeLessThan(0.03)
  })

  it('says the same by points, by score and by probability', () => {
    const scorer = compileScorecard(scorecard)
    for (let i = 0; i < 200; i++) {
      const { score, pd } = scorer.assess(rowOf(table, i))
      const bins = scorer.bins(rowOf(table, i))
      const points = scorecard.features.reduce(
        (sum, feature, j) => sum + (feature.points[bins[j] as number] as number),
        0,
      )
      expect(score).toBeCloseTo(points, 9)
      expect(pd).toBeCloseTo(pdOfScore(score, scale), 12)
    }
  })

  it('keeps the mean probability at the bad rate of its rows', () => {
    const pd = probabilities(scorecard, table)
    const mean = pd.reduce((sum, value) => sum + value, 0) / pd.length
    expect(mean).toBeCloseTo(bad.reduce((sum, value) => sum + value, 0) / bad.length, 6)
  })

  it('gives the same model for the same rows and seed, and reads back as itself', () => {
    const text = JSON.stringify(scorecard)
    expect(JSON.stringify(develop(1).scorecard)).toBe(text)
    expect(parseScorecard(JSON.parse(text))).toEqual(scorecard)
  })

  it('has no coefficient that rewards being worse', () => {
    expect(scorecard.features.every(feature => feature.coefficient > 0)).toBe(true)
  })

  it('keeps a declared direction in the whole score', () => {
    const spec = new Map<string, ColumnSpec>([['debt', { monotone: 'increasing' }]])
    const directed = develop(1, spec).scorecard
    const touching = directed.features.filter(feature =>
      feature.inputs.some(({ column }) => column.includes('debt')),
    )
    expect(touching.map(feature => feature.name)).toEqual(['debt'])
    const scorer = compileScorecard(directed)
    const row = rowOf(table, 5)
    const scores = Array.from({ length: 50 }, (_, i) => scorer.assess({ ...row, debt: i * 500 }).score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(new Set(scores).size).toBeGreaterThan(1)
  })

  it('is measured by folds of row index without leaking', () => {
    const rows = population(1_500, 3)
    const names = ['income', 'debt', 'late_1', 'late_2', 'late_3', 'job']
    const labels = { target: 'bad', scale, columns: new Map() }
    const real = crossValidate(rows.table, names, rows.bad, 3, FIT_DEFAULTS, labels, 1, quiet)
    expect(real.mean.auc).toBeGreaterThan(0.76)
    expect(real.folds.map(fold => fold.rows)).toEqual([500, 500, 500])
    // Outcomes that belong to other rows cannot be predicted; a leak between folds would show above one half.
    const moved = rows.bad.map((_, i) => rows.bad[(i * 7 + 3) % rows.bad.length] as number)
    const options = { ...FIT_DEFAULTS, screening: { ...FIT_DEFAULTS.screening, informationValueMin: 0 } }
    const chance = crossValidate(rows.table, names, moved, 3, options, labels, 1, quiet)
    expect(Math.abs(chance.mean.auc - 0.5)).toBeLessThan(0.05)
  })
})

describe('assessment', () => {
  const scorer = compileScorecard(scorecard)
  const worst = { income: 2_100, debt: 19_500, late_1: 3, late_2: 3, late_3: 3, job: 'clerk' }

  it('names at most four factors, greatest shortfall first, each truly below its best', () => {
    const { factors } = scorer.assess(worst)
    expect(factors.length).toBeGreaterThan(1)
    expect(factors.length).toBeLessThanOrEqual(4)
    const shortfalls = factors.map(factor => factor.shortfall)
    expect(shortfalls).toEqual(shortfalls.toSorted((a, b) => b - a))
    const bins = scorer.bins(worst)
    const all = scorecard.features.map(
      (feature, j) => Math.max(...feature.points) - (feature.points[bins[j] as number] as number),
    )
    expect(shortfalls).toEqual(
      all
        .toSorted((a, b) => b - a)
        .filter(value => value >= 1)
        .slice(0, 4),
    )
  })

  it('answers for whatever it is given: missing, wrong types, unseen levels, infinities', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.constant(null), fc.constant(undefined))
    fc.assert(
      fc.property(fc.record({ income: value, debt: value, late_1: value, job: value }), values => {
        const { score, pd } = scorer.assess(values)
        expect(Number.isFinite(score)).toBe(true)
        expect(pd).toBeGreaterThan(0)
        expect(pd).toBeLessThan(1)
      }),
    )
    expect(scorer.assess({ ...worst, job: 'astronaut' })).toEqual(scorer.assess({ ...worst, job: null }))
  })

  it('gives a public reason only when every column behind a feature shares it', () => {
    const spec = new Map<string, ColumnSpec>(
      (['late_1', 'late_2', 'late_3'] as const).map(name => [
        name,
        { dimension: 'payment_history', reason: 'CRD_OVERDUE' },
      ]),
    )
    spec.set('debt', { dimension: 'obligations', reason: 'CRD_OBLIGATIONS_HIGH' })
    const features = develop(1, spec).scorecard.features
    const late = features.find(feature => /^(max|mean|count_positive)\(late/.test(feature.name))
    expect(late).toMatchObject({ dimension: 'payment_history', reason: 'CRD_OVERDUE' })
    expect(features.find(feature => feature.name === 'debt/income')).toMatchObject({
      dimension: 'unspecified',
      reason: 'CRD_ASSESSMENT_NOT_MET',
    })
  })
})

describe('a model file', () => {
  /** The trained model with the member at a dotted path replaced. */
  const broken = (path: string, value: unknown): unknown => {
    const model: unknown = structuredClone(scorecard)
    const keys = path.split('.')
    const parent = keys.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], model)
    ;(parent as Record<string, unknown>)[keys.at(-1) as string] = value
    return model
  }
  const derived = (name: string, op: string, column: string): unknown => ({ name, op, columns: [column] })

  it.each<[string, RegExp, string, unknown]>([
    ['another format', /format/, 'format', 'other/1'],
    ['no features', /features/, 'features', []],
    ['points of another length', /points/, 'features.0.points', [1]],
    ['a NaN', /points\[0\]/, 'features.0.points.0', Number.NaN],
    ['a coefficient that turns round', /coefficient/, 'features.0.coefficient', -1],
    [
      'edges out of order',
      /edges/,
      'features.0.inputs.0.binning',
      { kind: 'numeric', edges: [2, 1], special: [] },
    ],
    ['a reason a feature may not give', /reason/, 'features.0.reason', 'LIQ_DAILY_CAPACITY'],
    ['a derived column of itself', /itself/, 'derived', [derived('x', 'max', 'x')]],
    [
      'a derived column of a later one',
      /before/,
      'derived',
      [derived('x', 'max', 'y'), derived('y', 'max', 'debt')],
    ],
    [
      'a derived column twice',
      /twice/,
      'derived',
      [derived('x', 'max', 'debt'), derived('x', 'min', 'debt')],
    ],
    ['an unknown operation', /op/, 'derived', [derived('x', 'eval', 'debt')]],
    ['odds of zero', /baseOdds/, 'scale.baseOdds', 0],
    ['a baseline of another shape', /baseline/, 'baseline.scoreCounts', [1]],
  ])('with %s is refused with its path', (_name, message, path, value) => {
    expect(() => parseScorecard(broken(path, value))).toThrow(message)
    expect(() => parseScorecard(broken(path, value))).toThrow(TypeError)
  })

  it('of nonsense is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(() => parseScorecard(value)).toThrow(TypeError)
      }),
    )
  })

  it('may carry a card beside the model', () => {
    const file = { ...scorecard, card: { anything: true } }
    expect(parseScorecard(file)).toEqual(scorecard as Scorecard)
  })
})
