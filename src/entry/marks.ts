import { fileMarks, markIn } from '../adapters/system/mark-file.ts'
import type { Cache } from '../ports/cache.ts'
import type { MarkStore } from '../ports/mark-store.ts'
import type { JournalPlace } from './journal.ts'

/** A hint that nobody has renewed for so long is forgotten, seconds. */
const KEPT_SECONDS = 90 * 86_400

/** Where marks of a journal are kept: beside the embedded one, in the data folder, and among the shared hints. */
export function markStores(
  { journalFile, databaseUrl }: JournalPlace,
  dataDir: string,
  cache: Cache,
): MarkStore[] {
  if (databaseUrl === 'memory:') return []
  if (databaseUrl === undefined) return [fileMarks(`${journalFile}.mark`), cachedMarks(cache)]
  return [ofOneJournal(fileMarks(`${dataDir}/postgres.mark`)), cachedMarks(cache)]
}

function cachedMarks(cache: Cache): MarkStore {
  const key = (journal: string): string => `fundroute:mark:${journal}`
  return {
    async read(journal) {
      if (journal === undefined) return undefined
      const [text] = await cache.getMany([key(journal)])
      const mark = text === undefined ? undefined : markIn(text)
      return mark?.journal === journal ? mark : undefined
    },
    write: mark => cache.set(key(mark.journal), JSON.stringify(mark), KEPT_SECONDS),
  }
}

/** A data folder may serve one database after another: only what is noted of this very journal counts. */
function ofOneJournal(store: MarkStore): MarkStore {
  return {
    read: async journal => (journal === undefined ? undefined : store.read(journal)),
    write: mark => store.write(mark),
  }
}
