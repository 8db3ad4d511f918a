import * as z from 'zod'
import { REASON_CODES } from '../core/explain/codes.ts'
import { TENDERS } from '../core/payment/context.ts'
import { bps, chance, identifier, listOf, minorUnits } from './fields.ts'

const RULE_TEXT = {
  deny: 'The routes may not be used.',
  require: 'No other routes may be used.',
  prefer: 'Adds to what the routes are worth.',
  avoid: 'Takes from what the routes are worth.',
  order: 'The routes are tried in this order, before all others.',
  split: 'Shares out the first attempt by weight.',
  sticky: 'Keeps each payer on one of the routes for the first attempt.',
  least_cost: 'The cheapest of the routes for the amount comes first, whatever it approves.',
  commit: 'Prefers a route while it is behind the pace of a volume that was promised.',
}

const percent = z.int().min(1).max(100)

/** What every rule has: a name, a condition. */
function ruleOf<K extends keyof typeof RULE_TEXT>(kind: K) {
  return {
    id: identifier.meta({ description: 'Name of the rule in decision records.' }),
    kind: z.literal(kind).meta({ description: RULE_TEXT[kind] }),
    when: z
      .string()
      .min(1)
      .max(1_000)
      .meta({
        description:
          'CEL expression over `amount`, `channel`, `payer`, `merchant`, `categories`, `tenders`, `metadata`, `time` ' +
          'and `route`; the rule applies where it is true.',
      })
      .default('true'),
    percent: percent
      .meta({
        description: 'Share of payers for whom the rule holds, always the same ones: a gradual rollout.',
      })
      .default(100),
  }
}

const routes = listOf(identifier, 1, 100).meta({ description: 'The routes that the rule speaks about.' })

/** Routes by name or by tender; with neither the rule speaks about every route. */
const scope = {
  routes: routes.exactOptional(),
  tenders: listOf(z.enum(TENDERS), 1, TENDERS.length)
    .meta({ description: 'The rule speaks about every route of these tenders too.' })
    .exactOptional(),
}
const reason = z
  .enum(REASON_CODES)
  .meta({ description: 'What a shopper is told about a route that the rule takes away.' })
  .default('MER_NOT_ENABLED')
const amountBps = bps.meta({ description: 'How much, in basis points of the amount.' })

const ruleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...ruleOf('deny'), ...scope, reason }),
  z.strictObject({ ...ruleOf('require'), ...scope, reason }),
  z.strictObject({ ...ruleOf('prefer'), ...scope, bps: amountBps }),
  z.strictObject({ ...ruleOf('avoid'), ...scope, bps: amountBps }),
  z.strictObject({ ...ruleOf('order'), routes }),
  z.strictObject({
    ...ruleOf('split'),
    weights: z
      .record(identifier, z.int().min(1).max(100))
      .meta({ description: 'Route to percent of payments. The percentages sum to 100.' }),
  }),
  z.strictObject({ ...ruleOf('sticky'), routes }),
  z.strictObject({ ...ruleOf('least_cost'), ...scope }),
  z.strictObject({
    ...ruleOf('commit'),
    route: identifier.meta({ description: 'The route that was promised volume.' }),
    payments: z.int().min(1).max(1_000_000_000).meta({ description: 'Approved payments per period.' }),
    period: z.enum(['day', 'month']).meta({ description: 'Calendar period, in UTC.' }),
    bps: bps.meta({
      description:
        'Largest preference, in basis points of the amount: reached when the route is a tenth of its volume behind, ' +
        'and none when it is ahead.',
    }),
  }),
])

const economics = {
  marginBps: bps.meta({
    description: 'Contribution margin of an order in basis points of its amount; a request may override it.',
  }),
  abandonmentPerSecond: chance.meta({ description: 'Rate at which waiting payers leave, per second.' }),
  unknownCost: minorUnits.meta({
    description: 'What clearing up one unknown outcome costs, in minor units.',
  }),
  lossGivenDefault: chance.meta({ description: 'Share of a defaulted credit that is lost.' }),
}

const objective = z
  .strictObject({
    value: z.int().min(0).max(100).meta({ description: 'Expected net value.' }),
    approval: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: 'Approvals, at their margin, whatever they cost.' }),
    cost: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: 'The price of a success, whatever comes of the attempt.' }),
  })
  .meta({ description: 'What routes are ranked by: weights in percent that sum to 100.' })

