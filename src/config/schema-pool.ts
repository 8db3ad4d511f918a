import * as z from 'zod'
import { currency, identifier, listOf, minorUnits } from './fields.ts'

const source = z.strictObject({
  id: identifier.meta({ description: 'Name of the source within its pool.' }),
  kind: z
    .enum(['own_funds', 'joint_loan', 'loan_facilitation', 'abs'])
    .meta({ description: 'Own funds, a loan shared with a bank, a loan of a bank alone, or securities.' }),
  cap: minorUnits.meta({ description: 'Most that may be outstanding, in minor units.' }),
  annualCostBps: z
    .int()
    .min(0)
    .max(100_000)
    .meta({ description: 'Yearly cost of funds in basis points.' })
    .default(0),
})

export const poolSchema = z.strictObject({
  id: identifier.meta({ description: 'Name of the pool, used by routes.' }),
  currency: currency.meta({ description: 'Currency of the pool.' }),
  sources: listOf(source, 1, 20).meta({ description: 'Where the money comes from.' }),
})

export type PoolConfig = z.output<typeof poolSchema>
