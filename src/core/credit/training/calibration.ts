import { fitLogistic, sigmoid } from './logistic.ts'

/**
 * Rows' worth of information that hold the slope at 1. Thousands of validation rows overrule it, a hundred cannot: on
 * those the slope of a free Platt fit is mostly noise.
 */
const SLOPE_PRIOR = 50

/**
 * Platt's slope: by how much the log odds are to be stretched (above 1) or shrunk (below 1, the usual sign of an
 * overfit) so that they are right on rows the model has not seen. Never negative: that would turn the ranking round.
 */
export function calibrationSlope(linear: Float64Array, outcome: Uint8Array): number {
  const { coefficients } = fitLogistic([linear], outcome, SLOPE_PRIOR, linear)
  return Math.max(0.05, 1 + (coefficients[0] as number))
}

/** The constant that makes the mean probability over `linear` equal `rate`, by bisection. */
export function interceptForRate(linear: Float64Array, rate: number): number {
  let [low, high] = [-50, 50]
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    const mean = linear.reduce((sum, z) => sum + sigmoid(z + middle), 0) / linear.length
    if (mean < rate) low = middle
    else high = middle
  }
  return (low + high) / 2
}
