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
}

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

export const policySchema = z.strictObject({
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
})

/** A tenant's own policy: what it names replaces the common policy, key by key; the rest stays. */
export const policyOverrideSchema = z.strictObject({
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
})

export type PolicyConfig = z.output<typeof policySchema>
export type PolicyOverride = z.output<typeof policyOverrideSchema>
export type PolicyRule = z.output<typeof ruleSchema>
