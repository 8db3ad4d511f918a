import * as z from 'zod'
import { listOf } from './fields.ts'
import { checkoutSchema } from './schema-checkout.ts'
import { priceCapSchema } from './schema-credit.ts'
import { learningSchema } from './schema-learning.ts'
import { policySchema } from './schema-policy.ts'
import { poolSchema } from './schema-pool.ts'
import { routeSchema } from './schema-route.ts'
import { serverSchema } from './schema-server.ts'
import { tenantSchema } from './schema-tenant.ts'

/** The whole configuration. Every object is strict: a key that is not known here is an error, never ignored. */
export const configSchema = z.strictObject({
  version: z.literal(1).meta({ description: 'Version of this format.' }),
  tenants: listOf(tenantSchema, 1, 100).meta({ description: 'Who uses the gateway.' }),
  routes: listOf(routeSchema, 1, 100).meta({ description: 'The ways to fund a payment.' }),
  pools: listOf(poolSchema, 0, 50)
    .meta({ description: 'Funding pools that credit routes draw on.' })
    .default([]),
  priceCaps: listOf(priceCapSchema, 1, 50)
    .meta({
      description: 'Dated ceilings on the all-in annual rate of new credit; offers above them are not made.',
    })
    .default([{ effectiveFrom: '2025-10-01', basis: 'both', capBps: 2_400 }]),
  checkouts: listOf(checkoutSchema, 0, 50)
    .meta({ description: 'Existing checkouts that point their payment URL at the gateway (proxy mode).' })
    .default([]),
  policy: policySchema.meta({ description: 'How routes are chosen.' }).prefault({}),
  learning: learningSchema
    .meta({ description: 'What the gateway looks at when it learns how routes approve.' })
    .prefault({}),
  server: serverSchema.meta({ description: 'Limits of the HTTP server.' }).prefault({}),
})

/** A validated configuration with every default filled in. Holds names of secrets, never a secret. */
export type Config = z.output<typeof configSchema>

/** The configuration as it may be written, defaults left out. */
export type ConfigInput = z.input<typeof configSchema>
