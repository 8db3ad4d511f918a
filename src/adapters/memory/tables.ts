/** Something whose newest change to a key can be taken back. */
interface Undoable {
  restore(key: string, before: unknown): void
}

/** Remembers how to take back what was written, newest first. */
export class UndoLog {
  /** Three entries a step: what was changed, its key, and what was there before. A closure a step costs far more. */
  readonly #steps: unknown[] = []
  /** Entries that count; those behind them are left to be written over, so that the list need not grow again. */
  #count = 0

  /** A point to which `rollBack` can return. */
  get mark(): number {
    return this.#count
  }

  push(changed: Undoable, key: string, before: unknown): void {
    this.#steps[this.#count] = changed
    this.#steps[this.#count + 1] = key
    this.#steps[this.#count + 2] = before
    this.#count += 3
  }

  rollBack(mark: number): void {
    while (this.#count > mark) {
      this.#count -= 3
      const [changed, key, before] = this.#steps.slice(this.#count, this.#count + 3)
      ;(changed as Undoable).restore(key as string, before)
    }
  }

  /** Makes everything so far final. */
  clear(): void {
    this.#count = 0
  }
}

/** A map of immutable rows whose changes can be taken back. */
export class Table<Row> implements Undoable {
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
    this.#undo.push(this, key, this.#rows.get(key))
    this.#rows.set(key, row)
  }

  delete(key: string): void {
    const before = this.#rows.get(key)
    if (before === undefined) return
    this.#rows.delete(key)
    this.#undo.push(this, key, before)
  }

  restore(key: string, before: unknown): void {
    if (before === undefined) this.#rows.delete(key)
    else this.#rows.set(key, before as Row)
  }

  keys(): IterableIterator<string> {
    return this.#rows.keys()
  }

  values(): IterableIterator<Row> {
    return this.#rows.values()
  }
}

/** Lists of rows under one key, in the order of their arrival. */
export class ListTable<Row> implements Undoable {
  readonly #lists = new Map<string, Row[]>()
  readonly #undo: UndoLog

  constructor(undo: UndoLog) {
    this.#undo = undo
  }

  get(key: string): readonly Row[] {
    return this.#lists.get(key) ?? NONE
  }

  add(key: string, row: Row): void {
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [row])
    else list.push(row)
    this.#undo.push(this, key, undefined)
  }

  restore(key: string): void {
    this.#lists.get(key)?.pop()
  }
}

const NONE: readonly never[] = []

/** One key of several parts. Parts are ids, in which no NUL can be. */
export function keyOf(first: string, second: string, third?: string): string {
  return third === undefined ? `${first}\0${second}` : `${first}\0${second}\0${third}`
}

/** Order by UTF-16 units, the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
