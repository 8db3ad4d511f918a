import { isDeclineCategory } from '../../../core/payment/decline.ts'
import { type Money, sameMoney } from '../../../core/payment/money.ts'
import type { NextAction, UpstreamResult } from '../../../core/payment/outcome.ts'
import type { RefundResult } from '../../../ports/connector.ts'
import type { HttpAnswer, HttpResult } from '../../../ports/http-client.ts'
import type { Dialect } from './dialect.ts'

/** What an answer has to be about. */
export interface Expected {
  readonly reference: string
  readonly amount: Money
}

type JsonObject = Record<string, unknown>
type Unknown = Extract<UpstreamResult, { kind: 'unknown' }>

const UPSTREAM_ERROR: Unknown = { kind: 'unknown', cause: 'upstream_error' }
const UNREADABLE: Unknown = { kind: 'unknown', cause: 'unreadable' }
const MISMATCH: Unknown = { kind: 'unknown', cause: 'mismatch' }

/**
 * What the answer to a payment proves.
 *
 * - 2xx: the body decides. Approvals must name our reference and our amount, refusals our reference.
 * - 4xx: a refusal only when the body is the upstream's own record of this payment: it names our reference, and says
 *   `declined` or no status at all (then `invalid_request`). Any other 4xx is unknown. A proxy, a firewall that
 *   filters answers or a rejected resend (409, 422 for a key in use) say 4xx about a payment that may well be done,
 *   so the status line alone never proves that nothing was charged. The price is a query for a request that was
 *   refused at the door; the other error would be a second charge.
 * - 429 and 5xx: a refusal only when the body says `declined` for our reference with a code that this route's own
 *   table lists; that is how an upstream's contract can say "not processed".
 * - 3xx and the rest: unknown. The request may have been processed before the redirect.
 */
export function readPayment(result: HttpResult, expected: Expected, dialect: Dialect): UpstreamResult {
  if (result.kind !== 'answer') return result
  const { status } = result
  if (status < 200 || (status >= 300 && status < 400)) return UPSTREAM_ERROR
  const body = jsonObject(result)
  if (status < 300) return body === undefined ? UNREADABLE : readRecord(body, expected, dialect)
  if (body === undefined || dialect.read(body, 'reference') !== expected.reference) return UPSTREAM_ERROR
  const said = dialect.read(body, 'status')
  if (status >= 500 || status === 429) {
    const code = codeOf(dialect.read(body, 'declineCode'))
    const listed = code !== undefined && dialect.categoryOf(code) !== undefined
    return dialect.statusOf(said) === 'declined' && listed
      ? readRecord(body, expected, dialect)
      : UPSTREAM_ERROR
  }
  if (said === undefined) return { kind: 'declined', category: 'invalid_request', ...codeIn(body, dialect) }
  return dialect.statusOf(said) === 'declined' ? readRecord(body, expected, dialect) : UPSTREAM_ERROR
}

/** The answer to a query: as to a payment, and 404 when the upstream itself says it. */
export function readQuery(result: HttpResult, expected: Expected, dialect: Dialect): UpstreamResult {
  if (result.kind === 'answer' && result.status === 404) {
    return isOwnNotFound(result) ? { kind: 'not_found' } : UPSTREAM_ERROR
  }
  return readPayment(result, expected, dialect)
}

export function readCancel(result: HttpResult, reference: string, dialect: Dialect): UpstreamResult {
  if (result.kind !== 'answer') return result
  if (result.status === 404 && isOwnNotFound(result)) return { kind: 'not_found' }
  if (result.status < 200 || result.status >= 300) return UPSTREAM_ERROR
  const body = jsonObject(result)
  if (body === undefined) return UNREADABLE
  if (!echoes(dialect.read(body, 'reference'), reference)) return MISMATCH
  const said = dialect.read(body, 'status')
  if (said === 'canceled' || said === 'already_paid' || said === 'not_found') return { kind: said }
  return UNREADABLE
}

/** What an answer about a capture or refund has to be about, as far as it says. */
export interface ExpectedOperation {
  readonly reference: string
  readonly refundReference?: string
  readonly amount: Money
}

export function readOperation(
  result: HttpResult,
  expected: ExpectedOperation,
  dialect: Dialect,
): RefundResult {
  if (result.kind !== 'answer') return result
  if (result.status === 404 && isOwnNotFound(result)) return { kind: 'not_found' }
  if (result.status < 200 || result.status >= 300) return UPSTREAM_ERROR
  const body = jsonObject(result)
  if (body === undefined) return UNREADABLE
  const amount = amountIn(body, dialect)
  if (!echoes(dialect.read(body, 'reference'), expected.reference)) return MISMATCH
  if (amount !== undefined && !sameMoney(amount, expected.amount)) return MISMATCH
  if (!echoes(body.refundReference, expected.refundReference)) return MISMATCH
  switch (dialect.statusOf(dialect.read(body, 'status'))) {
    case 'approved':
      return { kind: 'approved' }
    case 'processing':
      return { kind: 'processing' }
    case 'declined':
      return { kind: 'declined', ...codeIn(body, dialect) }
    default:
      return UNREADABLE
  }
}

