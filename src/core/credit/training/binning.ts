import type { Binning } from '../scorecard-model.ts'
import type { Column } from './table.ts'

/** Counts of one candidate bin while merging. */
interface Cell {
  /** Numeric: the greatest value inside. Category: unused. */
  upper: number
  levels: string[]
  good: number
  bad: number
}

export interface BinningOptions {
  readonly fineBins: number
  /** Neighbours merge while their chi-square is under this; 3.84 is the 5 % point with one degree of freedom. */
  readonly chiSquareMin: number
  readonly binRowsMin: number
  readonly binsMax: number
  readonly monotone: 'increasing' | 'decreasing' | 'none'
  /** Numeric values with a meaning of their own (-999, 98); each gets its own bin. */
  readonly special: readonly number[]
}

/**
 * Cuts a column into coarse bins: fine quantile bins (a value that fills one by itself stays alone), then adjacent
 * ones merge while they do not differ significantly or are too small, then while they break the direction asked for.
 * Categories are ordered by bad rate first, which makes "adjacent" mean "most alike". Missing and special values
 * never merge with others.
 */
export function binColumn(column: Column, bad: Uint8Array, options: BinningOptions): Binning {
  if (column.kind === 'category') {
    const cells = mergeCells(categoryCells(column.values, bad, options.binRowsMin), {
      ...options,
      monotone: 'none',
    })
    return { kind: 'category', groups: cells.map(cell => cell.levels) }
  }
  const special = [...new Set(options.special)].sort((a, b) => a - b)
  const cells = mergeCells(fineCells(column.values, bad, options.fineBins, new Set(special)), options)
  return { kind: 'numeric', edges: cells.slice(0, -1).map(cell => cell.upper), special }
}

function fineCells(
  values: Float64Array,
  bad: Uint8Array,
  bins: number,
  special: ReadonlySet<number>,
): Cell[] {
  const rows: number[] = []
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]) && !special.has(values[i] as number)) rows.push(i)
  }
  rows.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b)
  const target = rows.length / bins
  const cells: Cell[] = []
  let cell: Cell | undefined
  for (let i = 0; i < rows.length; ) {
    const value = values[rows[i] as number] as number
    let end = i
    while (end < rows.length && values[rows[end] as number] === value) end++
    const heavy = end - i >= target
    if (!cell || cell.good + cell.bad >= target || heavy) cells.push((cell = emptyCell()))
    for (; i < end; i++) count(cell, bad[rows[i] as number] as number)
    cell.upper = value
    if (heavy) cell = undefined
  }
  return cells
}

/** Levels by bad rate; those with too few rows to have a rate of their own are pooled into one first. */
function categoryCells(values: readonly (string | null)[], bad: Uint8Array, rowsMin: number): Cell[] {
  const byLevel = new Map<string, Cell>()
  for (const [i, level] of values.entries()) {
    if (level === null) continue
    let cell = byLevel.get(level)
    if (!cell) byLevel.set(level, (cell = { ...emptyCell(), levels: [level] }))
    count(cell, bad[i] as number)
  }
  const cells: Cell[] = []
  const rare = emptyCell()
  for (const cell of [...byLevel.values()].sort((a, b) => compareText(a.levels[0], b.levels[0]))) {
    if (cell.good + cell.bad >= rowsMin) cells.push(cell)
    else absorb(rare, cell)
  }
  if (rare.levels.length > 0) cells.push(rare)
  return cells.sort((a, b) => badRate(a) - badRate(b) || compareText(a.levels[0], b.levels[0]))
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Merges the least different neighbours until every rule holds; at most one merge per cell, so it ends. */
function mergeCells(cells: Cell[], options: BinningOptions): Cell[] {
  const merged = cells.slice()
  while (merged.length > 1) {
    const at = nextMerge(merged, options)
    if (at === undefined) break
    const [left, right] = [merged[at] as Cell, merged[at + 1] as Cell]
    absorb(left, right)
    left.upper = right.upper
    merged.splice(at + 1, 1)
  }
  return merged
}

/** The left index of the pair to merge next: a cell too small joins its likeliest neighbour, else the weakest border. */
function nextMerge(cells: readonly Cell[], options: BinningOptions): number | undefined {
  let [weakest, weakestAt] = [Number.POSITIVE_INFINITY, 0]
  let [smallest, smallestAt] = [Number.POSITIVE_INFINITY, -1]
  let [violation, violationAt] = [Number.POSITIVE_INFINITY, -1]
  for (let i = 0; i + 1 < cells.length; i++) {
    const [left, right] = [cells[i] as Cell, cells[i + 1] as Cell]
    const chi = chiSquare(left, right)
    if (chi < weakest) [weakest, weakestAt] = [chi, i]
    const size = Math.min(left.good + left.bad, right.good + right.bad)
    if (size < options.binRowsMin && chi < smallest) [smallest, smallestAt] = [chi, i]
    if (breaksDirection(left, right, options.monotone) && chi < violation) [violation, violationAt] = [chi, i]
  }
  if (smallestAt >= 0) return smallestAt
  if (weakest < options.chiSquareMin || cells.length > options.binsMax) return weakestAt
  return violationAt >= 0 ? violationAt : undefined
}

/** Compared on the smoothed odds that the weight of evidence uses, so that its order is the one promised. */
function breaksDirection(left: Cell, right: Cell, monotone: BinningOptions['monotone']): boolean {
  if (monotone === 'none') return false
  const rise = (right.bad + 0.5) * (left.good + 0.5) - (left.bad + 0.5) * (right.good + 0.5)
  return monotone === 'increasing' ? rise < 0 : rise > 0
}

/** Pearson's chi-square of a 2 x 2 table. */
function chiSquare(a: Cell, b: Cell): number {
  const [bads, goods] = [a.bad + b.bad, a.good + b.good]
  const [rowsA, rowsB] = [a.good + a.bad, b.good + b.bad]
  const product = bads * goods * rowsA * rowsB
  if (product === 0) return 0
  return ((a.bad * b.good - a.good * b.bad) ** 2 * (rowsA + rowsB)) / product
}

function emptyCell(): Cell {
  return { upper: Number.NaN, levels: [], good: 0, bad: 0 }
}

function count(cell: Cell, bad: number): void {
  if (bad === 1) cell.bad++
  else cell.good++
}

function absorb(into: Cell, from: Cell): void {
  into.levels.push(...from.levels)
  into.good += from.good
  into.bad += from.bad
}

function badRate(cell: Cell): number {
  return cell.bad / Math.max(1, cell.good + cell.bad)
}
