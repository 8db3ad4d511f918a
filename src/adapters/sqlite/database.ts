export type SqlValue = string | number | null

/** The little that the journal needs of a SQLite, so that a file and a Durable Object serve alike. */
export interface SqlDatabase {
  /** Runs one statement and gives the number of rows that it changed. */
  run(sql: string, ...params: SqlValue[]): number
  all<Row extends object>(sql: string, ...params: SqlValue[]): Row[]
  /** Applies what `run` writes as a whole, or nothing when it throws. May be nested. */
  transaction<T>(run: () => T): T
  /** Whether a statement failed because it would break a rule of the tables, which only misuse does. */
  isConstraint(error: unknown): boolean
}

/** What the statements of the journal work with. */
export interface StoreContext {
  readonly db: SqlDatabase
  /** The journal's clock, Unix ms. */
  readonly now: () => number
  /** SHA-256, hex. */
  readonly sha256: (text: string) => string
}

/** The only row of a result, if there is one. */
export function one<Row extends object>(
  db: SqlDatabase,
  sql: string,
  ...params: SqlValue[]
): Row | undefined {
  return db.all<Row>(sql, ...params)[0]
}
