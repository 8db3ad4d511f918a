import type { ContactRules } from '../core/credit/contact.ts'
import type { LineChange } from '../core/credit/credit-line.ts'
import { type ContactPreference, DEFAULT_PREFERENCE } from '../core/credit/notice-round.ts'
import { type EventNote, eventText } from '../core/explain/event-texts.ts'
import type { Route } from '../core/payment/route.ts'
import { lenderOf } from './credit-desk.ts'
import type { LineOutcome } from './payer-credit.ts'

/** Whose credit an event is about. */
export interface CreditSubject {
  readonly payer: string
  readonly route: Route
  readonly currency: string
  readonly preference: ContactPreference | null
  readonly rules: ContactRules
}

/** How the payer wishes to be told, and when not: for the system that delivers it. */
export interface DeliveryWish {
  readonly channels: readonly string[]
  readonly locale: string
  /** Minutes of the payer's day between which nothing may be sent; absent with the payer's consent. */
  readonly quiet?: {
    readonly fromMinute: number
    readonly toMinute: number
    readonly utcOffsetMinutes: number
  }
}

export function deliveryWish(preference: ContactPreference | null, rules: ContactRules): DeliveryWish {
  const { channels, locale, quietHoursConsent } = preference ?? DEFAULT_PREFERENCE
  const { openMinute, closeMinute, utcOffsetMinutes } = rules
  const quiet = { fromMinute: closeMinute, toMinute: openMinute, utcOffsetMinutes }
  return { channels, locale, ...(quietHoursConsent ? {} : { quiet }) }
}

interface CreditEvent {
  readonly type: string
  readonly data: object
}

/** `credit.limit_changed`: what changed, from what to what. */
export function limitEvent(about: CreditSubject, change: LineChange): CreditEvent {
  const { payer, route, currency, preference, rules } = about
  const { kind, by, atMs, limitBefore, limitAfter } = change
  const known = (value: number): object =>
    value === Number.MAX_SAFE_INTEGER ? {} : { limitBefore: { currency, value } }
  return {
    type: 'credit.limit_changed',
    data: {
      payer,
      route: route.id,
      lender: lenderOf(route),
      change: kind,
      by,
      at: new Date(atMs).toISOString(),
      ...known(limitBefore),
      ...(limitAfter === Number.MAX_SAFE_INTEGER ? {} : { limit: { currency, value: limitAfter } }),
      text: eventText(LINE_NOTES[kind], {
        subject: lenderOf(route),
        amount: { currency, value: limitAfter },
      }),
      delivery: deliveryWish(preference, rules),
    },
  }
}

const LINE_NOTES: Readonly<Record<LineChange['kind'], EventNote>> = {
  lowered: 'limit_lowered',
  raised: 'limit_raised',
  frozen: 'line_frozen',
  unfrozen: 'line_unfrozen',
}

const DECISION_NOTES: Readonly<Partial<Record<LineOutcome['outcome'], EventNote>>> = {
  granted: 'limit_granted',
  partly_granted: 'limit_partly_granted',
  to_review: 'limit_to_review',
}

/** `credit.decision` about a raise that a payer has asked for. */
export function decisionEvent(
  { payer, route, currency, preference, rules }: CreditSubject,
  { outcome, reasons, humanReview }: LineOutcome,
  asked: number,
  limit: number,
): CreditEvent {
  return {
    type: 'credit.decision',
    data: {
      payer,
      route: route.id,
      lender: lenderOf(route),
      about: 'limit',
      decision: outcome,
      asked: { currency, value: asked },
      limit: { currency, value: limit },
      reasons,
      humanReview: humanReview ?? false,
      text: eventText(DECISION_NOTES[outcome] ?? 'limit_refused', {
        subject: lenderOf(route),
        amount: { currency, value: limit },
      }),
      delivery: deliveryWish(preference, rules),
    },
  }
}
