import { createHash } from 'node:crypto'
import type { Payment } from '../../core/payment/payment.ts'
import {
  isOpenPayment,
  keepsOrder,
  paymentTrail,
  providerReferencesOf,
  referencesOf,
} from '../../core/payment/trail.ts'
import type { HistoryRow, KeyBinding, StoredPayment } from '../../ports/journal.ts'
import { CLAIMED, chained, leaseIsOver } from '../journal/rules.ts'
import { compare, keyOf, ListTable, Table, type UndoLog } from './tables.ts'

interface PaymentRow extends StoredPayment {
  readonly leaseUntil: number
  readonly dueAt: number | null
}

interface HistoryEntry {
  readonly row: PaymentRow
  readonly at: number
  readonly claimed: boolean
}

/** Payments and everything that finds them. */
export class Payments {
  readonly #now: () => number
  readonly #rows: Table<PaymentRow>
  readonly #open: Table<true>
  readonly #keys: Table<{ readonly binding: KeyBinding; readonly payment: string }>
  readonly #liveOrders: Table<string>
  readonly #orders: ListTable<string>
  readonly #references: Table<string>
  readonly #providerReferences: ListTable<string>
  readonly #history: ListTable<HistoryEntry>

  constructor(undo: UndoLog, now: () => number) {
    this.#now = now
    this.#rows = new Table(undo)
    this.#open = new Table(undo)
    this.#keys = new Table(undo)
    this.#liveOrders = new Table(undo)
    this.#orders = new ListTable(undo)
    this.#references = new Table(undo)
    this.#providerReferences = new ListTable(undo)
    this.#history = new ListTable(undo)
  }

  find(tenant: string, id: string): StoredPayment | undefined {
    return this.#stored(keyOf(tenant, id))
  }

  findByReference(reference: string): StoredPayment | undefined {
    return this.#stored(this.#references.get(reference))
  }

  findByProviderReference(providerReference: string): StoredPayment[] {
    return this.#newestFirst(this.#providerReferences.get(providerReference))
  }

  findByKey(tenant: string, key: string): { key: KeyBinding; stored: StoredPayment } | undefined {
    const bound = this.#keys.get(keyOf(tenant, key))
    const stored = this.#stored(bound?.payment)
    return bound && stored && { key: bound.binding, stored }
  }

  /** The payment that holds the order. */
  findLive(tenant: string, orderId: string): StoredPayment | undefined {
    return this.#stored(this.#liveOrders.get(keyOf(tenant, orderId)))
  }

  /** By creation, newest first. */
  findByOrder(tenant: string, orderId: string): StoredPayment[] {
    return this.#newestFirst(this.#orders.get(keyOf(tenant, orderId)))
  }

  listOpen(tenant: string | undefined, limit: number): StoredPayment[] {
    return this.#openByDue(row => tenant === undefined || row.payment.tenant === tenant)
      .slice(0, limit)
      .map(storedOf)
  }

  bind(tenant: string, binding: KeyBinding, payment: string): void {
    this.#keys.set(keyOf(tenant, binding.key), { binding, payment: keyOf(tenant, payment) })
  }

