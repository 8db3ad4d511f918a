/**
 * Shared hints (Redis, or process memory). Losing, rolling back or freezing everything in here changes latency,
 * never correctness. No method rejects and none takes longer than its adapter's deadline (60 ms): a failure reads
 * as a miss, and a write that fails is forgotten.
 */
export interface Cache {
  /** One round trip, however many keys. All keys of one call must carry the same `{hash tag}`. */
  getMany(keys: readonly string[]): Promise<(string | undefined)[]>
  /** Replaces value and time of life. A time of life under a millisecond keeps nothing. */
  set(key: string, value: string, ttlSeconds: number): Promise<void>
  delete(keys: readonly string[]): Promise<void>
  /** Whether the shared store answered lately; false means that each instance works on its own. */
  healthy(): boolean
}
