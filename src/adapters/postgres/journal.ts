import { Client, type Pool } from 'pg'
import {
  type BeginResult,
  type BeginWrite,
  type DecisionRow,
  type FundMovement,
  type FundSource,
  type HistoryRow,
  type Journal,
  JournalUnavailable,
  type KeyBinding,
  type OutboxClaim,
  type OutboxItem,
  type OutcomeRow,
  type PaymentWrite,
  type RecordRow,
  type SaveResult,
  type StoredPayment,
} from '../../ports/journal.ts'
import { beginRow, saveRow, type StoredRow, storedPayment } from '../journal/rows.ts'
import { assertAmount, assertMovement } from '../journal/rules.ts'
import type { WriteResult } from './batch.ts'
import { type ConnectionOptions, connectionConfig, journalError, openPool } from './connection.ts'
import { migrate } from './migrations.ts'
import { type ServerSettings, unsafeSettings } from './server-settings.ts'
import { SQL } from './statements.ts'
import { BatchWriter } from './writer.ts'

/**
 * The journal in PostgreSQL, for any number of instances. Begins and saves of one moment are one round trip and one
 * commit. Leases are counted on the database's clock. A connection lost during a commit leaves the outcome open:
 * `JournalUnavailable`, and the caller reads again.
 */
export class PostgresJournal implements Journal {
  readonly #pool: Pool
  readonly #writer: BatchWriter
  #closed = false

  private constructor(pool: Pool) {
    this.#pool = pool
    this.#writer = new BatchWriter(pool)
  }

  /** Migrates the tables. Rejects when the server cannot be reached or the tables are of a newer program. */
  static async open(options: ConnectionOptions): Promise<PostgresJournal> {
    const client = new Client({ ...connectionConfig(options), query_timeout: 60_000 })
    await client.connect()
    try {
      await migrate(client)
    } finally {
      await client.end()
    }
    return new PostgresJournal(openPool(options))
  }

  async begin(write: BeginWrite): Promise<BeginResult> {
    this.#assertOpen()
    const result = await this.#writer.write(true, beginRow(write))
    if (result === undefined) return { kind: 'begun', epoch: 1, version: 1 }
    switch (result.kind) {
      case 'key_exists':
        return { kind: 'key_exists', ...bound(result) }
      case 'order_exists':
        return { kind: 'order_exists', stored: storedPayment(result) }
      case 'credit_held':
      case 'funds_exhausted':
        return { kind: 'refused', reason: result.kind }
      case 'conflict':
      case 'missing':
      case 'duplicate_event':
      case 'again':
        throw new Error(`a begin cannot end as ${result.kind}`)
    }
  }

  async save(write: PaymentWrite): Promise<SaveResult> {
    this.#assertOpen()
    const result = await this.#writer.write(false, saveRow(write))
    if (result === undefined) return { kind: 'saved', version: write.version + 1 }
    switch (result.kind) {
      case 'key_exists':
        return { kind: 'key_exists', ...bound(result) }
      case 'conflict':
        return { kind: 'conflict', stored: storedPayment(result) }
      case 'duplicate_event':
        return { kind: 'duplicate_event' }
      case 'credit_held':
      case 'funds_exhausted':
        return { kind: 'refused', reason: result.kind }
      case 'missing':
        throw new TypeError('a payment is begun before it is saved')
      case 'order_exists':
      case 'again':
        throw new Error(`a save cannot end as ${result.kind}`)
    }
  }

