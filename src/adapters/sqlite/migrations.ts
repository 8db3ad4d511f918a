import { APPEND_ONLY, type Dialect, providerReferenceTable, tables } from '../journal/schema.ts'
import type { SqlDatabase } from './database.ts'

const DIALECT: Dialect = { id: 'text', clustered: ' without rowid' }

/** Every migration ever shipped, in order. One that has shipped is never changed. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [...tables(DIALECT), ...APPEND_ONLY.flatMap(appendOnly)],
  [
    providerReferenceTable(DIALECT),
    `insert or ignore into provider_references (reference, tenant, payment)
      select json_extract(attempt.value, '$.providerReference'), payments.tenant, payments.id
      from payments, json_each(payments.doc, '$.attempts') attempt
      where json_extract(attempt.value, '$.providerReference') is not null`,
  ],
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
