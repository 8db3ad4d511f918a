import { describe, expect, it } from 'vitest'
import {
  countAssessment,
  countMatured,
  driftReport,
  emptyCalibrationWindow,
  emptyDriftWindow,
  readCalibration,
  readStability,
  stabilityNoise,
} from '../../../src/core/credit/drift.ts'
import { compileScorecard } from '../../../src/core/credit/scorecard.ts'
import { chooseColumns } from '../../../src/core/credit/training/columns.ts'
import { developScorecard } from '../../../src/core/credit/training/develop.ts'
import { FIT_DEFAULTS } from '../../../src/core/credit/training/fit.ts'
import { seededRandom } from '../../../src/core/credit/training/split.ts'
import { rowOf } from '../../../src/core/credit/training/table.ts'
import { population } from './population.ts'

describe('the noise floor of the stability index', () => {
  it.each([
    [200, 0.045, 0.08],
    [500, 0.018, 0.034],
    [1_000, 0.01, 0.018],
    [5_000, 0.002, 0.003],
  ])(
    'for %i rows in ten bins is about what simulation measured: mean %d, 95 %% under %d',
    (rows, mean, p95) => {
      const noise = stabilityNoise(10, 1e9, rows)
      expect(Math.abs(noise.mean - mean)).toBeLessThan(0.0015)
      expect(Math.abs(noise.p95 - p95)).toBeLessThan(0.006)
    },
  )

  it('is exceeded one time in twenty when nothing shifts', () => {
    const random = seededRandom(11)
    const expected = Array.from({ length: 10 }, () => 1_000)
    let exceeded = 0
    for (let trial = 0; trial < 2_000; trial++) {
      const actual = Array.from({ length: 10 }, () => 0)
      for (let i = 0; i < 1_000; i++) {
        const bin = Math.floor(10 * random())
        actual[bin] = (actual[bin] as number) + 1
      }
      const reading = readStability(expected, actual)
      expect(reading.verdict).toBe('stable')
      if (reading.psi > reading.noiseP95) exceeded++
    }
    expect(exceeded / 2_000).toBeGreaterThan(0.03)
    expect(exceeded / 2_000).toBeLessThan(0.07)
  })

  it('keeps a small window from alarming at the limits meant for large ones', () => {
    const expected = Array.from({ length: 20 }, () => 50_000)
    const unlucky = [1, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 19]
    const reading = readStability(expected, unlucky)
    expect(reading.psi).toBeGreaterThan(0.1)
    expect(reading.noiseP95).toBeGreaterThan(reading.psi)
    expect(reading.verdict).toBe('stable')
    expect(
      readStability(
        expected,
        unlucky.map(count => count * 100),
      ).verdict,
    ).toBe('watch')
    expect(readStability(expected, [50, ...Array.from({ length: 19 }, () => 0)]).verdict).toBe('too_few_rows')
  })
})

describe('drift of a model in use', () => {
  const { table, bad } = population(4_000, 1)
  const names = chooseColumns(table, 'bad', new Set()).columns
  const labels = {
    target: 'bad',
    scale: { pointsToDouble: 20, baseScore: 600, baseOdds: 50 },
    columns: new Map(),
  }
  const { scorecard } = developScorecard(table, names, bad, FIT_DEFAULTS, labels, 1, () => {})
  const scorer = compileScorecard(scorecard)

  function watch(seed: number, keep: (row: ReturnType<typeof rowOf>) => boolean) {
    const fresh = population(8_000, seed).table
    const window = emptyDriftWindow(scorecard)
    for (let i = 0; i < fresh.rows; i++) {
      const row = rowOf(fresh, i)
      if (keep(row)) countAssessment(window, scorecard, scorer.assess(row).score, scorer.bins(row))
    }
    return driftReport(scorecard, window)
  }

  it('starts from a baseline that counts every development row once per feature', () => {
    const { scoreCounts, featureCounts } = scorecard.baseline
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)
    expect(sum(scoreCounts)).toBe(4_000)
    for (const counts of featureCounts) expect(sum(counts)).toBe(4_000)
    expect(Math.max(...scoreCounts)).toBeLessThan(500)
  })

  it('is none for the same population', () => {
    expect(watch(2, () => true).verdict).toBe('stable')
  })

  it('alarms for another population and names the features that moved', () => {
    const report = watch(2, row => (row.debt as number) > 12_000)
    expect(report.score.verdict).toBe('act')
    expect(report.verdict).toBe('act')
    const moved = report.features.filter(({ reading }) => reading.verdict === 'act').map(({ name }) => name)
    expect(moved).toContain('debt/income')
    expect(moved.some(name => name === 'job')).toBe(false)
  })
})

describe('calibration in use', () => {
  function matured(rows: number, lift: number) {
    const random = seededRandom(4)
    const window = emptyCalibrationWindow()
    for (let i = 0; i < rows; i++) {
      const pd = 0.3 * random()
      countMatured(window, pd, random() < pd * lift)
    }
    return readCalibration(window)
  }

  it('is quiet when losses are as predicted', () => {
    const reading = matured(5_000, 1)
    expect(reading.verdict).toBe('stable')
    expect(reading.ece10).toBeLessThan(0.02)
  })

  it('alarms when they are not, in either direction, and says what would set the mean right', () => {
    const worse = matured(5_000, 1.3)
    expect(worse.verdict).toBe('act')
    expect(worse.deviations).toBeGreaterThan(3)
    expect(worse.suggestedShift).toBeGreaterThan(0.2)
    expect(matured(5_000, 0.7)).toMatchObject({ verdict: 'act', suggestedShift: expect.closeTo(-0.4, 0) })
    expect(matured(50, 3).verdict).toBe('too_few_rows')
    expect(readCalibration(emptyCalibrationWindow())).toMatchObject({
      rows: 0,
      deviations: 0,
      suggestedShift: 0,
    })
  })
})
