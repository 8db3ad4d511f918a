import type { CategoryBinning } from './scorecard-model.ts'

/** A numeric binning with its edges in any kind of array: inference keeps them typed, which is faster to search. */
export interface NumericEdges {
  readonly edges: ArrayLike<number>
  readonly special: readonly number[]
}

/** The bin of a number; NaN is the missing bin. Binary search over the edges. */
export function numericBin(binning: NumericEdges, value: number): number {
  const { edges, special } = binning
  const regular = edges.length + 1
  if (Number.isNaN(value)) return regular + special.length
  if (special.length > 0) {
    const at = special.indexOf(value)
    if (at >= 0) return regular + at
  }
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= (edges[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

/** Level to bin; what is not in the map belongs to the last bin. */
export function levelBins(binning: CategoryBinning): Map<string, number> {
  return new Map(binning.groups.flatMap((group, bin) => group.map(level => [level, bin] as const)))
}
