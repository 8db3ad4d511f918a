import * as z from 'zod'
import { listOf } from './fields.ts'

export const learningSchema = z.strictObject({
  metadata: listOf(z.string().min(1).max(64), 0, 6)
    .meta({
      description:
        'Entries of a payment’s metadata that bear on approval, beside issuer, amount, channel, merchant category and ' +
        'time: `threeDs` or `country`, say. Few values each; never anything personal.',
    })
    .default([]),
})
