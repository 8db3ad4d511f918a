import { CATALOGUES } from './catalogue.ts'
import { isReasonCode, REASON_DIMENSIONS, type ReasonCode, type ReasonDimension } from './codes.ts'
import type { Channel } from '../payment/context.ts'
import type { Locale } from './locale.ts'
import { fillIn } from './wording.ts'

/** More than four reasons explain less (Regulation B, comment 9(b)(2)-1). */
export const REASONS_MAX = 4

/** One reason in words: what it is, and what the shopper can do about it. */
export interface Explanation {
  readonly code: ReasonCode
  readonly message: string
  readonly remedy: string
}

export interface Audience {
  /** A shopper gets at most four reasons and nothing about fraud; an operator gets every code. */
  readonly reader: 'shopper' | 'operator'
  /** Credit reasons are personal data: without this every one of them is told as CRD_UNAVAILABLE. */
  readonly creditReasons: boolean
}

export interface ExplainOptions extends Audience {
  readonly locale: Locale
  /** What the shopper calls the route or tender; see `labelOf`. */
  readonly tender: string
  /** Names of the items that the route excludes. */
  readonly items?: readonly string[]
  /** False when the app and the web would not help either; see `helpsOnline`. */
  readonly online?: boolean
  /** Unix ms at which a maintenance window ends. */
  readonly until?: number
  /** IANA zone in which times are told; UTC when absent. */
  readonly timeZone?: string
}

/** What stands in the way longest comes first; what the payer only has to choose comes last. */
const INFLUENCE: Readonly<Record<ReasonDimension, number>> = {
  neutral: 0,
  tech: 1,
  merchant: 2,
  credit: 3,
  liquidity: 4,
  consent: 5,
}

/**
 * Puts the reasons of one route into words. Within one dimension the codes keep the order in which they are given,
 * so the caller lists them by influence. Codes that the catalogue does not know are told neutrally.
 */
export function explainReasons(codes: readonly string[], options: ExplainOptions): Explanation[] {
  const told = tellableCodes(codes, options)
  const catalogue = CATALOGUES[options.locale]
  const dimensions = new Set(told.map(code => REASON_DIMENSIONS[code]))
  const params = {
    tender: options.tender,
    ...(options.items === undefined || options.items.length === 0
      ? {}
      : { items: options.items.join(options.locale === 'en' ? ', ' : '、') }),
    ...(options.until === undefined ? {} : { until: timeText(options.until, options) }),
    ...(dimensions.has('credit') ? {} : { notCredit: '' }),
    ...(options.online === false ? { elsewhere: '' } : { online: '' }),
    ...(told.some(isFactor) ? { factors: '' } : {}),
  }
  return told.map(code => ({
    code,
    message: fillIn(catalogue[code].message, params),
    remedy: fillIn(catalogue[code].remedy, params),
  }))
}

/** The codes that may be told to an audience, by influence, each once. */
export function tellableCodes(codes: readonly string[], audience: Audience): ReasonCode[] {
  const known = [...new Set(codes.filter(isReasonCode))]
  if (codes.length > 0 && known.length === 0) return ['SEC_CANNOT_PROCESS']
  if (audience.reader === 'shopper' && known.includes('SEC_CANNOT_PROCESS')) return ['SEC_CANNOT_PROCESS']
  const scoped = audience.creditReasons ? known : [...new Set(known.map(withoutCreditReason))]
  scoped.sort((a, b) => influence(a) - influence(b))
  return audience.reader === 'shopper' ? scoped.slice(0, REASONS_MAX) : scoped
}

/** Whether a route that cannot serve this channel could serve the app or the web. */
export function helpsOnline(channel: Channel, channels: readonly Channel[] | undefined): boolean {
  const isOnline = channel === 'app' || channel === 'web'
  return !isOnline && (channels?.some(other => other === 'app' || other === 'web') ?? true)
}

function withoutCreditReason(code: ReasonCode): ReasonCode {
  return REASON_DIMENSIONS[code] === 'credit' ? 'CRD_UNAVAILABLE' : code
}

/** The assessment stands right before the factors that it announces. */
function influence(code: ReasonCode): number {
  return INFLUENCE[REASON_DIMENSIONS[code]] - (code === 'CRD_ASSESSMENT_NOT_MET' ? 0.5 : 0)
}

function isFactor(code: ReasonCode): boolean {
  return (
    REASON_DIMENSIONS[code] === 'credit' && code !== 'CRD_ASSESSMENT_NOT_MET' && code !== 'CRD_UNAVAILABLE'
  )
}

function timeText(at: number, { locale, timeZone }: ExplainOptions): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: timeZone ?? 'UTC',
  }).format(at)
}
