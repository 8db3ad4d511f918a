/** Remembers how to take back what was written, newest first. */
export class UndoLog {
  readonly #steps: (() => void)[] = []

  /** A point to which `rollBack` can return. */
  get mark(): number {
    return this.#steps.length
  }

  push(step: () => void): void {
    this.#steps.push(step)
  }

  rollBack(mark: number): void {
    while (this.#steps.length > mark) this.#steps.pop()?.()
  }

  /** Makes everything so far final. */
  clear(): void {
    this.#steps.length = 0
  }
}

/** A map of immutable rows whose changes can be taken back. */
export class Table<Row> {
  readonly #rows = new Map<string, Row>()
  readonly #undo: UndoLog

  constructor(undo: UndoLog) {
    this.#undo = undo
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  has(key: string): boolean {
    return this.#rows.has(key)
  }

  set(key: string, row: Row): void {
    const before = this.#rows.get(key)
    this.#rows.set(key, row)
    this.#undo.push(() => {
      if (before === undefined) this.#rows.delete(key)
      else this.#rows.set(key, before)
    })
  }

  delete(key: string): void {
    const before = this.#rows.get(key)
    if (before === undefined) return
    this.#rows.delete(key)
    this.#undo.push(() => this.#rows.set(key, before))
  }

  keys(): IterableIterator<string> {
    return this.#rows.keys()
  }

  values(): IterableIterator<Row> {
    return this.#rows.values()
  }
}

/** Lists of rows under one key, in the order of their arrival. */
export class ListTable<Row> {
  readonly #lists = new Map<string, Row[]>()
  readonly #undo: UndoLog

  constructor(undo: UndoLog) {
    this.#undo = undo
  }

  get(key: string): readonly Row[] {
    return this.#lists.get(key) ?? []
  }

  add(key: string, row: Row): void {
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [row])
    else list.push(row)
    this.#undo.push(() => this.#lists.get(key)?.pop())
  }
}

/** One key of several parts. Parts are ids, in which no NUL can be. */
export function keyOf(...parts: readonly string[]): string {
  return parts.join('\0')
}

/** Order by UTF-16 units, the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
