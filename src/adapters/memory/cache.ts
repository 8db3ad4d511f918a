import { LRUCache } from 'lru-cache'
import type { Cache } from '../../ports/cache.ts'
import type { Clock } from '../../ports/clock.ts'

export interface MemoryCacheOptions {
  readonly clock: Clock
  /** The least recently used go first beyond this. */
  readonly entriesMax?: number
  /** Characters of all keys and values together. */
  readonly charactersMax?: number
}

/** Hints in process memory: bounded, expiring by the clock that is given. */
export class MemoryCache implements Cache {
  readonly #entries: LRUCache<string, string>

  constructor(options: MemoryCacheOptions) {
    const { clock, entriesMax = 100_000, charactersMax = 64_000_000 } = options
    this.#entries = new LRUCache({
      max: entriesMax,
      maxSize: charactersMax,
      sizeCalculation: (value, key) => value.length + key.length,
      // The library takes an entry stored at time 0 for one that never expires.
      perf: { now: () => clock.monotonic() + 1 },
      ttl: 1,
      ttlResolution: 0,
    })
  }

  getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    return Promise.resolve(keys.map(key => this.#entries.get(key)))
  }

  set(key: string, value: string, ttlSeconds: number): Promise<void> {
    const ttl = Math.floor(ttlSeconds * 1000)
    if (ttl > 0) this.#entries.set(key, value, { ttl })
    else this.#entries.delete(key)
    return Promise.resolve()
  }

  delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#entries.delete(key)
    return Promise.resolve()
  }

  healthy(): boolean {
    return true
  }
}