  async find(tenant: string, id: string): Promise<StoredPayment | undefined> {
    return (await this.#payments(SQL.find, tenant, id))[0]
  }

  async findByReference(reference: string): Promise<StoredPayment | undefined> {
    return (await this.#payments(SQL.findByReference, reference))[0]
  }

  findByProviderReference(providerReference: string, limit: number): Promise<StoredPayment[]> {
    return this.#payments(SQL.findByProviderReference, providerReference, limit)
  }

  async findByKey(
    tenant: string,
    key: string,
  ): Promise<{ key: KeyBinding; stored: StoredPayment } | undefined> {
    const [row] = await this.#rows<WriteResult>(SQL.findByKey, tenant, key)
    return row && bound(row)
  }

  findByOrder(tenant: string, orderId: string, limit: number): Promise<StoredPayment[]> {
    return this.#payments(SQL.findByOrder, tenant, orderId, limit)
  }

  listOpen(tenant: string | undefined, limit: number): Promise<StoredPayment[]> {
    return this.#payments(SQL.listOpen, tenant ?? null, limit)
  }

  claimDue(limit: number, leaseMs: number): Promise<StoredPayment[]> {
    return this.#payments(SQL.takeOver, null, null, leaseMs, true, limit)
  }

  async claim(tenant: string, id: string, leaseMs: number): Promise<StoredPayment | undefined> {
    return (await this.#payments(SQL.takeOver, tenant, id, leaseMs, false, 1))[0]
  }

  history(tenant: string, id: string): Promise<HistoryRow[]> {
    return this.#rows(SQL.history, tenant, id)
  }

  async appendDecisions(rows: readonly DecisionRow[]): Promise<void> {
    if (rows.length > 0) await this.#rows(SQL.appendDecisions, JSON.stringify(rows))
  }

  async findDecision(tenant: string, id: string): Promise<DecisionRow | undefined> {
    return (await this.#rows<DecisionRow>(SQL.findDecision, tenant, id))[0]
  }

  listDecisions(tenant: string, fromAt: number, toAt: number, limit: number): Promise<DecisionRow[]> {
    return this.#rows(SQL.listDecisions, tenant, fromAt, toAt, limit)
  }

  async appendOutcome(tenant: string, { decision, attempt, at, body }: OutcomeRow): Promise<boolean> {
    return (await this.#rows(SQL.appendOutcome, tenant, decision, attempt, at, body)).length > 0
  }

  listOutcomes(tenant: string, decision: string, limit: number): Promise<OutcomeRow[]> {
    return this.#rows(SQL.listOutcomes, tenant, decision, limit)
  }

  claimOutbox(limit: number, leaseMs: number): Promise<OutboxClaim[]> {
    return this.#rows(SQL.claimOutbox, limit, leaseMs)
  }

  async settleOutbox(id: string, endpoint: string, dueAt: number | null): Promise<void> {
    if (dueAt === null) await this.#rows(SQL.removeOutbox, id, endpoint)
    else await this.#rows(SQL.delayOutbox, id, endpoint, dueAt)
  }

  async putOutbox(items: readonly OutboxItem[]): Promise<void> {
    if (items.length > 0) await this.#rows(SQL.putOutbox, JSON.stringify(items))
  }

  async declareFunds(pool: string, source: string, cap: number): Promise<void> {
    assertAmount(cap)
    await this.#rows(SQL.declareFunds, pool, source, cap)
  }

  listFunds(): Promise<FundSource[]> {
    return this.#rows(SQL.listFunds)
  }

  async moveFunds(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    assertMovement(movement)
    const { id, pool, source, kind, value, at } = movement
    const [row] = await this.#rows<{ result: 'applied' | 'duplicate' | 'refused' }>(
      SQL.moveFunds,
      id,
      pool,
      source,
      kind,
      value,
      at,
    )
    return row?.result ?? 'refused'
  }

  async putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean> {
    const { collection, key, at, body } = row
    const written =
      expectedVersion === 0
        ? await this.#rows(SQL.createRecord, collection, key, at, body)
        : await this.#rows(SQL.replaceRecord, collection, key, at, body, expectedVersion)
    return written.length > 0
  }

  async getRecord(collection: string, key: string): Promise<RecordRow | undefined> {
    return (await this.#rows<RecordRow>(SQL.getRecord, collection, key))[0]
  }

  listRecords(collection: string, prefix: string, limit: number): Promise<RecordRow[]> {
    return this.#rows(SQL.listRecords, collection, prefix, limit)
  }

  async check(): Promise<{ readonly warnings: readonly string[] }> {
    await this.#rows(SQL.touch)
    const [row] = await this.#rows<ServerSettings>(SQL.settings)
    return { warnings: row === undefined ? [] : unsafeSettings(row) }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writer.drained()
    await this.#pool.end()
  }

  async #payments(statement: { name: string; text: string }, ...values: unknown[]): Promise<StoredPayment[]> {
    return (await this.#rows<StoredRow>(statement, ...values)).map(storedPayment)
  }

  async #rows<Row extends object>(
    { name, text }: { readonly name: string; readonly text: string },
    ...values: unknown[]
  ): Promise<Row[]> {
    this.#assertOpen()
    try {
      return (await this.#pool.query<Row>({ name, text, values })).rows
    } catch (error) {
      throw journalError(error)
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new JournalUnavailable('the journal is closed')
  }
}

function bound(row: WriteResult): { key: KeyBinding; stored: StoredPayment } {
  const { key, fingerprint, target } = row
  return { key: { key, fingerprint, target }, stored: storedPayment(row) }
}
