import * as z from 'zod'

const probability = z.number().min(0).max(1)
const routeId = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/)
const payments = z.int().min(0).max(10_000_000)

const route = z.strictObject({
  id: routeId,
  approval: probability.describe('P(approved), or its centre when segments spread'),
  costBps: z.number().min(0).max(10_000).default(0).describe('Cost of a success, basis points of the amount'),
  costFixed: z.number().min(0).default(0).describe('Cost of a success, minor units'),
})

const change = z.strictObject({
  from: payments,
  to: payments,
  every: payments.min(1).optional().describe('The change comes back after so many payments'),
  approval: z.record(routeId, probability),
  segments: z
    .strictObject({ every: z.int().min(1), offset: z.int().min(0) })
    .optional()
    .describe('Only segments whose number leaves this remainder'),
})

const wave = z.strictObject({
  route: routeId,
  amplitude: z.number().min(-1).max(1),
  cycles: z.number().positive().max(1_000),
})

const segments = z.strictObject({
  count: z.int().min(1).max(100_000),
  spread: z.number().min(0).max(5).describe('Standard deviation between segments, on the logit scale'),
})

const csv = z.strictObject({
  file: z.string().min(1).describe('Relative to the scenario'),
  segment: z.array(z.string()).min(1).max(8).describe('Columns that make the segment'),
  amount: z.string().optional().describe('Column of the amount, in major units'),
  route: z.string().optional().describe('Column of the route, by its id here'),
  approved: z
    .strictObject({ column: z.string(), equals: z.string() })
    .optional()
    .describe('With `route`: approval per segment and route is fitted to the file'),
})

const amount = z.strictObject({
  median: z.number().positive(),
  spread: z.number().min(0).max(3).default(0).describe('Standard deviation of the logarithm'),
})

/** A world to route payments in. Times are counted in payments. */
export const scenarioSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(/^[A-Za-z0-9-]{1,32}$/),
  title: z.string().min(1).max(200),
  payments: payments.min(100),
  paymentsPerSecond: z.number().positive().max(100_000).default(10),
  routes: z.array(route).min(2).max(64).describe('In the order of a static priority list'),
  changes: z.array(change).max(1_000).default([]),
  waves: z.array(wave).max(64).default([]),
  segments: segments.optional(),
  feedbackDelay: payments
    .default(0)
    .describe('Mean delay of an outcome; uniform within half of it either way'),
  marginBps: z
    .number()
    .min(0)
    .max(10_000)
    .optional()
    .describe('Judge by margin less cost instead of approvals'),
  amount: amount.optional(),
  traffic: z.strictObject({ csv }).optional(),
})

export type Scenario = z.output<typeof scenarioSchema>

/** What does not fit together in a scenario that has the right shape. Empty when it is in order. */
export function scenarioProblems(scenario: Scenario): string[] {
  const problems: string[] = []
  const ids = new Set(scenario.routes.map(({ id }) => id))
  if (ids.size < scenario.routes.length) problems.push('routes: two of them have the same id')
  scenario.changes.forEach((change, i) => {
    if (change.to <= change.from) problems.push(`changes[${i}]: "to" must be after "from"`)
    for (const id of Object.keys(change.approval))
      if (!ids.has(id)) problems.push(`changes[${i}].approval: no route "${id}"`)
    if (change.segments !== undefined && scenario.segments === undefined)
      problems.push(`changes[${i}].segments: the scenario has no segments`)
  })
  scenario.waves.forEach(({ route }, i) => {
    if (!ids.has(route)) problems.push(`waves[${i}].route: no route "${route}"`)
  })
  if (scenario.marginBps !== undefined && scenario.amount === undefined && scenario.traffic === undefined)
    problems.push('marginBps: needs amounts, from "amount" or from traffic')
  const fitted = scenario.traffic?.csv
  if (fitted !== undefined && (fitted.route === undefined) !== (fitted.approved === undefined))
    problems.push('traffic.csv: "route" and "approved" are needed together')
  return problems
}
