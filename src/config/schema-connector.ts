import * as z from 'zod'
import { DECLINE_CATEGORIES } from '../core/payment/decline.ts'
import { envName, httpUrl, listOf, pointer } from './fields.ts'

/** What the gateway's own protocol calls the fields of a payment request. */
export const REQUEST_FIELDS = [
  'reference',
  'orderId',
  'amount',
  'amountValue',
  'amountCurrency',
  'capture',
  'payer',
  'instrument',
  'instalments',
  'expiresAt',
  'returnUrl',
  'metadata',
] as const

/** What the gateway's own protocol calls the fields of a payment answer. */
export const RESPONSE_FIELDS = [
  'status',
  'reference',
  'providerReference',
  'amount',
  'amountValue',
  'amountCurrency',
  'declineCode',
  'declineCategory',
  'nextAction',
] as const

export const UPSTREAM_STATUSES = [
  'approved',
  'authorized',
  'declined',
  'processing',
  'requires_action',
] as const

const mapping = z.strictObject({
  request: z
    .partialRecord(z.enum(REQUEST_FIELDS), pointer)
    .meta({
      description:
        'Where each field goes in the body sent to the upstream. Fields not named keep their own name; `amountValue` ' +
        'and `amountCurrency` split the amount in two.',
    })
    .default({}),
  response: z
    .partialRecord(z.enum(RESPONSE_FIELDS), pointer)
    .meta({
      description:
        'Where each field is found in the body of the upstream. Fields not named keep their own name.',
    })
    .default({}),
  statuses: z
    .record(z.string().min(1).max(64), z.enum(UPSTREAM_STATUSES))
    .meta({
      description:
        'What each status of the upstream means. With any entry here, a status that is not listed is an unknown outcome.',
    })
    .default({}),
  declineCodes: z
    .record(z.string().min(1).max(64), z.enum(DECLINE_CATEGORIES).exclude(['not_sent', 'outcome_unknown']))
    .meta({
      description:
        'Category of each decline code of this upstream. Codes of one upstream never speak for another. An unlisted ' +
        'code without a category from the upstream is `issuer_declined`.',
    })
    .default({}),
})

const reach = {
  baseUrl: httpUrl.meta({
    description: 'Address of the upstream; `/payments` is added to it by the type `http`.',
  }),
  timeoutMs: z
    .int()
    .min(50)
    .max(60_000)
    .meta({ description: 'How long one attempt may take before its outcome counts as unknown.' })
    .default(3_000),
  minRemainingMs: z
    .int()
    .min(0)
    .max(50_000)
    .meta({
      description:
        'A payment that has less of its minute left does not try this route any more. By default `timeoutMs`, ' +
        'at most 30000: an attempt that begins can end while somebody waits for it.',
    })
    .exactOptional(),
  connectionsMax: z
    .int()
    .min(1)
    .max(512)
    .meta({ description: 'Most connections to this upstream. Calls beyond that are not sent.' })
    .default(64),
  tokenEnv: envName
    .meta({ description: 'Environment variable with the bearer token sent to the upstream.' })
    .exactOptional(),
  notificationSecretEnvs: listOf(envName, 0, 2)
    .meta({
      description:
        'Environment variables with the secrets that sign notifications from the upstream; two while one is being ' +
        'replaced. Without any, notifications of this route are refused.',
    })
    .default([]),
}

/** How to reach an upstream and how to read it. */
export const connectorSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z
      .literal('http')
      .meta({ description: 'The protocol of the documentation page on upstreams, over HTTP.' }),
    ...reach,
    mapping: mapping
      .meta({ description: 'Renames fields and codes for an upstream that speaks its own dialect.' })
      .prefault({}),
  }),
  z.strictObject({
    type: z.literal('module').meta({
      description:
        'A connector of your own (examples/custom-connector). On Node alone, and only one that is named at the start: ' +
        'a later configuration cannot bring in code.',
    }),
    module: z
      .string()
      .regex(/^[^\s?#]{1,500}\.[cm]?[jt]s$/, 'must be the path of a JavaScript or TypeScript file')
      .meta({ description: 'File with `createConnector`, from the folder in which the gateway is started.' }),
    ...reach,
  }),
])
