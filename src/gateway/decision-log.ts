import type { Clock } from '../ports/clock.ts'
import type { DecisionRow, Journal } from '../ports/journal.ts'
import type { Telemetry } from '../ports/telemetry.ts'

const BATCH_MAX = 256
/** Decisions that may wait for the journal. Beyond it callers wait, so that memory stays bounded. */
const WAITING_MAX = 10_000
/** How long a batch gathers, ms: a commit of a hundred decisions costs little more than one of ten. */
const GATHER_MS = 20

/**
 * Write-behind of decisions that nobody executes here, in batches. Decisions of payments do not pass here: they
 * commit with the INTENT.
 */
export class DecisionLog {
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #telemetry: Telemetry
  /** Ends the gathering of a batch. */
  #hurry: (() => void) | undefined
  #draining = 0
  #waiting: DecisionRow[] = []
  #flushing: Promise<void> | undefined

  constructor({ clock, journal, telemetry }: { clock: Clock; journal: Journal; telemetry: Telemetry }) {
    this.#clock = clock
    this.#journal = journal
    this.#telemetry = telemetry
  }

  /** Queues a record. Resolves at once unless the queue is full, then when there is room. */
  async append(row: DecisionRow): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) await this.#flushing
    this.#waiting.push(row)
    if (this.#waiting.length >= BATCH_MAX) this.#hurry?.()
    this.#flushing ??= this.#flush()
  }

  /** A record that is waiting and not in the journal yet. */
  find(tenant: string, id: string): DecisionRow | undefined {
    return this.#waiting.find(row => row.id === id && row.tenant === tenant)
  }

  /** Resolves when everything that was queued so far is written or given up. */
  async drain(): Promise<void> {
    this.#draining++
    this.#hurry?.()
    while (this.#flushing !== undefined) await this.#flushing
    this.#draining--
  }

  /** Lets more decisions join the batch, unless it is full or somebody waits for it. */
  #gather(): Promise<void> {
    if (this.#draining > 0 || this.#waiting.length >= BATCH_MAX) return Promise.resolve()
    return new Promise(resolve => {
      const stop = this.#clock.timer(GATHER_MS, resolve)
      this.#hurry = () => {
        stop()
        resolve()
      }
    })
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather()
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
