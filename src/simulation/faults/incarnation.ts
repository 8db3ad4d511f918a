import type { Clock } from '../../ports/clock.ts'
import type { Scheduler } from './scheduler.ts'

/** Unix ms at which every world begins. */
export const EPOCH_MS = 1_780_000_000_000

/**
 * One life of one gateway process. Whatever it waits for passes its gate: a dead process hears nothing any more, one
 * that stands still hears it when it goes on.
 */
export class Incarnation {
  readonly instance: number
  readonly number: number
  readonly #scheduler: Scheduler
  #alive = true
  #standsUntil = 0
  #frozenMs = 0
  /** Difference of its wall clock from the true time, ms. */
  skewMs: number

  constructor(scheduler: Scheduler, instance: number, number: number, skewMs: number) {
    this.#scheduler = scheduler
    this.instance = instance
    this.number = number
    this.skewMs = skewMs
  }

  get name(): string {
    return `gateway ${this.instance}.${this.number}`
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Dead or standing still: whoever calls it gets no answer. */
  get responsive(): boolean {
    return this.#alive && this.#scheduler.now >= this.#standsUntil
  }

  die(): void {
    this.#alive = false
  }

  /** Stands still. A frozen machine's monotonic clock does too. */
  stand(ms: number, frozen: boolean): void {
    const until = this.#scheduler.now + ms
    if (until <= this.#standsUntil) return
    if (frozen) this.#frozenMs += until - Math.max(this.#standsUntil, this.#scheduler.now)
    this.#standsUntil = until
  }

  /** Hands something in after `ms`, when the process can hear it. */
  deliver(ms: number, run: () => void): void {
    this.#scheduler.after(ms, () => this.#hear(run))
  }

  #hear(run: () => void): void {
    if (!this.#alive) return
    if (this.#scheduler.now < this.#standsUntil) this.#scheduler.at(this.#standsUntil, () => this.#hear(run))
    else run()
  }

  clock(): Clock {
    return {
      now: () => Math.floor(EPOCH_MS + this.#scheduler.now + this.skewMs),
      monotonic: () => this.#scheduler.now - this.#frozenMs,
      sleep: ms => new Promise(resolve => this.deliver(ms, resolve)),
      timer: (ms, run) => {
        let canceled = false
        this.deliver(ms, () => {
          if (!canceled) run()
        })
        return () => {
          canceled = true
        }
      },
    }
  }
}
