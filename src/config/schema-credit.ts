import * as z from 'zod'
import { DEFAULT_CONTACT_RULES } from '../core/credit/contact.ts'
import { DEFAULT_STAGES, DELINQUENCY_BLOCKS, LADDER, NOTICE_KINDS } from '../core/credit/delinquency.ts'
import { INSTALMENTS_MAX } from '../core/credit/instalment-plan.ts'
import { FACT_DIMENSIONS } from '../core/credit/types.ts'
import { bps, envName, httpUrl, identifier, listOf, minorUnits } from './fields.ts'

const isoDate = z.iso.date()
const payee = z.string().min(1).max(100)

const upfrontFee = z.strictObject({
  code: z.string().min(1).max(48).meta({ description: 'Name of the fee in the quote.' }),
  payee: payee.meta({ description: 'Who receives it.' }),
  amount: minorUnits.min(1).meta({ description: 'Minor units.' }),
})

const term = z.strictObject({
  instalments: z.int().min(1).max(INSTALMENTS_MAX).meta({ description: 'Number of monthly instalments.' }),
  monthlyFeePpm: z
    .int()
    .min(0)
    .max(100_000)
    .meta({ description: 'Flat fee a month on the original principal, parts per million: 5000 is 0.50 %.' })
    .default(0),
  feePayee: payee.meta({ description: 'Who receives the monthly fee; told before signing.' }),
  feeRefundable: z
    .boolean()
    .meta({ description: 'Whether fees not yet due are given back on early repayment.' })
    .default(false),
  upfrontFees: listOf(upfrontFee, 0, 10).meta({ description: 'One-off charges at the start.' }).default([]),
  merchantDiscountBps: z
    .int()
    .min(0)
    .max(5_000)
    .meta({ description: 'What the merchant gives up of the principal to fund the offer, basis points.' })
    .default(0),
})

const source = z.strictObject({
  id: identifier.meta({ description: 'Name under which the eligibility facts carry its values.' }),
  dimension: z.enum(FACT_DIMENSIONS).meta({ description: 'What it speaks about.' }),
  consentRequired: z
    .boolean()
    .meta({ description: 'Whether its values are used only with the payer’s consent.' })
    .default(false),
  freshSeconds: z
    .int()
    .min(1)
    .max(31_536_000)
    .meta({ description: 'Older values are not used.' })
    .default(86_400),
  enquiryCost: minorUnits
    .meta({ description: 'Cost of one enquiry, for `fundroute_credit_enquiry_cost_total`.' })
    .default(0),
  url: httpUrl
    .meta({
      description:
        'Where the gateway asks this source itself: `GET {url}?payer=` is answered by `{values, asOf?}` or 404. Absent: the lender’s facts carry its values.',
    })
    .exactOptional(),
  tokenEnv: envName
    .meta({ description: 'Environment variable with the bearer token sent to it.' })
    .exactOptional(),
  timeoutMs: z
    .int()
    .min(10)
    .max(10_000)
    .meta({ description: 'How long a decision waits for it; then its values count as not known.' })
    .default(500),
})

const tier = z.strictObject({
  id: z.string().min(1).max(64).meta({ description: 'Name of the tier; best first.' }),
  pdMaxBps: bps.min(1).meta({
    description: 'Highest probability of default, basis points, while the appetite for risk is neutral.',
  }),
  limitMax: minorUnits.min(1).meta({ description: 'Highest limit that the scorecard gives.' }),
  ticketMax: minorUnits.min(1).meta({ description: 'Highest single purchase.' }),
  instalments: listOf(z.int().min(1).max(INSTALMENTS_MAX), 1, 20).meta({
    description: 'Terms of this tier.',
  }),
  monthlyFeePpm: z
    .int()
    .min(0)
    .max(100_000)
    .meta({ description: 'Flat monthly fee of this tier, instead of that of the term.' })
    .exactOptional(),
  newCustomers: z
    .boolean()
    .meta({ description: 'Whether payers without credit so far may enter here.' })
    .default(true),
})

const minuteOfDay = z.int().min(0).max(1_440)

