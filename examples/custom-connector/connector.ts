/**
 * A connector of one's own, for an acquirer that speaks nothing like the gateway: one address for everything, a method in
 * the body, amounts as text, and HTTP 200 with a code for whatever happens. fundroute.yaml shows how it is named.
 *
 * What to take care of when writing one: an answer that cannot be read, or is for another payment, is `unknown`, never a
 * refusal; only codes that the acquirer's contract calls a refusal are one; a resend has the same bytes.
 */
import type { Connector, PayRequest, RefundResult, SendOptions } from '../../src/ports/connector.ts'
import type { ConnectorContext } from '../../src/ports/connector-module.ts'
import type { HttpResult } from '../../src/ports/http-client.ts'
import type { DeclineCategory } from '../../src/core/payment/decline.ts'
import type { Money } from '../../src/core/payment/money.ts'
import type { UpstreamResult } from '../../src/core/payment/outcome.ts'

/** What the acquirer's contract lists. Every other code is an unknown outcome. */
const REFUSALS: Readonly<Record<string, DeclineCategory>> = {
  '05': 'issuer_declined',
  '51': 'insufficient_funds',
  '54': 'credential_invalid',
  '59': 'suspected_fraud',
  '61': 'limit_exceeded',
}

interface Answer {
  readonly code: string
  readonly ref: string
  readonly held: boolean
  readonly amount?: Money
  readonly url?: string
  readonly until?: number
}

export function createConnector({ baseUrl, token, client }: ConnectorContext): Connector {
  /** One call. `read` also reads an answer that comes after the deadline. */
  const call = async <T>(
    method: string,
    params: object,
    options: SendOptions,
    read: (result: HttpResult) => T,
    late?: (result: T) => void,
  ): Promise<T> => {
    const result = await client.request({
      method: 'POST',
      url: `${baseUrl}/rpc`,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token === undefined ? {} : { 'x-acquirer-key': token }),
        ...(options.traceparent === undefined ? {} : { traceparent: options.traceparent }),
      },
      body: JSON.stringify({ method, params }),
      timeoutMs: options.timeoutMs,
      ...(late === undefined ? {} : { onLate: answer => late(read(answer)) }),
    })
    return read(result)
  }

  return {
    pay: (request, options) => {
      const read = (result: HttpResult): UpstreamResult =>
        paymentIn(result, request.reference, request.amount)
      return call('charge', chargeOf(request), options, read, options.onLate)
    },
    query: (reference, amount, options) =>
      call('status', { ref: reference }, options, result => paymentIn(result, reference, amount)),
    cancel: (reference, verb, options) =>
      call(verb === 'close' ? 'close' : 'reversal', { ref: reference }, options, result =>
        cancelIn(result, reference),
      ),
    capture: (reference, captureReference, amount, options) =>
      call('capture', { ref: reference, captureRef: captureReference, ...wire(amount) }, options, result =>
        operationIn(result, reference),
      ),
    refund: (reference, refundReference, amount, options) =>
      call('refund', { ref: reference, refundRef: refundReference, ...wire(amount) }, options, result =>
        operationIn(result, reference),
      ),
    queryRefund: (reference, refundReference, _amount, options) =>
      call('refundStatus', { ref: reference, refundRef: refundReference }, options, result =>
        operationIn(result, reference),
      ),
    ping: options =>
      call('echo', {}, options, result =>
        result.kind === 'answer'
          ? { ok: result.status === 200, detail: `HTTP ${result.status}` }
          : { ok: false, detail: `${result.kind}: ${result.cause}` },
      ),
  }
}

/** Field by field, so that the same request always has the same bytes. */
function chargeOf({
  reference,
  orderId,
  amount,
  capture,
  payer,
  expiresAt,
  returnUrl,
  metadata,
}: PayRequest): object {
  return {
    ref: reference,
    order: orderId,
    ...wire(amount),
    hold: capture === 'manual',
    payer,
    until: expiresAt,
    back: returnUrl,
    memo: metadata,
  }
}

function wire({ currency, value }: Money): { amount: string; ccy: string } {
  return { amount: String(value), ccy: currency }
}

function paymentIn(result: HttpResult, reference: string, amount: Money): UpstreamResult {
  const answer = answerIn(result, reference)
  if ('kind' in answer) return answer
  const { code, held, url, until } = answer
  if (code === '00') {
    const same = answer.amount?.currency === amount.currency && answer.amount.value === amount.value
    if (!same) return { kind: 'unknown', cause: 'mismatch' }
    return { kind: held ? 'authorized' : 'approved', amount }
  }
  if (code === '09') return { kind: 'processing' }
  if (code === '25') return { kind: 'not_found' }
  if (code === '3D' && url !== undefined && until !== undefined) {
    return { kind: 'requires_action', nextAction: { type: 'redirect', url, expiresAt: until } }
  }
  const category = REFUSALS[code]
  return category === undefined
    ? { kind: 'unknown', cause: 'upstream_error' }
    : { kind: 'declined', category, code }
}

function cancelIn(result: HttpResult, reference: string): UpstreamResult {
  const answer = answerIn(result, reference)
  if ('kind' in answer) return answer
  if (answer.code === '00') return { kind: 'canceled' }
  if (answer.code === '26') return { kind: 'already_paid' }
  return answer.code === '25' ? { kind: 'not_found' } : { kind: 'unknown', cause: 'upstream_error' }
}

function operationIn(result: HttpResult, reference: string): RefundResult {
  const answer = answerIn(result, reference)
  if ('kind' in answer) return answer
  const { code } = answer
  if (code === '00') return { kind: 'approved' }
  if (code === '09') return { kind: 'processing' }
  if (code === '25') return { kind: 'not_found' }
  return Object.hasOwn(REFUSALS, code)
    ? { kind: 'declined', code }
    : { kind: 'unknown', cause: 'upstream_error' }
}

type Unread = Extract<UpstreamResult & RefundResult, { kind: 'unknown' | 'not_sent' }>

/** The acquirer's answer to this call about this payment, or why there is none that counts. */
function answerIn(result: HttpResult, reference: string): Answer | Unread {
  if (result.kind !== 'answer') return result
  if (result.status !== 200) return { kind: 'unknown', cause: 'upstream_error' }
  const body = objectIn(result.body)
  if (body === undefined || typeof body['code'] !== 'string') return { kind: 'unknown', cause: 'unreadable' }
  if (body['ref'] !== reference) return { kind: 'unknown', cause: 'mismatch' }
  const { code, amount, ccy, url, until } = body
  return {
    code: code as string,
    ref: reference,
    held: body['held'] === true,
    ...(typeof amount === 'string' && /^\d{1,14}$/.test(amount) && typeof ccy === 'string'
      ? { amount: { currency: ccy, value: Number(amount) } }
      : {}),
    ...(typeof url === 'string' && url.startsWith('https://') ? { url } : {}),
    ...(Number.isSafeInteger(until) ? { until: until as number } : {}),
  }
}

function objectIn(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
