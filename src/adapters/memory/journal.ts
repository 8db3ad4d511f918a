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
import { assertReserve, assertSettles } from '../journal/rules.ts'
import { Payments } from './payments.ts'
import { Reservations } from './reservations.ts'
import { compare, keyOf, ListTable, Table, UndoLog } from './tables.ts'

export interface MemoryJournalOptions {
  /** The journal's clock, Unix ms. */
  readonly now: () => number
  /** Keeps what `rollBack` needs until `settleTail` is called; for simulations of lost tails. */
  readonly keepTail?: boolean
}

/**
 * A journal that lives as long as its process: for tests and simulations. Every method does all its work before it
 * returns its promise, so that a caller decides by the moment of its call when a write takes place.
 */
export class MemoryJournal implements Journal {
  readonly #now: () => number
  readonly #keepTail: boolean
  readonly #undo = new UndoLog()
  readonly #payments: Payments
  readonly #reservations = new Reservations(this.#undo)
  readonly #inbox = new Table<true>(this.#undo)
  readonly #outbox = new Table<OutboxClaim>(this.#undo)
  readonly #decisions = new Table<DecisionRow>(this.#undo)
  readonly #outcomes = new Table<OutcomeRow>(this.#undo)
  readonly #outcomesOf = new ListTable<OutcomeRow>(this.#undo)
  readonly #records = new Table<RecordRow>(this.#undo)
  #closed = false

  constructor({ now, keepTail = false }: MemoryJournalOptions) {
    this.#now = now
    this.#keepTail = keepTail
    this.#payments = new Payments(this.#undo, now)
  }

  /** A point to which `rollBack` can return, as long as `settleTail` was not called. */
  get mark(): number {
    return this.#undo.mark
  }

  /** Takes back every write since the mark, as a disk does that loses what was not synced. */
  rollBack(mark: number): void {
    this.#undo.rollBack(mark)
  }

  /** Makes every write so far final. */
  settleTail(): void {
    this.#undo.clear()
  }

