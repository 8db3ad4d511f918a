import { hash32 } from '../hash.ts'

/**
 * Properties of a payment (`issuer:ICBC`, `channel:app`), each hashed to one of the model's weights: compact, and
 * bounded whatever names come. In turn, without repetition.
 */
export type ContextFeatures = readonly number[]

/**
 * A Bayesian logistic model of approval per route, learned online: what payments of a kind have in common across
 * segments that are too rare to tell alone. Its prediction is handed to `estimate` as `contextual`.
 *
 * Weights have independent normal beliefs. Each outcome moves them by the extended Kalman filter of the logistic
 * likelihood, kept diagonal: a property that has been seen seldom takes most of the surprise.
 */
export interface ContextModel {
  readonly routes: Map<string, RouteWeights>
}

interface RouteWeights {
  /** Means and variances of the weights on the logit scale, one per bucket; the last is the intercept. */
  readonly weights: Float64Array
  readonly variances: Float64Array
}

export const BUCKETS = 1_024
const ROUTES_MAX = 1_024
/** Variance of a property's weight before it is seen: with twenty of them a payment differs by 0.45 in the logit. */
const VARIANCE = 0.01
const INTERCEPT_VARIANCE = 4
/** Growth of a variance per outcome: what was learned more than some 10,000 outcomes ago can be unlearned. */
const FORGET = 0.0001
/** Least information of an outcome, so that a prediction near 0 or 1 can be corrected. */
const INFORMATION_MIN = 0.01
const LOGIT_MAX = 8

export function createContextModel(): ContextModel {
  return { routes: new Map() }
}

export function hashFeatures(names: readonly string[]): ContextFeatures {
  return [...new Set(names.map(name => hash32(name) % BUCKETS))]
}

/** P(approved) for a payment with these features; `prior` is what to say before the first outcome. */
export function predictApproval(
  model: ContextModel,
  route: string,
  features: ContextFeatures,
  prior: number,
): number {
  const known = model.routes.get(route)
  return known === undefined ? prior : logistic(score(known, features))
}

/**
 * How sure a prediction is, in equivalent observations: of the beta distribution with its mean and variance. 0 before
 * the first outcome.
 */
export function predictionStrength(
  model: ContextModel,
  route: string,
  features: ContextFeatures,
  predicted: number,
): number {
  const known = model.routes.get(route)
  if (known === undefined) return 0
  // A logit's variance V is one of (p (1 - p))^2 V in the probability, and p (1 - p) / (n + 1) that of a beta.
  return Math.max(0, 1 / (Math.max(0.01, predicted * (1 - predicted)) * logitVariance(known, features)) - 1)
}

/** Takes one definite answer. Not idempotent: call it when `learn` has answered `applied`. */
export function learnContext(
  model: ContextModel,
  route: string,
  features: ContextFeatures,
  approved: boolean,
  prior: number,
): void {
  const known = model.routes.get(route) ?? addRoute(model, route, prior)
  if (known === undefined) return
  const predicted = logistic(score(known, features))
  const information = Math.max(INFORMATION_MIN, predicted * (1 - predicted))
  const gain = 1 / (1 + information * logitVariance(known, features))
  const step = gain * ((approved ? 1 : 0) - predicted)
  for (let i = 0; i < features.length; i++)
    move(known, features[i] as number, step, gain * information, VARIANCE)
  move(known, BUCKETS, step, gain * information, INTERCEPT_VARIANCE)
}

function addRoute(model: ContextModel, route: string, prior: number): RouteWeights | undefined {
  if (model.routes.size >= ROUTES_MAX) return undefined
  const known = emptyWeights()
  const p = Math.min(0.999, Math.max(0.001, prior))
  known.weights[BUCKETS] = Math.log(p / (1 - p))
  model.routes.set(route, known)
  return known
}

function emptyWeights(): RouteWeights {
  const variances = new Float64Array(BUCKETS + 1).fill(VARIANCE)
  variances[BUCKETS] = INTERCEPT_VARIANCE
  return { weights: new Float64Array(BUCKETS + 1), variances }
}

function move(
  { weights, variances }: RouteWeights,
  bucket: number,
  step: number,
  shrink: number,
  varianceMax: number,
): void {
  const variance = variances[bucket] as number
  weights[bucket] = (weights[bucket] as number) + variance * step
  variances[bucket] = Math.min(varianceMax, variance * (1 - variance * shrink) * (1 + FORGET))
}

function logitVariance({ variances }: RouteWeights, features: ContextFeatures): number {
  let sum = variances[BUCKETS] as number
  for (let i = 0; i < features.length; i++) sum += variances[features[i] as number] as number
  return sum
}

function score({ weights }: RouteWeights, features: ContextFeatures): number {
  let sum = weights[BUCKETS] as number
  for (let i = 0; i < features.length; i++) sum += weights[features[i] as number] as number
  return Math.min(LOGIT_MAX, Math.max(-LOGIT_MAX, sum))
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** A model as plain JSON: of every route the buckets that have learned, with the mean and variance of the weight. */
export type ContextSnapshot = Readonly<
  Record<string, readonly (readonly [bucket: number, weight: number, variance: number])[]>
>

export function snapshotContext({ routes }: ContextModel): ContextSnapshot {
  return Object.fromEntries(
    Array.from(routes, ([route, { weights, variances }]) => [
      route,
      Array.from(weights, (weight, i) => [i, weight, variances[i] as number] as const).filter(
        ([bucket, weight, variance]) => weight !== 0 || variance !== varianceMaxOf(bucket),
      ),
    ]),
  )
}

/** @throws RangeError when the snapshot holds anything but usable numbers of this model */
export function restoreContext(from: ContextSnapshot): ContextModel {
  const model = createContextModel()
  for (const [route, entries] of Object.entries(from).slice(0, ROUTES_MAX)) {
    const known = emptyWeights()
    for (const [bucket, weight, variance] of entries) {
      const usable =
        Number.isInteger(bucket) &&
        bucket >= 0 &&
        bucket <= BUCKETS &&
        Number.isFinite(weight) &&
        variance > 0 &&
        variance <= varianceMaxOf(bucket)
      if (!usable) throw new RangeError('a snapshot of the context model that is not usable')
      known.weights[bucket] = weight
      known.variances[bucket] = variance
    }
    model.routes.set(route, known)
  }
  return model
}

function varianceMaxOf(bucket: number): number {
  return bucket === BUCKETS ? INTERCEPT_VARIANCE : VARIANCE
}
