import { hash32 } from '../hash.ts'

/** Features of a payment by name: 1 for "it is so" (`card:Visa`), else a number around 0 (`log amount`). */
export type ContextFeatures = Readonly<Record<string, number>>

/**
 * A logistic model of approval per route, learned online by AdaGrad (Duchi, Hazan and Singer 2011): what payments
 * of a kind have in common across segments that are too rare to tell alone. Its prediction is handed to `estimate`
 * as `contextual`. Features are hashed, so memory is bounded whatever names come.
 */
export interface ContextModel {
  readonly routes: Map<string, RouteWeights>
}

interface RouteWeights {
  /** One per bucket; the last is the intercept. Plain arrays, so that a snapshot is plain JSON. */
  readonly weights: number[]
  readonly squares: number[]
}

const BUCKETS = 256
const ROUTES_MAX = 1_024
const RATE = 0.1
const SQUARES_START = 1
const LOGIT_MAX = 8

export function createContextModel(): ContextModel {
  return { routes: new Map() }
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
  for (const [name, value] of Object.entries(features)) {
    if (!Number.isFinite(value)) continue
    move(known, bucketOf(name), error * value)
  }
  move(known, BUCKETS, error)
}

function addRoute(model: ContextModel, route: string, prior: number): RouteWeights | undefined {
  if (model.routes.size >= ROUTES_MAX) return undefined
  const known = {
    weights: Array.from({ length: BUCKETS + 1 }, () => 0),
    squares: Array.from({ length: BUCKETS + 1 }, () => SQUARES_START),
  }
  const p = Math.min(0.999, Math.max(0.001, prior))
  known.weights[BUCKETS] = Math.log(p / (1 - p))
  model.routes.set(route, known)
  return known
}

function move({ weights, squares }: RouteWeights, bucket: number, gradient: number): void {
  squares[bucket] = (squares[bucket] as number) + gradient * gradient
  weights[bucket] = (weights[bucket] as number) - (RATE * gradient) / Math.sqrt(squares[bucket])
}

function score({ weights }: RouteWeights, features: ContextFeatures): number {
  let sum = weights[BUCKETS] as number
  for (const [name, value] of Object.entries(features))
    if (Number.isFinite(value)) sum += (weights[bucketOf(name)] as number) * value
  return Math.min(LOGIT_MAX, Math.max(-LOGIT_MAX, sum))
}

function bucketOf(name: string): number {
  return hash32(name) % BUCKETS
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
