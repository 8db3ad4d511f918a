import * as z from 'zod'
import { CHANNELS, TENDERS } from '../core/payment/context.ts'
import { bps, chance, currency, envName, httpUrl, identifier, listOf, minorUnits } from './fields.ts'
import { creditSchema } from './schema-credit.ts'
import { connectorSchema } from './schema-connector.ts'

const capability = z.strictObject({
  channels: listOf(z.enum(CHANNELS), 1, CHANNELS.length).meta({
    description: 'Channels that this route can serve.',
  }),
  currencies: listOf(currency, 1, 40).meta({ description: 'Currencies that this route can charge.' }),
  amount: z
    .strictObject({
      min: minorUnits.meta({ description: 'Smallest payment, in minor units.' }).default(1),
      max: minorUnits.meta({ description: 'Largest payment, in minor units.' }),
    })
    .meta({ description: 'Range of amounts for one payment.' }),
  instalments: listOf(z.int().min(1).max(60), 0, 20)
    .meta({ description: 'Numbers of instalments that a credit route offers; 1 is pay later in one sum.' })
    .default([]),
  excludedCategories: listOf(z.string().min(1).max(64), 0, 200)
    .meta({ description: 'Item categories that cannot be paid this way.' })
    .default([]),
  capture: listOf(z.enum(['automatic', 'manual']), 1, 2)
    .meta({ description: 'Whether it charges at once, or can also authorize now and capture later.' })
    .default(['automatic']),
  idempotency: z
    .strictObject({
      mode: z
        .enum(['key', 'reference', 'none'])
        .meta({
          description:
            '`key`: the same key gets the same answer. `reference`: a second use of a reference is refused. `none`: ' +
            'sent twice is charged twice, so it is never sent twice.',
        })
        .default('none'),
      retentionHours: z
        .number()
        .min(0)
        .max(8_760)
        .meta({ description: 'For how long the upstream remembers a key.' })
        .default(24),
      replaysErrors: z
        .boolean()
        .meta({
          description:
            'Whether refusals are replayed too, not approvals only; errors that had no effect need not be. If not, a ' +
            'second send after a refusal is a fresh charge, and an attempt is sent once only.',
        })
        .default(false),
    })
    .meta({ description: 'What the upstream promises about a request sent twice.' })
    .prefault({}),
  queryable: z
    .boolean()
    .meta({ description: 'Whether the state of a payment can be asked by our reference.' })
    .default(false),
  cancel: listOf(z.enum(['close', 'void', 'reverse']), 0, 3)
    .meta({
      description:
        'Cancel verbs that the upstream knows: close an unpaid order, void a known success, reverse an unknown outcome.',
    })
    .default([]),
  settleWindowMs: z
    .int()
    .min(0)
    .max(604_800_000)
    .meta({
      description:
        'How long a sent request may still take effect. Without it, "not found" is never taken as proof that nothing ' +
        'was charged.',
    })
    .exactOptional(),
  honoursExpiry: z
    .boolean()
    .meta({ description: 'Whether it refuses a request that arrives after its `expiresAt`.' })
    .default(false),
  cancelTombstones: z
    .boolean()
    .meta({
      description: 'Whether cancelling a reference that it has not seen makes that reference unusable.',
    })
    .default(false),
})

const eligibility = z.strictObject({
  type: z.literal('http').meta({ description: 'Facts about the payer come from an HTTP service.' }),
  url: httpUrl.meta({ description: 'Address of the service; `?payer=` and `&currency=` are added to it.' }),
  tokenEnv: envName
    .meta({ description: 'Environment variable with the bearer token sent to the service.' })
    .exactOptional(),
  timeoutMs: z
    .int()
    .min(10)
    .max(10_000)
    .meta({
      description:
        'How long a decision waits for facts that are not in the cache. A payment that does not accept the route does not wait.',
    })
    .default(300),
  freshSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .meta({
      description: 'Age up to which facts are used as they are; older ones are refreshed in the background.',
    })
    .default(30),
  staleSeconds: z
    .int()
    .min(1)
    .max(604_800)
    .meta({
      description:
        'Age at which facts are dropped for good. Between fresh and stale they serve quotes and decisions.',
    })
    .default(300),
  negativeSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .meta({ description: 'For how long "unknown payer" is remembered.' })
    .default(10),
})

