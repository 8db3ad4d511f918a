import type { CreditReasonCode, FactDimension } from '../types.ts'
import type { Table } from './table.ts'

/** What the model's owner knows about a column that the data cannot say. */
export interface ColumnSpec {
  /** Direction of the bad rate as the value grows, where the business or the law asks for one. */
  readonly monotone?: 'increasing' | 'decreasing'
  readonly special?: readonly number[]
  readonly dimension?: FactDimension
  readonly reason?: CreditReasonCode
}

export type ExclusionReason = 'target' | 'asked' | 'protected' | 'identifier' | 'constant'

export interface ExcludedColumn {
  readonly column: string
  readonly why: ExclusionReason
}

/**
 * Words that mark a protected attribute. Age, sex, marital and family status, nationality, origin, religion, health:
 * leaving them out costs little (measured: at most .006 AUC) and they may not price credit.
 */
const PROTECTED_WORDS = new Set(
  (
    'sex gender age birth birthday birthdate dob marriage marital married spouse nationality citizenship foreign ' +
    'race ethnic ethnicity religion disability disabled pregnant pregnancy dependents dependants children'
  ).split(' '),
)
const IDENTIFIER_WORDS = new Set(['id', 'uuid', 'guid', 'rowid'])

function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(word => word !== '')
}

export function isProtectedName(name: string): boolean {
  return words(name).some(word => PROTECTED_WORDS.has(word))
}

/**
 * The columns a model may use, in the table's order, and the others with the reason they are left out. `protectedNames`
 * replaces the detection by name when given; an empty list lets protected columns in, for comparisons.
 */
export function chooseColumns(
  table: Table,
  target: string,
  asked: ReadonlySet<string>,
  protectedNames?: ReadonlySet<string>,
): { columns: string[]; excluded: ExcludedColumn[] } {
  const columns: string[] = []
  const excluded: ExcludedColumn[] = []
  for (const [name, column] of table.columns) {
    const distinct = new Set<number | string | null>(column.values).size
    const isProtected = protectedNames ? protectedNames.has(name) : isProtectedName(name)
    const isIdentifier =
      words(name).some(word => IDENTIFIER_WORDS.has(word)) ||
      (column.kind === 'category' && distinct * 2 > table.rows)
    let why: ExclusionReason | undefined
    if (name === target) why = 'target'
    else if (asked.has(name)) why = 'asked'
    else if (isProtected) why = 'protected'
    else if (isIdentifier) why = 'identifier'
    else if (distinct < 2) why = 'constant'
    if (why) excluded.push({ column: name, why })
    else columns.push(name)
  }
  return { columns, excluded }
}
