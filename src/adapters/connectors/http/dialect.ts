import type { DeclineCategory } from '../../../core/payment/decline.ts'
import type { PayRequest } from '../../../ports/connector.ts'
import { parsePointer, type Pointer, putAt, valueAt } from './json-pointer.ts'

export type RequestField = keyof PayRequest | 'amountValue' | 'amountCurrency'

export type AnswerField =
  | 'status'
  | 'reference'
  | 'providerReference'
  | 'amount'
  | 'amountValue'
  | 'amountCurrency'
  | 'declineCode'
  | 'declineCategory'
  | 'nextAction'

export type PaymentStatus = 'approved' | 'authorized' | 'declined' | 'processing' | 'requires_action'

/** How an upstream's words differ from the protocol's. What is not named keeps its own name. */
export interface Mapping {
  readonly request: Readonly<Partial<Record<RequestField, string>>>
  readonly response: Readonly<Partial<Record<AnswerField, string>>>
  /** With any entry, a status that is not listed is an unknown outcome. */
  readonly statuses: Readonly<Record<string, PaymentStatus>>
  readonly declineCodes: Readonly<Record<string, DeclineCategory>>
}

export const NO_MAPPING: Mapping = { request: {}, response: {}, statuses: {}, declineCodes: {} }

const STATUSES: ReadonlyMap<string, PaymentStatus> = new Map(
  (['approved', 'authorized', 'declined', 'processing', 'requires_action'] as const).map(word => [
    word,
    word,
  ]),
)

/** A mapping, compiled. */
export interface Dialect {
  /** The same text for the same request, so that a resend is the same to the byte. */
  write(request: PayRequest): string
  read(body: unknown, field: AnswerField): unknown
  statusOf(word: unknown): PaymentStatus | undefined
  /** What the route's own table says of a code. */
  categoryOf(code: string): DeclineCategory | undefined
}

/** @throws TypeError for a pointer that cannot be followed */
export function compileDialect(mapping: Mapping): Dialect {
  const reads = new Map<string, Pointer>()
  for (const [field, text] of Object.entries(mapping.response)) reads.set(field, parsePointer(text))
  const words = Object.entries(mapping.statuses)
  const statuses = words.length === 0 ? STATUSES : new Map(words)
  const codes = new Map(Object.entries(mapping.declineCodes))
  return {
    write: writer(mapping),
    read(body, field) {
      const pointer = reads.get(field)
      if (pointer !== undefined) return valueAt(body, pointer)
      return Object.hasOwn(body as object, field) ? (body as Record<string, unknown>)[field] : undefined
    },
    statusOf: word => (typeof word === 'string' ? statuses.get(word) : undefined),
    categoryOf: code => codes.get(code),
  }
}

function writer(mapping: Mapping): (request: PayRequest) => string {
  const places = Object.entries(mapping.request).map(([field, text]) => [field, parsePointer(text)] as const)
  if (places.length === 0) return request => JSON.stringify(ordered(request))
  const renamed = new Map(places)
  const splits = renamed.has('amountValue') || renamed.has('amountCurrency')
  return request => {
    const fields: Record<string, unknown> = ordered(request)
    const body: Record<string, unknown> = {}
    for (const [field, value] of Object.entries(fields)) {
      if (value === undefined || (field === 'amount' && splits && !renamed.has('amount'))) continue
      putAt(body, renamed.get(field) ?? [field], value)
    }
    const { value, currency } = request.amount
    const [valuePlace, currencyPlace] = [renamed.get('amountValue'), renamed.get('amountCurrency')]
    if (valuePlace !== undefined) putAt(body, valuePlace, value)
    if (currencyPlace !== undefined) putAt(body, currencyPlace, currency)
    return JSON.stringify(body)
  }
}

/** In a fixed order, whatever order the caller built it in. Fields without a value are left out by JSON. */
function ordered(request: PayRequest): Record<keyof PayRequest, unknown> {
  const { reference, orderId, amount, capture, payer, instrument } = request
  const { instalments, expiresAt, returnUrl, metadata } = request
  return {
    reference,
    orderId,
    amount: { currency: amount.currency, value: amount.value },
    capture,
    payer,
    instrument,
    instalments,
    expiresAt,
    returnUrl,
    metadata,
  }
}