  insert(payment: Payment, leaseMs: number, dueAt: number | null): void {
    const id = keyOf(payment.tenant, payment.id)
    if (this.#rows.has(id)) throw new TypeError('a payment begins once')
    this.#orders.add(keyOf(payment.tenant, payment.context.orderId), id)
    this.#put(id, { payment, version: 1, epoch: 1, leaseUntil: this.#leaseEnd(leaseMs), dueAt })
  }

  /** Replaces a payment; gives its new version. */
  replace(payment: Payment, leaseMs: number | undefined, dueAt: number | null): number {
    const id = keyOf(payment.tenant, payment.id)
    const row = this.#rows.get(id)
    if (row === undefined) throw new TypeError('a payment is begun before it is saved')
    const leaseUntil = leaseMs === undefined ? row.leaseUntil : this.#leaseEnd(leaseMs)
    this.#put(id, { payment, version: row.version + 1, epoch: row.epoch, leaseUntil, dueAt })
    return row.version + 1
  }

  claimDue(limit: number, leaseMs: number): StoredPayment[] {
    const now = this.#now()
    return this.#openByDue(row => row.dueAt !== null && row.dueAt <= now && leaseIsOver(row.leaseUntil, now))
      .slice(0, limit)
      .map(row => this.#takeOver(row, leaseMs))
  }

  claim(tenant: string, id: string, leaseMs: number): StoredPayment | undefined {
    const row = this.#rows.get(keyOf(tenant, id))
    if (row === undefined || !leaseIsOver(row.leaseUntil, this.#now())) return undefined
    return this.#takeOver(row, leaseMs)
  }

  history(tenant: string, id: string): HistoryRow[] {
    let hash = ''
    return this.#history.get(keyOf(tenant, id)).map(({ row: { payment, version, epoch }, at, claimed }) => {
      const body = claimed ? CLAIMED : paymentTrail(payment)
      hash = createHash('sha256')
        .update(chained(hash, version, epoch, at, body))
        .digest('hex')
      return { version, epoch, at, body, hash }
    })
  }

  #put(id: string, row: PaymentRow): void {
    const { payment } = row
    this.#setRow(id, row, false)
    const order = keyOf(payment.tenant, payment.context.orderId)
    const live = this.#liveOrders.get(order) === id
    if (keepsOrder(payment)) {
      if (!live) this.#liveOrders.set(order, id)
    } else if (live) this.#liveOrders.delete(order)
    for (const reference of referencesOf(payment)) {
      const owner = this.#references.get(reference)
      if (owner === undefined) this.#references.set(reference, id)
      else if (owner !== id) throw new TypeError('a reference belongs to one payment')
    }
    for (const reference of providerReferencesOf(payment)) {
      if (!this.#providerReferences.get(reference).includes(id)) this.#providerReferences.add(reference, id)
    }
  }

  #takeOver(row: PaymentRow, leaseMs: number): StoredPayment {
    const leaseUntil = this.#leaseEnd(leaseMs)
    const next = { ...row, version: row.version + 1, epoch: row.epoch + 1, leaseUntil }
    this.#setRow(keyOf(row.payment.tenant, row.payment.id), next, true)
    return storedOf(next)
  }

  #setRow(id: string, row: PaymentRow, claimed: boolean): void {
    this.#rows.set(id, row)
    // Claims look at what is open only, so payments that are done cost them nothing.
    if (row.dueAt !== null || isOpenPayment(row.payment)) {
      if (!this.#open.has(id)) this.#open.set(id, true)
    } else this.#open.delete(id)
    this.#history.add(id, { row, at: this.#now(), claimed })
  }

  #leaseEnd(leaseMs: number): number {
    return leaseMs > 0 ? this.#now() + leaseMs : 0
  }

  #newestFirst(ids: readonly string[]): StoredPayment[] {
    return ids
      .flatMap(id => this.#stored(id) ?? [])
      .sort((a, b) => b.payment.createdAt - a.payment.createdAt || compare(b.payment.id, a.payment.id))
  }

  #stored(id: string | undefined): StoredPayment | undefined {
    const row = id === undefined ? undefined : this.#rows.get(id)
    return row && storedOf(row)
  }

  /** Longest due first; those that are due for nobody last. */
  #openByDue(wanted: (row: PaymentRow) => boolean): PaymentRow[] {
    const rows: PaymentRow[] = []
    for (const id of this.#open.keys()) {
      const row = this.#rows.get(id)
      if (row !== undefined && wanted(row)) rows.push(row)
    }
    const due = ({ dueAt }: PaymentRow) => dueAt ?? Number.MAX_SAFE_INTEGER
    return rows.sort((a, b) => due(a) - due(b) || compare(a.payment.id, b.payment.id))
  }
}

function storedOf({ payment, version, epoch }: PaymentRow): StoredPayment {
  return { payment, version, epoch }
}
