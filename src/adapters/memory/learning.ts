import type { LearningExchange } from '../../ports/learning-exchange.ts'

const ENTRIES_MAX = 1_000

/** A place where instances of one process meet; each takes part through an exchange of its own. */
export class MemoryLearningHub {
  readonly #entries: { readonly number: number; readonly from: object; readonly entry: string }[] = []
  #last = 0

  join(): LearningExchange {
    const self = {}
    let seen = 0
    return {
      exchange: entries => {
        for (const entry of entries) this.#entries.push({ number: ++this.#last, from: self, entry })
        this.#entries.splice(0, this.#entries.length - ENTRIES_MAX)
        const fresh = this.#entries.filter(({ number, from }) => number > seen && from !== self)
        seen = this.#last
        return Promise.resolve(fresh.map(({ entry }) => entry))
      },
    }
  }
}
