import type { Clock } from '../ports/clock.ts'

/**
 * Starts to measure; the function that it gives tells the ms since then, rounded up. It is the longer time of two
 * clocks: a machine that is frozen as a whole stops the monotonic one, and the wall clock may be set back. What was asked
 * before a freeze must not count as asked after it.
 */
export function stopwatch(clock: Clock): () => number {
  const wall = clock.now()
  const monotonic = clock.monotonic()
  return () => Math.ceil(Math.max(clock.now() - wall, clock.monotonic() - monotonic))
}
