import type { Journal } from '../../ports/journal.ts'

/** A row of a Durable Object holds 2 MB; characters of more than one byte included. */
const PART_CHARACTERS = 400_000
const PARTS_MAX = 32

/**
 * A text of any size among the records of the journal, replaced as a whole: what an object has to know again after it
 * was put to rest.
 */
export class KeptText {
  readonly #journal: Journal
  readonly #name: string

  constructor(journal: Journal, name: string) {
    this.#journal = journal
    this.#name = name
  }

  async read(): Promise<string | undefined> {
    const rows = await this.#journal.listRecords('kept', `${this.#name}/`, PARTS_MAX)
    return rows.length === 0 ? undefined : rows.map(({ body }) => body).join('')
  }

  /** All parts are written in one turn, and so together. A text that is too long is not kept. */
  async write(text: string, at: number): Promise<void> {
    const parts = Math.max(1, Math.ceil(text.length / PART_CHARACTERS))
    if (parts > PARTS_MAX) return
    const rows = await this.#journal.listRecords('kept', `${this.#name}/`, PARTS_MAX)
    const versions = new Map(rows.map(({ key, version }) => [key, version]))
    const count = Math.max(parts, rows.length)
    await Promise.all(
      Array.from({ length: count }, (_, part) => {
        const key = `${this.#name}/${String(part).padStart(2, '0')}`
        const body = text.slice(part * PART_CHARACTERS, (part + 1) * PART_CHARACTERS)
        return this.#journal.putRecord({ collection: 'kept', key, at, body }, versions.get(key) ?? 0)
      }),
    )
  }
}
