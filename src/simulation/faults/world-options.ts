import type { Ending } from './books.ts'
import type { Fault, FaultPlan } from './fault-plan.ts'
import type { Violation } from './oracle.ts'
import { MIXED, UPSTREAM_TYPES } from './upstream-types.ts'

export interface WorldOptions {
  readonly seed: number
  /** Name of the upstream type of all routes, or `mixed`. */
  readonly type: string
  readonly orders: number
  /** Fault classes to leave out. */
  readonly without?: readonly Fault[]
  /** The only faults, and how often they strike; absent: each seed draws its own. */
  readonly faults?: Partial<FaultPlan>
  /** How long an executor owns a payment, ms; absent: as in production. Short leases are lost and taken over more often. */
  readonly leaseMs?: number
  /** The only orders that are placed; absent: all. */
  readonly only?: readonly number[]
  /** Faults strike before this true time only, ms; absent: a minute longer than orders are placed. */
  readonly healAtMs?: number
}

/** Told of everything that happens; `at` is true time, ms. */
export type OnStep = (at: number, who: string, what: string) => void

export interface WorldResult {
  readonly violations: readonly Violation[]
  /** Fault classes that this world had. */
  readonly faults: readonly Fault[]
  readonly ending: Ending
  readonly events: number
  /** Equal in every run of the same options. */
  readonly hash: number
  /** Virtual time, ms. */
  readonly tookMs: number
}

/** Orders come at this mean distance, ms. */
export const ORDER_EVERY_MS = 1_500

/** Names of all upstream types that a world can be made of. */
export const WORLD_TYPES: readonly string[] = [...UPSTREAM_TYPES.map(({ name }) => name), MIXED]

/** When faults end in a world that is not told otherwise, ms. */
export function healsAtMs({ healAtMs, orders }: WorldOptions): number {
  return healAtMs ?? orders * ORDER_EVERY_MS + 60_000
}
