import type { BeginRow, PaymentRow, SaveRow, StoredRow } from '../journal/rows.ts'

/** Parts the documents of a batch. JSON text cannot contain it: control characters are escaped there. */
export const SEPARATOR = '\u001e'

/** One write that waits for its batch. */
export interface PendingWrite {
  readonly begins: boolean
  readonly row: BeginRow | SaveRow
  resolve(result: WriteResult | undefined): void
  reject(error: Error): void
  tries: number
}

/** What the database tells of a write that was not done; nothing is told of the others. */
export interface WriteResult extends StoredRow {
  readonly n: number
  readonly kind:
    | 'key_exists'
    | 'order_exists'
    | 'conflict'
    | 'missing'
    | 'again'
    | 'duplicate_event'
    | 'credit_held'
    | 'funds_exhausted'
  readonly key: string
  readonly fingerprint: string
  readonly target: string
}

/**
 * Takes the next batch out of what waits: in order, and nothing twice that the writes of one batch must not share. What
 * is passed over keeps its place.
 */
export function takeBatch(waiting: PendingWrite[], most: number): PendingWrite[] {
  const batch: PendingWrite[] = []
  const later: PendingWrite[] = []
  const named = new Set<string>()
  let looked = 0
  for (; looked < waiting.length && batch.length < most; looked++) {
    const write = waiting[looked] as PendingWrite
    const names = namesOf(write.row)
    if (names.some(name => named.has(name))) {
      later.push(write)
      continue
    }
    for (const name of names) named.add(name)
    batch.push(write)
  }
  waiting.splice(0, looked, ...later)
  return batch
}

function namesOf({ tenant, id, orderId, key }: BeginRow | SaveRow): string[] {
  const names = [`p${tenant}\0${id}`, `o${tenant}\0${orderId}`]
  if (key !== undefined) names.push(`k${tenant}\0${key.key}`)
  return names
}

/** The two parameters of `write_payments`. */
export function encodeBatch(batch: readonly PendingWrite[]): [items: string, texts: string] {
  const texts: string[] = []
  const text = (body: string): number => texts.push(body)
  const items = batch.map(({ begins, row }, index) => item(index + 1, begins, row, text))
  return [JSON.stringify(items), texts.join(SEPARATOR)]
}

function item(n: number, begins: boolean, row: BeginRow | SaveRow, text: (body: string) => number) {
  const save = begins ? undefined : (row as SaveRow)
  return {
    n,
    begins,
    alone: isAlone(row, save),
    tenant: row.tenant,
    id: row.id,
    order_id: row.orderId,
    created_at: row.createdAt,
    version: save?.version,
    epoch: save?.epoch,
    lease_ms: row.leaseMs,
    due_at: row.dueAt,
    is_open: row.isOpen,
    keeps_order: row.keepsOrder,
    refs: row.references,
    doc: text(row.doc),
    trail: text(row.trail),
    key: row.key?.key,
    fingerprint: row.key?.fingerprint,
    target: row.key?.target,
    route: save?.inbox?.route,
    event_id: save?.inbox?.eventId,
    ...partsOf(row, text),
  }
}

/** Whether a refusal can come after something was written, which then has to be taken back. */
function isAlone(row: BeginRow | SaveRow, save: SaveRow | undefined): boolean {
  if (row.reserve !== undefined || row.settle.length > 0) return true
  return save !== undefined && (save.key !== undefined || save.inbox !== undefined)
}

function partsOf({ decision, outbox, reserve, settle }: PaymentRow, text: (body: string) => number) {
  return {
    decision: decision && {
      id: decision.id,
      tenant: decision.tenant,
      order_id: decision.orderId,
      at: decision.at,
      body: text(decision.body),
    },
    outbox:
      outbox.length === 0
        ? undefined
        : outbox.map(({ id, endpoint, tenant, type, body, dueAt }) => ({
            id,
            endpoint,
            tenant,
            type,
            body: text(body),
            due_at: dueAt,
          })),
    reserve,
    settle: settle.length === 0 ? undefined : settle,
  }
}

/** Whether the texts of a write can travel in a batch: a separator inside one would shift all that follow. */
export function isBatchable({ decision, outbox }: PaymentRow): boolean {
  return decision?.body.includes(SEPARATOR) !== true && outbox.every(({ body }) => !body.includes(SEPARATOR))
}
