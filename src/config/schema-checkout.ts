import * as z from 'zod'
import { CHANNELS } from '../core/payment/context.ts'
import { DECLINE_CATEGORIES } from '../core/payment/decline.ts'
import { identifier, listOf, pointer } from './fields.ts'

/** Of one connection or of the two ends of one, or a credential, or made by whoever sends. */
const NEVER_PASSED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const passableHeader = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be the name of a header in lower case')
  .refine(name => !NEVER_PASSED.has(name), 'is never passed on')

const requestPath = z
  .string()
  .max(200)
  .regex(/^\/[^?#\s\\]*$/, 'must be a path such as /pay')

const matcher = {
  pointer: pointer.meta({ description: 'Where in the answer of the upstream to look.' }),
  equals: z.string().max(100).meta({ description: 'The value, compared as text.' }),
}

export const checkoutSchema = z.strictObject({
  id: identifier.meta({ description: 'Name in the path: `/proxy/{id}/...`.' }),
  tenant: identifier.meta({ description: 'Tenant that the payments belong to.' }),
  auth: z
    .strictObject({
      apiKey: identifier.meta({ description: 'Id of the tenant’s key that the checkout sends.' }),
    })
    .meta({ description: 'Who may use it.' }),
  routes: listOf(identifier, 1, 20).meta({
    description: 'Routes to choose from; they share tender, payee and wire protocol.',
  }),
  order: pointer
    .meta({
      description:
        'Where the request names the order. Without it the checkout is passed through to its first route.',
    })
    .exactOptional(),
  context: z
    .strictObject({
      amount: pointer.meta({ description: 'Amount in minor units.' }).exactOptional(),
      currency: pointer.meta({ description: 'Currency code.' }).exactOptional(),
      payer: pointer.meta({ description: 'Id of the payer.' }).exactOptional(),
    })
    .meta({ description: 'Where the request names what the decision needs.' })
    .prefault({}),
  channel: z
    .enum(CHANNELS)
    .meta({ description: 'Channel of all its payments, because its requests do not name one.' })
    .default('web'),
  paymentPaths: listOf(requestPath, 1, 20)
    .meta({
      description:
        'Paths behind `/proxy/{id}` of the requests that pay. Without them every request with a body that names an ' +
        'order does, unless the order was paid by another path.',
    })
    .exactOptional(),
  headers: z
    .strictObject({
      request: listOf(passableHeader, 0, 50)
        .meta({ description: 'Further request headers that are passed on to the upstream.' })
        .default([]),
      response: listOf(passableHeader, 0, 50)
        .meta({ description: 'Further response headers that are passed back to the checkout.' })
        .default([]),
    })
    .meta({
      description: 'What is passed beyond the usual headers. Credentials and hop-by-hop headers never are.',
    })
    .prefault({}),
  bodyBytesMax: z
    .int()
    .min(1)
    .max(10_737_418_240)
    .meta({
      description:
        'Largest request body in bytes where bodies are streamed, that is without `order` and `outcome`. Requests ' +
        'that pay are limited by `server.bodyBytesMax`.',
    })
    .default(268_435_456),
  outcome: z
    .strictObject({
      approved: z.strictObject(matcher).meta({ description: 'The answer that means paid.' }),
      declined: listOf(
        z.strictObject({
          ...matcher,
          category: z
            .enum(DECLINE_CATEGORIES)
            .exclude(['not_sent', 'outcome_unknown'])
            .meta({ description: 'What kind of refusal it is.' }),
        }),
        0,
        50,
      )
        .meta({ description: 'Answers that mean a definite refusal; only these allow another upstream.' })
        .default([]),
    })
    .meta({
      description:
        'How to read the outcome. Without it the checkout is passed through to its first route, with no failover.',
    })
    .exactOptional(),
})

export type CheckoutConfig = z.output<typeof checkoutSchema>
