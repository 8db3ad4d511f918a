import type { SqlDatabase, SqlValue } from '../sqlite/database.ts'

/** The SQLite of a Durable Object. What is written becomes durable before any answer or request leaves the object. */
export class DurableObjectDatabase implements SqlDatabase {
  readonly #storage: DurableObjectStorage

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  run(sql: string, ...params: SqlValue[]): number {
    this.#storage.sql.exec(sql, ...params)
    // `rowsWritten` counts rows of indexes too.
    const [row] = this.all<{ changed: number }>('select changes() as changed')
    return row?.changed ?? 0
  }

  all<Row extends object>(sql: string, ...params: SqlValue[]): Row[] {
    return this.#storage.sql.exec<Row>(sql, ...params).toArray()
  }

  transaction<T>(run: () => T): T {
    return this.#storage.transactionSync(run)
  }

  isConstraint(error: unknown): boolean {
    return error instanceof Error && error.message.includes('SQLITE_CONSTRAINT')
  }
}
