import { createHash } from 'node:crypto'
import { CLOCK_ERROR_MS } from '../../core/payment/transition.ts'
import { JournalUnavailable, type OutboxItem } from '../../ports/journal.ts'
import { migrate } from '../sqlite/migrations.ts'
import type { BeginRow, SaveRow } from '../journal/rows.ts'
import { type CallName, performCall, storeCalls } from '../sqlite/store.ts'
import { type CallStore, StoreJournal } from '../sqlite/store-journal.ts'
import { DurableObjectDatabase } from './database.ts'

export interface DurableObjectJournalOptions {
  readonly storage: DurableObjectStorage
  /** The journal's clock, Unix ms. */
  readonly now: () => number
  /**
   * Told, in the same turn as a write and so durable with it, when the payment may have to be looked at: Unix ms,
   * never too late and at times too early.
   */
  readonly onDue?: (at: number) => void
}

/**
 * The journal in the SQLite of one Durable Object, by the same statements as in a file. Calls are synchronous, so no
 * other event comes between their parts, and the output gate of the object holds back whatever follows from a write -
 * an answer, a request to an upstream - until the write is durable. A write that cannot be made durable ends the
 * object, and its callers see the call fail.
 */
export class DurableObjectJournal extends StoreJournal {
  readonly #db: DurableObjectDatabase
  readonly #close: () => void

  /** Make it in the constructor of the object. Throws when the tables are of a version that is not known. */
  constructor({ storage, now, onDue }: DurableObjectJournalOptions) {
    const db = new DurableObjectDatabase(storage)
    migrate(db, now())
    const calls = storeCalls({ db, now, sha256 })
    let open = true
    super((async (name, ...args) => {
      if (!open) throw new JournalUnavailable('the journal is closed')
      try {
        const at = onDue === undefined ? undefined : dueAfter(name, args, now())
        const result = performCall(db, calls, name, args)
        if (at !== undefined) onDue?.(at)
        return result
      } catch (error) {
        if (error instanceof TypeError) throw error
        throw new JournalUnavailable(error instanceof Error ? error.message : 'the storage has failed')
      }
    }) as CallStore)
    this.#db = db
    this.#close = () => {
      open = false
    }
  }

  /**
   * When there is something to do next, Unix ms: a payment that is due and on which no lease runs, or an event that is
   * to be sent. Undefined when nothing waits.
   */
  nextDueAt(): number | undefined {
    const [row] = this.#db.all<{ at: number | null }>(
      `select min(at) as at from (
         select min(max(due_at, lease_until + ?)) as at from payments where is_open = 1 and due_at is not null
         union all select min(due_at) from outbox)`,
      CLOCK_ERROR_MS + 1,
    )
    return row?.at ?? undefined
  }

  check(): Promise<{ readonly warnings: readonly string[] }> {
    return Promise.resolve({ warnings: [] })
  }

  close(): Promise<void> {
    this.#close()
    return Promise.resolve()
  }
}

/** When somebody has to look at what a call writes: when it is due, and not before a lease on it has run out. */
function dueAfter(name: CallName, args: readonly unknown[], now: number): number | undefined {
  switch (name) {
    case 'begin':
    case 'save':
      return dueAfterWrite(args[0] as BeginRow | SaveRow, now)
    case 'claim':
      return leaseEnd(now, args[2] as number)
    case 'claimDue':
      return leaseEnd(now, args[1] as number)
    case 'putOutbox':
      return soonest((args[0] as readonly OutboxItem[]).map(({ dueAt }) => dueAt))
    case 'claimOutbox':
      return now + (args[1] as number)
    case 'settleOutbox':
      return (args[2] as number | null) ?? undefined
    default:
      return undefined
  }
}

function dueAfterWrite({ dueAt, leaseMs = 0, outbox }: BeginRow | SaveRow, now: number): number | undefined {
  const events = outbox.map(item => item.dueAt)
  if (dueAt === null) return soonest(events)
  return soonest([...events, leaseMs > 0 ? Math.max(dueAt, leaseEnd(now, leaseMs)) : dueAt])
}

function soonest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times)
}

function leaseEnd(now: number, leaseMs: number): number {
  return now + leaseMs + CLOCK_ERROR_MS + 1
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
