import type { DeclineCategory } from '../payment/decline.ts'

/**
 * A group of payments that behave alike, for example `issuer:ICBC|band:2|channel:app`. Keys are opaque here; the
 * caller lists them from the most specific to the most general. The route-wide level above them all is implied.
 */
export type SegmentKey = string

/**
 * Which try of a payment this is: the first, or one after a decline of a category. They are learned apart, so
 * that a route that serves fallbacks is not judged by its harder traffic.
 */
export type Stage = 'first' | DeclineCategory

/** What is believed of a route before anything is observed. `strength` counts in equivalent observations. */
export interface RoutePrior {
  /** P(approved | definite answer), 0..1. */
  readonly approval: number
  /** P(outcome unknown), 0..1. */
  readonly unknown: number
  readonly latencyMs: number
  readonly strength: number
}

export interface EstimateQuery {
  /** Most specific first; may be empty. */
  readonly segments: readonly SegmentKey[]
  readonly route: string
  readonly stage: Stage
  /** Unix ms. */
  readonly now: number
  /**
   * P(approved | definite answer) that a model of the context predicts (`contextual.ts`): where to start from in
   * place of the prior's mean. Every level then adds how far its payments did better than the model expected.
   */
  readonly contextual?: number
}

/** A belief about a probability: a beta distribution by its mean and its strength in observations. */
export interface Belief {
  readonly mean: number
  readonly strength: number
}

/**
 * `open`: the approval rate has fallen and the route is left to its probe share.
 * `probe`: open, and the probes since suggest that it has recovered.
 */
export type EstimateMode = 'normal' | 'open' | 'probe'

export interface Estimate {
  /** P(approved | definite answer) now, all things considered: what a route is valued by. */
  readonly approval: Belief
  /** The same without the suspicion below. */
  readonly settled: Belief
  /**
   * What the rate would be if the change under suspicion is real: in `normal` that it has moved, in `open` and
   * `probe` that it is back. `weight` is the belief in it, 0..1.
   */
  readonly suspected: Belief & { readonly weight: number }
  /** P(outcome unknown). */
  readonly unknown: number
  /** P(technical failure | outcome known). Not part of `approval`. */
  readonly failure: number
  /** Mean time to an answer. */
  readonly latencyMs: number
  readonly mode: EstimateMode
}

/** What became of an attempt. `resolved` is the truth about an attempt that was first told as `unknown`. */
export type LearnedResult =
  | { readonly kind: 'approved' }
  | { readonly kind: 'declined'; readonly category: DeclineCategory }
  | { readonly kind: 'technicalFailure' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'resolved'; readonly as: 'approved' }
  | { readonly kind: 'resolved'; readonly as: 'absent' }
  | { readonly kind: 'resolved'; readonly as: 'declined'; readonly category: DeclineCategory }

export interface LearnedOutcome {
  /** Makes it exactly-once: `unknown` and the final result of one attempt are counted once each. */
  readonly attemptId: string
  readonly route: string
  readonly segments: readonly SegmentKey[]
  readonly stage: Stage
  readonly result: LearnedResult
  /** What the model of the context expected of the payment; see `EstimateQuery`. Given for all or for none. */
  readonly contextual?: number
  /** Unix ms at which the attempt was sent. */
  readonly dispatchedAt: number
  /** Unix ms at which this result became known, by the gateway's own clock: a reporter's clock may be wrong. */
  readonly observedAt: number
  readonly latencyMs?: number
}
