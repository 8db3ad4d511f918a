/** Sums of what was seen in one arm of an experiment: each value is one first attempt, 1 for approved. */
export interface ArmSums {
  readonly count: number
  readonly sum: number
}

export interface SequentialResult {
  /** Estimated difference, experiment minus running policy. */
  readonly difference: number
  /** Confidence sequence: it holds at all times at once, so that one may look as often as one likes. */
  readonly low: number
  readonly high: number
}

/** Total first attempts for which the sequence is made tightest; any choice is valid. */
const TUNED_FOR = 5_000

/**
 * Difference of two rates with an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
 * 2021, theorem 2.2): the radius is
 *
 *     s sqrt( 2 (n r^2 + 1) / (n^2 r^2) ln( sqrt(n r^2 + 1) / alpha ) )
 *
 * of the mean of psi_i = (Y_i - m) (1[arm]/e - 1[control]/(1 - e)), with s its standard deviation, m the common
 * mean and e the share of the arm. Unlike a t-test repeated daily, it keeps its error however often it is read.
 * @param share share of payers in the arm, 0..1
 * @returns undefined before both arms have been seen
 */
export function sequentialDifference(
  arm: ArmSums,
  control: ArmSums,
  share: number,
  alpha = 0.05,
): SequentialResult | undefined {
  const n = arm.count + control.count
  if (arm.count < 1 || control.count < 1) return undefined
  const mean = (arm.sum + control.sum) / n
  // Of 0/1 values, sum (y - m)^2 = s (1 - 2 m) + c m^2.
  const squares = ({ count, sum }: ArmSums): number => sum * (1 - 2 * mean) + count * mean * mean
  const centred = ({ count, sum }: ArmSums): number => sum - count * mean
  const effect = (centred(arm) / share - centred(control) / (1 - share)) / n
  const second = (squares(arm) / share ** 2 + squares(control) / (1 - share) ** 2) / n
  const deviation = Math.sqrt(Math.max(second - effect * effect, 1 / (n * share * (1 - share))))
  const tightness = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / TUNED_FOR
  const scaled = n * tightness
  const radius =
    deviation * Math.sqrt(((2 * (scaled + 1)) / (n * scaled)) * Math.log(Math.sqrt(scaled + 1) / alpha))
  return { difference: effect, low: effect - radius, high: effect + radius }
}
