import {
  countAssessment,
  type DriftVerdict,
  driftReport,
  emptyDriftWindow,
  type StabilityReading,
} from '../drift.ts'
import { type Measures, measure } from '../measures.ts'
import { compileScorecard } from '../scorecard.ts'
import type { Binning, Scorecard, ScorecardFeature } from '../scorecard-model.ts'
import type { CreditReasonCode, FactDimension } from '../types.ts'
import type { ExcludedColumn } from './columns.ts'
import type { CrossValidation } from './cross-validation.ts'
import type { Choice, Developed } from './develop.ts'
import { type FairnessSlice, fairnessSlices } from './fairness.ts'
import type { Split } from './split.ts'
import { rowOf, type Table } from './table.ts'
import { weightOfEvidence } from './woe.ts'

export interface CardBin {
  readonly label: string
  readonly rows: number
  readonly badRate: number | null
  readonly woe: number
  readonly points: number
  /** Points below the feature's best bin: how strong a reason this bin is. */
  readonly shortfall: number
}

export interface CardFeature {
  readonly name: string
  readonly dimension: FactDimension
  readonly reason: CreditReasonCode
  readonly informationValue: number
  readonly coefficient: number
  /** Population stability of this feature, development to hold-out. */
  readonly stability: number
  readonly bins: readonly CardBin[]
}

/** What a reviewer needs to judge a model: how it was made, what it does on rows it never saw, and where it may fail. */
export interface ModelCard {
  readonly target: string
  readonly seed: number
  readonly holdoutKind: Split['kind']
  readonly developmentRows: number
  /** Measured on the hold-out alone; no figure here is from rows the model was fitted to. */
  readonly holdout: Measures
  readonly crossValidation: CrossValidation | null
  readonly calibrationSlope: number
  readonly choice: Choice
  readonly scoreStability: StabilityReading
  readonly driftVerdict: DriftVerdict
  /** Approving the best share of the hold-out: its cut-off and the bad rate of those approved. */
  readonly approvalCurve: readonly {
    readonly share: number
    readonly pdMax: number
    readonly badRate: number
  }[]
  readonly features: readonly CardFeature[]
  readonly excluded: readonly ExcludedColumn[]
  readonly wrongSign: readonly string[]
  readonly fairness: readonly FairnessSlice[]
  readonly warnings: readonly string[]
}

export interface CardInput {
  readonly developed: Developed
  readonly bad: Uint8Array
  readonly holdout: Table
  readonly holdoutBad: Uint8Array
  readonly split: Split
  readonly seed: number
  readonly excluded: readonly ExcludedColumn[]
  readonly crossValidation: CrossValidation | null
  readonly fairnessColumns: readonly string[]
}

const APPROVAL_SHARES = [0.3, 0.5, 0.7, 0.8, 0.9, 1]
/** At or above this information value a feature may know the outcome rather than predict it. */
const LEAKAGE = 0.5

export function modelCard(input: CardInput): ModelCard {
  const { developed, holdout, holdoutBad } = input
  const { scorecard } = developed
  const scorer = compileScorecard(scorecard)
  const window = emptyDriftWindow(scorecard)
  const pd = new Float64Array(holdout.rows)
  for (let i = 0; i < holdout.rows; i++) {
    const row = rowOf(holdout, i)
    const { score, pd: probability } = scorer.assess(row)
    pd[i] = probability
    countAssessment(window, scorecard, score, scorer.bins(row))
  }
  const drift = driftReport(scorecard, window)
  const features = cardFeatures(
    input,
    drift.features.map(({ reading }) => reading.psi),
  )
  return {
    target: scorecard.target,
    seed: input.seed,
    holdoutKind: input.split.kind,
    developmentRows: input.split.development.length,
    holdout: measure(pd, holdoutBad),
    crossValidation: input.crossValidation,
    calibrationSlope: developed.slope,
    choice: developed.choice,
    scoreStability: drift.score,
    driftVerdict: drift.verdict,
    approvalCurve: approvalCurve(pd, holdoutBad),
    features,
    excluded: input.excluded,
    wrongSign: developed.fit.wrongSign,
    fairness: fairnessSlices(holdout, pd, holdoutBad, input.fairnessColumns),
    warnings: warnings(input, features),
  }
}

function cardFeatures(input: CardInput, stability: readonly number[]): CardFeature[] {
  const { scorecard, fit } = input.developed
  return scorecard.features.map((feature, j) => {
    const candidate = fit.features[j] as (typeof fit.features)[number]
    const { good, bad, informationValue } = weightOfEvidence(candidate.bins, input.bad, feature.points.length)
    const best = Math.max(...feature.points)
    const labels = binLabels(feature)
    return {
      name: feature.name,
      dimension: feature.dimension,
      reason: feature.reason,
      informationValue,
      coefficient: feature.coefficient,
      stability: stability[j] as number,
      bins: feature.points.map((points, bin) => {
        const rows = (good[bin] as number) + (bad[bin] as number)
        return {
          label: labels[bin] as string,
          rows,
          badRate: rows > 0 ? (bad[bin] as number) / rows : null,
          woe: feature.woe[bin] as number,
          points,
          shortfall: best - points,
        }
      }),
    }
  })
}

/** Human-readable names of a feature's bins, in order. */
export function binLabels(feature: Pick<ScorecardFeature, 'inputs'>): string[] {
  const [left, right] = feature.inputs.map(input => labelsOf(input.binning))
  if (!right) return left as string[]
  return (left as string[]).flatMap(a => right.map(b => `${a} and ${b}`))
}

function labelsOf(binning: Binning): string[] {
  if (binning.kind === 'category')
    return [...binning.groups.map(group => group.join(', ')), 'missing or unseen']
  const { edges, special } = binning
  const regular =
    edges.length === 0
      ? ['any']
      : [
          ...edges.map((edge, i) => (i === 0 ? `<= ${edge}` : `> ${edges[i - 1]} to ${edge}`)),
          `> ${edges.at(-1)}`,
        ]
  return [...regular, ...special.map(value => `= ${value}`), 'missing']
}

function approvalCurve(pd: Float64Array, bad: Uint8Array): ModelCard['approvalCurve'] {
  const order = Uint32Array.from(pd.keys()).sort((a, b) => (pd[a] as number) - (pd[b] as number) || a - b)
  return APPROVAL_SHARES.map(share => {
    const taken = order.subarray(0, Math.max(1, Math.round(order.length * share)))
    const bads = taken.reduce((sum, row) => sum + (bad[row] as number), 0)
    return { share, pdMax: pd[taken.at(-1) as number] as number, badRate: bads / taken.length }
  })
}

function warnings(input: CardInput, features: readonly CardFeature[]): string[] {
  const list: string[] = []
  for (const { name, informationValue } of features) {
    if (informationValue >= LEAKAGE) {
      list.push(
        `${name} has information value ${informationValue.toFixed(2)}: check that it was known before the outcome`,
      )
    }
  }
  if (input.split.kind === 'out_of_sample') {
    list.push(
      'no time column was named: the hold-out is a random sample and says nothing about change over time',
    )
  }
  if (input.excluded.every(({ why }) => why !== 'protected'))
    list.push('no protected column was found or left out')
  if (input.split.holdout.length < 500) list.push('the hold-out has under 500 rows: its measures are rough')
  if (features.every(({ dimension }) => dimension === 'unspecified')) {
    list.push('no column has a dimension or a reason: refusals by this model can name no specific factor')
  }
  return list
}

/** A model file: what inference reads, and its card beside it. */
export type ScorecardFile = Scorecard & { readonly card: ModelCard }
