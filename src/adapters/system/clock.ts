import type { Clock } from '../../ports/clock.ts'

/**
 * The runtime's own clocks and timers. On Workers time stands still between two I/O events, and a timer lives
 * only as long as the request or the object that set it.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: ms => new Promise(resolve => setTimeout(resolve, timerMs(ms))),
  timer(ms, run) {
    const handle = setTimeout(run, timerMs(ms))
    return () => clearTimeout(handle)
  },
}

/** setTimeout takes a delay beyond 31 bits for 1 ms; nothing here waits for more than that. */
function timerMs(ms: number): number {
  return Math.min(Math.max(0, ms), 0x7fff_ffff)
}
