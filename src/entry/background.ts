/** Work that nobody waits for: kept in view so that stopping waits for it, and loops with a rest between rounds. */
export class Background {
  readonly #running = new Set<Promise<unknown>>()
  readonly #onFault: (area: string, error: unknown) => void
  #stopped = false
  #wake: (() => void)[] = []

  constructor(onFault: (area: string, error: unknown) => void) {
    this.#onFault = onFault
  }

  track(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.#running.delete(settled))
    this.#running.add(settled)
  }

  /** Runs rounds until `stop`. A round that says `busy` is followed at once by the next, others after `restMs`. */
  loop(area: string, restMs: number, round: () => Promise<'busy' | 'idle'>): void {
    this.track(this.#rounds(area, restMs, round))
  }

  async #rounds(area: string, restMs: number, round: () => Promise<'busy' | 'idle'>): Promise<void> {
    while (!this.#stopped) {
      let state: 'busy' | 'idle' = 'idle'
      try {
        state = await round()
      } catch (error) {
        this.#onFault(area, error)
      }
      if (state === 'idle') await this.#rest(restMs)
    }
  }

  #rest(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#wake.push(() => {
        clearTimeout(timer)
        resolve()
      })
      if (this.#wake.length > 1_000) this.#wake = this.#wake.slice(-100)
    })
  }

  /** Ends the loops after their round and waits for all work, at most `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    this.#stopped = true
    for (const wake of this.#wake) wake()
    let timer: ReturnType<typeof setTimeout> | undefined
    const timeout = new Promise<void>(resolve => {
      timer = setTimeout(resolve, withinMs)
    })
    await Promise.race([Promise.all(this.#running), timeout])
    clearTimeout(timer)
  }
}
