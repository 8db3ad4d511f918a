/** Delayed work that ends with the sandbox and never keeps the process alive. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>()

  /** Returns a function that cancels the work. */
  after(delayMs: number, work: () => void): () => void {
    const timer = setTimeout(() => {
      this.#pending.delete(timer)
      work()
    }, delayMs)
    timer.unref()
    this.#pending.add(timer)
    return () => {
      clearTimeout(timer)
      this.#pending.delete(timer)
    }
  }

  clear(): void {
    for (const timer of this.#pending) clearTimeout(timer)
    this.#pending.clear()
  }
}
