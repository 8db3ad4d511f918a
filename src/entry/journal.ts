import { MemoryJournal } from '../adapters/memory/journal.ts'
import { PostgresJournal } from '../adapters/postgres/journal.ts'
import { SqliteJournal } from '../adapters/sqlite/journal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'

export interface JournalPlace {
  /** Embedded journal, used without `databaseUrl`. */
  readonly journalFile: string
  readonly databaseUrl?: string
}

export interface OpenedJournal {
  readonly journal: Journal
  /** Writes a copy of the whole while it is in use; absent where the server does that. */
  readonly backup?: (file: string) => Promise<void>
}

/** `memory:` is for benchmarks: what it holds ends with the process. */
export async function openJournal(
  { databaseUrl, journalFile }: JournalPlace,
  clock: Clock,
): Promise<OpenedJournal> {
  const now = (): number => clock.now()
  if (databaseUrl === 'memory:') return { journal: new MemoryJournal({ now }) }
  if (databaseUrl !== undefined) return { journal: await PostgresJournal.open({ url: databaseUrl }) }
  const journal = await SqliteJournal.open({ file: journalFile, now })
  return { journal, backup: file => journal.backup(file) }
}
