import * as z from 'zod'
import { TENDERS } from '../core/payment/context.ts'
import { DECLINE_CATEGORIES } from '../core/payment/decline.ts'
import { ATTEMPT_STATUSES, moneySchema } from './schema.ts'

/** Answers as the document describes them. Clients must expect further members. */
const object = z.looseObject
const tender = z.enum(TENDERS)
const when = z.iso.datetime()

export const reasonSchema = object({
  code: z.string().meta({ description: 'A reason code; see docs/config.md for those that rules may give.' }),
  message: z.string().meta({ description: 'What it is, in the language of the payer.' }),
  remedy: z.string().meta({ description: 'What the payer can do about it.' }),
}).meta({ id: 'Reason', description: 'Why a way to pay is not offered, and what to do.' })

const instalment = object({
  number: z.int(),
  dueDate: z.iso.date(),
  principal: z.int(),
  fee: z.int(),
  total: z.int(),
}).meta({ id: 'Instalment', description: 'One instalment, in minor units.' })

const plan = object({
  quote: z.string().meta({ description: 'What a credit payment consents to.' }),
  instalments: z.int(),
  schedule: z.array(instalment),
  feeItems: z.array(
    object({ code: z.string(), payee: z.string(), bearer: z.string(), timing: z.string(), total: z.int() }),
  ),
  totalFee: z.int(),
  totalPayable: z.int(),
  annualRateSimple: z
    .number()
    .meta({ description: 'Simple annual rate, 12 times the monthly rate; 0.109 is 10.9 %.' }),
  annualRateCompound: z.number().meta({ description: 'Compound annual rate (IRR).' }),
  feeRefundable: z.boolean(),
  expiresAt: when,
}).meta({ id: 'InstalmentPlan', description: 'One plan of a lender with its whole price.' })

export const quotesSchema = object({
  options: z.array(
    object({
      tender,
      route: z.string(),
      lender: z.string().optional(),
      available: z.boolean(),
      reasons: z.array(reasonSchema),
      suspendedTerms: z
        .array(z.int())
        .optional()
        .meta({ description: 'Terms that are paused for now, whoever asks.' }),
      plans: z.array(plan),
    }),
  ),
}).meta({ id: 'Quotes', description: 'The ways to pay that a checkout page can show.' })

export const decisionSchema = object({
  id: z.string(),
  cascade: z.array(z.string()).meta({ description: 'Routes in the order in which they are to be tried.' }),
  candidates: z.array(
    object({
      route: z.string(),
      tender,
      eligible: z.boolean(),
      reasons: z.array(reasonSchema),
      value: object({ index: z.number(), gain: z.number() })
        .optional()
        .meta({ description: 'Every term of the value; with scope `explain` only.' }),
    }),
  ),
  policyVersion: z.string(),
  seed: z.int(),
}).meta({
  id: 'Decision',
  description: 'Which routes may be used, what each is worth, and in which order to try.',
})

export const decisionRecordSchema = object({ id: z.string() }).meta({
  id: 'DecisionRecord',
  description: 'A decision; with scopes `explain` and `creditReasons` the complete record that replays it.',
})

export const explanationSchema = object({
  decision: z.string(),
  at: when,
  locale: z.string(),
  routes: z.array(
    object({
      route: z.string(),
      tender,
      label: z.string(),
      offered: z.boolean(),
      reasons: z.array(reasonSchema),
      credit: object({
        lender: z.string(),
        decidedOn: z.iso.date(),
        rights: z.string(),
        contact: z.string().optional(),
      })
        .optional()
        .meta({ description: 'With every refusal of credit: who decided, and what the payer may ask for.' }),
    }),
  ),
  alternatives: z
    .array(object({ tender, route: z.string(), label: z.string() }))
    .meta({ description: 'Other ways to pay that work now, best first.' }),
}).meta({ id: 'DecisionExplanation', description: 'A decision in words, for a shopper or an operator.' })

export const receiptSchema = object({
  counted: z.boolean().meta({ description: 'False when this attempt was reported before.' }),
}).meta({ id: 'OutcomeReceipt', description: 'Whether a report was counted.' })

const attempt = object({
  route: z.string(),
  reference: z.string(),
  status: z.enum(ATTEMPT_STATUSES),
  declineCategory: z.enum(DECLINE_CATEGORIES).optional(),
  latencyMs: z.int().optional(),
}).meta({ id: 'Attempt', description: 'One try on one route.' })

export const operationSchema = object({
  id: z.string(),
  kind: z.enum(['capture', 'void', 'refund']),
  amount: moneySchema,
  status: z.enum(['succeeded', 'failed', 'pending']),
  declineCode: z.string().optional(),
}).meta({
  id: 'Operation',
  description: 'A capture, void or refund. A pending one keeps its amount reserved.',
})

export const paymentSchema = object({
  id: z.string(),
  status: z.enum(['succeeded', 'authorized', 'pending', 'declined', 'requires_action', 'canceled']),
  orderId: z.string(),
  amount: moneySchema,
  route: z.string().optional(),
  tender: tender.optional(),
  attempts: z.array(attempt),
  decision: z.string(),
  reasons: z.array(reasonSchema),
  explanation: z.array(
    object({
      route: z.string(),
      tender,
      label: z.string(),
      eligible: z.boolean(),
      reasons: z.array(reasonSchema),
    }),
  ),
  alternatives: z.array(object({ tender, route: z.string(), label: z.string() })).optional(),
  nextAction: object({
    type: z.enum(['redirect', 'qr_code', 'app_link', 'form']),
    url: z.string().optional(),
    payload: z.string().optional(),
    expiresAt: when,
  }).optional(),
  captured: moneySchema.optional().meta({ description: 'Sum of what was taken, once there are operations.' }),
  refunded: moneySchema
    .optional()
    .meta({ description: 'Sum of what was given back, once there are operations.' }),
  operations: z.array(operationSchema).optional(),
  capture: operationSchema.optional().meta({ description: 'In the answer to a capture: what became of it.' }),
}).meta({ id: 'Payment', description: 'A payment as it stands, or as it was answered.' })

export const paymentsSchema = object({ payments: z.array(paymentSchema) }).meta({
  id: 'Payments',
  description: 'The payments of one order, newest first.',
})

export const refundSchema = object({
  id: z.string(),
  payment: z.string(),
  orderId: z.string(),
  amount: moneySchema,
  status: z.enum(['succeeded', 'failed', 'pending']),
  declineCode: z.string().optional(),
}).meta({ id: 'Refund', description: 'A refund. A pending one keeps its amount reserved.' })

export const problemSchema = object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(object({ pointer: z.string(), message: z.string() })).optional(),
  payment: z.string().optional(),
}).meta({ id: 'Problem', description: 'RFC 9457 problem details. Codes: docs/errors.md.' })