const contact = z.strictObject({
  openMinute: minuteOfDay
    .meta({ description: 'Minute of the lender’s day from which payers may be contacted.' })
    .default(DEFAULT_CONTACT_RULES.openMinute),
  closeMinute: minuteOfDay
    .meta({ description: 'Minute from which they no longer may be.' })
    .default(DEFAULT_CONTACT_RULES.closeMinute),
  attemptsPerDayMax: z
    .int()
    .min(1)
    .max(6)
    .meta({ description: 'Contacts a day over all channels; never more than 6.' })
    .default(DEFAULT_CONTACT_RULES.attemptsPerDayMax),
})

const notice = z.strictObject({
  kind: z.enum(NOTICE_KINDS).meta({ description: 'What is told.' }),
  days: listOf(z.int().min(-60).max(3_650), 1, 60).meta({
    description: 'Days past due on which it goes out; before the due date they are negative.',
  }),
})

const stage = z.strictObject({
  id: z.string().min(1).max(48).meta({ description: 'Name of the stage.' }),
  daysFrom: z.int().min(0).max(3_650).meta({ description: 'First day past due of the stage.' }),
  daysTo: z
    .int()
    .min(0)
    .max(3_650)
    .nullable()
    .meta({ description: 'Last day of the stage; null for the last one.' }),
  blocks: listOf(z.enum(DELINQUENCY_BLOCKS), 0, 3).meta({
    description:
      'What an overdue bill in this stage keeps from happening; `long_terms` is more than 6 instalments.',
  }),
  step: z.enum(LADDER).meta({
    description: 'How far the ladder goes by itself. From `human_review` on nothing does.',
  }),
  notices: listOf(notice, 0, 10).meta({ description: 'What goes out in this stage.' }).default([]),
})

export const creditSchema = z.strictObject({
  scorecard: z
    .string()
    .min(1)
    .max(500)
    .meta({
      description:
        'File of a scorecard (`fundroute credit train`), beside the configuration. Without it the tier in the facts counts.',
    })
    .exactOptional(),
  tiers: listOf(tier, 1, 20)
    .meta({
      description: 'What each grade may have. Without tiers and scorecard the lender alone judges payers.',
    })
    .exactOptional(),
  sources: listOf(source, 1, 10)
    .meta({ description: 'Sources of the values that the scorecard reads.' })
    .default([
      {
        id: 'lender',
        dimension: 'payment_history',
        consentRequired: false,
        freshSeconds: 86_400,
        enquiryCost: 0,
        timeoutMs: 500,
      },
    ]),
  reviewContact: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Where a payer asks for an explanation and for a person to review a refusal.' })
    .exactOptional(),
  terms: listOf(term, 1, 20).meta({ description: 'The price of each term that is offered.' }),
  quoteSeconds: z
    .int()
    .min(30)
    .max(86_400)
    .meta({ description: 'For how long a quote can be accepted.' })
    .default(900),
  stages: listOf(stage, 1, 20)
    .meta({
      description:
        'What happens about overdue bills, by days past due. They cover every day from 0 on, once.',
    })
    .default(
      DEFAULT_STAGES.map(usual => ({
        ...usual,
        blocks: [...usual.blocks],
        notices: usual.notices.map(({ kind, days }) => ({ kind, days: [...days] })),
      })),
    ),
  contact: contact
    .meta({ description: 'When and how often payers may be contacted about bills.' })
    .prefault({}),
  utcOffsetMinutes: z
    .int()
    .min(-720)
    .max(840)
    .meta({ description: 'Offset of the lender’s days from UTC; 480 is China.' })
    .default(480),
})

export const priceCapSchema = z.strictObject({
  effectiveFrom: isoDate.meta({ description: 'First day on which the rule holds.' }),
  basis: z
    .enum(['simple', 'compound', 'both'])
    .meta({ description: 'Which annual rate is measured; `both` is the strictest.' })
    .default('both'),
  capBps: z.int().min(1).max(100_000).meta({ description: 'Highest all-in annual rate, basis points.' }),
})

export type CreditConfig = z.output<typeof creditSchema>
