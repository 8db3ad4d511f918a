import { levelBins, numericBin } from '../bin-of.ts'
import { binCount, type Binning, type FeatureInput } from '../scorecard-model.ts'
import { binColumn, type BinningOptions } from './binning.ts'
import type { Column, Table } from './table.ts'
import { weightOfEvidence } from './woe.ts'

/** A feature under consideration: its inputs, the bin of every row, and the weight of evidence as a column. */
export interface Candidate {
  readonly name: string
  readonly inputs: readonly [FeatureInput] | readonly [FeatureInput, FeatureInput]
  readonly bins: Uint16Array
  readonly woe: Float64Array
  readonly values: Float64Array
  readonly informationValue: number
}

/** The bin of every row of a column. */
export function binRows(column: Column, binning: Binning): Uint16Array {
  if (binning.kind === 'numeric') {
    if (column.kind !== 'numeric') throw new TypeError('a category has no numeric bins')
    return Uint16Array.from(column.values, value => numericBin(binning, value))
  }
  const bins = levelBins(binning)
  const unknown = binning.groups.length
  return Uint16Array.from(column.values as readonly (string | null)[], level =>
    level === null ? unknown : (bins.get(level) ?? unknown),
  )
}

export function candidateOf(
  name: string,
  column: Column,
  bad: Uint8Array,
  options: BinningOptions,
): Candidate {
  const binning = binColumn(column, bad, options)
  const bins = binRows(column, binning)
  const { woe, informationValue } = weightOfEvidence(bins, bad, binCount(binning))
  const values = Float64Array.from(bins, bin => woe[bin] as number)
  return { name, inputs: [{ column: name, binning }], bins, woe, values, informationValue }
}

export interface ScreeningOptions {
  /** Features with less information are noise. */
  readonly informationValueMin: number
  /** Of two features whose weights of evidence correlate more than this, the more informative one stays. */
  readonly correlationMax: number
}

/** Bins every named column and keeps the informative, not redundant ones, most informative first. */
export function screenCandidates(
  table: Table,
  names: readonly string[],
  bad: Uint8Array,
  binning: (name: string) => BinningOptions,
  screening: ScreeningOptions,
): Candidate[] {
  const candidates = names
    .map(name => candidateOf(name, table.columns.get(name) as Column, bad, binning(name)))
    .filter(candidate => candidate.informationValue >= screening.informationValueMin)
    .sort((a, b) => b.informationValue - a.informationValue || (a.name < b.name ? -1 : 1))
  const kept: Candidate[] = []
  for (const candidate of candidates) {
    if (
      kept.every(other => Math.abs(correlation(other.values, candidate.values)) < screening.correlationMax)
    ) {
      kept.push(candidate)
    }
  }
  return kept
}

function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    sumA += x
    sumB += y
    sumAA += x * x
    sumBB += y * y
    sumAB += x * y
  }
  const variance = (sumAA - (sumA * sumA) / n) * (sumBB - (sumB * sumB) / n)
  return variance > 0 ? (sumAB - (sumA * sumB) / n) / Math.sqrt(variance) : 0
}