const attemptsMax = z.int().min(1).max(10).meta({ description: 'Most attempts for one payment.' })
const preference = z.enum(['payer_order', 'best_value']).meta({
  description:
    'Used when a request names none. `payer_order`: tenders in the payer’s order, the best route within each. ' +
    '`best_value`: the gateway orders across everything accepted.',
})
const unprofitable = z.enum(['last', 'leave_out']).meta({
  description:
    'What happens to routes not worth trying: last in the order, or left out. The last eligible route stays.',
})
const fallback = listOf(identifier, 0, 100).meta({
  description: 'Routes kept for last, in this order, whatever they are worth.',
})
const rules = listOf(ruleSchema, 0, 200).meta({
  description:
    'Rules, applied in order of kind and then as listed. Law, consent and capability always come first.',
})
const shareMax = z
  .number()
  .min(0)
  .max(0.5)
  .meta({ description: 'Largest share of payments that may try a route to learn about it.' })

const valueAtRiskMax = minorUnits.meta({
  description:
    'Largest margin of a payment, in minor units, that may be put at risk to learn; others do not explore.',
})

const economicsDescription = 'What an approval is worth and what goes wrong costs.'
const explorationDescription =
  'Learning by trying, among routes of one tender at the same price to the payer.'

const policyShape = {
  economics: z
    .strictObject({
      marginBps: economics.marginBps.default(1_000),
      abandonmentPerSecond: economics.abandonmentPerSecond.default(0.02),
      unknownCost: economics.unknownCost.default(300),
      lossGivenDefault: economics.lossGivenDefault.default(0.6),
    })
    .meta({ description: economicsDescription })
    .prefault({}),
  attemptsMax: attemptsMax.default(3),
  preference: preference.default('payer_order'),
  unprofitable: unprofitable.default('last'),
  fallback: fallback.default([]),
  rules: rules.default([]),
  exploration: z
    .strictObject({
      shareMax: shareMax.default(0.05),
      valueAtRiskMax: valueAtRiskMax.default(20_000),
    })
    .meta({ description: explorationDescription })
    .prefault({}),
  objective: objective.default({ value: 100, approval: 0, cost: 0 }),
}

/** What another policy than the running one changes. */
const overrideShape = {
  economics: z
    .strictObject({
      marginBps: economics.marginBps.exactOptional(),
      abandonmentPerSecond: economics.abandonmentPerSecond.exactOptional(),
      unknownCost: economics.unknownCost.exactOptional(),
      lossGivenDefault: economics.lossGivenDefault.exactOptional(),
    })
    .meta({ description: economicsDescription })
    .exactOptional(),
  attemptsMax: attemptsMax.exactOptional(),
  preference: preference.exactOptional(),
  unprofitable: unprofitable.exactOptional(),
  fallback: fallback.exactOptional(),
  rules: rules.exactOptional(),
  exploration: z
    .strictObject({
      shareMax: shareMax.exactOptional(),
      valueAtRiskMax: valueAtRiskMax.exactOptional(),
    })
    .meta({ description: explorationDescription })
    .exactOptional(),
  objective: objective.exactOptional(),
}

const variant = z
  .strictObject(overrideShape)
  .meta({ description: 'What it changes: as a tenant’s own policy, key by key.' })

const shadows = listOf(
  z.strictObject({ id: identifier.meta({ description: 'Name in decision records.' }), policy: variant }),
  0,
  3,
).meta({
  description:
    'Policies that decide beside the running one without acting; what they would do is in the record.',
})

const experiments = listOf(
  z.strictObject({
    id: identifier.meta({ description: 'Name in decision records.' }),
    percent: z.int().min(1).max(50).meta({
      description: 'Share of payers in the experiment’s arm, always the same ones; all others are compared.',
    }),
    policy: variant,
    guardrail: z
      .strictObject({
        approvalDropBps: bps
          .meta({
            description:
              'The arm is stopped as soon as it is certain (95%, at any time) that its first attempts approve less ' +
              'by more than this.',
          })
          .default(0),
      })
      .meta({ description: 'What ends the experiment by itself.' })
      .prefault({}),
  }),
  0,
  3,
).meta({
  description: 'Policies tried on some payers and compared with the running one. A payer is in one at most.',
})

export const policySchema = z.strictObject({
  ...policyShape,
  shadows: shadows.default([]),
  experiments: experiments.default([]),
})

/** A tenant's own policy: what it names replaces the common policy, key by key; the rest stays. */
export const policyOverrideSchema = z.strictObject({
  ...overrideShape,
  shadows: shadows.exactOptional(),
  experiments: experiments.exactOptional(),
})

export type PolicyConfig = z.output<typeof policySchema>
export type PolicyOverride = z.output<typeof policyOverrideSchema>
export type PolicyVariant = z.output<typeof variant>
export type PolicyRule = z.output<typeof ruleSchema>
