import type {
  BeginResult,
  BeginWrite,
  DecisionRow,
  FundMovement,
  FundSource,
  HistoryRow,
  Journal,
  KeyBinding,
  OutboxClaim,
  OutboxItem,
  OutcomeRow,
  PaymentWrite,
  RecordRow,
  SaveResult,
  StoredPayment,
} from '../../ports/journal.ts'
import { beginRow, decodeResult, saveRow, storedPayment } from '../journal/rows.ts'
import { assertAmount, assertMovement } from '../journal/rules.ts'
import type { CallName, StoreCalls } from './store.ts'

/** Makes one call of the store, wherever it lives, in a transaction of its own or as a part of a larger one. */
export type CallStore = <Name extends CallName>(
  name: Name,
  ...args: Parameters<StoreCalls[Name]>
) => Promise<ReturnType<StoreCalls[Name]>>

/** The journal over a store: payments become text on the way in and objects on the way out. */
export abstract class StoreJournal implements Journal {
  readonly #call: CallStore

  constructor(call: CallStore) {
    this.#call = call
  }

  abstract check(): Promise<{ readonly warnings: readonly string[] }>
  abstract close(): Promise<void>

  async begin(write: BeginWrite): Promise<BeginResult> {
    return decodeResult(await this.#call('begin', beginRow(write)))
  }

  async save(write: PaymentWrite): Promise<SaveResult> {
    return decodeResult(await this.#call('save', saveRow(write)))
  }

  async find(tenant: string, id: string): Promise<StoredPayment | undefined> {
    const row = await this.#call('find', tenant, id)
    return row && storedPayment(row)
  }

  async findByReference(reference: string): Promise<StoredPayment | undefined> {
    const row = await this.#call('findByReference', reference)
    return row && storedPayment(row)
  }

  async findByProviderReference(providerReference: string, limit: number): Promise<StoredPayment[]> {
    return (await this.#call('findByProviderReference', providerReference, limit)).map(storedPayment)
  }

  async findByKey(
    tenant: string,
    key: string,
  ): Promise<{ key: KeyBinding; stored: StoredPayment } | undefined> {
    const found = await this.#call('findByKey', tenant, key)
    return found && { key: found.key, stored: storedPayment(found.stored) }
  }

  async findByOrder(tenant: string, orderId: string, limit: number): Promise<StoredPayment[]> {
    return (await this.#call('findByOrder', tenant, orderId, limit)).map(storedPayment)
  }

  async listOpen(tenant: string | undefined, limit: number): Promise<StoredPayment[]> {
    return (await this.#call('listOpen', tenant, limit)).map(storedPayment)
  }

  async claimDue(limit: number, leaseMs: number): Promise<StoredPayment[]> {
    return (await this.#call('claimDue', limit, leaseMs)).map(storedPayment)
  }

  async claim(tenant: string, id: string, leaseMs: number): Promise<StoredPayment | undefined> {
    const row = await this.#call('claim', tenant, id, leaseMs)
    return row && storedPayment(row)
  }

  history(tenant: string, id: string): Promise<HistoryRow[]> {
    return this.#call('history', tenant, id)
  }

  appendDecisions(rows: readonly DecisionRow[]): Promise<void> {
    return this.#call('appendDecisions', rows)
  }

  findDecision(tenant: string, id: string): Promise<DecisionRow | undefined> {
    return this.#call('findDecision', tenant, id)
  }

  listDecisions(tenant: string, fromAt: number, toAt: number, limit: number): Promise<DecisionRow[]> {
    return this.#call('listDecisions', tenant, fromAt, toAt, limit)
  }

  appendOutcome(tenant: string, row: OutcomeRow): Promise<boolean> {
    return this.#call('appendOutcome', tenant, row)
  }

  listOutcomes(tenant: string, decision: string, limit: number): Promise<OutcomeRow[]> {
    return this.#call('listOutcomes', tenant, decision, limit)
  }

  claimOutbox(limit: number, leaseMs: number): Promise<OutboxClaim[]> {
    return this.#call('claimOutbox', limit, leaseMs)
  }

  settleOutbox(id: string, endpoint: string, dueAt: number | null): Promise<void> {
    return this.#call('settleOutbox', id, endpoint, dueAt)
  }

  putOutbox(items: readonly OutboxItem[]): Promise<void> {
    return this.#call('putOutbox', items)
  }

  async declareFunds(pool: string, source: string, cap: number): Promise<void> {
    assertAmount(cap)
    return this.#call('declareFunds', pool, source, cap)
  }

  listFunds(): Promise<FundSource[]> {
    return this.#call('listFunds')
  }

  async moveFunds(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    assertMovement(movement)
    return this.#call('moveFunds', movement)
  }

  putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean> {
    return this.#call('putRecord', row, expectedVersion)
  }

  getRecord(collection: string, key: string): Promise<RecordRow | undefined> {
    return this.#call('getRecord', collection, key)
  }

  listRecords(collection: string, prefix: string, limit: number): Promise<RecordRow[]> {
    return this.#call('listRecords', collection, prefix, limit)
  }
}
