import type { Volume } from '../core/eligibility/policy.ts'
import type { ExplorationPolicy } from '../core/learning/exploration.ts'
import type { Stage } from '../core/learning/types.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Route } from '../core/payment/route.ts'
import type { RouteEstimate } from '../core/scoring/value.ts'

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
  /** Sides of the experiments that a first attempt counts for. */
  readonly trials?: readonly (readonly [key: string, side: 'arm' | 'control'])[]
}

/** What is believed of each route, learned from outcomes. Reading and learning are in process and immediate. */
export interface Estimator {
  estimate(route: Route, context: PaymentContext, stage: Stage, now: number): RouteEstimate
  /** Counts an outcome once; order and delay do not matter. */
  learn(attempt: LearnedAttempt): void
  /** Approved payments of a route so far in the calendar day and month, counted once each over all instances. */
  volume(route: string, now: number): Volume
  /** Whether an experiment's guardrail has stopped it. */
  isStopped(experiment: {
    readonly key: string
    readonly share: number
    readonly approvalDropBps: number
  }): boolean
  /** The share with which a tenant's next decision may explore; refills its budget by one decision. */
  explorationAllowance(tenant: string, policy: ExplorationPolicy): number
  /** Books the share that a decision has used of its tenant's budget. */
  spendExploration(tenant: string, share: number): void
}
