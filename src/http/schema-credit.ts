import * as z from 'zod'
import { moneySchema } from './schema.ts'
import { reasonSchema } from './schema-answers.ts'

const id = z.string().min(1).max(128)
const route = z.string().min(1).max(64).meta({ description: 'A credit route; its lender is meant.' })
const channel = z.enum(['push', 'sms', 'email', 'in_app', 'call', 'letter'])
const isoDate = z.iso.date({ error: 'must be a date YYYY-MM-DD' })
const value = z.int().min(0).max(10_000_000_000_000)

/** The body of a payer's wish for another limit: lowering to nothing is a wish too. */
export const limitSchema = z
  .strictObject({ route, limit: z.strictObject({ currency: moneySchema.shape.currency, value }) })
  .meta({ id: 'LimitRequest', description: 'The limit that the payer wants.' })

/** The body of a freeze. */
export const routeSchema = z
  .strictObject({ route })
  .meta({ id: 'CreditRoute', description: 'Whose credit line.' })

export const preferenceSchema = z
  .strictObject({
    route,
    channels: z.array(channel).min(1).max(6).meta({ description: 'Best first.' }),
    locale: z.string().min(2).max(35),
    quietHoursConsent: z
      .boolean()
      .meta({ description: 'Whether the payer wishes to be reached in quiet hours too.' }),
  })
  .meta({ id: 'ContactPreference', description: 'How a payer wishes to be told about their credit.' })

export const billSchema = z
  .strictObject({ route, amount: moneySchema, dueDate: isoDate })
  .meta({ id: 'BillReport', description: 'A bill of the payer, as the lender’s ledger has it.' })

export const caseSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ route, kind: z.literal('repaid') }),
    z.strictObject({ route, kind: z.literal('review_asked') }),
    z.strictObject({
      route,
      kind: z.literal('offer_accepted'),
      plan: id.meta({ description: 'Name of the agreement.' }),
      dueDate: isoDate.meta({ description: 'First due date of the agreement.' }),
    }),
    z.strictObject({
      route,
      kind: z.literal('person_decided'),
      actor: id.meta({ description: 'Who has decided.' }),
      outcome: z.enum(['close', 'offer_restructuring', 'keep']),
    }),
  ])
  .meta({ id: 'CaseEvent', description: 'What has happened about a bill.' })

export const contactSchema = z
  .strictObject({
    route,
    bill: id,
    recipient: id.meta({ description: 'Who would be reached. Anybody but the payer is refused.' }),
    notice: z.enum(['due_soon', 'due_today', 'overdue_reminder', 'restructuring_offer', 'human_review']),
    channel,
    actor: id.meta({ description: 'The person or system that makes the contact.' }),
    scriptVersion: z.string().min(1).max(64),
  })
  .meta({ id: 'ContactRequest', description: 'A contact that somebody wants to make now.' })

const object = z.looseObject
const when = z.iso.datetime()
const nullable = z.int().nullable()

export const lineSchema = object({
  payer: z.string(),
  route: z.string(),
  lender: z.string(),
  currency: z.string(),
  limit: nullable.meta({ description: 'Minor units; null while the lender cannot be asked.' }),
  used: nullable,
  available: nullable,
  ownLimit: nullable.meta({
    description: 'What the payer has set; null where only the lender’s limit holds.',
  }),
  frozen: object({ by: z.enum(['payer', 'lender']), since: when }).nullable(),
  daysPastDue: z.int(),
  stage: z.string(),
}).meta({ id: 'CreditLine', description: 'A payer’s credit line as it stands.' })

export const lineChangeSchema = object({
  outcome: z.enum([
    'unchanged',
    'lowered',
    'frozen',
    'unfrozen',
    'granted',
    'partly_granted',
    'refused',
    'to_review',
    'too_soon',
  ]),
  reasons: z.array(reasonSchema),
  reviewAt: when.optional().meta({ description: 'From when a raise is decided again.' }),
  credit: object({
    lender: z.string(),
    decidedOn: z.iso.date(),
    rights: z.string(),
    contact: z.string().optional(),
  })
    .optional()
    .meta({ description: 'With every decision that is not all that was asked for.' }),
  line: lineSchema,
}).meta({ id: 'CreditLineChange', description: 'What came of a change of a credit line.' })

const bill = object({
  bill: z.string(),
  route: z.string(),
  amount: moneySchema,
  dueDate: z.iso.date(),
  state: z.string().meta({ description: 'Where the lender stands about it: current, reminded, ...' }),
  since: when.optional(),
}).meta({ id: 'Bill', description: 'A bill and where the lender stands about it.' })
export const billAnswerSchema = bill
export const billsSchema = object({ bills: z.array(bill) }).meta({
  id: 'Bills',
  description: 'The bills of a payer.',
})

export const contactAnswerSchema = object({
  allowed: z.boolean(),
  refusal: z.enum(['third_party', 'duplicate', 'quiet_hours', 'daily_cap']).optional(),
  notBefore: when.optional().meta({ description: 'When to ask again.' }),
  loggedAt: when,
  retainUntil: z.iso.date(),
}).meta({ id: 'ContactAnswer', description: 'Whether the contact may be made now. It is logged either way.' })

export const contactsSchema = object({ contacts: z.array(object({ bill: z.string(), channel })) }).meta({
  id: 'Contacts',
  description: 'The contacts of one day, oldest first.',
})
