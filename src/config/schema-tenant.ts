import * as z from 'zod'
import { envName, httpUrl, identifier, listOf } from './fields.ts'
import { policyOverrideSchema } from './schema-policy.ts'

export const SCOPES = [
  'quote',
  'decide',
  'outcome',
  'pay',
  'refund',
  'read',
  'creditReasons',
  'explain',
  'credit',
] as const

/** Events that a webhook may ask for. `*` is all of them but `credit.*`, which must be asked for by name. */
export const WEBHOOK_EVENTS = [
  '*',
  'payment.succeeded',
  'payment.declined',
  'payment.pending',
  'payment.canceled',
  'refund.succeeded',
  'refund.failed',
  'route.opened',
  'route.closed',
  'liquidity.level_changed',
  'liquidity.indicator_changed',
  'credit.decision',
  'credit.limit_changed',
  'credit.repayment_due',
  'credit.overdue',
] as const

const apiKey = z.strictObject({
  id: identifier.meta({ description: 'Name of the key in logs and in `checkouts`.' }),
  secretEnv: envName.meta({ description: 'Environment variable with the whole key as the client sends it.' }),
  scopes: listOf(z.enum(SCOPES), 1, SCOPES.length).meta({
    description:
      'What the key may do. `creditReasons` shows credit reasons, which are personal data; `explain` shows values, ' +
      'chances and pools; `credit` manages payers’ credit lines and bills, for the lender’s own systems.',
  }),
})

const webhook = z.strictObject({
  url: httpUrl.meta({ description: 'Where events are sent.' }),
  secretEnv: envName.meta({ description: 'Environment variable with the secret that signs them.' }),
  previousSecretEnv: envName
    .meta({
      description:
        'While the secret is being replaced: the old one. Every event then carries a signature of each.',
    })
    .exactOptional(),
  allowPrivate: z
    .boolean()
    .meta({
      description:
        'Lets events go over plain http and to addresses of private networks. Without it only https to public ' +
        'addresses serves, and outside production http to this machine.',
    })
    .default(false),
  events: listOf(z.enum(WEBHOOK_EVENTS), 1, WEBHOOK_EVENTS.length)
    .meta({ description: 'Which events; `*` is all but `credit.*`, which must be asked for by name.' })
    .default(['*']),
})

export const tenantSchema = z.strictObject({
  id: identifier.meta({ description: 'Name of the tenant. Tenants never see each other.' }),
  apiKeys: listOf(apiKey, 1, 100).meta({ description: 'Keys of this tenant.' }),
  webhooks: listOf(webhook, 0, 20)
    .meta({ description: 'Where this tenant is told what happened.' })
    .default([]),
  policy: policyOverrideSchema
    .meta({ description: 'Replaces keys of the common policy for this tenant.' })
    .exactOptional(),
})

export type TenantConfig = z.output<typeof tenantSchema>
export type WebhookConfig = z.output<typeof webhook>