const breaker = z.strictObject({
  volumeMin: z
    .int()
    .min(1)
    .max(10_000)
    .meta({ description: 'Calls within the window before the breaker may open at all.' })
    .default(20),
  errorPercent: z
    .int()
    .min(1)
    .max(100)
    .meta({
      description: 'Share of technical failures within the window that opens it. Declines never count.',
    })
    .default(50),
  windowMs: z
    .int()
    .min(1_000)
    .max(600_000)
    .meta({ description: 'How far back calls count. At least three times the timeout of the connector.' })
    .default(30_000),
  resetMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .meta({ description: 'How long it stays open before one call may probe. Longer than the window.' })
    .default(35_000),
})

const maintenanceWindow = z.strictObject({
  from: z.iso.datetime({ offset: true }).meta({ description: 'Start, RFC 3339 with an offset, inclusive.' }),
  to: z.iso.datetime({ offset: true }).meta({ description: 'End, RFC 3339 with an offset, exclusive.' }),
})

export const routeSchema = z.strictObject({
  id: identifier.meta({ description: 'Name of the route in answers, metrics and logs.' }),
  tender: z.enum(TENDERS).meta({ description: 'The means of payment that the payer consents to.' }),
  label: z
    .strictObject({
      'zh-CN': z.string().min(1).max(40).meta({ description: 'Name in Chinese.' }),
      en: z.string().min(1).max(40).meta({ description: 'Name in English.' }),
    })
    .meta({ description: 'What the shopper calls this route; without it the name of the tender is used.' })
    .exactOptional(),
  lender: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'Legal name of the lender of a credit route, told with quotes and refusals.' })
    .exactOptional(),
  enabled: z
    .boolean()
    .meta({ description: 'The kill switch: `false` keeps the route out of every decision.' })
    .default(true),
  disabledReason: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Why the route is switched off, for operators. Needed when `enabled` is false.' })
    .exactOptional(),
  maintenance: listOf(maintenanceWindow, 0, 50)
    .meta({ description: 'Windows in which the route is not used.' })
    .default([]),
  connector: connectorSchema.meta({ description: 'How the gateway talks to the upstream.' }),
  capability: capability.meta({ description: 'What the upstream can do and what it promises.' }),
  cost: z
    .strictObject({
      percentBps: bps.meta({ description: 'Cost of a success in basis points of the amount.' }).default(0),
      fixed: minorUnits.meta({ description: 'Cost of a success in minor units.' }).default(0),
      perAttempt: minorUnits
        .meta({ description: 'Cost of every attempt in minor units, successful or not.' })
        .default(0),
    })
    .meta({ description: 'What this route costs the platform.' })
    .prefault({}),
  priors: z
    .strictObject({
      approval: chance.meta({ description: 'Chance of approval given a definite answer.' }).default(0.9),
      unknown: chance.meta({ description: 'Chance that the outcome stays unknown.' }).default(0.003),
      latencyMs: z.number().min(0).max(60_000).meta({ description: 'Time to an answer.' }).default(800),
      strength: z
        .number()
        .min(1)
        .max(10_000)
        .meta({ description: 'How many observations these beliefs are worth.' })
        .default(20),
    })
    .meta({ description: 'What is believed of the route before it is observed.' })
    .prefault({}),
  eligibility: eligibility
    .meta({
      description:
        'Where facts about the payer come from. A credit route without it has no facts to lend on.',
    })
    .exactOptional(),
  credit: creditSchema
    .meta({ description: 'Terms and prices of a credit route. Without it the route makes no quotes.' })
    .exactOptional(),
  breaker: breaker.meta({ description: 'When technical failures pause the route.' }).prefault({}),
  pool: identifier.meta({ description: 'Funding pool that this route draws on.' }).exactOptional(),
})

/** One configured funding route, defaults filled in. */
export type RouteConfig = z.output<typeof routeSchema>
