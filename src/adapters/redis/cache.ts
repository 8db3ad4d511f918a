import type { Cache } from '../../ports/cache.ts'
import type { RedisLink } from './link.ts'

/** Hints that all instances share. */
export class RedisCache implements Cache {
  readonly #link: RedisLink

  constructor(link: RedisLink) {
    this.#link = link
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    const values = keys.length === 0 ? [] : await this.#link.call(redis => redis.mget([...keys]))
    return keys.map((_, index) => values?.[index] ?? undefined)
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    const ttlMs = Math.floor(ttlSeconds * 1000)
    if (ttlMs > 0) await this.#link.call(redis => redis.set(key, value, 'PX', ttlMs))
    else await this.delete([key])
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#link.call(redis => redis.del([...keys]))
  }

  healthy(): boolean {
    return this.#link.up
  }
}
