import * as z from 'zod'
import { INSTALMENTS_MAX } from '../core/credit/instalment-plan.ts'
import { listOf, minorUnits } from './fields.ts'

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

export const creditSchema = z.strictObject({
  terms: listOf(term, 1, 20).meta({ description: 'The price of each term that is offered.' }),
  quoteSeconds: z
    .int()
    .min(30)
    .max(86_400)
    .meta({ description: 'For how long a quote can be accepted.' })
    .default(900),
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
