import { createHash } from 'node:crypto'
import { holdsCardNumber } from '../core/payment/card-number.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import { CURRENCY_DIGITS } from '../core/payment/money.ts'
import { isName } from '../core/payment/name.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt } from '../core/payment/payment.ts'
import { parseStrictJson } from './json.ts'
import { type InputError, Problem } from './problem.ts'
import type { Checkout, CheckoutReading, OutcomeMapping } from './proxy-checkout.ts'

/** Largest amount, in minor units; the same as of the API. */
const VALUE_MAX = 10_000_000_000_000
/** An upstream's answer may be nested deeper than what we accept ourselves. */
const ANSWER_DEPTH_MAX = 64

/** The value at a JSON Pointer (RFC 6901), or undefined where there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** Ids may be text or whole numbers. Undefined for what names nothing. */
export function idAt(document: unknown, pointer: string): string | undefined {
  const value = valueAt(document, pointer)
  const text = Number.isSafeInteger(value) ? String(value) : value
  return typeof text === 'string' && isName(text) ? text : undefined
}

/**
 * What the decision needs, read from the request of a checkout. Throws a `Problem` that names every pointer which finds
 * nothing usable.
 */
export function contextOf(checkout: Checkout, reading: CheckoutReading, body: unknown): PaymentContext {
  const errors: InputError[] = []
  const orderId = idAt(body, reading.order)
  if (orderId === undefined) errors.push({ pointer: reading.order, message: 'must name the order' })
  const value = minorUnitsAt(body, reading.amount)
  if (value === undefined) {
    errors.push({ pointer: reading.amount, message: 'must be an amount in whole minor units, above 0' })
  }
  const currency = valueAt(body, reading.currency)
  if (typeof currency !== 'string' || !Object.hasOwn(CURRENCY_DIGITS, currency)) {
    errors.push({ pointer: reading.currency, message: 'must be an ISO 4217 code that the gateway knows' })
  }
  const payer = reading.payer === undefined ? orderId : idAt(body, reading.payer)
  if (payer === undefined && reading.payer !== undefined) {
    errors.push({ pointer: reading.payer, message: 'must name the payer' })
  }
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
  // These two are kept, the rest of the body only passes.
  if (holdsCardNumber(`${orderId}`) || holdsCardNumber(`${payer}`)) throw new Problem('card_number_refused')
  return {
    orderId: orderId as string,
    amount: { currency: currency as string, value: value as number },
    channel: checkout.channel,
    payer: { id: payer as string },
    funding: { accept: [{ tender: checkout.tender }], routes: checkout.routes.map(({ id }) => id) },
  }
}

function minorUnitsAt(body: unknown, pointer: string): number | undefined {
  const found = valueAt(body, pointer)
  const value = typeof found === 'string' && /^\d{1,14}$/.test(found) ? Number(found) : found
  if (!Number.isSafeInteger(value)) return undefined
  return (value as number) > 0 && (value as number) <= VALUE_MAX ? (value as number) : undefined
}

/** Binds an order to one request: method, path with query, and every byte of the body. */
export function fingerprintOf(method: string, target: string, body: Uint8Array): string {
  return createHash('sha256').update(`${method}\n${target}\n`).update(body).digest('base64url')
}

/**
 * What an upstream's answer to a payment means. Only what the mapping names is definite. An answer that two readers
 * could take differently, or that says both, is not; neither is whatever comes with a status of 500 and above.
 */
export function outcomeOf(
  { approved, declined }: OutcomeMapping,
  status: number,
  text: string | undefined,
  { amount }: Pick<Attempt, 'amount'>,
): UpstreamResult {
  if (status >= 500) return { kind: 'unknown', cause: 'upstream_error' }
  const body = text === undefined ? undefined : readable(text)
  if (body === undefined) return { kind: 'unknown', cause: 'unreadable' }
  const refusal = declined.find(({ pointer, equals }) => says(body, pointer, equals))
  if (says(body, approved.pointer, approved.equals)) {
    return refusal === undefined ? { kind: 'approved', amount } : { kind: 'unknown', cause: 'unreadable' }
  }
  if (refusal !== undefined) return { kind: 'declined', category: refusal.category, code: refusal.equals }
  // Accepted, and nothing definite yet: no sign of ill health, and no leave to try elsewhere.
  return status < 300 ? { kind: 'processing' } : { kind: 'unknown', cause: 'unreadable' }
}

function readable(text: string): object | undefined {
  try {
    const value = parseStrictJson(text, ANSWER_DEPTH_MAX, 'foreign')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function says(body: object, pointer: string, equals: string): boolean {
  const value = valueAt(body, pointer)
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain && String(value) === equals
}
