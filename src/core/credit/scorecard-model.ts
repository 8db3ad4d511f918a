import type { CreditReasonCode, FactDimension } from './types.ts'

/**
 * Cut points of a number. Bin j holds values up to and including `edges[j]`, the next bin everything above the last
 * edge, then one bin per special value, and last the missing bin.
 */
export interface NumericBinning {
  readonly kind: 'numeric'
  readonly edges: readonly number[]
  readonly special: readonly number[]
}

/** Groups of levels, one bin each; the last bin holds missing and never seen levels. */
export interface CategoryBinning {
  readonly kind: 'category'
  readonly groups: readonly (readonly string[])[]
}

export type Binning = NumericBinning | CategoryBinning

export function binCount(binning: Binning): number {
  return binning.kind === 'numeric'
    ? binning.edges.length + binning.special.length + 2
    : binning.groups.length + 1
}

export const DERIVED_OPS = ['max', 'min', 'mean', 'count_positive', 'ratio', 'difference'] as const

/**
 * A number computed from others, in order, before binning. Missing operands are left out; when none is left, or the
 * denominator of a ratio is not positive, the result is missing.
 */
export interface DerivedColumn {
  readonly name: string
  readonly op: (typeof DERIVED_OPS)[number]
  /** Raw or earlier derived columns; exactly two for ratio and difference. */
  readonly columns: readonly string[]
}

export interface FeatureInput {
  readonly column: string
  readonly binning: Binning
}

/** One line of the scorecard: a binned column, or two crossed (bin = left x bins of the right + right). */
export interface ScorecardFeature {
  readonly name: string
  readonly inputs: readonly [FeatureInput] | readonly [FeatureInput, FeatureInput]
  readonly dimension: FactDimension
  readonly reason: CreditReasonCode
  /** Of the log odds of being good; never negative. */
  readonly coefficient: number
  /** Weight of evidence by bin. */
  readonly woe: readonly number[]
  /** Score points by bin, unrounded: factor x coefficient x woe, plus an equal share of the constant. */
  readonly points: readonly number[]
}

/** Score = offset + factor x ln(good : bad odds). */
export interface PointsScale {
  /** Points that double the odds. */
  readonly pointsToDouble: number
  readonly baseScore: number
  /** Good : bad odds at the base score. */
  readonly baseOdds: number
}

/** A model as stored. Score and probability say the same thing on two scales: p = 1 / (1 + exp((score - offset) / factor)). */
export interface Scorecard {
  readonly format: 'fundroute-scorecard/1'
  /** Names the content; audit records carry it. */
  readonly version: string
  readonly target: string
  readonly scale: PointsScale
  /** Log odds of being good of a row whose every weight of evidence is zero; calibration is folded in. */
  readonly intercept: number
  readonly derived: readonly DerivedColumn[]
  readonly features: readonly ScorecardFeature[]
  /** What the development rows looked like: the baseline of drift. */
  readonly baseline: ScoreBaseline
}

export interface ScoreBaseline {
  /** Ascending inner edges of ten bands of about equal size; a band holds scores up to and including its edge. */
  readonly scoreEdges: readonly number[]
  readonly scoreCounts: readonly number[]
  /** Rows per bin, one list per feature in the model's order. */
  readonly featureCounts: readonly (readonly number[])[]
}

export function scaleConstants(scale: PointsScale): { factor: number; offset: number } {
  const factor = scale.pointsToDouble / Math.LN2
  return { factor, offset: scale.baseScore - factor * Math.log(scale.baseOdds) }
}
