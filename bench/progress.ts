const REDRAW_MS = 200
const BAR_CELLS = 30

/** A progress bar on the terminal; silent where standard error is not one. */
export class Progress {
  readonly #label: string
  readonly #total: number
  readonly #startedAt = performance.now()
  #done = 0
  #drawnAt = 0

  constructor(label: string, total: number) {
    this.#label = label
    this.#total = total
  }

  step(): void {
    this.#done++
    if (process.stderr.isTTY && performance.now() - this.#drawnAt > REDRAW_MS) this.#draw()
  }

  end(): void {
    if (!process.stderr.isTTY) return
    this.#draw()
    process.stderr.write('\n')
  }

  #draw(): void {
    this.#drawnAt = performance.now()
    const share = this.#done / Math.max(1, this.#total)
    const cells = Math.round(share * BAR_CELLS)
    const rate = this.#done / ((this.#drawnAt - this.#startedAt) / 1_000)
    const left = rate > 0 ? Math.ceil((this.#total - this.#done) / rate) : 0
    const bar = '#'.repeat(cells).padEnd(BAR_CELLS, '.')
    process.stderr.write(`\r${this.#label} [${bar}] ${this.#done}/${this.#total} ${left} s left   `)
  }
}
