import * as z from 'zod'
import { bps, currency, identifier, listOf, minorUnits } from './fields.ts'

const SOURCE_TEXT = {
  own_funds: 'The lender’s own money.',
  joint_loan: 'Lent together with a bank: the bank’s part draws on this source, ours on `ownSource`.',
  loan_facilitation: 'Lent by a partner bank alone.',
  abs: 'Receivables sold to an asset-backed security.',
}

function sourceOf<K extends keyof typeof SOURCE_TEXT>(kind: K) {
  return {
    id: identifier.meta({ description: 'Name of the source within its pool.' }),
    kind: z.literal(kind).meta({ description: SOURCE_TEXT[kind] }),
    cap: minorUnits.meta({ description: 'Most that may be lent and reserved at once, in minor units.' }),
    annualCostBps: z
      .int()
      .min(0)
      .max(100_000)
      .meta({ description: 'Yearly cost of this money in basis points.' })
      .default(0),
    dailyQuota: minorUnits
      .meta({ description: 'Most that may be newly lent in one day. Without it, no daily limit.' })
      .exactOptional(),
    termsMax: z
      .int()
      .min(1)
      .max(60)
      .meta({ description: 'Longest instalment term that the funder takes.' })
      .exactOptional(),
    ticketMax: minorUnits.meta({ description: 'Largest single loan that the funder takes.' }).exactOptional(),
    shareMaxBps: bps
      .meta({ description: 'Largest share of all that the pool has lent which this source may hold.' })
      .exactOptional(),
  }
}

const source = z.discriminatedUnion('kind', [
  z.strictObject(sourceOf('own_funds')),
  z.strictObject({
    ...sourceOf('joint_loan'),
    ownSource: identifier.meta({ description: 'The `own_funds` source of this pool that carries our part.' }),
    ownShareBps: bps.meta({ description: 'Our part of every loan.' }).default(3_000),
  }),
  z.strictObject(sourceOf('loan_facilitation')),
  z.strictObject({
    ...sourceOf('abs'),
    revolvingUntil: z.iso
      .datetime({ offset: true })
      .meta({ description: 'When the deal stops buying new receivables, RFC 3339 with an offset.' }),
    nplTriggerBps: bps
      .meta({ description: 'Share of non-performing receivables at which it stops early.' })
      .default(500),
  }),
])

export const poolSchema = z.strictObject({
  id: identifier.meta({ description: 'Name of the pool, used by routes.' }),
  currency: currency.meta({ description: 'Currency of the pool.' }),
  sources: listOf(source, 1, 20).meta({ description: 'Where the money comes from.' }),
  evaluateSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .meta({
      description: 'Pace at which the level is evaluated; it moves when two of three evaluations agree.',
    })
    .default(300),
  utcOffsetMinutes: z
    .int()
    .min(-720)
    .max(840)
    .meta({ description: 'Offset of the funders’ days from UTC; 480 is China.' })
    .default(480),
})

export type PoolConfig = z.output<typeof poolSchema>
