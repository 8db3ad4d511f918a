import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { BreakerState } from '../../ports/breaker.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Circuit, type CircuitOptions, type CircuitStart, WINDOW_BUCKETS } from '../breaker/circuit.ts'
import { GuardedBreaker, type GuardedBreakerOptions } from '../breaker/guarded-breaker.ts'

/**
 * Circuit breakers of the opossum library, one per route. Works wherever timers live: on Node and inside a
 * Durable Object, but not in a plain Worker, where the reset timer ends with the request that set it.
 */
export function opossumBreaker(options: GuardedBreakerOptions): GuardedBreaker {
  return new GuardedBreaker(circuit => new OpossumCircuit(options.clock, circuit), options)
}

type Outcome = 'success' | 'failure'

/**
 * What opossum runs: it is fired when a call has ended, with how it ended. The library's own timeout, abort
 * controller, capacity and error filter stay unused: a timeout drops the late result of a charge, one abort
 * controller serves all calls, a full semaphore opens the breaker of a healthy upstream, and a filtered error
 * closes a half-open one.
 */
class OpossumCircuit implements Circuit {
  readonly #clock: Clock
  readonly #bucketMs: number
  readonly #breaker: CircuitBreaker<[Outcome], void>
  /** Opossum counts in buckets that somebody must rotate. We do when we look, so that no interval runs. */
  readonly #rotation = new EventEmitter()
  #rotatedAt: number

  constructor(clock: Clock, options: CircuitOptions) {
    this.#clock = clock
    this.#bucketMs = options.settings.windowMs / WINDOW_BUCKETS
    this.#rotatedAt = clock.monotonic()
    // Opossum keeps and changes the object it is given, so each breaker has its own.
    const settings = this.#settings(options)
    this.#breaker = new CircuitBreaker(reportOutcome, settings)
    // First in line: the library's own listener reads the open time from the same object.
    this.#breaker.prependListener('open', () => {
      settings.resetTimeout = options.openMs()
    })
    this.#breaker.on('open', () => options.onChange('open'))
    this.#breaker.on('halfOpen', () => options.onChange('half_open'))
    this.#breaker.on('close', () => {
      // Failures from before would reopen it at the first new one.
      this.#rotate(WINDOW_BUCKETS)
      options.onChange('closed')
    })
  }

  state(): BreakerState {
    if (this.#breaker.closed) return 'closed'
    return this.#breaker.halfOpen ? 'half_open' : 'open'
  }

  record(outcome: Outcome): void {
    this.#rotateDue()
    if (this.#breaker.halfOpen && outcome === 'success') {
      // At once: fired, it would close one microtask later, with room for a second probe before it.
      this.#breaker.close()
      return
    }
    this.#breaker.fire(outcome).catch(() => {})
  }

  stop(): void {
    this.#breaker.shutdown()
  }

  #settings(options: CircuitOptions): CircuitBreaker.Options<[Outcome]> {
    const { settings, start, route } = options
    return {
      name: route,
      timeout: false,
      volumeThreshold: settings.volumeThreshold,
      errorThresholdPercentage: settings.errorThresholdPercentage,
      rollingCountTimeout: settings.windowMs,
      rollingCountBuckets: WINDOW_BUCKETS,
      // Sorting all latencies at every failure costs milliseconds under load.
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: this.#rotation,
      resetTimeout: start.state === 'open' ? start.remainingMs : settings.resetMs,
      ...(start.state === 'closed' ? {} : { state: startState(start) }),
    }
  }

  #rotateDue(): void {
    const due = Math.floor((this.#clock.monotonic() - this.#rotatedAt) / this.#bucketMs)
    if (due === 0) return
    this.#rotatedAt += due * this.#bucketMs
    this.#rotate(Math.min(due, WINDOW_BUCKETS))
  }

  #rotate(buckets: number): void {
    for (let bucket = 0; bucket < buckets; bucket++) this.#rotation.emit('rotate')
  }
}

const CALL_FAILED = new Error('the call failed')

function reportOutcome(outcome: Outcome): Promise<void> {
  if (outcome === 'failure') throw CALL_FAILED
  return Promise.resolve()
}

/** Without `lastTimerAt`: what opossum exports there is the time of construction, so the remaining time is ours. */
function startState(start: CircuitStart): CircuitBreaker.State {
  return {
    name: '',
    enabled: true,
    closed: false,
    open: start.state === 'open',
    halfOpen: start.state === 'half_open',
    warmUp: false,
    shutdown: false,
  } as CircuitBreaker.State
}
