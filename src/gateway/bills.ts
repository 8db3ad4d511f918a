import { isoDateAt } from '../core/credit/calendar.ts'
import {
  type ContactChannel,
  type ContactEntry,
  contactEntry,
  type ContactRefusal,
  planContact,
} from '../core/credit/contact.ts'
import { advanceCase, type CaseEvent, type NoticeKind } from '../core/credit/delinquency.ts'
import { type Bill, type ContactPreference, isHeldByPeople } from '../core/credit/notice-round.ts'
import type { IsoDate } from '../core/credit/types.ts'
import type { Money } from '../core/payment/money.ts'
import type { CreditDesk } from './credit-desk.ts'
import { keepContacts, listContacts, wakeNotices } from './notices.ts'
import { atOf, creditRoute, type PayerOnRoute } from './payer-on-route.ts'
import { CONTACTS_MAX, type PayerAt, type PayerRecord } from './payer-records.ts'
import type { Gateway } from './runtime.ts'

/** What the lender's own systems tell of a payer's bills, and ask before they contact the payer. */
export type BillCommand = PayerOnRoute &
  (
    | { readonly kind: 'bill'; readonly bill: string; readonly amount: Money; readonly dueDate: IsoDate }
    | {
        readonly kind: 'case'
        readonly bill: string
        readonly event: Exclude<CaseEvent, { kind: 'day' }> & { readonly dueDate?: IsoDate }
      }
    | { readonly kind: 'preference'; readonly preference: ContactPreference }
    | { readonly kind: 'contact'; readonly contact: AskedContact; readonly key: string }
    | { readonly kind: 'contacts'; readonly day?: IsoDate }
    | { readonly kind: 'bills' }
  )

/** A contact that a person or a system wants to make now. */
export interface AskedContact {
  readonly recipient: string
  readonly bill: string
  readonly notice: NoticeKind
  readonly channel: ContactChannel
  readonly actor: string
  readonly scriptVersion: string
}

export type BillReply =
  | { readonly kind: 'bill'; readonly id: string; readonly bill: Bill }
  | { readonly kind: 'bills'; readonly bills: Readonly<Record<string, Bill>> }
  | { readonly kind: 'preference'; readonly preference: ContactPreference }
  | { readonly kind: 'contact'; readonly entry: ContactEntry; readonly notBeforeMs?: number }
  | { readonly kind: 'contacts'; readonly contacts: readonly ContactEntry[] }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly code: 'state_conflict' | 'too_many_bills' }

const WRITES_MAX = 8
/** Bills of one payer at one lender that are kept. */
const BILLS_MAX = 100
/** Contacts of one day that are listed. */
const LISTED_MAX = 1_000

/** Carries out what the lender tells. Safe to repeat. Rejects with `JournalUnavailable`. */
export async function tellBills(
  gateway: Gateway,
  desk: CreditDesk,
  command: BillCommand,
): Promise<BillReply> {
  const known = creditRoute(gateway, command)
  if (known === undefined) return { kind: 'not_found' }
  const at = atOf(known, command)
  switch (command.kind) {
    case 'bills':
      return { kind: 'bills', bills: (await desk.records.read(at)).record.bills }
    case 'contacts': {
      const day = command.day ?? isoDateAt(gateway.ports.clock.now(), desk.utcOffsetMinutes(known.route.id))
      return { kind: 'contacts', contacts: await listContacts(gateway.ports, at, day, LISTED_MAX) }
    }
    case 'preference': {
      const { preference } = command
      await change(desk, at, record => ({ record: { ...record, preference } }))
      return { kind: 'preference', preference }
    }
    case 'bill':
      return reported(gateway, desk, at, command)
    case 'case':
      return moved(gateway, desk, at, command)
    case 'contact':
      return asked(gateway, desk, at, command)
  }
}

/** Applies a change to what stands, again when somebody else was quicker. */
async function change<T extends object>(
  desk: CreditDesk,
  at: PayerAt,
  make: (record: PayerRecord) => T & { readonly record?: PayerRecord },
): Promise<T & { readonly record?: PayerRecord }> {
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const { record, version } = await desk.records.read(at)
    const made = make(record)
    if (made.record === undefined || made.record === record) return made
    if (await desk.records.write(at, made.record, version)) return made
  }
  throw new Error('the record of a payer changed more often than a change of it could be written')
}

