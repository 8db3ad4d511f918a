import { compileScorecard } from '../scorecard.ts'
import type { Scorecard } from '../scorecard-model.ts'
import { assembleScorecard, type Labels } from './assemble.ts'
import { calibrationSlope, interceptForRate } from './calibration.ts'
import { addInteractions, type Fit, type FitOptions, fitMainEffects, linearPart } from './fit.ts'
import { stratified } from './split.ts'
import { rowOf, type Table, takeRows } from './table.ts'

const VALIDATION_SHARE = 0.25

export interface Developed {
  readonly scorecard: Scorecard
  readonly fit: Fit
  readonly slope: number
  readonly choice: Choice
}

/** What validation decided and on which figures. */
export interface Choice {
  readonly interactions: boolean
  readonly logLossMain: number
  readonly logLossInteractions: number
}

/**
 * Develops a scorecard on development rows. Three quarters train, a quarter validates: whether interactions earn their
 * place, and how far the log odds are to be trusted (the calibration slope). Then the chosen form is fitted again on
 * all development rows, its mean set to their bad rate. Deterministic for a seed.
 */
export function developScorecard(
  table: Table,
  names: readonly string[],
  bad: Uint8Array,
  options: FitOptions,
  labels: Labels,
  seed: number,
  progress: (step: string) => void,
): Developed {
  const all = Uint32Array.from({ length: table.rows }, (_, i) => i)
  const [validationRows, trainRows] = stratified(all, bad, VALIDATION_SHARE, seed)
  const [train, validation] = [takeRows(table, trainRows), takeRows(table, validationRows)]
  const [trainBad, validationBad] = [trainRows, validationRows].map(rows =>
    Uint8Array.from(rows, i => bad[i] as number),
  ) as [Uint8Array, Uint8Array]
  progress(`binning and fitting ${trainRows.length} training rows`)
  const main = fitMainEffects(train, names, trainBad, options)
  progress(`looking for interactions among ${main.features.length} features`)
  const crossed = addInteractions(main, train, names, trainBad, options)
  progress(`choosing and calibrating on ${validationRows.length} validation rows`)
  const linear = [main, crossed].map(fit => unseenLinear(fit, train.rows, validation, labels)) as [
    Float64Array,
    Float64Array,
  ]
  const validationGood = validationBad.map(value => 1 - value)
  const [logLossMain, logLossInteractions] = linear.map(values => logLoss(values, validationGood)) as [
    number,
    number,
  ]
  const interactions = logLossInteractions < logLossMain
  const slope = calibrationSlope(linear[interactions ? 1 : 0], validationGood)

  progress(`fitting ${table.rows} development rows`)
  const refitted = fitMainEffects(table, names, bad, options)
  const fit = interactions ? addInteractions(refitted, table, names, bad, options) : refitted
  return {
    scorecard: assembleScorecard(fit, table.rows, { slope, shift: shiftFor(fit, bad, slope) }, labels),
    fit,
    slope,
    choice: { interactions, logLossMain, logLossInteractions },
  }
}

/** Keeps the mean probability of the fit's own rows at their rate after the log odds were stretched. */
function shiftFor(fit: Fit, bad: Uint8Array, slope: number): number {
  const goodRate = 1 - bad.reduce((sum, value) => sum + value, 0) / bad.length
  return interceptForRate(
    linearPart(fit, bad.length).map(value => value * slope),
    goodRate,
  )
}

function unseenLinear(fit: Fit, rows: number, unseen: Table, labels: Labels): Float64Array {
  return probabilities(assembleScorecard(fit, rows, { slope: 1, shift: 0 }, labels), unseen).map(pd =>
    Math.log((1 - pd) / pd),
  )
}

/** The model's probabilities for every row, through the very code that serves payments. */
export function probabilities(scorecard: Scorecard, table: Table): Float64Array {
  const scorer = compileScorecard(scorecard)
  return Float64Array.from({ length: table.rows }, (_, i) => scorer.assess(rowOf(table, i)).pd)
}

function logLoss(linear: Float64Array, outcome: Uint8Array): number {
  let loss = 0
  for (const [i, z] of linear.entries()) loss += Math.log1p(Math.exp(outcome[i] === 1 ? -z : z))
  return loss / linear.length
}
