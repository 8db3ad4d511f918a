import { randomStream } from '../random.ts'

/** One logged choice, and what the policy that is judged would have made of it. */
export interface LoggedChoice {
  /** What belongs together, such as the attempts of one payment: resampled as one. */
  readonly cluster: string
  /** What came of the choice that was logged. */
  readonly reward: number
  /** Probability with which the logged choice was made, 0..1. */
  readonly propensity: number
  /** Probability with which the judged policy would have made the same choice. */
  readonly target: number
  /** Reward that a model expects of the logged choice, learned without this row. */
  readonly predicted: number
  /** Reward that the model expects under the judged policy: sum over its choices. */
  readonly predictedTarget: number
}

export interface Interval {
  readonly value: number
  /** 95%, by bootstrap over clusters. */
  readonly low: number
  readonly high: number
}

/** The logs cannot support the question. */
export interface Refusal {
  readonly code:
    | 'no_rows'
    | 'bad_row'
    | 'no_overlap'
    | 'low_effective_size'
    | 'clipped'
    | 'untried'
    | 'propensities_wrong'
  readonly message: string
}

export interface OffPolicyEstimate {
  readonly rows: number
  readonly clusters: number
  /** Inverse propensity, its self-normalised form, and doubly robust, per row. */
  readonly ips: Interval
  readonly snips: Interval
  readonly doublyRobust: Interval
  /** What the model alone says. */
  readonly model: number
  /** Rows' worth of evidence: (sum w)^2 / sum w^2. */
  readonly effectiveSize: number
  readonly clippedShare: number
  /**
   * Mean weight. Its expectation is the share of the policy's choices that the log could have made: below 1 the policy
   * does what was never tried, above 1 the propensities are wrong.
   */
  readonly weightMean: number
  /** Present when no verdict may be based on the figures. */
  readonly refusal?: Refusal
}

export interface OffPolicyOptions {
  /** Largest weight; larger ones count as this. */
  readonly clip?: number
  /** Effective size below which no verdict is given. */
  readonly effectiveSizeMin?: number
  /** Share of clipped rows above which the bias is unknown and no verdict is given. */
  readonly clippedShareMax?: number
  readonly resamples?: number
  readonly seed?: number
}

const DEFAULTS = { clip: 50, effectiveSizeMin: 500, clippedShareMax: 0.01, resamples: 1_000, seed: 1 }

/** Sums of one cluster: all that a resample needs. */
interface Sums {
  rows: number
  weight: number
  weighted: number
  robust: number
}

/**
 * Value of a policy from choices that another one made (Horvitz and Thompson 1952; Swaminathan and Joachims 2015 for
 * SNIPS; Dudik, Langford and Li 2011 for DR), with w = target / propensity, clipped:
 *
 *     IPS = mean(w r)    SNIPS = sum(w r) / sum(w)    DR = mean(predictedTarget + w (r - predicted))
 *
 * Rows of one cluster are not independent, so intervals come from resampling clusters. The seed makes them
 * repeatable.
 */
export function evaluateOffPolicy(
  choices: readonly LoggedChoice[],
  options: OffPolicyOptions = {},
): OffPolicyEstimate {
  const settings = { ...DEFAULTS, ...options }
  const bad = choices.findIndex(choice => !isUsable(choice))
  if (choices.length === 0)
    return refuse(choices, { code: 'no_rows', message: 'there are no rows to judge by' })
  if (bad >= 0) {
    return refuse(choices, {
      code: 'bad_row',
      message: `row ${bad + 1} has no propensity above 0 and at most 1, or a number that is not finite`,
    })
  }
  const clusters = new Map<string, Sums>()
  let weight = 0
  let squares = 0
  let clipped = 0
  let model = 0
  for (const choice of choices) {
    const full = choice.target / choice.propensity
    const w = Math.min(settings.clip, full)
    if (full > settings.clip) clipped++
    weight += w
    squares += w * w
    model += choice.predictedTarget
    addTo(clusters, choice, w)
  }
  const sums = [...clusters.values()]
  const effectiveSize = squares > 0 ? (weight * weight) / squares : 0
  const clippedShare = clipped / choices.length
  const figures = withIntervals(sums, settings.resamples, settings.seed)
  const weightMean = weight / choices.length
  const weightError = Math.sqrt(Math.max(0, squares / choices.length - weightMean ** 2) / choices.length)
  const refusal =
    objection(effectiveSize, clippedShare, settings) ?? weightObjection(weightMean, weightError, clippedShare)
  return {
    rows: choices.length,
    clusters: sums.length,
    ...figures,
    model: model / choices.length,
    effectiveSize,
    clippedShare,
    weightMean,
    ...(refusal === undefined ? {} : { refusal }),
  }
}

/**
 * Difference of two policies on the same rows, doubly robust and paired: what both share cancels.
 * @param better choices as one policy would make them, row by row with `other`
 */
export function compareOffPolicy(
  better: readonly LoggedChoice[],
  other: readonly LoggedChoice[],
  options: OffPolicyOptions = {},
): Interval {
  const { clip, resamples, seed } = { ...DEFAULTS, ...options }
  if (better.length !== other.length) throw new RangeError('the rows of both policies must be the same')
  const clusters = new Map<string, Sums>()
  better.forEach((choice, i) => {
    const rival = other[i] as LoggedChoice
    const robust = robustTerm(choice, clip) - robustTerm(rival, clip)
    addSums(clusters, choice.cluster, { rows: 1, weight: 0, weighted: 0, robust })
  })
  return withIntervals([...clusters.values()], resamples, seed).doublyRobust
}

