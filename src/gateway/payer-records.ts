import type { ContactEntry } from '../core/credit/contact.ts'
import { daysBetween, isoDateAt } from '../core/credit/calendar.ts'
import type { CreditLine } from '../core/credit/credit-line.ts'
import type { Bill, ContactPreference } from '../core/credit/notice-round.ts'
import type { PayerFacts } from '../core/eligibility/facts.ts'
import type { GatewayPorts } from './runtime.ts'

/** What the gateway itself keeps of a payer at a lender: what the payer has set, and which bills are open. */
export interface PayerRecord {
  /** The payer's own ceiling, minor units; null while only the lender's limit holds. */
  readonly ceiling: number | null
  readonly frozen: CreditLine['frozen']
  readonly raiseDecidedAtMs: number | null
  /** Bills by their id, the closed ones until they are told again or pushed out. */
  readonly bills: Readonly<Record<string, Bill>>
  readonly preference: ContactPreference | null
  /** The newest contacts, oldest first: what the rules of contact are held against. */
  readonly contacts: readonly ContactEntry[]
  /** The newest changes by their idempotency key, oldest first, with what was answered. */
  readonly answers: readonly KeptAnswer[]
}

/** What a change was answered with, so that its repetition gets the same. */
export interface KeptAnswer {
  readonly key: string
  readonly fingerprint: string
  /** JSON text of the answer. */
  readonly body: string
  /** The events of the change: a repetition makes sure that they are told. */
  readonly events: readonly { readonly id: string; readonly type: string; readonly data: object }[]
}

export interface StoredRecord {
  readonly record: PayerRecord
  /** 0 when nothing is kept yet. */
  readonly version: number
}

/** Whose credit, at whom. */
export interface PayerAt {
  readonly tenant: string
  readonly lender: string
  readonly payer: string
}

const COLLECTION = 'payer_credit'
export const NO_RECORD: PayerRecord = {
  ceiling: null,
  frozen: null,
  raiseDecidedAtMs: null,
  bills: {},
  preference: null,
  contacts: [],
  answers: [],
}
/** Contacts in the record itself: more than the rules of any two days can look at. */
export const CONTACTS_MAX = 50
/** For how long a decision that is only told may go on with what was read, ms. */
const HINT_MS = 5_000
const HINTS_MAX = 10_000

/** Keeps payers' records in the journal, with a short memory for decisions that nobody pays by. */
export class PayerRecords {
  readonly #ports: GatewayPorts
  readonly #hints = new Map<string, { readonly at: number; readonly stored: Promise<StoredRecord> }>()

  constructor(ports: GatewayPorts) {
    this.#ports = ports
  }

  /** What stands now. Rejects with `JournalUnavailable`. */
  async read(at: PayerAt): Promise<StoredRecord> {
    const row = await this.#ports.journal.getRecord(COLLECTION, keyOf(at))
    return row === undefined
      ? { record: NO_RECORD, version: 0 }
      : { record: JSON.parse(row.body) as PayerRecord, version: row.version }
  }

  /** What stood at most a few seconds ago. */
  recent(at: PayerAt): Promise<StoredRecord> {
    const key = keyOf(at)
    const now = this.#ports.clock.now()
    const hint = this.#hints.get(key)
    if (hint !== undefined && now - hint.at < HINT_MS) return hint.stored
    const stored = this.read(at)
    this.#hints.delete(key)
    this.#hints.set(key, { at: now, stored })
    stored.catch(() => this.#hints.delete(key))
    // The oldest is the first: a key that is read again moves to the end.
    if (this.#hints.size > HINTS_MAX) this.#hints.delete(this.#hints.keys().next().value as string)
    return stored
  }

  /** Replaces what was read. False when somebody else was quicker. */
  async write(at: PayerAt, record: PayerRecord, version: number): Promise<boolean> {
    const key = keyOf(at)
    const row = { collection: COLLECTION, key, at: this.#ports.clock.now(), body: JSON.stringify(record) }
    const written = await this.#ports.journal.putRecord(row, version)
    this.#hints.delete(key)
    return written
  }
}

export function keyOf({ tenant, lender, payer }: PayerAt): string {
  return [tenant, lender, payer].map(encodeURIComponent).join('/')
}

/** Principal that is out by the lender's facts; 0 where they do not tell the whole limit. */
export function usedCredit({ creditLimit, availableCredit }: PayerFacts): number {
  return creditLimit === undefined ? 0 : Math.max(0, creditLimit - availableCredit)
}

/** Days since the oldest open bill was due; 0 when none is overdue. */
export function daysPastDueOf({ bills }: PayerRecord, now: number, utcOffsetMinutes: number): number {
  const today = isoDateAt(now, utcOffsetMinutes)
  const open = Object.values(bills).filter(bill => bill.case.kind !== 'closed')
  return Math.max(0, ...open.map(({ dueDate }) => daysBetween(dueDate, today)))
}

/** The lender's facts with what the payer has set and what is overdue: whichever allows less holds. */
export function factsInForce(
  facts: PayerFacts,
  record: PayerRecord,
  now: number,
  utcOffsetMinutes: number,
): PayerFacts {
  if (record === NO_RECORD) return facts
  const { ceiling, frozen } = record
  const own = ceiling === null ? facts.availableCredit : Math.max(0, ceiling - usedCredit(facts))
  return {
    ...facts,
    frozen: facts.frozen || frozen !== null,
    availableCredit: Math.min(facts.availableCredit, own),
    daysPastDue: Math.max(facts.daysPastDue, daysPastDueOf(record, now, utcOffsetMinutes)),
  }
}
