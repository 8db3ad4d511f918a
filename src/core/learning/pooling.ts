import { clampRate } from './cell.ts'

/** Candidate strengths of shrinkage towards the parent, in equivalent observations. */
export const POOLING_STRENGTHS = [4, 8, 16, 32, 64, 128, 256, 512, 1024] as const

/**
 * How alike the segments of a level are, learned from the data: for every candidate strength the log-likelihood
 * of each outcome as it would have been predicted before it was seen. That is the marginal likelihood of the
 * beta-binomial model, so unlike the method of moments it is not misled by routes being dropped after a bad
 * start: a stopping rule does not enter a likelihood.
 */
export interface Pooling {
  readonly logLikelihoods: number[]
  /** Likelihoods of the outcomes since the sums were last brought up to date: one logarithm for many. */
  readonly products: number[]
  strength: number
  sinceRead: number
}

/** Outcomes between two readings of the likelihoods. */
const READ_EVERY = 20

/** Discount per reading, so that a strength that was right last season can be unlearned. */
const KEEP = 0.999

export function emptyPooling(): Pooling {
  const logLikelihoods = POOLING_STRENGTHS.map(() => 0)
  return {
    logLikelihoods,
    products: POOLING_STRENGTHS.map(() => 1),
    strength: likelyStrength(logLikelihoods),
    sinceRead: 0,
  }
}

/**
 * Takes one outcome of a segment that had `successes` of `trials` before it, under a parent's mean.
 * @param surplus successes above what was expected of these very payments; above the parent's mean when absent
 */
export function observePooling(
  pooling: Pooling,
  success: boolean,
  successes: number,
  trials: number,
  parentMean: number,
  surplus = successes - trials * parentMean,
): void {
  // Without own trials every strength predicts the parent's mean: nothing to learn.
  if (trials < 0.5) return
  const { products } = pooling
  for (let i = 0; i < products.length; i++) {
    const strength = POOLING_STRENGTHS[i] as number
    const predicted = clampRate(parentMean + surplus / (strength + trials))
    products[i] = (products[i] as number) * (success ? predicted : 1 - predicted)
  }
  if (++pooling.sinceRead < READ_EVERY) return
  readPooling(pooling)
}

/** Brings the sums and the strength up to date. */
export function readPooling(pooling: Pooling): void {
  const { logLikelihoods, products } = pooling
  for (let i = 0; i < products.length; i++) {
    logLikelihoods[i] = (logLikelihoods[i] as number) * KEEP + Math.log(products[i] as number)
    products[i] = 1
  }
  pooling.sinceRead = 0
  pooling.strength = likelyStrength(logLikelihoods)
}

/** Geometric mean of the strengths under the posterior from a flat prior over the candidates. */
export function likelyStrength(logLikelihoods: readonly number[]): number {
  const best = Math.max(...logLikelihoods)
  let total = 0
  let sum = 0
  for (let i = 0; i < logLikelihoods.length; i++) {
    const weight = Math.exp((logLikelihoods[i] as number) - best)
    total += weight
    sum += weight * Math.log(POOLING_STRENGTHS[i] as number)
  }
  return Math.exp(sum / total)
}
