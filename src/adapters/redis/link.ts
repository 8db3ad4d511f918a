import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import { parseRedisUrl } from './address.ts'
import { COMMAND_MS, type RedisClient, redisClient } from './client.ts'

export interface RedisLinkOptions {
  /** See `parseRedisUrl`. */
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  /** Told whether Redis answers at first, and whenever it starts or stops. */
  readonly onChange?: (up: boolean) => void
}

/** So many failures in a row, and Redis is left alone for a while. */
const FAILURES_MAX = 5
const REST_MS = 1_000

/**
 * Redis behind a deadline and a breaker of its own: whatever happens to it, a call is over after 50 ms, and while it
 * is known to be down, at once. Work must be harmless when it is lost, done late or done twice.
 */
export class RedisLink {
  readonly #client: RedisClient
  readonly #clock: Clock
  readonly #random: Random
  readonly #onChange: (up: boolean) => void
  /** Undefined until something was heard of Redis, or was waited for in vain. */
  #up: boolean | undefined
  #failures = 0
  /** Monotonic ms before which nothing is tried; undefined while calls go through. */
  #restsUntil: number | undefined

  /** @throws TypeError for a URL that cannot be read */
  constructor(options: RedisLinkOptions) {
    const { url, clock, random } = options
    this.#clock = clock
    this.#random = random
    this.#onChange = options.onChange ?? (() => {})
    this.#client = redisClient(parseRedisUrl(url), () => random.next())
  }

  /** Whether the last that was heard of Redis is an answer. */
  get up(): boolean {
    return this.#up === true
  }

  /**
   * Connects, for at most `withinMs`. False when Redis is not there yet; the client keeps trying by itself.
   * Never rejects.
   */
  async connect(withinMs = 2_000): Promise<boolean> {
    void this.#client.connect().catch(() => {})
    const until = this.#clock.monotonic() + withinMs
    while (!(await this.#ping()) && this.#clock.monotonic() < until) await this.#clock.sleep(20)
    if (!this.up) this.#become(false)
    return this.up
  }

  /** What the work gives, or undefined when Redis did not answer in time. Never rejects. */
  async call<T>(work: (redis: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (this.#restsUntil !== undefined) {
      this.#probeWhenRested(this.#restsUntil)
      return undefined
    }
    const result = await this.#inTime(work)
    if (result === FAILED) this.#failed()
    else this.#succeeded()
    return result === FAILED ? undefined : result
  }

  close(): void {
    this.#client.disconnect()
  }

  /** Nobody waits for the probe: the call that finds the rest over still goes without Redis. */
  #probeWhenRested(restsUntil: number): void {
    if (this.#clock.monotonic() < restsUntil) return
    this.#rest()
    void this.#ping()
  }

  async #ping(): Promise<boolean> {
    const answered = (await this.#inTime(redis => redis.ping())) !== FAILED
    if (answered) this.#succeeded()
    return answered
  }

  #inTime<T>(work: (redis: RedisClient) => Promise<T>): Promise<T | typeof FAILED> {
    return new Promise(resolve => {
      // The client's own timeout is not enough: a Cluster may follow redirections and try nodes in turn.
      const stop = this.#clock.timer(COMMAND_MS, () => resolve(FAILED))
      const settle = (result: T | typeof FAILED) => {
        stop()
        resolve(result)
      }
      work(this.#client).then(settle, () => settle(FAILED))
    })
  }

  #succeeded(): void {
    this.#failures = 0
    this.#restsUntil = undefined
    this.#become(true)
  }

  #failed(): void {
    this.#failures++
    if (this.#failures < FAILURES_MAX) return
    this.#rest()
    this.#become(false)
  }

  #rest(): void {
    this.#restsUntil = this.#clock.monotonic() + REST_MS * (1 + this.#random.next())
  }

  #become(up: boolean): void {
    if (this.#up === up) return
    this.#up = up
    this.#onChange(up)
  }
}

const FAILED = Symbol('failed')
