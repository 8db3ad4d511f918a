import type { Client } from 'pg'
import { APPEND_ONLY, type Dialect, providerReferenceTable, tables } from '../journal/schema.ts'
import { FUNCTIONS } from './functions.ts'
import { SETTLE_IN_PART } from './functions-funds.ts'
import { WRITE_ITEMS } from './functions-items.ts'

/** Where the journal's tables are, apart from whatever else the database holds. */
export const SCHEMA = 'fundroute'

/** One instance at a time migrates. Any number that nobody else uses will do. */
const MIGRATION_LOCK = 7_310_579_041

/** Ids are compared by their bytes, as everywhere else in the gateway. */
const DIALECT: Dialect = { id: 'text collate "C"', clustered: '' }

/**
 * Every migration ever shipped, in order. What one that has shipped does to tables is never changed; functions that a
 * later one replaces are only there.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    ...tables(DIALECT),
    // A payment is a few kilobytes: kept in its row, neither compressed nor stored apart.
    'alter table payments set (toast_tuple_target = 8160)',
    'alter table decisions set (toast_tuple_target = 8160)',
    'alter table outbox set (toast_tuple_target = 8160)',
    ...FUNCTIONS,
    ...APPEND_ONLY.map(
      table => `create trigger append_only before update or delete on ${table}
        for each row execute function refuse_change()`,
    ),
  ],
  [
    providerReferenceTable(DIALECT),
    // Read as text: PostgreSQL cannot parse a document in which somebody's text has a NUL.
    `insert into provider_references (reference, tenant, payment)
      select distinct found[1], tenant, id
      from payments, regexp_matches(doc, '"providerReference":"([^"\\\\]{1,128})"', 'g') found`,
  ],
  SETTLE_IN_PART,
  [
    // It also counted the names that upstreams gave. Of 0 references all are written with the next state of a payment.
    `alter table payments drop column reference_count, add column reference_count bigint not null default 0`,
  ],
  [
    ...WRITE_ITEMS,
    // What wrote the items of a batch one by one before.
    'drop function if exists begin_payment(bigint[], text[], int, int, bigint)',
    'drop function if exists save_payment(bigint[], text[], int, int, bigint)',
    'drop function if exists begin_item(bigint[], text[], int, int, int, bigint)',
    'drop function if exists save_item(bigint[], text[], int, int, int, bigint)',
    'drop function if exists write_item(bigint[], text[], int, int, bigint)',
  ],
]

/**
 * Brings the tables to the newest version, in one transaction. Rejects when they are of a version that this program
 * does not know yet.
 */
export async function migrate(client: Pick<Client, 'query'>): Promise<void> {
  await client.query(`set statement_timeout = 0; set lock_timeout = 0; set client_min_messages = warning`)
  await client.query('begin')
  try {
    await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await client.query(`create schema if not exists ${SCHEMA}`)
    await client.query(
      'create table if not exists migrations (number bigint not null primary key, at timestamptz not null)',
    )
    const { rows } = await client.query<{ newest: number }>(
      'select coalesce(max(number), 0)::int as newest from migrations',
    )
    const newest = rows[0]?.newest ?? 0
    if (newest > MIGRATIONS.length) {
      throw new Error(`the journal has tables of version ${newest}; this program knows ${MIGRATIONS.length}`)
    }
    for (const [index, statements] of MIGRATIONS.entries()) {
      if (index < newest) continue
      for (const statement of statements) await client.query(statement)
      await client.query('insert into migrations (number, at) values ($1, now())', [index + 1])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}
