import type { DerivedColumn } from '../scorecard-model.ts'
import type { BinningOptions } from './binning.ts'
import { type Candidate, type ScreeningOptions, screenCandidates } from './candidates.ts'
import type { ColumnSpec } from './columns.ts'
import { proposeDerived, withDerived } from './derive.ts'
import { gridResiduals, type InteractionOptions, interactionOf, pairGrids } from './interactions.ts'
import { fitLogistic, type LogisticFit } from './logistic.ts'
import type { Table } from './table.ts'

export interface FitOptions {
  readonly fineBins: number
  readonly chiSquareMin: number
  readonly binRowsMin: number
  readonly binShareMin: number
  readonly binsMax: number
  readonly screening: ScreeningOptions
  readonly ridge: number
  readonly interactions: InteractionOptions
  /** Whether to add the columns that {@link proposeDerived} proposes. */
  readonly proposeDerived: boolean
  /** Derived columns that the model's owner asks for. */
  readonly derived: readonly DerivedColumn[]
  readonly columns: ReadonlyMap<string, ColumnSpec>
}

/**
 * Defaults. Neighbouring bins merge under a chi-square of 2: there the border costs more by Akaike's criterion than it
 * explains. (The customary 3.84 throws away real differences on samples of hundreds; on tens of thousands both agree.)
 */
export const FIT_DEFAULTS: FitOptions = {
  fineBins: 20,
  chiSquareMin: 2,
  binRowsMin: 20,
  binShareMin: 0.02,
  binsMax: 12,
  screening: { informationValueMin: 0.02, correlationMax: 0.9 },
  ridge: 2,
  interactions: {
    interactionsMax: 6,
    pool: 14,
    binsMax: 5,
    binShareMin: 0.06,
    chiSquareMin: 6,
    significanceMin: 3,
    shrinkage: 20,
  },
  proposeDerived: true,
  derived: [],
  columns: new Map(),
}

/** A fitted model on the rows it came from. */
export interface Fit {
  readonly features: readonly Candidate[]
  readonly logistic: LogisticFit
  /** The derived columns its features use, in the order to compute them. */
  readonly derived: readonly DerivedColumn[]
  /** Features dropped because their coefficient had the wrong sign beside the others. */
  readonly wrongSign: readonly string[]
}

/**
 * Fits a scorecard: bins and screens every column, then L2 logistic regression on weights of evidence with the same
 * sign for every feature, then pairs of columns that explain what is left.
 *
 * @param names columns of `table` that may be used. @param bad 1 for bad, 0 for good.
 */
export function fitMainEffects(
  table: Table,
  names: readonly string[],
  bad: Uint8Array,
  options: FitOptions,
): Fit {
  const { derived, usable, wide } = derivedTable(table, names, options)
  const candidates = screenCandidates(
    wide,
    usable,
    bad,
    name => binningOf(name, table.rows, options),
    options.screening,
  )
  if (candidates.length === 0) throw new RangeError('no column tells good from bad')
  return fitSameSign(candidates, [], goodOf(bad), options.ridge, derived)
}

/** Adds the interactions that are significant, strongest first; each is fitted to what the model then leaves open. */
export function addInteractions(
  main: Fit,
  table: Table,
  names: readonly string[],
  bad: Uint8Array,
  options: FitOptions,
): Fit {
  const { derived, wide } = derivedTable(table, names, options)
  const { interactions } = options
  const good = goodOf(bad)
  // A declared direction is a promise about the whole score, so such a column takes part in no interaction.
  const pool = main.features.map(feature => feature.name).filter(name => !options.columns.get(name)?.monotone)
  const base = binningOf('', table.rows, options)
  const start = linearPart(main, table.rows)
  const ranked = pairGrids(wide, pool, bad, base, interactions)
    .map(grid => ({ grid, significance: gridResiduals(grid, good, start).significance }))
    .filter(({ significance }) => significance >= interactions.significanceMin)
    .sort((a, b) => b.significance - a.significance)
  let fit = main
  let added = 0
  for (const { grid } of ranked) {
    if (added === interactions.interactionsMax) break
    const residuals = gridResiduals(grid, good, linearPart(fit, table.rows))
    if (residuals.significance < interactions.significanceMin) continue
    const feature = interactionOf(grid, residuals, interactions.shrinkage)
    fit = fitSameSign([...fit.features, feature], fit.wrongSign, good, options.ridge, derived)
    added++
  }
  return fit
}

/** Fits, and while a coefficient says "the worse the better", drops the worst offender and fits again. */
function fitSameSign(
  candidates: readonly Candidate[],
  dropped: readonly string[],
  good: Uint8Array,
  ridge: number,
  derived: readonly DerivedColumn[],
): Fit {
  const features = candidates.slice()
  const wrongSign = dropped.slice()
  for (;;) {
    const logistic = fitLogistic(
      features.map(feature => feature.values),
      good,
      ridge,
    )
    const lowest = logistic.coefficients.reduce(
      (at, value, j, all) => (value < (all[at] as number) ? j : at),
      0,
    )
    if (features.length === 1 || (logistic.coefficients[lowest] as number) > 0) {
      return { features, logistic, derived: usedDerived(features, derived), wrongSign }
    }
    wrongSign.push((features[lowest] as Candidate).name)
    features.splice(lowest, 1)
  }
}

/** The model's log odds of being good on its own rows. */
export function linearPart(fit: Fit, rows: number): Float64Array {
  const linear = new Float64Array(rows).fill(fit.logistic.intercept)
  for (const [j, feature] of fit.features.entries()) {
    const coefficient = fit.logistic.coefficients[j] as number
    for (let i = 0; i < rows; i++)
      linear[i] = (linear[i] as number) + coefficient * (feature.values[i] as number)
  }
  return linear
}

function derivedTable(
  table: Table,
  names: readonly string[],
  options: FitOptions,
): { derived: readonly DerivedColumn[]; usable: string[]; wide: Table } {
  const free = names.filter(name => !options.columns.get(name)?.monotone)
  const asked = new Set(options.derived.map(column => column.name))
  const proposed = options.proposeDerived
    ? proposeDerived(table, free).filter(({ name }) => !asked.has(name))
    : []
  const derived = [...options.derived, ...proposed]
  return {
    derived,
    usable: [...names, ...derived.map(column => column.name)],
    wide: withDerived(table, derived),
  }
}

function usedDerived(features: readonly Candidate[], derived: readonly DerivedColumn[]): DerivedColumn[] {
  const needed = new Set(features.flatMap(feature => feature.inputs.map(input => input.column)))
  // Backwards: a derived column comes after those it builds on.
  for (const column of derived.toReversed()) {
    if (needed.has(column.name)) for (const operand of column.columns) needed.add(operand)
  }
  return derived.filter(column => needed.has(column.name))
}

function binningOf(name: string, rows: number, options: FitOptions): BinningOptions {
  const spec = options.columns.get(name)
  return {
    fineBins: options.fineBins,
    chiSquareMin: options.chiSquareMin,
    binRowsMin: Math.max(options.binRowsMin, options.binShareMin * rows),
    binsMax: options.binsMax,
    monotone: spec?.monotone ?? 'none',
    special: spec?.special ?? [],
  }
}

function goodOf(bad: Uint8Array): Uint8Array {
  return bad.map(value => 1 - value)
}