function robustTerm(
  { target, propensity, reward, predicted, predictedTarget }: LoggedChoice,
  clip: number,
): number {
  return predictedTarget + Math.min(clip, target / propensity) * (reward - predicted)
}

function isUsable({ reward, propensity, target, predicted, predictedTarget }: LoggedChoice): boolean {
  const isChance = (value: number): boolean => value >= 0 && value <= 1
  return (
    propensity > 0 &&
    isChance(propensity) &&
    isChance(target) &&
    [reward, predicted, predictedTarget].every(Number.isFinite)
  )
}

function addTo(clusters: Map<string, Sums>, choice: LoggedChoice, w: number): void {
  const robust = choice.predictedTarget + w * (choice.reward - choice.predicted)
  addSums(clusters, choice.cluster, { rows: 1, weight: w, weighted: w * choice.reward, robust })
}

function addSums(clusters: Map<string, Sums>, cluster: string, own: Sums): void {
  const sums = clusters.get(cluster)
  if (sums === undefined) {
    clusters.set(cluster, own)
    return
  }
  sums.rows += own.rows
  sums.weight += own.weight
  sums.weighted += own.weighted
  sums.robust += own.robust
}

type Figures = Pick<OffPolicyEstimate, 'ips' | 'snips' | 'doublyRobust'>

function withIntervals(clusters: readonly Sums[], resamples: number, seed: number): Figures {
  const random = randomStream(seed)
  const drawn = { ips: [] as number[], snips: [] as number[], doublyRobust: [] as number[] }
  for (let i = 0; i < resamples; i++) {
    const total = { rows: 0, weight: 0, weighted: 0, robust: 0 }
    for (let j = 0; j < clusters.length; j++) {
      const sums = clusters[Math.floor(random() * clusters.length)] as Sums
      total.rows += sums.rows
      total.weight += sums.weight
      total.weighted += sums.weighted
      total.robust += sums.robust
    }
    const figures = figuresOf(total)
    drawn.ips.push(figures.ips)
    drawn.snips.push(figures.snips)
    drawn.doublyRobust.push(figures.doublyRobust)
  }
  const total = clusters.reduce(
    (all, sums) => ({
      rows: all.rows + sums.rows,
      weight: all.weight + sums.weight,
      weighted: all.weighted + sums.weighted,
      robust: all.robust + sums.robust,
    }),
    { rows: 0, weight: 0, weighted: 0, robust: 0 },
  )
  const { ips, snips, doublyRobust } = figuresOf(total)
  return {
    ips: intervalOf(ips, drawn.ips),
    snips: intervalOf(snips, drawn.snips),
    doublyRobust: intervalOf(doublyRobust, drawn.doublyRobust),
  }
}

function figuresOf({ rows, weight, weighted, robust }: Sums): Record<keyof Figures, number> {
  return {
    ips: weighted / rows,
    snips: weight > 0 ? weighted / weight : Number.NaN,
    doublyRobust: robust / rows,
  }
}

function intervalOf(value: number, drawn: readonly number[]): Interval {
  const sorted = drawn.filter(Number.isFinite).toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { value, low: at(0.025), high: at(0.975) }
}

function objection(
  effectiveSize: number,
  clippedShare: number,
  { clip, effectiveSizeMin, clippedShareMax }: typeof DEFAULTS,
): Refusal | undefined {
  if (effectiveSize === 0)
    return {
      code: 'no_overlap',
      message: 'the policy never chooses what the logs have tried: nothing tells its value',
    }
  if (effectiveSize < effectiveSizeMin) {
    return {
      code: 'low_effective_size',
      message: `the logs hold ${Math.floor(effectiveSize)} rows' worth of evidence on this policy; ${effectiveSizeMin} are needed`,
    }
  }
  if (clippedShare <= clippedShareMax) return undefined
  const share = (100 * clippedShare).toFixed(1)
  return {
    code: 'clipped',
    message: `${share}% of the rows have weights above ${clip}: the logs try too rarely what the policy does often`,
  }
}

/** Distance of the mean weight from 1 that is let pass, and how sure it must be that it is farther off. */
const WEIGHT_TOLERANCE = 0.05
const SURE_ERRORS = 3

function weightObjection(mean: number, error: number, clippedShare: number): Refusal | undefined {
  if (mean + SURE_ERRORS * error < 1 - WEIGHT_TOLERANCE && clippedShare === 0) {
    return {
      code: 'untried',
      message: `about ${(100 * (1 - mean)).toFixed(0)}% of what the policy does was never tried by the log in the same situation: nothing tells what would come of it`,
    }
  }
  if (mean - SURE_ERRORS * error <= 1 + WEIGHT_TOLERANCE) return undefined
  return {
    code: 'propensities_wrong',
    message: `weights average ${mean.toFixed(2)} instead of 1: the propensities are not those that the log was made with`,
  }
}

function refuse(choices: readonly LoggedChoice[], refusal: Refusal): OffPolicyEstimate {
  const none = { value: Number.NaN, low: Number.NaN, high: Number.NaN }
  return {
    rows: choices.length,
    clusters: 0,
    ips: none,
    snips: none,
    doublyRobust: none,
    model: Number.NaN,
    effectiveSize: 0,
    clippedShare: 0,
    weightMean: 0,
    refusal,
  }
}
