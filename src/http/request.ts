import { hash } from 'node:crypto'
import type { Context } from 'hono'
import { type Locale, negotiateLocale } from '../core/explain/locale.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Money } from '../core/payment/money.ts'
import type { ApiContext } from './endpoint.ts'
import { holdsCardNumber } from '../core/payment/card-number.ts'
import type { Caller, Scope } from './auth.ts'
import type { Disclosure } from './disclosure.ts'
import { parseStrictJson } from './json.ts'
import type { Reader } from './present.ts'
import { Problem } from './problem.ts'

export interface BodyLimits {
  readonly bodyBytesMax: number
  readonly jsonDepthMax: number
}

/** A body that was read once: its text for fingerprints, its value for validation. */
export interface JsonBody {
  readonly text: string
  readonly value: unknown
}

/** Reads and parses a JSON body within the limits. A body of unknown length is refused: money is never streamed. */
export async function readJson(context: Context, limits: BodyLimits): Promise<JsonBody> {
  const type = context.req.header('content-type') ?? ''
  if (!/^application\/json(\s*;.*)?$/i.test(type)) throw new Problem('unsupported_media_type')
  const length = context.req.header('content-length')
  if (length === undefined) throw new Problem('length_required')
  if (!(Number(length) <= limits.bodyBytesMax)) throw tooLarge(limits)
  const text = await context.req.text()
  if (text.length > limits.bodyBytesMax) throw tooLarge(limits)
  // What stands for bytes that are no UTF-8: different bodies would become the same text.
  if (text.includes('\ufffd')) throw new Problem('invalid_json', { detail: 'The body must be UTF-8.' })
  return { text, value: parseStrictJson(text, limits.jsonDepthMax) }
}

function tooLarge({ bodyBytesMax }: BodyLimits): Problem {
  return new Problem('body_too_large', { detail: `The limit is ${bodyBytesMax} bytes.` })
}

/** The Idempotency-Key of a money request. Sent twice it arrives joined by a comma, and is refused. */
export function idempotencyKey(context: Context): string {
  const key = context.req.header('idempotency-key')
  if (key === undefined || key === '') throw new Problem('idempotency_key_missing')
  if (!/^[\x21-\x2b\x2d-\x7e]{1,255}$/.test(key)) {
    throw new Problem('idempotency_key_invalid', {
      detail: 'It must be 1 to 255 printable ASCII characters without blanks and commas, and be sent once.',
    })
  }
  if (holdsCardNumber(key)) {
    throw new Problem('card_number_refused', { detail: 'The Idempotency-Key must not hold one.' })
  }
  return key
}

/** Addresses end up in logs on the way here and behind us. Nothing has a NUL in its name, and some journals fail at it. */
export function refuseAddress(context: Context): void {
  const { url: whole } = context.req
  const path = whole.indexOf('/', whole.indexOf('//') + 2)
  const url = path < 0 ? '' : whole.slice(path)
  if (!/%|\d{4}/.test(url)) return
  if (url.includes('%00')) throw new Problem('not_found')
  if (!holdsCardNumber(decoded(url))) return
  throw new Problem('card_number_refused', { detail: 'The address must not hold one.' })
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url).replaceAll('+', ' ')
  } catch {
    return url
  }
}

/** Binds a key to method, path and body, so that it can never execute another request. */
export function fingerprint(method: string, path: string, body: string): string {
  return hash('sha256', `${method}\n${path}\n${body}`, 'base64url')
}

export function demandScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw new Problem('forbidden', { detail: `This needs the scope ${scope}.` })
}

/** Who reads an answer about a payment, in which language, and what of the payer's credit it may tell. */
export function readerOf(context: ApiContext, caller: Caller, { payer, amount }: PaymentContext): Reader {
  const locale = negotiateLocale(payer.locale, context.req.header('accept-language'))
  return new PaymentReader(caller, locale, context.get('disclosure'), payer.id, amount)
}

/** What may be told is counted once per answer, and only when there is something of the payer's credit to tell. */
class PaymentReader implements Reader {
  readonly caller: Caller
  readonly locale: Locale
  readonly #disclosure: Disclosure
  readonly #payer: string
  readonly #amount: Money
  #creditReasons: boolean | undefined
  #tellsOffer: boolean | undefined

  constructor(caller: Caller, locale: Locale, disclosure: Disclosure, payer: string, amount: Money) {
    this.caller = caller
    this.locale = locale
    this.#disclosure = disclosure
    this.#payer = payer
    this.#amount = amount
  }

  get creditReasons(): boolean {
    this.#creditReasons ??= this.#disclosure.tellsReasons(this.caller, this.#payer)
    return this.#creditReasons
  }

  get tellsOffer(): boolean {
    this.#tellsOffer ??= this.#disclosure.tellsOffer(this.caller, this.#payer, this.#amount)
    return this.#tellsOffer
  }
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The W3C trace context of the caller, if it is well formed. */
export function traceparentOf(context: Context): string | undefined {
  const header = context.req.header('traceparent')
  return header !== undefined && TRACEPARENT.test(header) ? header : undefined
}

/** The caller's request id if it is harmless, else a new one. */
export function requestIdOf(context: Context, newId: () => string): string {
  const given = context.req.header('x-request-id')
  const harmless = given !== undefined && /^[\w.-]{8,64}$/.test(given) && !holdsCardNumber(given)
  return harmless ? given : newId()
}
