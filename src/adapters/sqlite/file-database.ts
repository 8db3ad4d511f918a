import { closeSync, openSync, renameSync } from 'node:fs'
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite'
import type { SqlDatabase, SqlValue } from './database.ts'

/** Pages copied at a time, 1 MiB: how long a write may have to wait for a backup. */
const BACKUP_PAGES = 256

/** How long to wait for a process that is just ending to let the file go. */
const LOCK_WAIT_MS = 1_000

/**
 * One file, opened for this process alone. Every commit is synced before it returns. Throws when another process
 * has it.
 */
export class FileDatabase implements SqlDatabase {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #depth = 0

  constructor(file: string) {
    keepPrivate(file)
    this.#db = new DatabaseSync(file, { timeout: LOCK_WAIT_MS, enableForeignKeyConstraints: false })
    try {
      this.#configure()
    } catch (error) {
      this.#db.close()
      if (!isBusy(error)) throw error
      throw new Error(
        `the journal ${file} is in use by another process: stop that one, or name another folder with --data`,
        {
          cause: error,
        },
      )
    }
  }

  /** The lock of the first write is kept until the file is closed or the process ends, however it ends. */
  #configure(): void {
    // A decision takes a page of 4 KiB to itself; two or three of them share one of these. Only for new files.
    this.#db.exec('pragma page_size = 8192')
    this.#db.exec('pragma locking_mode = exclusive')
    this.#db.exec('pragma journal_mode = wal')
    this.#db.exec('pragma synchronous = full')
    // Where fsync leaves data in the drive's cache (macOS), ask for more; elsewhere these change nothing.
    this.#db.exec('pragma fullfsync = on')
    this.#db.exec('pragma checkpoint_fullfsync = on')
    // 32 MiB: the pages that the indexes of a large journal need at once.
    this.#db.exec('pragma cache_size = -32768')
    this.#db.exec('pragma journal_size_limit = 67108864')
    // What a savepoint may have to take back is kept there; in a file it costs a system call a page.
    this.#db.exec('pragma temp_store = memory')
    this.#db.exec('pragma trusted_schema = off')
    this.#db.exec('begin immediate; commit')
  }

  run(sql: string, ...params: SqlValue[]): number {
    return Number(this.#prepared(sql).run(...params).changes)
  }

  all<Row extends object>(sql: string, ...params: SqlValue[]): Row[] {
    return this.#prepared(sql).all(...params) as Row[]
  }

  transaction<T>(run: () => T): T {
    const level = this.#depth
    this.run(level === 0 ? 'begin immediate' : `savepoint s${level}`)
    this.#depth += 1
    try {
      const result = run()
      this.run(level === 0 ? 'commit' : `release s${level}`)
      return result
    } catch (error) {
      // A full disk may have ended the whole transaction already.
      if (this.#db.isTransaction) {
        this.#db.exec(level === 0 ? 'rollback' : `rollback to s${level}; release s${level}`)
      }
      throw error
    } finally {
      this.#depth = level
    }
  }

  isConstraint(error: unknown): boolean {
    return primaryCode(error) === SQLITE_CONSTRAINT
  }

  /** The value of a pragma. */
  pragma(name: 'synchronous' | 'journal_mode' | 'locking_mode'): SqlValue | undefined {
    const [row] = this.all<Record<string, SqlValue>>(`pragma ${name}`)
    return row?.[name]
  }

  /**
   * Copies the whole into another file, some pages at a time, between which writes go on; what they change is copied
   * again. Rejects when the file cannot be written.
   */
  async copyTo(file: string): Promise<void> {
    const partial = `${file}.partial`
    keepPrivate(partial)
    await backup(this.#db, partial, { rate: BACKUP_PAGES })
    renameSync(partial, file)
  }

  close(): void {
    this.#db.close()
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** A new file is for its owner alone, and what SQLite keeps beside it is as it: payers are named in it. */
function keepPrivate(file: string): void {
  if (file === ':memory:') return
  try {
    closeSync(openSync(file, 'a', 0o600))
  } catch {
    // Whoever opens it next says what is wrong with it.
  }
}

const SQLITE_BUSY = 5
const SQLITE_CONSTRAINT = 19

function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? undefined : code & 0xff
}
