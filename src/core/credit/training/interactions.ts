import { binCount } from '../scorecard-model.ts'
import type { BinningOptions } from './binning.ts'
import { type Candidate, candidateOf } from './candidates.ts'
import { sigmoid } from './logistic.ts'
import type { Column, Table } from './table.ts'

export interface InteractionOptions {
  readonly interactionsMax: number
  /** How many of the most informative features are tried in pairs. */
  readonly pool: number
  /** Bins per side; a cell needs enough rows to speak. */
  readonly binsMax: number
  readonly binShareMin: number
  readonly chiSquareMin: number
  /** Standard deviations by which a pair's residual chi-square has to exceed what chance gives. */
  readonly significanceMin: number
  /** Rows' worth of information (p (1 - p) per row) that pull a cell's effect to zero. */
  readonly shrinkage: number
}

/** Two coarsely binned columns over one grid. */
export interface Grid {
  readonly left: Candidate
  readonly right: Candidate
  readonly cells: number
  readonly bins: Uint16Array
}

/** Every pair of the pool, coarsely binned. Quadratic in the pool, which is limited. */
export function pairGrids(
  table: Table,
  names: readonly string[],
  bad: Uint8Array,
  binning: BinningOptions,
  options: InteractionOptions,
): Grid[] {
  const coarse: BinningOptions = {
    ...binning,
    monotone: 'none',
    chiSquareMin: options.chiSquareMin,
    binsMax: options.binsMax,
    binRowsMin: Math.max(binning.binRowsMin, options.binShareMin * table.rows),
  }
  const pool = names
    .slice(0, options.pool)
    .map(name => candidateOf(name, table.columns.get(name) as Column, bad, coarse))
  const grids: Grid[] = []
  for (const [i, right] of pool.entries()) {
    for (const left of pool.slice(0, i)) {
      const width = binCount(right.inputs[0].binning)
      const bins = new Uint16Array(table.rows)
      for (let row = 0; row < bins.length; row++) {
        bins[row] = (left.bins[row] as number) * width + (right.bins[row] as number)
      }
      grids.push({ left, right, cells: width * binCount(left.inputs[0].binning), bins })
    }
  }
  return grids
}

/** What the present model leaves unexplained in each cell of a grid. */
interface Residuals {
  readonly residual: Float64Array
  readonly information: Float64Array
  /** (chi-square - degrees of freedom) / sqrt(2 x degrees of freedom). */
  readonly significance: number
}

/** @param linear the present model's log odds of being good, by row. */
export function gridResiduals(grid: Grid, good: Uint8Array, linear: Float64Array): Residuals {
  const residual = new Float64Array(grid.cells)
  const information = new Float64Array(grid.cells)
  for (let row = 0; row < linear.length; row++) {
    const cell = grid.bins[row] as number
    const p = sigmoid(linear[row] as number)
    residual[cell] = (residual[cell] as number) + (good[row] as number) - p
    information[cell] = (information[cell] as number) + p * (1 - p)
  }
  let [chiSquare, degrees] = [0, 0]
  for (let cell = 0; cell < grid.cells; cell++) {
    if ((information[cell] as number) <= 0) continue
    chiSquare += (residual[cell] as number) ** 2 / (information[cell] as number)
    degrees++
  }
  return {
    residual,
    information,
    significance: degrees > 0 ? (chiSquare - degrees) / Math.sqrt(2 * degrees) : 0,
  }
}

/**
 * A grid as a feature: one Newton step of each cell's log odds beyond the present model, shrunk by what little a small
 * cell knows. Cells nobody fell into stay at zero.
 */
export function interactionOf(grid: Grid, residuals: Residuals, shrinkage: number): Candidate {
  const woe = residuals.residual.map(
    (value, cell) => value / ((residuals.information[cell] as number) + shrinkage),
  )
  return {
    name: `${grid.left.name} x ${grid.right.name}`,
    inputs: [grid.left.inputs[0], grid.right.inputs[0]],
    bins: grid.bins,
    woe,
    values: Float64Array.from(grid.bins, cell => woe[cell] as number),
    informationValue: 0,
  }
}
