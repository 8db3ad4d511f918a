import { addMonths, isoDateAt } from './calendar.ts'
import type { NoticeKind } from './delinquency.ts'
import type { IsoDate } from './types.ts'

export type ContactChannel = 'push' | 'sms' | 'email' | 'in_app' | 'call' | 'letter'

/** Conduct rules for every contact about a debt (GB/T 45251-2025; self-regulation of January 2026). */
export interface ContactRules {
  /** Minutes of the local day from which contact is allowed ... */
  readonly openMinute: number
  /** ... and from which it no longer is. */
  readonly closeMinute: number
  /** Attempts a day over all channels together. */
  readonly attemptsPerDayMax: number
  /** Offset of the payer's local time from UTC at that moment. */
  readonly utcOffsetMinutes: number
}

/** 08:00 to 22:00 in China, at most six attempts a day over all channels. */
export const DEFAULT_CONTACT_RULES: ContactRules = {
  openMinute: 8 * 60,
  closeMinute: 22 * 60,
  attemptsPerDayMax: 6,
  utcOffsetMinutes: 480,
}

/** A contact that someone or something wants to make. */
export interface ContactRequest {
  readonly payer: string
  /** Who would be reached. Anyone but the payer is refused: no relatives, no contacts, no employer. */
  readonly recipient: string
  readonly bill: string
  readonly kind: NoticeKind
  readonly channel: ContactChannel
  readonly daysPastDue: number
  readonly scriptVersion: string
  /** `system`, or the operator who makes the contact. */
  readonly actor: string
  /** The payer's own wish to be reached in quiet hours too. */
  readonly quietHoursConsent: boolean
}

/** One line of the contact log: who, when, by what, with which words, how it ended. Kept for five years. */
export interface ContactEntry extends Omit<ContactRequest, 'quietHoursConsent'> {
  readonly atMs: number
  readonly outcome: 'sent' | 'reached' | 'not_reached' | 'refused'
  readonly refusal: ContactRefusal | null
  readonly dedupeKey: string
  readonly retainUntil: IsoDate
  /** What makes asking for this contact repeatable; absent for the gateway's own notices. */
  readonly request?: string
}

export type ContactRefusal = 'third_party' | 'duplicate' | 'quiet_hours' | 'daily_cap'

export type ContactPlan =
  | { readonly kind: 'send'; readonly dedupeKey: string }
  /** Not now; ask again from this moment, when the day's facts are to be looked at afresh. */
  | { readonly kind: 'later'; readonly notBeforeMs: number; readonly why: 'quiet_hours' | 'daily_cap' }
  | { readonly kind: 'never'; readonly why: 'third_party' | 'duplicate' }

const DAY_MINUTES = 1_440
const MINUTE_MS = 60_000
const RETENTION_MONTHS = 60

/** The same notice about the same bill on the same day past due is one notice, on whatever channel. */
export function contactDedupeKey(
  request: Pick<ContactRequest, 'payer' | 'bill' | 'kind' | 'daysPastDue'>,
): string {
  return [request.payer, request.bill, request.kind, request.daysPastDue].map(encodeURIComponent).join('/')
}

/**
 * Whether a contact may be made now. Refusals count for nothing; every attempt that went out counts towards the day's
 * cap, by the payer's local day.
 *
 * @param log the payer's contact log, or at least its last day and the entries of this bill.
 */
export function planContact(
  request: ContactRequest,
  log: readonly ContactEntry[],
  rules: ContactRules,
  atMs: number,
): ContactPlan {
  if (request.recipient !== request.payer) return { kind: 'never', why: 'third_party' }
  const dedupeKey = contactDedupeKey(request)
  const attempts = log.filter(entry => entry.payer === request.payer && entry.outcome !== 'refused')
  if (request.actor === 'system' && attempts.some(entry => entry.dedupeKey === dedupeKey)) {
    return { kind: 'never', why: 'duplicate' }
  }
  const minute = localMinute(atMs, rules)
  const quiet = minute < rules.openMinute || minute >= rules.closeMinute
  if (quiet && !request.quietHoursConsent)
    return { kind: 'later', notBeforeMs: nextOpening(atMs, rules), why: 'quiet_hours' }
  const today = localDay(atMs, rules)
  if (attempts.filter(entry => localDay(entry.atMs, rules) === today).length >= rules.attemptsPerDayMax) {
    return { kind: 'later', notBeforeMs: openingOf(today + 1, rules), why: 'daily_cap' }
  }
  return { kind: 'send', dedupeKey }
}

/** The log line of a contact, made or refused. */
export function contactEntry(
  request: ContactRequest,
  result: { readonly outcome: ContactEntry['outcome']; readonly refusal: ContactRefusal | null },
  rules: ContactRules,
  atMs: number,
): ContactEntry {
  const { quietHoursConsent: _, ...logged } = request
  return {
    ...logged,
    atMs,
    ...result,
    dedupeKey: contactDedupeKey(request),
    retainUntil: addMonths(isoDateAt(atMs, rules.utcOffsetMinutes), RETENTION_MONTHS),
  }
}

function localDay(atMs: number, rules: ContactRules): number {
  return Math.floor((atMs / MINUTE_MS + rules.utcOffsetMinutes) / DAY_MINUTES)
}

function localMinute(atMs: number, rules: ContactRules): number {
  return Math.floor(atMs / MINUTE_MS) + rules.utcOffsetMinutes - localDay(atMs, rules) * DAY_MINUTES
}

/** When contact is allowed again on the local day that is `days` away, Unix ms. */
export function openingAfter(atMs: number, days: number, rules: ContactRules): number {
  return openingOf(localDay(atMs, rules) + days, rules)
}

function openingOf(day: number, rules: ContactRules): number {
  return (day * DAY_MINUTES + rules.openMinute - rules.utcOffsetMinutes) * MINUTE_MS
}

function nextOpening(atMs: number, rules: ContactRules): number {
  const today = localDay(atMs, rules)
  return openingOf(localMinute(atMs, rules) < rules.openMinute ? today : today + 1, rules)
}
