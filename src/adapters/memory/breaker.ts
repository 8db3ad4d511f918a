import type { BreakerState } from '../../ports/breaker.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Circuit, type CircuitOptions, WINDOW_BUCKETS } from '../breaker/circuit.ts'
import { GuardedBreaker, type GuardedBreakerOptions } from '../breaker/guarded-breaker.ts'

/** A breaker without timers that only the given clock moves: for simulations. Behaves like the one on opossum. */
export function memoryBreaker(options: GuardedBreakerOptions): GuardedBreaker {
  return new GuardedBreaker(circuit => new MemoryCircuit(options.clock, circuit), options)
}

const EMPTY = Number.NEGATIVE_INFINITY

interface Bucket {
  /** Number of the bucket since the clock's start, or EMPTY. */
  slot: number
  calls: number
  failures: number
}

class MemoryCircuit implements Circuit {
  readonly #clock: Clock
  readonly #options: CircuitOptions
  readonly #bucketMs: number
  readonly #buckets: Bucket[] = Array.from({ length: WINDOW_BUCKETS }, () => ({
    slot: EMPTY,
    calls: 0,
    failures: 0,
  }))
  #state: BreakerState
  #probeAt = 0

  constructor(clock: Clock, options: CircuitOptions) {
    this.#clock = clock
    this.#options = options
    this.#bucketMs = options.settings.windowMs / WINDOW_BUCKETS
    this.#state = options.start.state
    if (options.start.state === 'open') this.#probeAt = clock.monotonic() + options.start.remainingMs
  }

  state(): BreakerState {
    if (this.#state === 'open' && this.#clock.monotonic() >= this.#probeAt) this.#become('half_open')
    return this.#state
  }

  record(outcome: 'success' | 'failure'): void {
    const state = this.state()
    if (state === 'open') return
    if (state === 'half_open') {
      if (outcome === 'success') this.#close()
      else this.#open()
      return
    }
    const bucket = this.#bucket()
    bucket.calls++
    if (outcome === 'success') return
    bucket.failures++
    if (this.#tooManyFailures()) this.#open()
  }

  stop(): void {}

  #tooManyFailures(): boolean {
    const oldest = this.#slot() - WINDOW_BUCKETS
    let calls = 0
    let failures = 0
    for (const bucket of this.#buckets) {
      if (bucket.slot <= oldest) continue
      calls += bucket.calls
      failures += bucket.failures
    }
    const { volumeThreshold, errorThresholdPercentage } = this.#options.settings
    return calls >= volumeThreshold && (failures / calls) * 100 > errorThresholdPercentage
  }

  #bucket(): Bucket {
    const slot = this.#slot()
    const bucket = this.#buckets[slot % WINDOW_BUCKETS] as Bucket
    if (bucket.slot !== slot) Object.assign(bucket, { slot, calls: 0, failures: 0 })
    return bucket
  }

  #slot(): number {
    return Math.floor(this.#clock.monotonic() / this.#bucketMs)
  }

  #open(): void {
    this.#probeAt = this.#clock.monotonic() + this.#options.openMs()
    this.#become('open')
  }

  #close(): void {
    for (const bucket of this.#buckets) bucket.slot = EMPTY
    this.#become('closed')
  }

  #become(state: BreakerState): void {
    this.#state = state
    this.#options.onChange(state)
  }
}
