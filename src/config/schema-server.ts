import * as z from 'zod'
import { envName, identifier, listOf } from './fields.ts'

export const serverSchema = z.strictObject({
  bodyBytesMax: z
    .int()
    .min(1_024)
    .max(1_048_576)
    .meta({ description: 'Largest request body in bytes; larger ones get 413.' })
    .default(65_536),
  jsonDepthMax: z
    .int()
    .min(4)
    .max(64)
    .meta({ description: 'Deepest nesting of a request body.' })
    .default(16),
  inFlightMax: z
    .int()
    .min(1)
    .max(100_000)
    .meta({
      description: 'Most requests at a time; more get 503 with Retry-After before anything is written.',
    })
    .default(512),
  answerMsMax: z
    .int()
    .min(100)
    .max(60_000)
    .meta({
      description: 'How long a payment request waits for its outcome before it is told `pending` (202).',
    })
    .default(15_000),
  drainMsMax: z
    .int()
    .min(0)
    .max(120_000)
    .meta({ description: 'How long work in flight may take to finish at shutdown.' })
    .default(25_000),
  adminTokenEnv: envName
    .meta({
      description:
        'Environment variable with the bearer token of the admin listener. Needed when that is not on loopback.',
    })
    .exactOptional(),
  operators: listOf(
    z.strictObject({
      id: identifier.meta({ description: 'Name of the operator in the audit.' }),
      tokenEnv: envName.meta({ description: 'Environment variable with this operator’s own bearer token.' }),
    }),
    0,
    100,
  )
    .meta({
      description:
        'People who may act by name on the admin listener. Settling a payment by hand takes two of them.',
    })
    .default([]),
  production: z
    .boolean()
    .meta({
      description:
        'Refuses to start with settings that can lose acknowledged payments or tell events in the clear. ' +
        '`NODE_ENV=production` does the same.',
    })
    .default(false),
})
