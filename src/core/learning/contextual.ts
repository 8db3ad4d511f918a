import { hash32 } from '../hash.ts'

/**
 * Properties of a payment (`issuer:ICBC`, `channel:app`), each hashed to one of the model's weights: compact, and
 * bounded whatever names come. In turn, without repetition.
 */
export type ContextFeatures = readonly number[]

/**
 * A logistic model of approval per route, learned online by AdaGrad (Duchi, Hazan and Singer 2011): what payments
 * of a kind have in common across segments that are too rare to tell alone. Its prediction is handed to `estimate`
 * as `contextual`.
 */
export interface ContextModel {
  readonly routes: Map<string, RouteWeights>
}

interface RouteWeights {
  /** One per bucket; the last is the intercept. */
  readonly weights: Float64Array
  readonly squares: Float64Array
}

export const BUCKETS = 1_024
const ROUTES_MAX = 1_024
/** Step of the prediction, shared among the properties of a payment, so that it is the same however many they are. */
const RATE = 0.8
const SQUARES_START = 1
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
 * How sure a prediction is, in equivalent observations: the harmonic mean of how often each property of the payment
 * has been seen on the route, so that one that is new makes it unsure. 0 before the first outcome.
 */
export function predictionStrength(
  model: ContextModel,
  route: string,
  features: ContextFeatures,
  predicted: number,
): number {
  const known = model.routes.get(route)
  if (known === undefined) return 0
  // Squared gradients sum to about n p (1 - p).
  const spread = Math.max(0.01, predicted * (1 - predicted))
  let inverse = spread / (known.squares[BUCKETS] as number)
  for (let i = 0; i < features.length; i++)
    inverse += spread / (known.squares[features[i] as number] as number)
  return (features.length + 1) / inverse
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
  const error = logistic(score(known, features)) - (approved ? 1 : 0)
  const rate = RATE / (features.length + 1)
  for (let i = 0; i < features.length; i++) move(known, features[i] as number, error, rate)
  move(known, BUCKETS, error, rate)
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
  return {
    weights: new Float64Array(BUCKETS + 1),
    squares: new Float64Array(BUCKETS + 1).fill(SQUARES_START),
  }
}

function move({ weights, squares }: RouteWeights, bucket: number, gradient: number, rate: number): void {
  const square = (squares[bucket] as number) + gradient * gradient
  squares[bucket] = square
  weights[bucket] = (weights[bucket] as number) - (rate * gradient) / Math.sqrt(square)
}

function score({ weights }: RouteWeights, features: ContextFeatures): number {
  let sum = weights[BUCKETS] as number
  for (let i = 0; i < features.length; i++) sum += weights[features[i] as number] as number
  return Math.min(LOGIT_MAX, Math.max(-LOGIT_MAX, sum))
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** A model as plain JSON: of every route the buckets that have learned, with weight and square. */
export type ContextSnapshot = Readonly<
  Record<string, readonly (readonly [bucket: number, weight: number, square: number])[]>
>

export function snapshotContext({ routes }: ContextModel): ContextSnapshot {
  return Object.fromEntries(
    Array.from(routes, ([route, { weights, squares }]) => [
      route,
      Array.from(weights, (weight, i) => [i, weight, squares[i] as number] as const).filter(
        ([, weight, square]) => weight !== 0 || square !== SQUARES_START,
      ),
    ]),
  )
}

/** @throws RangeError when the snapshot holds anything but usable numbers of this model */
export function restoreContext(from: ContextSnapshot): ContextModel {
  const model = createContextModel()
  for (const [route, entries] of Object.entries(from).slice(0, ROUTES_MAX)) {
    const known = emptyWeights()
    for (const [bucket, weight, square] of entries) {
      const usable = bucket >= 0 && bucket <= BUCKETS && Number.isFinite(weight) && square >= SQUARES_START
      if (!usable) throw new RangeError('a snapshot of the context model that is not usable')
      known.weights[bucket] = weight
      known.squares[bucket] = square
    }
    model.routes.set(route, known)
  }
  return model
}