async function reported(
  gateway: Gateway,
  desk: CreditDesk,
  at: PayerAt,
  { bill: id, route, amount, dueDate }: Extract<BillCommand, { kind: 'bill' }>,
): Promise<BillReply> {
  const made = await change<{ readonly bill: Bill }>(desk, at, record => {
    const before = record.bills[id]
    const same = before?.dueDate === dueDate && before.case.kind !== 'closed'
    const bill: Bill = same
      ? { ...before, route, amount }
      : { route, amount, dueDate, case: { kind: 'current' }, seenDay: null }
    const bills = roomFor(record.bills, id)
    return bills === undefined ? { bill } : { bill, record: { ...record, bills: { ...bills, [id]: bill } } }
  })
  if (made.record === undefined) return { kind: 'refused', code: 'too_many_bills' }
  await wakeNotices(gateway.ports, at)
  return { kind: 'bill', id, bill: made.bill }
}

/** The oldest closed bills make room for new ones. Undefined when every kept bill is open. */
function roomFor(bills: PayerRecord['bills'], id: string): PayerRecord['bills'] | undefined {
  const entries = Object.entries(bills)
  if (bills[id] !== undefined || entries.length < BILLS_MAX) return bills
  const closed = entries.findIndex(([, { case: state }]) => state.kind === 'closed')
  return closed < 0 ? undefined : Object.fromEntries(entries.toSpliced(closed, 1))
}

async function moved(
  gateway: Gateway,
  desk: CreditDesk,
  at: PayerAt,
  { bill: id, event }: Extract<BillCommand, { kind: 'case' }>,
): Promise<BillReply> {
  const now = gateway.ports.clock.now()
  const made = await change<{ readonly bill?: Bill; readonly moved?: boolean }>(desk, at, record => {
    const before = record.bills[id]
    if (before === undefined) return {}
    const stages = desk.stages(before.route)
    const state = advanceCase(before.case, event, stages, now)
    if (state === before.case) return { bill: before, moved: isRepeated(before, event) }
    const { dueDate = before.dueDate } = event
    const bill: Bill = {
      ...before,
      case: state,
      dueDate,
      ...(dueDate === before.dueDate ? {} : { seenDay: null }),
    }
    return { bill, moved: true, record: { ...record, bills: { ...record.bills, [id]: bill } } }
  })
  if (made.bill === undefined) return { kind: 'not_found' }
  if (made.moved !== true) return { kind: 'refused', code: 'state_conflict' }
  await wakeNotices(gateway.ports, at)
  return { kind: 'bill', id, bill: made.bill }
}

/** Telling again what has happened already changes nothing and is no mistake. */
function isRepeated({ case: state }: Bill, event: CaseEvent): boolean {
  switch (event.kind) {
    case 'repaid':
      return state.kind === 'closed'
    case 'review_asked':
      return state.kind === 'human_review'
    case 'offer_accepted':
      return state.kind === 'restructured' && state.plan === event.plan
    case 'person_decided':
      return event.outcome === 'keep'
        ? isHeldByPeople(state)
        : state.kind === 'closed' && event.outcome === 'close'
    case 'day':
      return true
  }
}

/** Asked before a contact is made: what is allowed is logged as made, what is not is logged as refused. */
async function asked(
  gateway: Gateway,
  desk: CreditDesk,
  at: PayerAt,
  { contact, key, route }: Extract<BillCommand, { kind: 'contact' }>,
): Promise<BillReply> {
  const now = gateway.ports.clock.now()
  const rules = desk.contactRules(route)
  const { notice, ...rest } = contact
  const made = await change<{ readonly entry?: ContactEntry; readonly notBeforeMs?: number }>(
    desk,
    at,
    record => {
      const bill = record.bills[contact.bill]
      if (bill === undefined) return {}
      const known = record.contacts.find(({ request }) => request === key)
      if (known !== undefined) return { entry: known }
      const request = {
        ...rest,
        payer: at.payer,
        kind: notice,
        daysPastDue: bill.seenDay ?? 0,
        quietHoursConsent: record.preference?.quietHoursConsent ?? false,
      }
      const plan = planContact(request, record.contacts, rules, now)
      const refusal: ContactRefusal | null = plan.kind === 'send' ? null : plan.why
      const result = { outcome: refusal === null ? ('sent' as const) : ('refused' as const), refusal }
      const entry: ContactEntry = { ...contactEntry(request, result, rules, now), request: key }
      const contacts = [...record.contacts, entry].slice(-CONTACTS_MAX)
      const later = plan.kind === 'later' ? { notBeforeMs: plan.notBeforeMs } : {}
      return { entry, ...later, record: { ...record, contacts } }
    },
  )
  if (made.entry === undefined) return { kind: 'not_found' }
  await keepContacts(gateway.ports, at, [made.entry], rules)
  const { entry, notBeforeMs } = made
  return { kind: 'contact', entry, ...(notBeforeMs === undefined ? {} : { notBeforeMs }) }
}
