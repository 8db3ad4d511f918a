import {
  type PointsScale,
  type Scorecard,
  type ScorecardFeature,
  scaleConstants,
} from '../scorecard-model.ts'
import type { CreditReasonCode, FactDimension } from '../types.ts'
import type { ColumnSpec } from './columns.ts'
import type { Fit } from './fit.ts'

export interface Labels {
  readonly target: string
  readonly scale: PointsScale
  readonly columns: ReadonlyMap<string, ColumnSpec>
}

const BANDS = 10

/**
 * Turns a fit into a scorecard. Calibration is folded in: the log odds of being good are stretched by `slope` and moved
 * by `shift`, so points, score and probability agree exactly. Numbers keep twelve digits, which is what the file holds,
 * so that a model in memory and the same model read back are one.
 */
export function assembleScorecard(
  fit: Fit,
  rows: number,
  calibration: { readonly slope: number; readonly shift: number },
  labels: Labels,
): Scorecard {
  const { factor, offset } = scaleConstants(labels.scale)
  const intercept = digits(fit.logistic.intercept * calibration.slope + calibration.shift)
  const share = (offset + factor * intercept) / fit.features.length
  const features = fit.features.map((candidate, j): ScorecardFeature => {
    const coefficient = digits(Math.max(0, fit.logistic.coefficients[j] as number) * calibration.slope)
    const woe = Array.from(candidate.woe, digits)
    return {
      name: candidate.name,
      inputs: candidate.inputs,
      ...meaning(
        candidate.inputs.map(input => input.column),
        fit,
        labels.columns,
      ),
      coefficient,
      woe,
      points: woe.map(value => digits(share + factor * coefficient * value)),
    }
  })
  const scores = scoresOf(fit, features, rows)
  return {
    format: 'fundroute-scorecard/1',
    version: 'unversioned',
    target: labels.target,
    scale: labels.scale,
    intercept,
    derived: fit.derived,
    features,
    baseline: {
      ...scoreBands(scores),
      featureCounts: fit.features.map(candidate => countsOf(candidate.bins, candidate.woe.length)),
    },
  }
}

/** A feature speaks for one dimension and gives one reason only when all its columns do; else the neutral ones. */
function meaning(
  columns: readonly string[],
  fit: Fit,
  specs: ReadonlyMap<string, ColumnSpec>,
): { dimension: FactDimension; reason: CreditReasonCode } {
  const sources = columns.flatMap(column => sourcesOf(column, fit, specs))
  const dimensions = new Set(sources.map(source => specs.get(source)?.dimension ?? 'unspecified'))
  const reasons = new Set(sources.map(source => specs.get(source)?.reason ?? 'CRD_ASSESSMENT_NOT_MET'))
  return {
    dimension: dimensions.size === 1 ? ([...dimensions][0] as FactDimension) : 'unspecified',
    reason: reasons.size === 1 ? ([...reasons][0] as CreditReasonCode) : 'CRD_ASSESSMENT_NOT_MET',
  }
}

function sourcesOf(column: string, fit: Fit, specs: ReadonlyMap<string, ColumnSpec>): string[] {
  const derived = fit.derived.find(candidate => candidate.name === column)
  if (!derived || specs.has(column)) return [column]
  return derived.columns.flatMap(operand => sourcesOf(operand, fit, specs))
}

function scoresOf(fit: Fit, features: readonly ScorecardFeature[], rows: number): Float64Array {
  const scores = new Float64Array(rows)
  for (const [j, candidate] of fit.features.entries()) {
    const { points } = features[j] as ScorecardFeature
    for (let i = 0; i < rows; i++)
      scores[i] = (scores[i] as number) + (points[candidate.bins[i] as number] as number)
  }
  return scores
}

function scoreBands(scores: Float64Array): { scoreEdges: number[]; scoreCounts: number[] } {
  const sorted = scores.slice().sort()
  const edges: number[] = []
  for (let band = 1; band < BANDS; band++) {
    const edge = digits(
      sorted[Math.min(sorted.length - 1, Math.floor((band * sorted.length) / BANDS))] as number,
    )
    if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY)) edges.push(edge)
  }
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  for (const score of scores) {
    const at = edges.findIndex(edge => score <= edge)
    counts[at < 0 ? edges.length : at] = (counts[at < 0 ? edges.length : at] as number) + 1
  }
  return { scoreEdges: edges, scoreCounts: counts }
}

function countsOf(bins: Uint16Array, length: number): number[] {
  const counts = Array.from({ length }, () => 0)
  for (const bin of bins) counts[bin] = (counts[bin] as number) + 1
  return counts
}

function digits(value: number): number {
  return Number(value.toPrecision(12))
}
