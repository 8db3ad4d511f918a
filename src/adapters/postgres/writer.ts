import type { Pool } from 'pg'
import { JournalUnavailable } from '../../ports/journal.ts'
import type { BeginRow, SaveRow } from '../journal/rows.ts'
import { joinBatch, pack, type PackedWrite, type WriteResult } from './batch.ts'
import { isMisuse, isRetryable, journalError } from './connection.ts'

/** Writes in one round trip, at most. Fewer than the 64 nested transactions that PostgreSQL keeps at hand. */
const BATCH_MAX = 60
/** Batches under way at once: while one is synced, the next is built. */
const LANES = 2
/** Writes that may wait: beyond it the journal is overloaded and says so. */
const WAITING_MAX = 10_000
const TRIES_MAX = 4

/** One write that waits for its batch. */
interface PendingWrite {
  readonly packed: PackedWrite
  readonly resolve: (result: WriteResult | undefined) => void
  readonly reject: (error: Error) => void
  tries: number
}

/** Group commit without a timer: what comes while batches are under way makes the next one. */
export class BatchWriter {
  readonly #pool: Pool
  readonly #waiting: PendingWrite[] = []
  readonly #idle: (() => void)[] = []
  #lanesBusy = 0
  #scheduled = false

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Resolves with what stood against the write, or undefined when it is written and durable. */
  write(begins: boolean, row: BeginRow | SaveRow): Promise<WriteResult | undefined> {
    if (this.#waiting.length >= WAITING_MAX) throw new JournalUnavailable('too much waits for the journal')
    const packed = pack(begins, row)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ packed, resolve, reject, tries: 0 })
      this.#schedule()
    })
  }

  /** Resolves when nothing waits or is under way any more. */
  drained(): Promise<void> {
    if (this.#lanesBusy === 0 && this.#waiting.length === 0) return Promise.resolve()
    return new Promise(resolve => this.#idle.push(resolve))
  }

  /** Waits until the end of the turn, so that requests that arrived together are written together. */
  #schedule(): void {
    if (this.#scheduled || this.#lanesBusy >= LANES || this.#waiting.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      while (this.#lanesBusy < LANES && this.#waiting.length > 0) {
        this.#lanesBusy += 1
        void this.#commit(this.#waiting.splice(0, BATCH_MAX))
      }
    })
  }

  async #commit(batch: readonly PendingWrite[]): Promise<void> {
    try {
      this.#settle(batch, await this.#send(batch))
    } catch (error) {
      if (isRetryable(error)) this.#again(batch, error)
      else if (isMisuse(error) && batch.length > 1) await this.#oneByOne(batch)
      else for (const write of batch) write.reject(journalError(error))
    } finally {
      this.#lanesBusy -= 1
      this.#schedule()
      if (this.#lanesBusy === 0 && this.#waiting.length === 0)
        for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  async #send(batch: readonly PendingWrite[]): Promise<WriteResult[]> {
    const { rows } = await this.#pool.query<WriteResult>({
      name: 'write_payments',
      text: 'select * from write_payments($1, $2, $3)',
      values: joinBatch(batch.map(({ packed }) => packed)),
    })
    return rows
  }

  /** Finds the one that spoils the batch. The server has taken back everything that the batch did. */
  async #oneByOne(batch: readonly PendingWrite[]): Promise<void> {
    for (const write of batch) {
      try {
        this.#settle([write], await this.#send([write]))
      } catch (error) {
        if (isRetryable(error)) this.#again([write], error)
        else write.reject(journalError(error))
      }
    }
  }

  #settle(batch: readonly PendingWrite[], results: readonly WriteResult[]): void {
    const told = new Map(results.map(result => [result.n, result]))
    for (const [index, write] of batch.entries()) {
      const result = told.get(index + 1)
      // What stood against it went away at the same moment.
      if (result?.kind === 'again') this.#again([write], new Error('what stands changes too fast'))
      else write.resolve(result)
    }
  }

  #again(batch: readonly PendingWrite[], error: unknown): void {
    for (const write of batch) {
      write.tries += 1
      if (write.tries < TRIES_MAX) this.#waiting.push(write)
      else write.reject(journalError(error))
    }
  }
}
