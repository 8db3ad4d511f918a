import { isoDateAt } from '../core/credit/calendar.ts'
import type { ContactEntry, ContactRules } from '../core/credit/contact.ts'
import { type Bill, DEFAULT_PREFERENCE, type DueNotice, noticeRound } from '../core/credit/notice-round.ts'
import { eventText } from '../core/explain/event-texts.ts'
import { hash32, hashUnit } from '../core/hash.ts'
import type { OutboxItem } from '../ports/journal.ts'
import type { CreditDesk } from './credit-desk.ts'
import { deliveryWish } from './credit-events.ts'
import { eventItems } from './events.ts'
import { CONTACTS_MAX, keyOf, type PayerAt, type PayerRecord } from './payer-records.ts'
import type { Gateway, GatewayPorts } from './runtime.ts'

/** The endpoint of outbox items that are no event, but the hour at which a payer's bills are looked at again. */
export const NOTICE_TIMER = 'notices'

const CONTACTS = 'credit_contact'
/** Names the wording of the notices in the contact log. */
const SCRIPT_VERSION = 'notices-1'
const WRITES_MAX = 8
/** The notices of a morning are spread over this time, so that not everybody is told in the same second. */
const SPREAD_MS = 1_800_000

/** Has a payer's bills looked at now. Safe to repeat. */
export async function wakeNotices({ journal, clock }: GatewayPorts, at: PayerAt): Promise<void> {
  const item = timerItem(at, clock.now())
  await journal.putOutbox([item])
  // One that waits already is only moved.
  await journal.settleOutbox(item.id, item.endpoint, item.dueAt)
}

function timerItem(at: PayerAt, dueAt: number): OutboxItem {
  const id = `due_${eventId(keyOf(at))}`
  return {
    id,
    tenant: at.tenant,
    endpoint: NOTICE_TIMER,
    type: NOTICE_TIMER,
    body: JSON.stringify(at),
    dueAt,
  }
}

/**
 * Looks at the bills of one payer: moves each up its ladder, tells what is due, and logs it as a contact. The events of
 * one notice have the same id however often they are told. Resolves with when to look again, or null when nothing is
 * left that goes by itself. Rejects with `JournalUnavailable`; then it is looked at again.
 */
export async function fireNotices(
  gateway: Gateway,
  desk: CreditDesk,
  { body }: OutboxItem,
): Promise<number | null> {
  const at = JSON.parse(body) as PayerAt
  const { journal, clock } = gateway.ports
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const now = clock.now()
    const { record, version } = await desk.records.read(at)
    const rules = desk.contactRules(routeOf(record))
    // Whoever wrote the record may have died before it kept the contacts.
    await keepContacts(gateway.ports, at, record.contacts.slice(-10), rules)
    const settings = {
      stages: desk.stages(routeOf(record)),
      rules,
      preference: record.preference ?? DEFAULT_PREFERENCE,
      scriptVersion: SCRIPT_VERSION,
    }
    const round = noticeRound(at.payer, record.bills, record.contacts, settings, now)
    const tenant = gateway.runtime().tenants.get(at.tenant)
    const items = round.notices.flatMap(notice =>
      eventItems(tenant === undefined ? [] : [tenant], noticeEvent(at, record, notice, rules), now),
    )
    if (items.length > 0) await journal.putOutbox(items)
    const contacts = [...record.contacts, ...round.contacts].slice(-CONTACTS_MAX)
    if (!(await desk.records.write(at, { ...record, bills: round.bills, contacts }, version))) continue
    await keepContacts(gateway.ports, at, round.contacts, rules)
    // Somebody may have told of a bill in between, and moved the hour that is set now.
    const { version: newest } = await desk.records.read(at)
    if (newest !== version + 1) continue
    if (round.nextAtMs === null) return null
    return round.nextAtMs + Math.round(SPREAD_MS * hashUnit(keyOf(at)))
  }
  return clock.now() + SPREAD_MS
}

/** The rules of the route that the newest bill names: the bills of one lender have one set of rules. */
function routeOf({ bills }: PayerRecord): string {
  return Object.values(bills).at(-1)?.route ?? ''
}

function noticeEvent(
  at: PayerAt,
  { bills, preference }: PayerRecord,
  notice: DueNotice,
  rules: ContactRules,
): { readonly id: string; readonly type: string; readonly data: object } {
  const { amount, dueDate, route } = bills[notice.bill] as Bill
  const early = notice.kind === 'due_soon' || notice.kind === 'due_today'
  return {
    id: `evt_${eventId(`${keyOf(at)}/${notice.dedupeKey}`)}`,
    type: early ? 'credit.repayment_due' : 'credit.overdue',
    data: {
      payer: at.payer,
      route,
      lender: at.lender,
      bill: notice.bill,
      notice: notice.kind,
      amount,
      dueDate,
      daysPastDue: Math.max(0, notice.daysPastDue),
      dedupeKey: notice.dedupeKey,
      text: eventText(notice.kind, { subject: at.lender, amount, date: dueDate }),
      delivery: deliveryWish(preference, rules),
    },
  }
}

/** 32 hex digits that are the same for the same text. */
function eventId(text: string): string {
  return [0, 1, 2, 3].map(seed => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}

/** Keeps contacts for as long as the law asks, each once. */
export async function keepContacts(
  { journal }: GatewayPorts,
  at: PayerAt,
  entries: readonly ContactEntry[],
  { utcOffsetMinutes }: ContactRules,
): Promise<void> {
  for (const entry of entries) {
    const day = isoDateAt(entry.atMs, utcOffsetMinutes)
    const key = `${keyOf(at)}/${day}/${entry.atMs}-${eventId(entry.request ?? entry.dedupeKey)}`
    await journal.putRecord({ collection: CONTACTS, key, at: entry.atMs, body: JSON.stringify(entry) }, 0)
  }
}

/** The contacts of one local day, oldest first. */
export async function listContacts(
  { journal }: GatewayPorts,
  at: PayerAt,
  day: string,
  limit: number,
): Promise<ContactEntry[]> {
  const rows = await journal.listRecords(CONTACTS, `${keyOf(at)}/${day}/`, limit)
  return rows.map(({ body }) => JSON.parse(body) as ContactEntry)
}
