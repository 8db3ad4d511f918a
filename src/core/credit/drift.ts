import { populationStability } from './measures.ts'
import type { Scorecard } from './scorecard-model.ts'

/** Customary limits of the population stability index. */
const WATCH = 0.1
const ACT = 0.25
/** Below this no verdict is worth giving. */
const ROWS_MIN = 100

export type DriftVerdict = 'too_few_rows' | 'stable' | 'watch' | 'act'

export interface StabilityReading {
  readonly psi: number
  /** What the index averages, and stays under 19 times in 20, when nothing has shifted. */
  readonly noiseMean: number
  readonly noiseP95: number
  readonly rows: number
  readonly verdict: DriftVerdict
}

/**
 * The noise floor of the index: with no shift PSI x n m / (n + m) is about chi-square with one degree of freedom fewer
 * than bins, so its mean is (bins - 1)(1/n + 1/m). The 95 % point is Wilson and Hilferty's approximation.
 */
export function stabilityNoise(
  bins: number,
  expectedRows: number,
  actualRows: number,
): { mean: number; p95: number } {
  const degrees = bins - 1
  if (degrees < 1 || expectedRows <= 0 || actualRows <= 0) return { mean: 0, p95: 0 }
  const scale = 1 / expectedRows + 1 / actualRows
  const third = 2 / (9 * degrees)
  return { mean: degrees * scale, p95: degrees * (1 - third + 1.6449 * Math.sqrt(third)) ** 3 * scale }
}

/**
 * Reads the shift between a baseline and a window. The limit is the customary one or the noise of so small a window,
 * whichever is greater: a window of 200 reads .08 on no shift at all and may not alarm at .10 as if it were 5,000.
 */
export function readStability(expected: ArrayLike<number>, actual: ArrayLike<number>): StabilityReading {
  const psi = populationStability(expected, actual)
  const [expectedRows, rows] = [sum(expected), sum(actual)]
  const used = usedBins(expected, actual)
  const noise = stabilityNoise(used, expectedRows, rows)
  let verdict: DriftVerdict = 'stable'
  if (rows < ROWS_MIN) verdict = 'too_few_rows'
  else if (psi > Math.max(ACT, noise.p95)) verdict = 'act'
  else if (psi > Math.max(WATCH, noise.p95)) verdict = 'watch'
  return { psi, noiseMean: noise.mean, noiseP95: noise.p95, rows, verdict }
}

/** Where in the baseline's bands a score falls. */
export function scoreBand(scoreEdges: readonly number[], score: number): number {
  let [low, high] = [0, scoreEdges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (score <= (scoreEdges[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

export interface DriftReport {
  readonly modelVersion: string
  readonly score: StabilityReading
  /** Characteristic stability, one per feature, in the model's order. */
  readonly features: readonly { readonly name: string; readonly reading: StabilityReading }[]
  /** The worst verdict of all. */
  readonly verdict: DriftVerdict
}

/** Counts of one window; plain numbers, so that it can be stored and merged. */
export interface DriftWindow {
  rows: number
  readonly scoreCounts: number[]
  readonly featureCounts: number[][]
}

export function emptyDriftWindow(model: Scorecard): DriftWindow {
  return {
    rows: 0,
    scoreCounts: model.baseline.scoreCounts.map(() => 0),
    featureCounts: model.baseline.featureCounts.map(counts => counts.map(() => 0)),
  }
}

/** Counts one assessment into a window, in place; O(features). `bins` are those of the same assessment. */
export function countAssessment(
  window: DriftWindow,
  model: Scorecard,
  score: number,
  bins: ArrayLike<number>,
): void {
  window.rows++
  const band = scoreBand(model.baseline.scoreEdges, score)
  window.scoreCounts[band] = (window.scoreCounts[band] as number) + 1
  for (let j = 0; j < window.featureCounts.length; j++) {
    const counts = window.featureCounts[j] as number[]
    const bin = bins[j] as number
    counts[bin] = (counts[bin] as number) + 1
  }
}

/** Reads a window against the model's baseline. Call it when a window is full, not on every event. */
export function driftReport(model: Scorecard, window: DriftWindow): DriftReport {
  const score = readStability(model.baseline.scoreCounts, window.scoreCounts)
  const features = model.features.map((feature, j) => {
    const [expected, actual] = [
      model.baseline.featureCounts[j] as number[],
      window.featureCounts[j] as number[],
    ]
    return { name: feature.name, reading: readStability(expected, actual) }
  })
  const order: readonly DriftVerdict[] = ['too_few_rows', 'stable', 'watch', 'act']
  const worst = Math.max(
    ...[score, ...features.map(feature => feature.reading)].map(({ verdict }) => order.indexOf(verdict)),
  )
  return { modelVersion: model.version, score, features, verdict: order[worst] as DriftVerdict }
}

const PD_BANDS = 10

/** Matured outcomes against what was predicted, by band of predicted probability. */
export interface CalibrationWindow {
  rows: number
  readonly expected: number[]
  readonly observed: number[]
  readonly variance: number[]
}

export function emptyCalibrationWindow(): CalibrationWindow {
  const zeros = (): number[] => Array.from({ length: PD_BANDS }, () => 0)
  return { rows: 0, expected: zeros(), observed: zeros(), variance: zeros() }
}

/** Counts one outcome once it has matured: its prediction at the time of the decision, and whether it went bad. */
export function countMatured(window: CalibrationWindow, pd: number, bad: boolean): void {
  const band = Math.min(PD_BANDS - 1, Math.max(0, Math.floor(pd * PD_BANDS)))
  window.rows++
  window.expected[band] = (window.expected[band] as number) + pd
  window.observed[band] = (window.observed[band] as number) + (bad ? 1 : 0)
  window.variance[band] = (window.variance[band] as number) + pd * (1 - pd)
}

export interface CalibrationReading {
  readonly rows: number
  readonly expectedRate: number
  readonly observedRate: number
  /** Observed minus expected bads in standard deviations; positive when losses exceed the prediction. */
  readonly deviations: number
  readonly ece10: number
  /** What to add to the log odds of being bad so that the mean is right again, if a person decides to. */
  readonly suggestedShift: number
  readonly verdict: DriftVerdict
}

/** Watch beyond two standard deviations, act beyond three, in either direction. */
export function readCalibration(window: CalibrationWindow): CalibrationReading {
  const { rows } = window
  const [expected, observed, variance] = [sum(window.expected), sum(window.observed), sum(window.variance)]
  const deviations = variance > 0 ? (observed - expected) / Math.sqrt(variance) : 0
  const gap = window.expected.reduce(
    (total, value, band) => total + Math.abs(value - (window.observed[band] as number)),
    0,
  )
  const size = Math.abs(deviations)
  return {
    rows,
    expectedRate: rows > 0 ? expected / rows : 0,
    observedRate: rows > 0 ? observed / rows : 0,
    deviations,
    ece10: rows > 0 ? gap / rows : 0,
    suggestedShift: logOdds(observed, rows) - logOdds(expected, rows),
    verdict: rows < ROWS_MIN ? 'too_few_rows' : size > 3 ? 'act' : size > 2 ? 'watch' : 'stable',
  }
}

/** Half a case on either side keeps an empty window finite. */
function logOdds(cases: number, rows: number): number {
  return Math.log((cases + 0.5) / (rows - cases + 0.5))
}

function usedBins(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let used = 0
  for (let i = 0; i < expected.length; i++) if ((expected[i] as number) + (actual[i] as number) > 0) used++
  return used
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  return total
}
