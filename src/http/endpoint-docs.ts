import * as z from 'zod'
import type { ProblemCode } from './problem.ts'
import { acceptedSchema, contextSchema, moneySchema, outcomeSchema } from './schema.ts'
import {
  decisionRecordSchema,
  decisionSchema,
  explanationSchema,
  paymentSchema,
  paymentsSchema,
  quotesSchema,
  receiptSchema,
  refundSchema,
} from './schema-answers.ts'

/** What the OpenAPI document says of an endpoint. */
export interface EndpointDoc {
  readonly id: string
  readonly tag: 'quotes' | 'decisions' | 'payments' | 'payers'
  readonly summary: string
  readonly description: string
  readonly body?: z.ZodType
  readonly example?: object
  readonly query?: { readonly name: string; readonly description: string }
  readonly optionalQuery?: { readonly name: string; readonly description: string }
  /** Whether an Idempotency-Key is demanded. */
  readonly keyed?: boolean
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>
  /** Refusals of its own, beside those that every endpoint has. */
  readonly problems: readonly ProblemCode[]
}

/** The body of refunds. */
export const amountSchema = z.strictObject({ amount: moneySchema.optional() }).meta({
  id: 'OperationAmount',
  description: 'What to refund; without an amount all that is left.',
})

/** The body of captures. */
export const captureSchema = z
  .strictObject({
    amount: moneySchema.optional(),
    final: z
      .boolean()
      .meta({
        description:
          'It is the last capture: what it leaves of the authorization is released, and nothing more can be captured.',
      })
      .optional(),
  })
  .meta({ id: 'Capture', description: 'What to capture; without an amount all that is left.' })

/** The body of a switch: what the payer consents to now. */
export const switchSchema = acceptedSchema.meta({
  id: 'SwitchTender',
  description: 'The tender that the payer consents to now, in place of everything before.',
})

/** The body of a request that needs none. */
export const emptySchema = z.strictObject({}).meta({ id: 'Empty', description: 'An empty object.' })

const EXAMPLE = {
  orderId: 'o-1001',
  amount: { currency: 'CNY', value: 129_900 },
  channel: 'app',
  payer: { id: 'u-1', locale: 'en' },
  funding: { accept: [{ tender: 'card' }, { tender: 'wallet' }] },
}
export const BODY_PROBLEMS: readonly ProblemCode[] = [
  'invalid_request',
  'invalid_json',
  'card_number_refused',
  'length_required',
  'body_too_large',
  'unsupported_media_type',
]
export const KEY_PROBLEMS: readonly ProblemCode[] = [
  'idempotency_key_missing',
  'idempotency_key_invalid',
  'idempotency_key_reused',
]

/** Of what sends money: refused while a restore is being reconciled. */
const SEND_PROBLEMS: readonly ProblemCode[] = [...KEY_PROBLEMS, 'recovering']

