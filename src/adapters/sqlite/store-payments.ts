import type { BeginResult, KeyBinding, SaveResult } from '../../ports/journal.ts'
import type { BeginRow, PaymentRow, SaveRow, StoredRow, Undecoded } from '../journal/rows.ts'
import { CLAIMED, chained } from '../journal/rules.ts'
import { CLOCK_ERROR_MS } from '../../core/payment/transition.ts'
import { one, type StoreContext } from './database.ts'
import { findByKey, findLive, findPayment } from './store-find.ts'
import { reserve, settle } from './store-funds.ts'
import { addDecision } from './store-decisions.ts'
import { addOutbox } from './store-outbox.ts'

type Context = StoreContext

interface Guard {
  readonly version: number
  readonly epoch: number
  readonly chain: string
}

interface SaveGuard extends Guard {
  readonly references: number
}

/** Thrown to take back what a write did before it was refused. */
class Refused extends Error {
  readonly reason: 'credit_held' | 'funds_exhausted'

  constructor(reason: Refused['reason']) {
    super(reason)
    this.reason = reason
  }
}

/** The statements about payments. One writer at a time is taken for granted: what was read still holds when written. */
export function paymentCalls(context: Context) {
  const { db, now } = context
  return {
    begin(row: BeginRow): Undecoded<BeginResult> {
      const known = findByKey(context, row.tenant, row.key.key)
      if (known !== undefined) return { kind: 'key_exists', ...known }
      const live = findLive(context, row.tenant, row.orderId)
      if (live !== undefined) return { kind: 'order_exists', stored: live }
      return refusable(context, row, () => {
        insert(context, row)
        return { kind: 'begun', epoch: 1, version: 1 }
      })
    },

    save(row: SaveRow): Undecoded<SaveResult> {
      const stored = one<SaveGuard>(
        db,
        `select version, epoch, chain, reference_count as "references" from payments
         where tenant = ? and id = ?`,
        row.tenant,
        row.id,
      )
      if (stored === undefined) throw new TypeError('a payment is begun before it is saved')
      if (isConsumed(context, row)) return { kind: 'duplicate_event' }
      const known = row.key && findByKey(context, row.tenant, row.key.key)
      if (known !== undefined) return { kind: 'key_exists', ...known }
      if (stored.version !== row.version || (row.epoch !== undefined && row.epoch !== stored.epoch)) {
        return { kind: 'conflict', stored: findPayment(context, row.tenant, row.id) as StoredRow }
      }
      return refusable(context, row, () => {
        replace(context, row, stored)
        return { kind: 'saved', version: stored.version + 1 }
      })
    },

    claimDue(limit: number, leaseMs: number): StoredRow[] {
      const due = db.all<StoredRow & Guard & { tenant: string; id: string }>(
        `select tenant, id, doc, version, epoch, chain from payments
         where is_open = 1 and due_at <= ? and lease_until < ? order by due_at, id limit ?`,
        now(),
        now() - CLOCK_ERROR_MS,
        limit,
      )
      return due.map(row => takeOver(context, row.tenant, row.id, row, leaseMs))
    },

    claim(tenant: string, id: string, leaseMs: number): StoredRow | undefined {
      const row = one<StoredRow & Guard>(
        db,
        `select doc, version, epoch, chain from payments where tenant = ? and id = ? and lease_until < ?`,
        tenant,
        id,
        now() - CLOCK_ERROR_MS,
      )
      return row && takeOver(context, tenant, id, row, leaseMs)
    },
  }
}

function isConsumed({ db }: Context, { inbox }: SaveRow): boolean {
  if (inbox === undefined) return false
  const found = one(db, 'select 1 from inbox where route = ? and event_id = ?', inbox.route, inbox.eventId)
  return found !== undefined
}

/** Only a write that reserves can be refused half-way, and only that one pays for a transaction of its own. */
function refusable<T>(
  { db }: Context,
  row: PaymentRow,
  write: () => T,
): T | { kind: 'refused'; reason: Refused['reason'] } {
  if (row.reserve === undefined) return write()
  try {
    return db.transaction(write)
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', reason: error.reason }
    throw error
  }
}

function insert(context: Context, row: BeginRow): void {
  const at = context.now()
  const hash = context.sha256(chained('', 1, 1, at, row.trail))
  context.db.run(
    `insert into payments (tenant, id, order_id, created_at, version, epoch, lease_until, due_at, is_open,
       keeps_order, reference_count, chain, doc) values (?, ?, ?, ?, 1, 1, ?, ?, ?, ?, ?, ?, ?)`,
    row.tenant,
    row.id,
    row.orderId,
    row.createdAt,
    leaseEnd(context, row.leaseMs),
    row.dueAt,
    row.isOpen,
    row.keepsOrder,
    row.references.length,
    hash,
    row.doc,
  )
  addHistory(context, row.tenant, row.id, 1, 1, at, row.trail, hash)
  bind(context, row, row.key)
  addReferences(context, row)
  addProviderReferences(context, row)
  addParts(context, row)
}

