import type { HistoryRow, KeyBinding } from '../../ports/journal.ts'
import type { StoredRow } from '../journal/rows.ts'
import { one, type StoreContext } from './database.ts'

interface BoundKey extends StoredRow {
  readonly key: string
  readonly fingerprint: string
  readonly target: string
}

const STORED = 'select doc, version, epoch from payments'

/** The statements that read payments. */
export function findCalls(context: StoreContext) {
  const { db } = context
  return {
    find: (tenant: string, id: string) => findPayment(context, tenant, id),

    findByReference: (reference: string): StoredRow | undefined =>
      one<StoredRow>(
        db,
        `select p.doc, p.version, p.epoch from payment_references r
         join payments p on p.tenant = r.tenant and p.id = r.payment where r.reference = ?`,
        reference,
      ),

    findByProviderReference: (reference: string, limit: number): StoredRow[] =>
      db.all<StoredRow>(
        `select p.doc, p.version, p.epoch from provider_references r
         join payments p on p.tenant = r.tenant and p.id = r.payment where r.reference = ?
         order by p.created_at desc, p.id desc limit ?`,
        reference,
        limit,
      ),

    findByKey: (tenant: string, key: string) => findByKey(context, tenant, key),

    findByOrder: (tenant: string, orderId: string, limit: number): StoredRow[] =>
      db.all<StoredRow>(
        `select doc, version, epoch from (
           select * from payments where tenant = ?1 and order_id = ?2 and keeps_order = 1
           union all select * from payments where tenant = ?1 and order_id = ?2 and keeps_order = 0
         ) order by created_at desc, id desc limit ?3`,
        tenant,
        orderId,
        limit,
      ),

    listOpen: (tenant: string | undefined, limit: number): StoredRow[] =>
      db.all<StoredRow>(
        `${STORED} where is_open = 1 and (?1 is null or tenant = ?1)
         order by due_at is null, due_at, id limit ?2`,
        tenant ?? null,
        limit,
      ),

    history: (tenant: string, id: string): HistoryRow[] =>
      db.all<HistoryRow>(
        `select version, epoch, at, body, hash from payment_history
         where tenant = ? and payment = ? order by version`,
        tenant,
        id,
      ),
  }
}

export function findPayment({ db }: StoreContext, tenant: string, id: string): StoredRow | undefined {
  return one<StoredRow>(db, `${STORED} where tenant = ? and id = ?`, tenant, id)
}

/** The payment that holds an order. */
export function findLive({ db }: StoreContext, tenant: string, orderId: string): StoredRow | undefined {
  const sql = `${STORED} where tenant = ? and order_id = ? and keeps_order = 1`
  return one<StoredRow>(db, sql, tenant, orderId)
}

export function findByKey(
  { db }: StoreContext,
  tenant: string,
  key: string,
): { key: KeyBinding; stored: StoredRow } | undefined {
  const row = one<BoundKey>(
    db,
    `select k.key, k.fingerprint, k.target, p.doc, p.version, p.epoch from payment_keys k
     join payments p on p.tenant = k.tenant and p.id = k.payment where k.tenant = ? and k.key = ?`,
    tenant,
    key,
  )
  if (row === undefined) return undefined
  const { doc, version, epoch, ...binding } = row
  return { key: binding, stored: { doc, version, epoch } }
}
