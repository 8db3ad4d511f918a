/** The only source of time. Nothing else in the core, the ports or the gateway may look at a clock. */
export interface Clock {
  /** Wall clock, Unix ms. May jump. */
  now(): number
  /** Monotonic clock, ms since an arbitrary start. Never jumps; stops with the process. */
  monotonic(): number
  /** Resolves after `ms`. */
  sleep(ms: number): Promise<void>
  /** Calls `run` once after `ms` unless the returned function is called first. */
  timer(ms: number, run: () => void): () => void
}
