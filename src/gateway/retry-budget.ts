import type { Clock } from '../ports/clock.ts'

/** What a live send adds to the budget of its upstream: one resend for five sends. */
const SHARE = 0.2
/** Without any live traffic: resends per second, and how many may be made at once. */
const PER_SECOND = 2
const BURST = 20
/** No more than this is saved up in good times. */
const SAVED_MAX = 100

interface Purse {
  tokens: number
  /** Monotonic ms at which it was last filled. */
  at: number
}

/**
 * How often an upstream may be sent again what it has not answered, so that a sick one is not met by a storm of resends
 * when it is weakest. Each process keeps its own; it can only put a resend off, never change what comes of a payment.
 */
export class RetryBudget {
  readonly #clock: Clock
  /** By route; there are as many as in the configuration. */
  readonly #purses = new Map<string, Purse>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A payment was sent for the first time. */
  earn(route: string): void {
    const purse = this.#purseOf(route)
    purse.tokens = Math.min(SAVED_MAX, purse.tokens + SHARE)
  }

  /** Whether a resend may be made now; then it is counted. */
  spend(route: string): boolean {
    const purse = this.#purseOf(route)
    if (purse.tokens < 1) return false
    purse.tokens -= 1
    return true
  }

  #purseOf(route: string): Purse {
    const now = this.#clock.monotonic()
    const purse = this.#purses.get(route)
    if (purse === undefined) {
      const first = { tokens: BURST, at: now }
      this.#purses.set(route, first)
      return first
    }
    const refilled = purse.tokens + (PER_SECOND * (now - purse.at)) / 1_000
    // Time fills it up to the burst only; what live traffic has added above that stays.
    purse.tokens = Math.max(purse.tokens, Math.min(BURST, refilled))
    purse.at = now
    return purse
  }
}
