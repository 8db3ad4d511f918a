import type { BeginRow, PaymentRow, SaveRow, StoredRow } from '../journal/rows.ts'

/** Parts the texts of a batch. JSON text cannot contain it, because control characters are escaped there. */
const SEPARATOR = '\u001e'

/** Before the name that an upstream has given, among the references. Ours begin otherwise. */
export const PROVIDER_MARK = '\u001f'

/** Stands for "none" among the numbers, none of which is negative. */
const NONE = -1

/** The numbers of an item and their places, counted from 1; behind them, when each of its events is due. */
export const NUMBERS = {
  numbersHere: 1,
  textsHere: 2,
  begins: 3,
  alone: 4,
  createdAt: 5,
  version: 6,
  epoch: 7,
  leaseMs: 8,
  dueAt: 9,
  isOpen: 10,
  keepsOrder: 11,
  references: 12,
  hasKey: 13,
  hasInbox: 14,
  decisionAt: 15,
  outbox: 16,
  settles: 17,
  reserves: 18,
} as const

/** One write as `write_payments` reads it: numbers by place, texts in order, and what others may contend for. */
export interface PackedWrite {
  readonly numbers: readonly number[]
  readonly texts: readonly string[]
  readonly payer: string | undefined
  readonly sources: readonly { readonly pool: string; readonly source: string }[]
  readonly settled: readonly string[]
}

/** What the database tells of a write that was not done; nothing is told of the others. */
export interface WriteResult extends StoredRow {
  /** Place in the batch, from 1. */
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

/** Throws `TypeError` for a text that would shift all that follow it. */
export function pack(begins: boolean, row: BeginRow | SaveRow): PackedWrite {
  const save = begins ? undefined : (row as SaveRow)
  const texts = textsOf(row, save?.inbox)
  if (texts.some(text => text.includes(SEPARATOR))) {
    throw new TypeError('an id has a control character, or a body is not JSON')
  }
  const { reserve, settle, outbox } = row
  const numbers = [
    Object.keys(NUMBERS).length + outbox.length,
    texts.length,
    begins ? 1 : 0,
    isAlone(row, save) ? 1 : 0,
    row.createdAt,
    save?.version ?? 0,
    save?.epoch ?? NONE,
    row.leaseMs ?? NONE,
    row.dueAt ?? NONE,
    row.isOpen,
    row.keepsOrder,
    row.references.length + row.providerReferences.length,
    row.key === undefined ? 0 : 1,
    save?.inbox === undefined ? 0 : 1,
    row.decision?.at ?? NONE,
    outbox.length,
    settle.length > 0 ? 1 : 0,
    reserve === undefined ? 0 : 1,
    ...outbox.map(({ dueAt }) => dueAt),
  ]
  const { hold, funds } = reserve ?? {}
  return {
    numbers,
    texts,
    payer: hold && JSON.stringify([row.tenant, hold.lender, hold.payer]),
    sources: funds === undefined ? [] : funds.legs.map(({ source }) => ({ pool: funds.pool, source })),
    settled: settle.map(({ reference }) => reference),
  }
}

function textsOf(row: BeginRow | SaveRow, inbox: SaveRow['inbox']): string[] {
  const { tenant, id, orderId, doc, trail, key, decision, outbox, settle, reserve } = row
  const { references, providerReferences } = row
  const marked = providerReferences.map(reference => PROVIDER_MARK + reference)
  const texts = [tenant, id, orderId, doc, trail, ...references, ...marked]
  if (key !== undefined) texts.push(key.key, key.fingerprint, key.target)
  if (inbox !== undefined) texts.push(inbox.route, inbox.eventId)
  if (decision !== undefined) texts.push(decision.tenant, decision.id, decision.orderId, decision.body)
  for (const item of outbox) texts.push(item.id, item.endpoint, item.tenant, item.type, item.body)
  if (settle.length > 0) texts.push(JSON.stringify(settle))
  if (reserve !== undefined) texts.push(JSON.stringify(reserve))
  return texts
}

/** Whether something in its way may be found after it has written something, which then has to be taken back. */
function isAlone({ reserve, settle }: PaymentRow, save: SaveRow | undefined): boolean {
  if (reserve !== undefined || settle.length > 0) return true
  return save !== undefined && (save.key !== undefined || save.inbox !== undefined)
}

/** The parameters of `write_payments`. */
export function joinBatch(
  batch: readonly PackedWrite[],
): [numbers: string, texts: string, contended: string | null] {
  const numbers = batch.map(write => write.numbers.join(',')).join(',')
  const texts = batch.map(write => write.texts.join(SEPARATOR)).join(SEPARATOR)
  const contended = {
    payers: batch.flatMap(({ payer }) => payer ?? []),
    sources: batch.flatMap(({ sources }) => sources),
    references: batch.flatMap(({ settled }) => settled),
  }
  const isContended = Object.values(contended).some(list => list.length > 0)
  return [`{${numbers}}`, texts, isContended ? JSON.stringify(contended) : null]
}