  async begin(write: BeginWrite): Promise<BeginResult> {
    assertReserve(write.reserve)
    assertSettles(write.settle ?? [])
    return this.#transaction(() => {
      const { payment, key } = write
      const known = this.#payments.findByKey(payment.tenant, key.key)
      if (known !== undefined) return { kind: 'key_exists', ...known }
      const live = this.#payments.findLive(payment.tenant, payment.context.orderId)
      if (live !== undefined) return { kind: 'order_exists', stored: live }
      this.#payments.bind(payment.tenant, key, payment.id)
      this.#payments.insert(payment, write.leaseMs, write.dueAt)
      const reason = this.#addParts(write)
      return reason === undefined ? { kind: 'begun', epoch: 1, version: 1 } : { kind: 'refused', reason }
    })
  }

  async save(write: PaymentWrite): Promise<SaveResult> {
    assertReserve(write.reserve)
    assertSettles(write.settle ?? [])
    return this.#transaction(() => {
      const { payment, inbox, key, epoch } = write
      const stored = this.#payments.find(payment.tenant, payment.id)
      if (stored === undefined) throw new TypeError('a payment is begun before it is saved')
      if (inbox !== undefined) {
        const event = keyOf(inbox.route, inbox.eventId)
        if (this.#inbox.has(event)) return { kind: 'duplicate_event' }
        this.#inbox.set(event, true)
      }
      const known = key && this.#payments.findByKey(payment.tenant, key.key)
      if (known !== undefined) return { kind: 'key_exists', ...known }
      if (stored.version !== write.version || (epoch !== undefined && stored.epoch !== epoch)) {
        return { kind: 'conflict', stored }
      }
      if (key !== undefined) this.#payments.bind(payment.tenant, key, payment.id)
      const version = this.#payments.replace(payment, write.leaseMs, write.dueAt)
      const reason = this.#addParts(write)
      return reason === undefined ? { kind: 'saved', version } : { kind: 'refused', reason }
    })
  }

  async find(tenant: string, id: string): Promise<StoredPayment | undefined> {
    this.#assertOpen()
    return this.#payments.find(tenant, id)
  }

  async findByReference(reference: string): Promise<StoredPayment | undefined> {
    this.#assertOpen()
    return this.#payments.findByReference(reference)
  }

  async findByProviderReference(providerReference: string, limit: number): Promise<StoredPayment[]> {
    this.#assertOpen()
    return this.#payments.findByProviderReference(providerReference).slice(0, limit)
  }

  async findByKey(
    tenant: string,
    key: string,
  ): Promise<{ key: KeyBinding; stored: StoredPayment } | undefined> {
    this.#assertOpen()
    return this.#payments.findByKey(tenant, key)
  }

  async findByOrder(tenant: string, orderId: string, limit: number): Promise<StoredPayment[]> {
    this.#assertOpen()
    return this.#payments.findByOrder(tenant, orderId).slice(0, limit)
  }

  async listOpen(tenant: string | undefined, limit: number): Promise<StoredPayment[]> {
    this.#assertOpen()
    return this.#payments.listOpen(tenant, limit)
  }

  async claimDue(limit: number, leaseMs: number): Promise<StoredPayment[]> {
    return this.#transaction(() => this.#payments.claimDue(limit, leaseMs))
  }

  async claim(tenant: string, id: string, leaseMs: number): Promise<StoredPayment | undefined> {
    return this.#transaction(() => this.#payments.claim(tenant, id, leaseMs))
  }

  async history(tenant: string, id: string): Promise<HistoryRow[]> {
    this.#assertOpen()
    return this.#payments.history(tenant, id)
  }

  async appendDecisions(rows: readonly DecisionRow[]): Promise<void> {
    this.#transaction(() => {
      for (const row of rows) this.#addDecision(row)
    })
  }

  async findDecision(tenant: string, id: string): Promise<DecisionRow | undefined> {
    this.#assertOpen()
    return this.#decisions.get(keyOf(tenant, id))
  }

  async listDecisions(tenant: string, fromAt: number, toAt: number, limit: number): Promise<DecisionRow[]> {
    this.#assertOpen()
    return [...this.#decisions.values()]
      .filter(row => row.tenant === tenant && row.at >= fromAt && row.at < toAt)
      .sort((a, b) => b.at - a.at || compare(b.id, a.id))
      .slice(0, limit)
  }

  async appendOutcome(tenant: string, row: OutcomeRow): Promise<boolean> {
    return this.#transaction(() => {
      const id = keyOf(tenant, row.decision, row.attempt)
      if (this.#outcomes.has(id)) return false
      this.#outcomes.set(id, row)
      this.#outcomesOf.add(keyOf(tenant, row.decision), row)
      return true
    })
  }

  async listOutcomes(tenant: string, decision: string, limit: number): Promise<OutcomeRow[]> {
    this.#assertOpen()
    return [...this.#outcomesOf.get(keyOf(tenant, decision))]
      .sort((a, b) => a.at - b.at || compare(a.attempt, b.attempt))
      .slice(0, limit)
  }

  async claimOutbox(limit: number, leaseMs: number): Promise<OutboxClaim[]> {
    return this.#transaction(() => {
      const now = this.#now()
      const due = [...this.#outbox.values()]
        .filter(item => item.dueAt <= now)
        .sort((a, b) => a.dueAt - b.dueAt || compare(a.id, b.id) || compare(a.endpoint, b.endpoint))
        .slice(0, limit)
      for (const item of due) {
        const hidden = { ...item, dueAt: now + leaseMs, tries: item.tries + 1 }
        this.#outbox.set(keyOf(item.id, item.endpoint), hidden)
      }
      return due
    })
  }

  async settleOutbox(id: string, endpoint: string, dueAt: number | null): Promise<void> {
    this.#transaction(() => {
      const key = keyOf(id, endpoint)
      const item = this.#outbox.get(key)
      if (item === undefined) return
      if (dueAt === null) this.#outbox.delete(key)
      else this.#outbox.set(key, { ...item, dueAt })
    })
  }

  async putOutbox(items: readonly OutboxItem[]): Promise<void> {
    this.#transaction(() => {
      for (const item of items) this.#addOutbox(item)
    })
  }

  async declareFunds(pool: string, source: string, cap: number): Promise<void> {
    this.#transaction(() => this.#reservations.declare(pool, source, cap))
  }

  async listFunds(): Promise<FundSource[]> {
    this.#assertOpen()
    return this.#reservations.list()
  }

  async moveFunds(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    return this.#transaction(() => this.#reservations.move(movement))
  }

  async putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean> {
    return this.#transaction(() => {
      const id = keyOf(row.collection, row.key)
      if ((this.#records.get(id)?.version ?? 0) !== expectedVersion) return false
      this.#records.set(id, { ...row, version: expectedVersion + 1 })
      return true
    })
  }

  async getRecord(collection: string, key: string): Promise<RecordRow | undefined> {
    this.#assertOpen()
    return this.#records.get(keyOf(collection, key))
  }

  async listRecords(collection: string, prefix: string, limit: number): Promise<RecordRow[]> {
    this.#assertOpen()
    return [...this.#records.values()]
      .filter(row => row.collection === collection && row.key.startsWith(prefix))
      .sort((a, b) => compare(a.key, b.key))
      .slice(0, limit)
  }

  async check(): Promise<{ readonly warnings: readonly string[] }> {
    this.#assertOpen()
    return { warnings: ['the journal is in memory: everything is lost when the process ends'] }
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  /** Runs one write. Whatever ends otherwise than by success leaves no trace. */
  #transaction<T>(run: () => T): T {
    this.#assertOpen()
    const mark = this.#undo.mark
    try {
      const result = run()
      if (isRefusal(result)) this.#undo.rollBack(mark)
      return result
    } catch (error) {
      this.#undo.rollBack(mark)
      throw error
    } finally {
      if (!this.#keepTail) this.#undo.clear()
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new JournalUnavailable('the journal is closed')
  }

  /** What goes with a payment's write, whichever it is. Settlements come before the reservation. */
  #addParts(write: BeginWrite | PaymentWrite): 'credit_held' | 'funds_exhausted' | undefined {
    if (write.decision !== undefined) this.#addDecision(write.decision)
    for (const item of write.outbox ?? []) this.#addOutbox(item)
    for (const settle of write.settle ?? []) this.#reservations.settle(settle, this.#now())
    return write.reserve && this.#reservations.reserve(write.payment.tenant, write.reserve)
  }

  #addDecision(row: DecisionRow): void {
    const id = keyOf(row.tenant, row.id)
    if (!this.#decisions.has(id)) this.#decisions.set(id, row)
  }

  #addOutbox(item: OutboxItem): void {
    const id = keyOf(item.id, item.endpoint)
    if (!this.#outbox.has(id)) this.#outbox.set(id, { ...item, tries: 0 })
  }
}

/** Results of a write that must leave no trace. */
function isRefusal(result: unknown): boolean {
  const kind = (result as { kind?: unknown } | undefined)?.kind
  return kind !== undefined && kind !== 'begun' && kind !== 'saved'
}
