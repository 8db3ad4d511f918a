/** What differs between the dialects in which the tables are written. */
export interface Dialect {
  /** Type of ids and keys; they are compared by their bytes. */
  readonly id: string
  /** Ends the definition of a table that is stored in the order of its primary key. */
  readonly clustered: string
}

/**
 * The tables of the journal, in SQL that SQLite and PostgreSQL both read. Numbers are Unix ms, minor units and
 * counters; flags are 0 or 1; documents are JSON text that no database interprets.
 */
export function tables(dialect: Dialect): string[] {
  return [
    ...paymentTables(dialect),
    ...fundTables(dialect),
    ...deliveryTables(dialect),
    ...decisionTables(dialect),
  ]
}

/** Second version: payments are found by what upstreams call them. Names of different upstreams may be the same. */
export function providerReferenceTable({ id, clustered }: Dialect): string {
  return `create table provider_references (
      reference ${id} not null,
      tenant ${id} not null,
      payment ${id} not null,
      primary key (reference, tenant, payment)
    )${clustered}`
}

/** Tables whose rows speak of money that moved: rows are added, never changed or removed. */
export const APPEND_ONLY = ['payment_history', 'fund_movements'] as const

function paymentTables({ id, clustered }: Dialect): string[] {
  return [
    `create table payments (
      tenant ${id} not null,
      id ${id} not null,
      order_id ${id} not null,
      created_at bigint not null,
      version bigint not null,
      epoch bigint not null,
      lease_until bigint not null,
      due_at bigint,
      is_open smallint not null,
      keeps_order smallint not null,
      reference_count bigint not null,
      chain text not null,
      doc text not null,
      primary key (tenant, id)
    )`,
    `create unique index payments_order_kept on payments (tenant, order_id) where keeps_order = 1`,
    `create index payments_order_freed on payments (tenant, order_id) where keeps_order = 0`,
    `create index payments_open on payments (due_at) where is_open = 1`,
    `create table payment_history (
      tenant ${id} not null,
      payment ${id} not null,
      version bigint not null,
      epoch bigint not null,
      at bigint not null,
      body text not null,
      hash text not null,
      primary key (tenant, payment, version)
    )${clustered}`,
    `create table payment_references (
      reference ${id} not null primary key,
      tenant ${id} not null,
      payment ${id} not null
    )${clustered}`,
    `create table payment_keys (
      tenant ${id} not null,
      key ${id} not null,
      fingerprint text not null,
      target text not null,
      payment ${id} not null,
      primary key (tenant, key)
    )${clustered}`,
  ]
}

function fundTables({ id, clustered }: Dialect): string[] {
  return [
    // status: held, commit or release. A hold counts against facts that are older than known_from: from its commit on
    // the lender knows of it, an open one is known never, a released one was never worth knowing.
    `create table reservations (
      reference ${id} not null primary key,
      tenant ${id} not null,
      lender ${id},
      payer ${id},
      hold_value bigint not null,
      pool ${id},
      legs text not null,
      status text not null,
      known_from bigint not null
    )${clustered}`,
    `create index reservations_of_payer on reservations (tenant, lender, payer, known_from)
      where lender is not null`,
    `create table fund_sources (
      pool ${id} not null,
      source ${id} not null,
      cap bigint not null check (cap >= 0),
      reserved bigint not null check (reserved >= 0),
      used bigint not null check (used >= 0),
      primary key (pool, source)
    )${clustered}`,
    `create table fund_movements (
      id ${id} not null primary key,
      pool ${id} not null,
      source ${id} not null,
      kind text not null,
      value bigint not null,
      at bigint not null
    )${clustered}`,
  ]
}

function deliveryTables({ id, clustered }: Dialect): string[] {
  return [
    `create table inbox (
      route ${id} not null,
      event_id ${id} not null,
      at bigint not null,
      primary key (route, event_id)
    )${clustered}`,
    `create table outbox (
      id ${id} not null,
      endpoint ${id} not null,
      tenant ${id} not null,
      type text not null,
      body text not null,
      due_at bigint not null,
      tries bigint not null,
      primary key (id, endpoint)
    )${clustered}`,
    `create index outbox_due on outbox (due_at)`,
  ]
}

function decisionTables({ id, clustered }: Dialect): string[] {
  return [
    `create table decisions (
      tenant ${id} not null,
      id ${id} not null,
      order_id ${id} not null,
      at bigint not null,
      body text not null,
      primary key (tenant, id)
    )`,
    `create index decisions_by_time on decisions (tenant, at)`,
    `create table outcomes (
      tenant ${id} not null,
      decision ${id} not null,
      attempt ${id} not null,
      at bigint not null,
      body text not null,
      primary key (tenant, decision, attempt)
    )${clustered}`,
    `create table records (
      collection ${id} not null,
      key ${id} not null,
      version bigint not null,
      at bigint not null,
      body text not null,
      primary key (collection, key)
    )${clustered}`,
  ]
}
