export type BreakerState = 'closed' | 'half_open' | 'open'

/** Leave to make one call. It expires: a permit never settled counts as a failure, so no probe hangs for ever. */
export interface Permit {
  readonly route: string
  readonly generation: number
}

export interface BreakerView {
  readonly route: string
  readonly state: BreakerState
  /** Unix ms of the last change of state. */
  readonly since: number
  /** Set while an operator holds the breaker open or closed. */
  readonly forced?: { readonly state: 'open' | 'closed'; readonly reason: string; readonly until: number }
}

/**
 * One circuit breaker per route. It can only prevent a send, never change an outcome. Only technical failures
 * count; a decline is a success.
 */
export interface Breaker {
  state(route: string): BreakerState
  /** Leave to send now, or undefined. In half-open one caller gets it. */
  permit(route: string): Permit | undefined
  /** Reports how the permitted call went. Reports of an older generation feed statistics only. */
  settle(permit: Permit, outcome: 'success' | 'failure'): void
  /** Gives a permit back unused. */
  cancel(permit: Permit): void
  force(route: string, state: 'open' | 'closed' | 'auto', reason: string, until: number): void
  views(): BreakerView[]
}
