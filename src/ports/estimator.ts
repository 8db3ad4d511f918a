import type { DeclineCategory } from '../core/payment/decline.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { RouteEstimate } from '../core/scoring/value.ts'

/** Which try of a payment an estimate is for: the first, or one after a decline of a category. */
export type Stage = 'first' | DeclineCategory

export interface LearnedAttempt {
  /** Makes it exactly-once. */
  readonly attemptId: string
  readonly route: string
  readonly context: PaymentContext
  readonly stage: Stage
  readonly result: UpstreamResult
  /** Unix ms. */
  readonly dispatchedAt: number
  readonly observedAt: number
  readonly latencyMs?: number
}

/** What is believed of each route, learned from outcomes. Reading and learning are in process and immediate. */
export interface Estimator {
  estimate(route: string, context: PaymentContext, stage: Stage, now: number): RouteEstimate
  /** Counts an outcome once; order and delay do not matter. */
  learn(attempt: LearnedAttempt): void
}
