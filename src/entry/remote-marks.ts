import { within } from '../http/payments.ts'
import type { JournalMark, MarkStore } from '../ports/mark-store.ts'
import type { Directory } from './directory.ts'

/** How long an object waits for another to say what it has noted, ms. */
const WAIT_MS = 1_000

/**
 * Marks in another object than the one whose journal they are about. Named by the object whose journal it is, so that no
 * object has the marks of all.
 */
export function remoteMarks(directories: DurableObjectNamespace<Directory>, shard: string): MarkStore {
  const directory = () => directories.get(directories.idFromName(`marks/${shard}`))
  const soon = <T>(work: Promise<T>): Promise<T | undefined> =>
    within(
      work.catch(() => undefined),
      WAIT_MS,
    )
  return {
    // Nobody keeps an object's place but the object itself: what has no identity was never there.
    read: async journal =>
      journal === undefined
        ? undefined
        : soon(directory().markOf(journal) as Promise<JournalMark | undefined>),
    write: async mark => {
      await soon(directory().noteMark(mark) as Promise<unknown>)
    },
  }
}
