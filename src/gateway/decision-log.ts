import type { DecisionRow, Journal } from '../ports/journal.ts'
import type { Telemetry } from '../ports/telemetry.ts'

const BATCH_MAX = 256
/** Decisions that may wait for the journal. Beyond it callers wait, so that memory stays bounded. */
const WAITING_MAX = 10_000

/**
 * Write-behind of decisions that nobody executes here. The next batch starts when the last one has ended, so it
 * needs no timer, and batches grow with the load. Decisions of payments do not pass here: they commit with the
 * INTENT.
 */
export class DecisionLog {
  readonly #journal: Journal
  readonly #telemetry: Telemetry
  #waiting: DecisionRow[] = []
  #flushing: Promise<void> | undefined

  constructor(journal: Journal, telemetry: Telemetry) {
    this.#journal = journal
    this.#telemetry = telemetry
  }

  /** Queues a record. Resolves at once unless the queue is full, then when there is room. */
  async append(row: DecisionRow): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) await this.#flushing
    this.#waiting.push(row)
    this.#flushing ??= this.#flush()
  }

  /** A record that is waiting and not in the journal yet. */
  find(tenant: string, id: string): DecisionRow | undefined {
    return this.#waiting.find(row => row.id === id && row.tenant === tenant)
  }

  /** Resolves when everything that was queued so far is written or given up. */
  async drain(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
  }

  async #flush(): Promise<void> {
    // Lets the requests of this turn join the batch.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_MAX)
      try {
        await this.#journal.appendDecisions(batch)
      } catch {
        // A decision that was only told may be lost; it is counted, and no request fails for it.
        this.#telemetry.record({ kind: 'fault', area: 'decision_log', cause: 'journal_unavailable' })
      }
      this.#waiting = this.#waiting.slice(batch.length)
    }
    this.#flushing = undefined
  }
}
