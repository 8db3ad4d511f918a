import type { FactValue } from '../types.ts'

export interface NumericColumn {
  readonly kind: 'numeric'
  /** NaN where the value is missing. */
  readonly values: Float64Array
}

export interface CategoryColumn {
  readonly kind: 'category'
  readonly values: readonly (string | null)[]
}

export type Column = NumericColumn | CategoryColumn

/** Rows by column; every column has `rows` values. */
export interface Table {
  readonly rows: number
  readonly columns: ReadonlyMap<string, Column>
}

const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?'])

function isMissing(text: string): boolean {
  return MISSING.has(text.trim().toLowerCase())
}

/**
 * Types a table of text: a column is numeric when every value that is not missing is a finite number, else a
 * category; `categories` names number-coded columns that have no order. Empty cells, NA, null and ? are missing.
 *
 * @throws RangeError on duplicate or empty column names or rows of another length.
 */
export function tableOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  categories: ReadonlySet<string>,
): Table {
  if (new Set(header).size !== header.length || header.some(name => name === '')) {
    throw new RangeError('column names must be unique and not empty')
  }
  const ragged = rows.findIndex(row => row.length !== header.length)
  if (ragged >= 0) throw new RangeError(`row ${ragged + 1} does not have ${header.length} values`)
  const columns = new Map<string, Column>()
  for (const [j, name] of header.entries()) {
    columns.set(
      name,
      columnOf(
        rows.map(row => row[j] as string),
        categories.has(name),
      ),
    )
  }
  return { rows: rows.length, columns }
}

function columnOf(texts: readonly string[], category: boolean): Column {
  const numeric = !category && texts.every(text => isMissing(text) || Number.isFinite(Number(text)))
  if (!numeric) return { kind: 'category', values: texts.map(text => (isMissing(text) ? null : text.trim())) }
  return {
    kind: 'numeric',
    values: Float64Array.from(texts, text => (isMissing(text) ? Number.NaN : Number(text))),
  }
}

/** The rows at `indices`, in that order. */
export function takeRows(table: Table, indices: ArrayLike<number>): Table {
  const columns = new Map<string, Column>()
  for (const [name, column] of table.columns) {
    columns.set(
      name,
      column.kind === 'numeric'
        ? { kind: 'numeric', values: Float64Array.from(indices, i => column.values[i] as number) }
        : { kind: 'category', values: Array.from(indices, i => column.values[i] as string | null) },
    )
  }
  return { rows: indices.length, columns }
}

/** One row as inference sees it. */
export function rowOf(table: Table, index: number): Record<string, FactValue> {
  const row: Record<string, FactValue> = {}
  for (const [name, column] of table.columns) {
    const value = column.values[index] as FactValue
    row[name] = typeof value === 'number' && Number.isNaN(value) ? null : value
  }
  return row
}