export const ENDPOINT_DOCS = {
  postQuotes: {
    id: 'createQuotes',
    tag: 'quotes',
    summary: 'Ask which ways to pay a page can show',
    description:
      'Every tender with its best route, reasons and remedies for those not on offer, and for credit the plans with their whole price. Charges nothing; safe to repeat.',
    body: contextSchema,
    example: EXAMPLE,
    answers: { 200: { description: 'The options.', schema: quotesSchema } },
    problems: BODY_PROBLEMS,
  },
  postDecision: {
    id: 'createDecision',
    tag: 'decisions',
    summary: 'Decide which routes to try',
    description:
      'For a checkout that executes payments itself. Report what came of it. Charges nothing; safe to repeat.',
    body: contextSchema,
    example: EXAMPLE,
    answers: { 200: { description: 'The decision.', schema: decisionSchema } },
    problems: BODY_PROBLEMS,
  },
  getDecision: {
    id: 'getDecision',
    tag: 'decisions',
    summary: 'Read a decision',
    description: 'As it was told, or the complete record for keys that may see it.',
    answers: { 200: { description: 'The decision.', schema: decisionRecordSchema } },
    problems: ['not_found'],
  },
  getExplanation: {
    id: 'explainDecision',
    tag: 'decisions',
    summary: 'Read why a way to pay is or is not on offer',
    description:
      'At most four reasons per way to pay, each with what the payer can do, in the language of the payer, and the ways that work now. With `audience=operator` (scope `explain`) every route and every gate. Credit reasons need the scope `creditReasons` and are told a limited number of times per payer and hour.',
    optionalQuery: { name: 'audience', description: '`shopper` (default) or `operator`.' },
    answers: { 200: { description: 'The explanation.', schema: explanationSchema } },
    problems: ['invalid_request', 'not_found'],
  },
  postOutcome: {
    id: 'reportOutcome',
    tag: 'decisions',
    summary: 'Report what came of an attempt',
    description:
      'Counted once per attempt, in any order, for as long as the decision is kept. Safe to repeat.',
    body: outcomeSchema,
    example: { attempt: 'attempt-1', route: 'card_a', status: 'approved', latencyMs: 812 },
    answers: {
      200: { description: 'It was reported before.', schema: receiptSchema },
      201: { description: 'It was counted.', schema: receiptSchema },
    },
    problems: [...BODY_PROBLEMS, 'not_found'],
  },
  postPayment: {
    id: 'createPayment',
    tag: 'payments',
    summary: 'Pay',
    description:
      'Decides and executes, with failover only on proof that nothing was charged. Repeat with the same key until the answer is final; it never charges twice.',
    body: contextSchema,
    example: EXAMPLE,
    keyed: true,
    answers: {
      201: { description: 'The payment has ended, or waits for the payer.', schema: paymentSchema },
      202: { description: 'The outcome is being confirmed; it settles by itself.', schema: paymentSchema },
    },
    problems: [
      ...BODY_PROBLEMS,
      ...SEND_PROBLEMS,
      'request_in_progress',
      'order_in_progress',
      'order_already_paid',
      'quote_required',
      'quote_changed',
      'journal_unavailable',
    ],
  },
  getPayment: {
    id: 'getPayment',
    tag: 'payments',
    summary: 'Read a payment',
    description: 'As it stands now.',
    answers: { 200: { description: 'The payment.', schema: paymentSchema } },
    problems: ['not_found'],
  },
  listPayments: {
    id: 'listPayments',
    tag: 'payments',
    summary: 'Find the payments of an order',
    description: 'Newest first.',
    query: { name: 'orderId', description: 'The order.' },
    answers: { 200: { description: 'The payments.', schema: paymentsSchema } },
    problems: ['invalid_request'],
  },
  postCapture: {
    id: 'capturePayment',
    tag: 'payments',
    summary: 'Capture an authorization',
    description:
      'All or part of it, in one or several captures; `final` releases the rest. A payment has at most 100 captures, voids and refunds. Safe to repeat with the same key.',
    body: captureSchema,
    example: { amount: { currency: 'CNY', value: 100_000 } },
    keyed: true,
    answers: { 201: { description: 'The payment.', schema: paymentSchema } },
    problems: [
      ...BODY_PROBLEMS,
      ...SEND_PROBLEMS,
      'not_found',
      'state_conflict',
      'amount_too_high',
      'currency_mismatch',
    ],
  },
  postCancel: {
    id: 'cancelPayment',
    tag: 'payments',
    summary: 'Cancel a payment',
    description: 'Voids an authorization, or ends a payment that has not taken money.',
    body: emptySchema,
    example: {},
    keyed: true,
    answers: {
      201: { description: 'It is canceled.', schema: paymentSchema },
      202: { description: 'It is being closed.', schema: paymentSchema },
    },
    problems: [...BODY_PROBLEMS, ...SEND_PROBLEMS, 'not_found', 'state_conflict'],
  },
  postSwitch: {
    id: 'switchTender',
    tag: 'payments',
    summary: 'Go on with another tender',
    description:
      'The payer has changed their mind before paying: what is open is closed and confirmed, then the new tender is tried. If the old one turns out to be paid, the payment has succeeded with it. Safe to repeat with the same key.',
    body: switchSchema,
    example: { tender: 'card' },
    keyed: true,
    answers: {
      201: { description: 'The payment has ended, or waits for the payer.', schema: paymentSchema },
      202: { description: 'The old attempt is being closed; it goes on by itself.', schema: paymentSchema },
    },
    problems: [
      ...BODY_PROBLEMS,
      ...SEND_PROBLEMS,
      'not_found',
      'state_conflict',
      'quote_required',
      'quote_changed',
      'journal_unavailable',
    ],
  },
  postRefund: {
    id: 'refundPayment',
    tag: 'payments',
    summary: 'Refund',
    description:
      'All or part of what was captured; never more, whatever is still unknown. A payment has at most 100 captures, voids and refunds. Safe to repeat with the same key.',
    body: amountSchema,
    example: { amount: { currency: 'CNY', value: 9_900 } },
    keyed: true,
    answers: {
      201: { description: 'The refund has ended.', schema: refundSchema },
      202: { description: 'Its outcome is not known yet; it settles by itself.', schema: refundSchema },
    },
    problems: [
      ...BODY_PROBLEMS,
      ...SEND_PROBLEMS,
      'not_found',
      'state_conflict',
      'amount_too_high',
      'currency_mismatch',
    ],
  },
  getRefund: {
    id: 'getRefund',
    tag: 'payments',
    summary: 'Read a refund',
    description: 'As it stands now.',
    answers: { 200: { description: 'The refund.', schema: refundSchema } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, EndpointDoc>
