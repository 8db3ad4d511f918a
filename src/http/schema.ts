import * as z from 'zod'
import { CHANNELS, type PaymentContext, TENDERS } from '../core/payment/context.ts'
import { DECLINE_CATEGORIES } from '../core/payment/decline.ts'
import { CURRENCY_DIGITS } from '../core/payment/money.ts'
import { hasControl, NAME_CHARACTERS_MAX } from '../core/payment/name.ts'
import { escapePointer } from './json.ts'
import { type InputError, Problem } from './problem.ts'

/** A name that a client gives; `isName` says why. */
export const id = z
  .string()
  .min(1)
  .max(NAME_CHARACTERS_MAX)
  .refine(text => !hasControl(text), 'must have no control characters')
const currency = z.enum(Object.keys(CURRENCY_DIGITS) as [string, ...string[]], {
  error: 'must be an ISO 4217 code that the gateway knows',
})

/** Integer minor units, at most 10^13 so that sums and products stay exact. */
const VALUE_MAX = 10_000_000_000_000
export const moneySchema = z
  .strictObject({ currency, value: z.int().min(1).max(VALUE_MAX) })
  .meta({ id: 'Money', description: 'An amount in integer minor units (fen, cents).' })

const instrument = z.strictObject({
  token: z.string().min(1).max(256),
  bin: z
    .string()
    .regex(/^\d{6,8}$/, 'must be 6 to 8 digits')
    .optional(),
  issuer: z.string().min(1).max(64).optional(),
})

export const acceptedSchema = z.strictObject({
  tender: z.enum(TENDERS),
  instalments: z.int().min(1).max(60).optional(),
  quote: z.string().min(1).max(64).optional(),
})

const metadata = z
  .record(z.string().min(1).max(40), z.string().max(500))
  .refine(record => Object.keys(record).length <= 20, 'must not have more than 20 entries')

export const contextSchema = z
  .strictObject({
    orderId: id,
    amount: moneySchema,
    channel: z.enum(CHANNELS),
    payer: z.strictObject({ id, locale: z.string().min(2).max(35).optional() }),
    merchant: z
      .strictObject({
        id,
        mcc: z
          .string()
          .regex(/^\d{4}$/, 'must be 4 digits')
          .optional(),
      })
      .optional(),
    items: z
      .array(z.strictObject({ id, category: z.string().min(1).max(64), amount: moneySchema }))
      .max(100)
      .optional(),
    funding: z.strictObject({
      accept: z.array(acceptedSchema).min(1).max(10),
      preference: z.enum(['payer_order', 'best_value']).optional(),
      instruments: z.partialRecord(z.enum(TENDERS), instrument).optional(),
    }),
    capture: z.enum(['automatic', 'manual']).optional(),
    returnUrl: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .optional(),
    metadata: metadata.optional(),
    marginBps: z.int().min(0).max(10_000).optional(),
  })
  .superRefine((context, check) => {
    const seen = new Set<string>()
    context.funding.accept.forEach(({ tender }, i) => {
      if (seen.has(tender)) {
        check.addIssue({
          code: 'custom',
          path: ['funding', 'accept', i, 'tender'],
          message: 'must be accepted once only',
        })
      }
      seen.add(tender)
    })
    context.items?.forEach(({ amount }, i) => {
      if (amount.currency !== context.amount.currency) {
        check.addIssue({
          code: 'custom',
          path: ['items', i, 'amount', 'currency'],
          message: 'must be the currency of the payment',
        })
      }
    })
  })
  .meta({ id: 'PaymentContext', description: 'What the checkout tells about one payment.' })

/** How an attempt stands, to those outside. */
export const ATTEMPT_STATUSES = [
  'approved',
  'authorized',
  'declined',
  'processing',
  'requires_action',
  'unknown',
  'not_sent',
  'voided',
  'absent',
  'reversed',
] as const

/** The outcome of an attempt that the checkout made itself. */
export const outcomeSchema = z
  .strictObject({
    attempt: id.meta({ description: 'Id of the attempt; makes the report exactly-once.' }),
    route: z.string().min(1).max(64),
    status: z.enum(ATTEMPT_STATUSES),
    latencyMs: z.int().min(0).max(600_000),
    declineCode: z.string().min(1).max(64).optional(),
    declineCategory: z.enum(DECLINE_CATEGORIES).optional(),
  })
  .meta({ id: 'Outcome', description: 'What became of an attempt of a decision.' })

/** Validates a parsed body. Throws a `Problem` whose errors name the places, never the values. */
export function validate<T>(schema: z.ZodType<T>, body: unknown): T {
  // Without it a value of a wrong type could not be told from one that is missing.
  const result = schema.safeParse(body, { reportInput: true })
  if (result.success) return result.data
  throw new Problem('invalid_request', { errors: result.error.issues.slice(0, 20).flatMap(toInputErrors) })
}

export function validateContext(body: unknown): PaymentContext {
  return validate(contextSchema, body) as PaymentContext
}

function toInputErrors(issue: z.core.$ZodIssue): InputError[] {
  const pointer = issue.path.map(part => `/${escapePointer(String(part))}`).join('')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, 10)
      .map(key => ({ pointer: `${pointer}/${escapePointer(key)}`, message: 'is not known' }))
  }
  return [{ pointer, message: messageOf(issue) }]
}

/** Messages of our own: the library's may quote the value. */
function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${article(issue.expected)}`
    case 'invalid_value':
      return `must be one of ${issue.values.slice(0, 12).join(', ')}${issue.values.length > 12 ? ', …' : ''}`
    case 'too_small':
      return `must be at least ${issue.minimum} ${unitOf(issue.origin)}`.trim()
    case 'too_big':
      return `must be at most ${issue.maximum} ${unitOf(issue.origin)}`.trim()
    case 'custom':
    case 'invalid_format':
      return issue.message.startsWith('must') ? issue.message : 'is not in the form that is expected'
    default:
      return 'is not valid'
  }
}

function article(type: string): string {
  if (type === 'int' || type === 'object' || type === 'array')
    return type === 'int' ? 'an integer' : `an ${type}`
  return `a ${type}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return 'characters long'
  return origin === 'array' ? 'elements long' : ''
}
