import { readFile, rename, writeFile } from 'node:fs/promises'
import type { JournalMark, MarkStore } from '../../ports/mark-store.ts'

/** Longer than any mark: what is longer is not one. */
const TEXT_MAX = 1_000

/** A mark in a file. It is replaced as a whole, so that a crash leaves the old one or the new one. */
export function fileMarks(file: string): MarkStore {
  return {
    async read(journal) {
      try {
        const mark = markIn(await readFile(file, 'utf8'))
        return journal === undefined || mark?.journal === journal ? mark : undefined
      } catch {
        return undefined
      }
    },
    async write(mark) {
      try {
        await writeFile(`${file}.new`, JSON.stringify(mark), { mode: 0o600 })
        await rename(`${file}.new`, file)
      } catch {
        // See the port: the mark is old then.
      }
    },
  }
}

/** The mark that a text holds, or undefined when it is none. */
export function markIn(text: string): JournalMark | undefined {
  if (text.length > TEXT_MAX) return undefined
  try {
    const { journal, createdAt, position, at } = JSON.parse(text) as Partial<JournalMark>
    const sound = [createdAt, position, at].every(number => Number.isSafeInteger(number))
    return typeof journal === 'string' && sound
      ? { journal, createdAt: createdAt as number, position: position as number, at: at as number }
      : undefined
  } catch {
    return undefined
  }
}