function replace(context: Context, row: SaveRow, stored: SaveGuard): void {
  const { version, epoch, chain } = stored
  const at = context.now()
  const hash = context.sha256(chained(chain, version + 1, epoch, at, row.trail))
  context.db.run(
    `update payments set version = version + 1, lease_until = coalesce(?, lease_until), due_at = ?, is_open = ?,
       keeps_order = ?, reference_count = ?, chain = ?, doc = ? where tenant = ? and id = ?`,
    row.leaseMs === undefined ? null : leaseEnd(context, row.leaseMs),
    row.dueAt,
    row.isOpen,
    row.keepsOrder,
    row.references.length,
    hash,
    row.doc,
    row.tenant,
    row.id,
  )
  addHistory(context, row.tenant, row.id, version + 1, epoch, at, row.trail, hash)
  if (row.key !== undefined) bind(context, row, row.key)
  if (row.inbox !== undefined) {
    context.db.run(
      'insert into inbox (route, event_id, at) values (?, ?, ?)',
      row.inbox.route,
      row.inbox.eventId,
      at,
    )
  }
  // References are only ever added, so the same number means the same ones.
  if (row.references.length !== stored.references) addReferences(context, row)
  addProviderReferences(context, row)
  addParts(context, row)
}

function addReferences(context: Context, row: PaymentRow): void {
  for (const reference of row.references) {
    const added = context.db.run(
      `insert into payment_references (reference, tenant, payment) values (?, ?, ?)
       on conflict (reference) do nothing`,
      reference,
      row.tenant,
      row.id,
    )
    if (added === 0) assertOwn(context, row, reference)
  }
}

function addProviderReferences({ db }: Context, { providerReferences, tenant, id }: PaymentRow): void {
  for (const reference of providerReferences) {
    db.run(
      `insert into provider_references (reference, tenant, payment) values (?, ?, ?)
       on conflict (reference, tenant, payment) do nothing`,
      reference,
      tenant,
      id,
    )
  }
}

function assertOwn({ db }: Context, { tenant, id }: PaymentRow, reference: string): void {
  const own = one(
    db,
    'select 1 from payment_references where reference = ? and tenant = ? and payment = ?',
    reference,
    tenant,
    id,
  )
  if (own === undefined) throw new TypeError('a reference belongs to one payment')
}

/** What goes with a payment's write, whichever it is. Settlements come before the reservation. */
function addParts(context: Context, row: PaymentRow): void {
  if (row.decision !== undefined) addDecision(context, row.decision)
  for (const item of row.outbox) addOutbox(context, item)
  for (const end of row.settle) settle(context, end)
  const reason = row.reserve && reserve(context, row.tenant, row.reserve)
  if (reason !== undefined) throw new Refused(reason)
}

function takeOver(
  context: Context,
  tenant: string,
  id: string,
  row: StoredRow & Guard,
  leaseMs: number,
): StoredRow {
  const at = context.now()
  const version = row.version + 1
  const epoch = row.epoch + 1
  const hash = context.sha256(chained(row.chain, version, epoch, at, CLAIMED))
  context.db.run(
    'update payments set version = ?, epoch = ?, lease_until = ?, chain = ? where tenant = ? and id = ?',
    version,
    epoch,
    leaseEnd(context, leaseMs),
    hash,
    tenant,
    id,
  )
  addHistory(context, tenant, id, version, epoch, at, CLAIMED, hash)
  return { doc: row.doc, version, epoch }
}

function addHistory(
  { db }: Context,
  tenant: string,
  id: string,
  version: number,
  epoch: number,
  at: number,
  body: string,
  hash: string,
): void {
  db.run(
    `insert into payment_history (tenant, payment, version, epoch, at, body, hash) values (?, ?, ?, ?, ?, ?, ?)`,
    tenant,
    id,
    version,
    epoch,
    at,
    body,
    hash,
  )
}

function bind({ db }: Context, { tenant, id }: PaymentRow, { key, fingerprint, target }: KeyBinding): void {
  db.run(
    'insert into payment_keys (tenant, key, fingerprint, target, payment) values (?, ?, ?, ?, ?)',
    tenant,
    key,
    fingerprint,
    target,
    id,
  )
}

function leaseEnd({ now }: Context, leaseMs: number): number {
  return leaseMs > 0 ? now() + leaseMs : 0
}
