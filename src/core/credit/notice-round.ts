import type { Money } from '../payment/money.ts'
import { daysBetween, isoDateAt } from './calendar.ts'
import {
  type ContactChannel,
  type ContactEntry,
  contactEntry,
  type ContactRequest,
  type ContactRules,
  openingAfter,
  planContact,
} from './contact.ts'
import {
  advanceCase,
  type CaseState,
  type DelinquencyStage,
  type NoticeKind,
  noticesDue,
} from './delinquency.ts'
import type { IsoDate } from './types.ts'

/** One bill of a payer and where the lender stands about it. */
export interface Bill {
  readonly route: string
  readonly amount: Money
  readonly dueDate: IsoDate
  readonly case: CaseState
  /** Days past due up to which notices and the ladder were looked at; null before the first time. */
  readonly seenDay: number | null
}

/** How a payer wishes to be reached. */
export interface ContactPreference {
  /** Best first. */
  readonly channels: readonly ContactChannel[]
  readonly locale: string
  /** The payer's own wish to be reached in quiet hours too. */
  readonly quietHoursConsent: boolean
}

export const DEFAULT_PREFERENCE: ContactPreference = {
  channels: ['push', 'sms'],
  locale: 'zh-CN',
  quietHoursConsent: false,
}

/** A notice that goes out now. */
export interface DueNotice {
  readonly bill: string
  readonly kind: NoticeKind
  readonly daysPastDue: number
  readonly dedupeKey: string
}

export interface NoticeSettings {
  readonly stages: readonly DelinquencyStage[]
  readonly rules: ContactRules
  readonly preference: ContactPreference
  readonly scriptVersion: string
}

export interface NoticeRound {
  readonly bills: Readonly<Record<string, Bill>>
  readonly notices: readonly DueNotice[]
  readonly contacts: readonly ContactEntry[]
  /** When to look again, Unix ms; null when nothing is left that goes by itself. */
  readonly nextAtMs: number | null
}

/** Days looked back at after a standstill: of what was missed only the newest notice of a bill is still sent. */
const CATCH_UP_DAYS = 400

/**
 * What is due about a payer's bills now: each moves up the ladder day by day, and its newest notice goes out within the
 * rules of contact. What may not go out now stays due. Pure: running it twice for the same moment changes nothing more.
 *
 * @param contacts the payer's contacts, at least those of the local day
 */
export function noticeRound(
  payer: string,
  bills: Readonly<Record<string, Bill>>,
  contacts: readonly ContactEntry[],
  settings: NoticeSettings,
  nowMs: number,
): NoticeRound {
  const { rules } = settings
  const today = isoDateAt(nowMs, rules.utcOffsetMinutes)
  const made: ContactEntry[] = []
  const notices: DueNotice[] = []
  const after: Record<string, Bill> = {}
  const wakes: number[] = []
  for (const [id, bill] of Object.entries(bills)) {
    after[id] = bill
    const day = daysBetween(bill.dueDate, today)
    if (isHeldByPeople(bill.case)) continue
    const looked = lookAt(bill, day, settings.stages, nowMs)
    const kind = looked.notice
    if (kind !== undefined) {
      const request = systemContact(payer, id, kind, day, settings)
      const plan = planContact(request, [...contacts, ...made], rules, nowMs)
      if (plan.kind === 'later') {
        // Only up to the day before it was looked at: the notice of this day stays due.
        after[id] = { ...bill, seenDay: bill.seenDay ?? day - 1 }
        wakes.push(plan.notBeforeMs)
        continue
      }
      if (plan.kind === 'send') {
        made.push(contactEntry(request, { outcome: 'sent', refusal: null }, rules, nowMs))
        notices.push({ bill: id, kind, daysPastDue: day, dedupeKey: plan.dedupeKey })
      }
    }
    after[id] = { ...bill, case: looked.state, seenDay: Math.max(day, bill.seenDay ?? day) }
    if (!isHeldByPeople(looked.state)) wakes.push(nextLook(day, settings, nowMs))
  }
  return { bills: after, notices, contacts: made, nextAtMs: wakes.length === 0 ? null : Math.min(...wakes) }
}

/** Whether nothing goes out about the bill by itself, for good or until a person has decided. */
export function isHeldByPeople(state: CaseState): boolean {
  return state.kind === 'closed' || state.kind === 'human_review'
}

function lookAt(
  bill: Bill,
  day: number,
  stages: readonly DelinquencyStage[],
  nowMs: number,
): { readonly state: CaseState; readonly notice: NoticeKind | undefined } {
  let state = bill.case
  let notice: NoticeKind | undefined
  const from = Math.max(bill.seenDay === null ? day : bill.seenDay + 1, day - CATCH_UP_DAYS)
  for (let on = from; on <= day; on++) {
    notice = noticesDue(stages, state, on).at(-1) ?? notice
    if (on > 0) state = advanceCase(state, { kind: 'day', daysPastDue: on }, stages, nowMs)
  }
  return { state, notice: notice !== undefined && isTrueOn(notice, day) ? notice : undefined }
}

/** What was missed is not made up for once it is no longer true. */
function isTrueOn(notice: NoticeKind, day: number): boolean {
  if (notice === 'due_soon') return day < 0
  return notice === 'due_today' ? day === 0 : day > 0
}

function systemContact(
  payer: string,
  bill: string,
  kind: NoticeKind,
  daysPastDue: number,
  { preference, scriptVersion }: NoticeSettings,
): ContactRequest {
  return {
    payer,
    recipient: payer,
    bill,
    kind,
    channel: preference.channels[0] ?? 'push',
    daysPastDue,
    scriptVersion,
    actor: 'system',
    quietHoursConsent: preference.quietHoursConsent,
  }
}

/** The opening of the next day, or of the day on which the first notice is due while that is further away. */
function nextLook(day: number, { stages, rules }: NoticeSettings, nowMs: number): number {
  const first = Math.min(0, ...stages.flatMap(({ notices }) => notices.flatMap(({ days }) => days)))
  return openingAfter(nowMs, Math.max(1, first - day), rules)
}
