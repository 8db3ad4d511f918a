import { drawNormal, type RandomStream } from '../random.ts'
import type { Estimate } from './types.ts'

export interface SamplingOptions {
  /** Below 1 draws nearer to the mean. */
  readonly temperature?: number
  /** Chance of a uniform draw instead, so that no route is ever given up. */
  readonly floor?: number
}

/** One draw from what is believed of the approval rate, for Thompson sampling. */
export function sampleApproval(
  estimate: Estimate,
  random: RandomStream,
  { temperature = 0.5, floor = 0 }: SamplingOptions = {},
): number {
  if (floor > 0 && random() < floor) return random()
  const { settled, suspected } = estimate
  const belief = suspected.weight > 0 && random() < suspected.weight ? suspected : settled
  return drawBeta(
    random,
    Math.max((belief.mean * belief.strength) / temperature, 1e-3),
    Math.max(((1 - belief.mean) * belief.strength) / temperature, 1e-3),
  )
}

/** A draw from the beta distribution. */
export function drawBeta(random: RandomStream, alpha: number, beta: number): number {
  const x = drawGamma(random, alpha)
  const y = drawGamma(random, beta)
  return x + y > 0 ? x / (x + y) : alpha / (alpha + beta)
}

/** Marsaglia and Tsang 2000; the loop accepts more than 95% of proposals, and is bounded all the same. */
function drawGamma(random: RandomStream, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * Math.pow(random() || 1e-12, 1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (let tries = 0; tries < 1_000; tries++) {
    const x = drawNormal(random)
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    const u = random()
    if (Math.log(u || 1e-300) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v
  }
  return shape
}