/** What an upstream's own record of a payment says; also the content of a notification. */
export function readRecord(body: JsonObject, expected: Expected, dialect: Dialect): UpstreamResult {
  if (dialect.read(body, 'reference') !== expected.reference) return MISMATCH
  const status = dialect.statusOf(dialect.read(body, 'status'))
  const amount = amountIn(body, dialect)
  if (amount !== undefined && !sameMoney(amount, expected.amount)) return MISMATCH
  const provider = shortText(dialect.read(body, 'providerReference'), 128)
  const providerReference = provider === undefined ? {} : { providerReference: provider }
  switch (status) {
    case 'approved':
    case 'authorized':
      return amount === undefined ? MISMATCH : { kind: status, amount, ...providerReference }
    case 'declined':
      return readDecline(body, dialect)
    case 'processing':
      return { kind: 'processing', ...providerReference }
    case 'requires_action': {
      const nextAction = nextActionIn(dialect.read(body, 'nextAction'))
      return nextAction === undefined ? UNREADABLE : { kind: status, nextAction, ...providerReference }
    }
    case undefined:
      return UNREADABLE
  }
}

/**
 * The route's own table first, then the category that the upstream gives, then `issuer_declined`: a definite no
 * without a known reason. An upstream that calls the outcome unknown has not refused.
 */
function readDecline(body: JsonObject, dialect: Dialect): UpstreamResult {
  const code = codeOf(dialect.read(body, 'declineCode'))
  const said = dialect.read(body, 'declineCategory')
  const mapped = code === undefined ? undefined : dialect.categoryOf(code)
  const category = mapped ?? (typeof said === 'string' && isDeclineCategory(said) ? said : 'issuer_declined')
  if (category === 'outcome_unknown' || category === 'not_sent') return UPSTREAM_ERROR
  return { kind: 'declined', category, ...(code === undefined ? {} : { code }) }
}

function codeIn(body: JsonObject, dialect: Dialect): { code?: string } {
  const code = codeOf(dialect.read(body, 'declineCode'))
  return code === undefined ? {} : { code }
}

/** Codes are words; anything longer or with other characters is not one and may hold somebody's data. */
function codeOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^[\w.:-]{1,64}$/.test(text) ? text : undefined
}

/** The amount that the body names, as an object or split in two; undefined when it names none. */
export function amountIn(body: JsonObject, dialect: Dialect): Money | undefined {
  const whole = dialect.read(body, 'amount')
  const split = dialect.read(body, 'amountValue')
  if (split !== undefined)
    return { value: Number(split), currency: String(dialect.read(body, 'amountCurrency')) }
  if (whole === undefined || whole === null) return undefined
  // Something else than an amount is an amount that matches nothing.
  const { value, currency } = whole as { value?: unknown; currency?: unknown }
  return { value: typeof value === 'number' ? value : Number.NaN, currency: String(currency) }
}

function nextActionIn(value: unknown): NextAction | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { type, url, payload, expiresAt } = value as Record<string, unknown>
  if (type !== 'redirect' && type !== 'qr_code' && type !== 'app_link' && type !== 'form') return undefined
  if (typeof expiresAt !== 'number' || !Number.isSafeInteger(expiresAt) || expiresAt <= 0) return undefined
  const link = shortText(url, 2_048)
  const content = shortText(payload, 8_192)
  if (link === undefined ? url !== undefined || content === undefined : !isSafeLink(type, link))
    return undefined
  return {
    type,
    ...(link === undefined ? {} : { url: link }),
    ...(content === undefined ? {} : { payload: content }),
    expiresAt,
  }
}

/** A page opens over http; an app has a scheme of its own. No link may run a script in the shopper's page. */
function isSafeLink(type: NextAction['type'], link: string): boolean {
  if (/^https?:\/\/[^\s]+$/i.test(link)) return true
  const inApp = type === 'app_link' || type === 'qr_code'
  return (
    inApp && /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(link) && !/^(javascript|data|vbscript|file|blob):/i.test(link)
  )
}

function shortText(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= max ? value : undefined
}

/** An echo that is there must be right; one that the protocol does not ask for may be missing. */
function echoes(value: unknown, expected: string | undefined): boolean {
  return value === undefined || expected === undefined || value === expected
}

/** Empty or JSON. A page of text comes from something in between that does not know the payment. */
function isOwnNotFound(answer: HttpAnswer): boolean {
  return answer.body.length === 0 || jsonObject(answer) !== undefined
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** The body as a JSON object, or undefined. */
export function jsonObject(answer: Pick<HttpAnswer, 'body'>): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(answer.body))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}
