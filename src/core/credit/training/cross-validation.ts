import { type Measures, measure } from '../measures.ts'
import type { Labels } from './assemble.ts'
import { developScorecard, probabilities } from './develop.ts'
import type { FitOptions } from './fit.ts'
import { type Table, takeRows } from './table.ts'

export interface CrossValidation {
  readonly folds: readonly Measures[]
  /** Mean over the folds of each measure. */
  readonly mean: Measures
  /** Standard deviation over the folds of AUC and KS. */
  readonly sd: { readonly auc: number; readonly ks: number }
}

/**
 * Develops and measures one model per fold; fold k tests the rows whose index leaves k when divided by `folds`. All of
 * it - proposals, bins, choice, calibration - happens inside the other folds, so nothing leaks.
 */
export function crossValidate(
  table: Table,
  names: readonly string[],
  bad: Uint8Array,
  folds: number,
  options: FitOptions,
  labels: Labels,
  seed: number,
  progress: (step: string) => void,
): CrossValidation {
  if (!Number.isInteger(folds) || folds < 2 || folds > 20)
    throw new RangeError('folds must be an integer from 2 to 20')
  const results: Measures[] = []
  for (let fold = 0; fold < folds; fold++) {
    const [development, test]: [number[], number[]] = [[], []]
    for (let row = 0; row < table.rows; row++) (row % folds === fold ? test : development).push(row)
    const { scorecard } = developScorecard(
      takeRows(table, development),
      names,
      Uint8Array.from(development, row => bad[row] as number),
      options,
      labels,
      seed,
      step => progress(`fold ${fold + 1} of ${folds}: ${step}`),
    )
    const pd = probabilities(scorecard, takeRows(table, test))
    results.push(
      measure(
        pd,
        test.map(row => bad[row] as number),
      ),
    )
  }
  return {
    folds: results,
    mean: meanOf(results),
    sd: {
      auc: deviation(results.map(result => result.auc)),
      ks: deviation(results.map(result => result.ks)),
    },
  }
}

function meanOf(results: readonly Measures[]): Measures {
  const average = (key: keyof Measures): number =>
    results.reduce((sum, result) => sum + result[key], 0) / results.length
  return {
    rows: average('rows'),
    badRate: average('badRate'),
    auc: average('auc'),
    gini: average('gini'),
    ks: average('ks'),
    brier: average('brier'),
    brierBase: average('brierBase'),
    ece10: average('ece10'),
    hosmerLemeshow: average('hosmerLemeshow'),
  }
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1),
  )
}
