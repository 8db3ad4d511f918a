const HOUR_MS = 3_600_000

/** Half-lives at which outflow and inflow are watched: a surge, the hour, the day. */
export const HALF_LIVES_MS = { minutes: 300_000, hour: HOUR_MS, day: 24 * HOUR_MS } as const
export type BurnWindow = keyof typeof HALF_LIVES_MS

/** An exponentially fading sum of amounts per window, as of `atMs`. Constant size, constant time per event. */
export interface Burn {
  readonly atMs: number
  readonly minutes: number
  readonly hour: number
  readonly day: number
}

export function newBurn(atMs: number): Burn {
  return { atMs, minutes: 0, hour: 0, day: 0 }
}

/** Fades the sums and adds an amount: x <- x 2^(-dt/h) + amount. An event out of order counts as of now. */
export function addBurn(burn: Burn, amount: number, nowMs: number): Burn {
  const elapsedMs = Math.max(0, nowMs - burn.atMs)
  return {
    atMs: burn.atMs + elapsedMs,
    minutes: burn.minutes * fade(elapsedMs, HALF_LIVES_MS.minutes) + amount,
    hour: burn.hour * fade(elapsedMs, HALF_LIVES_MS.hour) + amount,
    day: burn.day * fade(elapsedMs, HALF_LIVES_MS.day) + amount,
  }
}

/** The rate in minor units per hour: x ln 2 / h. Reads low until about two half-lives have been seen. */
export function burnPerHour(burn: Burn, window: BurnWindow, nowMs: number): number {
  const halfLifeMs = HALF_LIVES_MS[window]
  const sum = burn[window] * fade(Math.max(0, nowMs - burn.atMs), halfLifeMs)
  return (sum * Math.LN2 * HOUR_MS) / halfLifeMs
}

function fade(elapsedMs: number, halfLifeMs: number): number {
  return 2 ** (-elapsedMs / halfLifeMs)
}
