import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { answer } from './answer.ts'

/** One place where the input is wrong. The pointer says where, the message what is expected; never the value. */
export interface InputError {
  readonly pointer: string
  readonly message: string
}

interface ProblemKind {
  readonly status: ContentfulStatusCode
  readonly title: string
}

/** Every error code of the API. Each has a paragraph in docs/errors.md. */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  card_number_refused: { status: 400, title: 'Card numbers are not accepted' },
  idempotency_key_missing: { status: 400, title: 'An Idempotency-Key header is required' },
  idempotency_key_invalid: { status: 400, title: 'The Idempotency-Key header is not valid' },
  unauthorized: { status: 401, title: 'The API key is missing or not known' },
  forbidden: { status: 403, title: 'The API key lacks a scope' },
  operator_required: { status: 403, title: 'This needs the token of a person who may act by name' },
  second_operator_required: { status: 403, title: 'Somebody else has to confirm it' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  order_in_progress: { status: 409, title: 'The order has a payment in progress' },
  order_already_paid: { status: 409, title: 'The order is already paid' },
  request_in_progress: { status: 409, title: 'A request with this key is in progress' },
  quote_changed: { status: 409, title: 'The quote no longer stands' },
  proposal_open: { status: 409, title: 'Another proposal waits for its confirmation' },
  proposal_stale: { status: 409, title: 'The proposal no longer stands' },
  state_conflict: { status: 409, title: 'The payment is not in a state for this' },
  length_required: { status: 411, title: 'A Content-Length header is required' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  quote_required: { status: 422, title: 'Paying with credit needs an accepted quote' },
  amount_too_high: { status: 422, title: 'The amount is more than what is left' },
  too_many_bills: { status: 422, title: 'The payer has too many open bills' },
  currency_mismatch: { status: 422, title: 'The currency is not that of the payment' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  upgrade_refused: { status: 501, title: 'Connections are not upgraded here' },
  upstream_failed: { status: 502, title: 'The upstream gave no answer that can be used' },
  upstream_unreachable: { status: 502, title: 'The upstream could not be reached' },
  no_route: { status: 503, title: 'No route can take the payment now' },
  recovering: { status: 503, title: 'Payments wait until a restore is reconciled' },
  facts_unavailable: { status: 503, title: 'The lender cannot be asked right now' },
  journal_unavailable: { status: 503, title: 'Payments cannot be accepted right now' },
  overloaded: { status: 503, title: 'The gateway is at its limit' },
  upstream_timeout: { status: 504, title: 'The upstream did not answer in time' },
} as const satisfies Record<string, ProblemKind>
export type ProblemCode = keyof typeof PROBLEMS

export interface ProblemDetails {
  readonly detail?: string
  readonly errors?: readonly InputError[]
  /** The payment that stands in the way. */
  readonly payment?: string
  readonly retryAfterSeconds?: number
}

/** Thrown by handlers for an expected refusal; the app turns it into problem+json. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly details: ProblemDetails

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(PROBLEMS[code].title)
    this.code = code
    this.details = details
  }
}

/** RFC 9457 problem details. Nothing of the request's values, and nothing internal, is in it. */
export function problemResponse(context: Context, code: ProblemCode, details: ProblemDetails = {}): Response {
  const { status, headers, body } = problemParts(code, details)
  return answer(context, body, status, headers)
}

/** The same, for what answers without a context. */
export function problemParts(
  code: ProblemCode,
  details: ProblemDetails = {},
): { status: ContentfulStatusCode; headers: Record<string, string>; body: string } {
  const { status, title } = PROBLEMS[code]
  const body = {
    type: `/docs#${code}`,
    title,
    status,
    code,
    ...(details.detail === undefined ? {} : { detail: details.detail }),
    ...(details.errors === undefined ? {} : { errors: details.errors }),
    ...(details.payment === undefined ? {} : { payment: details.payment }),
  }
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (details.retryAfterSeconds !== undefined) headers['retry-after'] = String(details.retryAfterSeconds)
  if (code === 'unauthorized') headers['www-authenticate'] = 'Bearer'
  return { status, headers, body: JSON.stringify(body) }
}
