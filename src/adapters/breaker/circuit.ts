import type { BreakerState } from '../../ports/breaker.ts'

/** When one route's circuit opens and for how long. */
export interface BreakerSettings {
  /** Below so many calls in the window it never opens. */
  readonly volumeThreshold: number
  /** Opens when more than this share of the calls in the window failed, 0..100. */
  readonly errorThresholdPercentage: number
  /** Length of the window. At least three times the longest call, or slow failures leave it before they count. */
  readonly windowMs: number
  /** How long it stays open before a probe. Longer than the window, so that no old failure outlives a probe. */
  readonly resetMs: number
  /** Each failed probe doubles the open time up to this; equal to `resetMs`: it does not grow. */
  readonly resetMaxMs: number
  /** Share by which open times vary, so that many instances do not probe at once; 0.2 is +-20 %. */
  readonly resetJitter: number
  /** A permit not settled by then counts as a failure. Longer than the longest call. */
  readonly permitMs: number
}

/** Envoy's ejection limits, and a window of several deadlines: see docs of both libraries. */
export const BREAKER_DEFAULTS: BreakerSettings = {
  volumeThreshold: 20,
  errorThresholdPercentage: 50,
  windowMs: 30_000,
  resetMs: 35_000,
  resetMaxMs: 300_000,
  resetJitter: 0.2,
  permitMs: 60_000,
}

/** Buckets in which a window is counted and forgotten. */
export const WINDOW_BUCKETS = 10

export type CircuitStart =
  | { readonly state: 'closed' | 'half_open' }
  | { readonly state: 'open'; readonly remainingMs: number }

export interface CircuitOptions {
  readonly route: string
  readonly settings: BreakerSettings
  readonly start: CircuitStart
  /** Open time for the next opening. */
  readonly openMs: () => number
  /** Called after every change of state. */
  readonly onChange: (state: BreakerState) => void
}

/**
 * Counts outcomes of one route and decides when its calls are let through. Knows neither permits nor operators:
 * `record` is called only for calls that count, so at most once while half-open.
 */
export interface Circuit {
  state(): BreakerState
  record(outcome: 'success' | 'failure'): void
  /** Ends its timers; it is not used again. */
  stop(): void
}

export type CircuitFactory = (options: CircuitOptions) => Circuit
