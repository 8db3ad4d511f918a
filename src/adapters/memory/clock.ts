import type { Clock } from '../../ports/clock.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A clock that moves only when told to. `now` and `monotonic` can be set apart, as clocks are in real life. */
export class ManualClock implements Clock {
  #monotonic = 0
  #offset: number
  readonly #timers = new Set<Timer>()

  /** @param startsAt Unix ms */
  constructor(startsAt = 1_700_000_000_000) {
    this.#offset = startsAt
  }

  now(): number {
    return this.#offset + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.timer(ms, resolve))
  }

  timer(ms: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, ms), run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass and runs what falls due, in order; what a timer sets in motion runs before the next one. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#timers.delete(timer)
      this.#monotonic = timer.at
      timer.run()
      await settled()
    }
    this.#monotonic = until
    await settled()
  }

  /** Moves the wall clock alone, as a correction of the system time does. */
  jump(ms: number): void {
    this.#offset += ms
  }

  #next(until: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer
    }
    return first
  }
}

/** A number of turns of the microtask queue that outlasts the chains of awaits in use here. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
