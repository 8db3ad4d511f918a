import { APPEND_ONLY, tables } from '../journal/schema.ts'
import type { SqlDatabase } from './database.ts'

/** Every migration ever shipped, in order. One that has shipped is never changed. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [...tables({ id: 'text', clustered: ' without rowid' }), ...APPEND_ONLY.flatMap(appendOnly)],
]

function appendOnly(table: string): string[] {
  return ['update', 'delete'].map(
    verb => `create trigger ${table}_no_${verb} before ${verb} on ${table}
      begin select raise(abort, '${table} is append-only'); end`,
  )
}

/**
 * Brings the tables to the newest version, in one transaction. Throws when they are of a version that this program
 * does not know yet.
 */
export function migrate(db: SqlDatabase, at: number): void {
  db.transaction(() => {
    db.run('create table if not exists migrations (number bigint not null primary key, at bigint not null)')
    const [row] = db.all<{ newest: number }>('select coalesce(max(number), 0) as newest from migrations')
    const newest = row?.newest ?? 0
    if (newest > MIGRATIONS.length) {
      throw new Error(`the journal has tables of version ${newest}; this program knows ${MIGRATIONS.length}`)
    }
    for (const [index, statements] of MIGRATIONS.entries()) {
      if (index < newest) continue
      for (const statement of statements) db.run(statement)
      db.run('insert into migrations (number, at) values (?, ?)', index + 1, at)
    }
  })
}
