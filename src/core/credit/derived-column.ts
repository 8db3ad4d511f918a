import type { DerivedColumn } from './scorecard-model.ts'

/** Computes a derived number; NaN stands for missing, in and out. */
export function deriveNumber(op: DerivedColumn['op'], values: ArrayLike<number>): number {
  switch (op) {
    case 'ratio': {
      const denominator = values[1] as number
      return denominator > 0 ? (values[0] as number) / denominator : Number.NaN
    }
    case 'difference':
      return (values[0] as number) - (values[1] as number)
    case 'max':
    case 'min':
    case 'mean':
    case 'count_positive':
      return aggregate(op, values)
  }
}

function aggregate(op: 'max' | 'min' | 'mean' | 'count_positive', values: ArrayLike<number>): number {
  let [known, sum, positive] = [0, 0, 0]
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (Number.isNaN(value)) continue
    known++
    sum += value
    if (value > 0) positive++
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  if (known === 0) return Number.NaN
  if (op === 'max') return greatest
  if (op === 'min') return least
  return op === 'mean' ? sum / known : positive
}
