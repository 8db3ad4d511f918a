import { parse } from 'yaml'
import * as z from 'zod'
import { bps, chance, identifier, listOf, minorUnits } from '../../config/fields.ts'
import { poolProblems } from '../../core/liquidity/legal-ratios.ts'
import { DEFAULT_WORLD } from './default-world.ts'

/** Orders that one run may draw; bounds its time to about half a minute. */
export const ORDERS_MAX = 2_000_000

const hour = z.number().min(0).max(8_784)
const factor = z.number().min(0).max(50)
const annualCostBps = z.int().min(0).max(100_000)

const sourceTerms = {
  id: identifier,
  cap: minorUnits,
  annualCostBps,
  dailyQuota: minorUnits.exactOptional(),
  termsMax: z.int().min(1).max(60).exactOptional(),
  ticketMax: minorUnits.exactOptional(),
  shareMaxBps: bps.exactOptional(),
  /** Principal that is out when the run begins. */
  opening: minorUnits.default(0),
}

const source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('own_funds'), ...sourceTerms }),
  z.strictObject({
    kind: z.literal('joint_loan'),
    ...sourceTerms,
    ownSource: identifier,
    ownShareBps: z.int().min(1).max(9_999),
  }),
  z.strictObject({ kind: z.literal('loan_facilitation'), ...sourceTerms }),
  z.strictObject({
    kind: z.literal('abs'),
    ...sourceTerms,
    revolvingDays: z.int().min(0).max(3_650),
    nplTriggerBps: bps,
    openingNplBps: bps.default(0),
  }),
])

const route = z.strictObject({
  approval: chance,
  unknown: chance,
  costBps: bps,
  fixed: minorUnits,
  latencyMs: z.number().min(0).max(60_000),
})

const world = z.strictObject({
  sources: listOf(source, 1, 20).default(DEFAULT_WORLD.sources),
  /** Synthetic shoppers: how many, what they buy, how they would like to pay. Shares need not sum to one. */
  demand: z
    .strictObject({
      ordersPerDay: z.int().min(1).max(50_000),
      ticketMedian: minorUnits.min(100),
      ticketSpread: z.number().min(0).max(2),
      tenders: z.strictObject({ credit: factor, card: factor, wallet: factor, balance: factor }),
      terms: z.record(z.string().regex(/^[1-9][0-9]?$/), factor),
      highGradeShare: chance,
      bestValueShare: chance,
      acceptsOthersShare: chance,
      acceptsShorterShare: chance,
      switchShare: chance,
    })
    .default(DEFAULT_WORLD.demand),
  routes: z
    .strictObject({ credit: route, card: route, wallet: route, balance: route })
    .default(DEFAULT_WORLD.routes),
  economics: z
    .strictObject({
      marginBps: bps,
      abandonmentPerSecond: z.number().min(0).max(1),
      unknownCost: minorUnits,
      lossGivenDefault: chance,
      probabilityOfDefault: chance,
    })
    .default(DEFAULT_WORLD.economics),
  balance: z
    .strictObject({ netAssets: minorUnits.min(1), bankTier1: minorUnits.min(1) })
    .default(DEFAULT_WORLD.balance),
  /** Share of principal due that is not paid on its day, and the part of it that never comes back by itself. */
  arrears: z.strictObject({ share: chance, lostShare: chance }).default(DEFAULT_WORLD.arrears),
})

const shock = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('source_closed'),
    source: identifier,
    atHour: hour,
    hours: hour.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('cap_change'), source: identifier, atHour: hour, factor }),
  z.strictObject({
    kind: z.literal('demand'),
    atHour: hour,
    hours: hour,
    factor,
    /** The multiple that the treasury's calendar expects; absent: it does not know of the day. */
    plannedFactor: factor.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('delinquency'), atHour: hour, hours: hour, factor }),
  z.strictObject({
    kind: z.literal('refund_wave'),
    atHour: hour,
    hours: hour.min(1),
    /** Share of the last day's paid volume that is returned. */
    shareOfDay: chance,
    /** Hours until credit principal is back with its funders and merchants have paid the platform back. */
    settlementHours: hour.default(24),
  }),
  z.strictObject({
    kind: z.literal('funding_cost'),
    atHour: hour,
    addBps: annualCostBps,
    source: identifier.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('settlement_delay'), atHour: hour, hours: hour, delayHours: hour }),
])

const localized = z.strictObject({ en: z.string().max(200), 'zh-CN': z.string().max(200) })

/** A stress scenario: what happens to which world, and for how long it is watched. Unknown keys are errors. */
export const scenarioSchema = z
  .strictObject({
    id: identifier,
    name: localized,
    description: localized.exactOptional(),
    horizonHours: z.int().min(24).max(8_784),
    world: world.prefault({}),
    shocks: listOf(shock, 0, 20),
  })
  .check(context => {
    const { world, shocks, horizonHours } = context.value
    const report = (message: string, path: (string | number)[]): void => {
      context.issues.push({ code: 'custom', input: context.value, message, path })
    }
    const ids = new Set(world.sources.map(({ id }) => id))
    for (const [index, shock] of shocks.entries()) {
      if ('source' in shock && shock.source !== undefined && !ids.has(shock.source)) {
        report(`no source ${shock.source} in this world`, ['shocks', index, 'source'])
      }
      if (shock.atHour >= horizonHours) report('lies past the horizon', ['shocks', index, 'atHour'])
    }
    const pool = { id: 'stress', currency: 'CNY', sources: world.sources.map(toSource) }
    for (const { source, problem } of poolProblems(pool, '2026-01-01')) {
      report(`source ${source}: ${problem}`, ['world', 'sources'])
    }
    for (const { id, opening, cap } of world.sources) {
      if (opening > cap) report(`source ${id}: opening above its cap`, ['world', 'sources'])
    }
    if (expectedOrders(horizonHours, world.demand.ordersPerDay, shocks) > ORDERS_MAX) {
      report(`more than ${ORDERS_MAX} orders: lower ordersPerDay or horizonHours`, ['horizonHours'])
    }
  })

export type Scenario = z.output<typeof scenarioSchema>
export type World = Scenario['world']
export type Shock = Scenario['shocks'][number]
export type WorldSource = World['sources'][number]

/** Reads a scenario from YAML. Throws a `z.ZodError` that names every fault by its path, or a YAML error. */
export function parseScenario(text: string): Scenario {
  return scenarioSchema.parse(parse(text, { maxAliasCount: 20 }))
}

/** The part of a world's source that the core knows. */
export function toSource(source: WorldSource) {
  const { opening: _, ...terms } = source
  if (terms.kind !== 'abs') return terms
  const { revolvingDays, openingNplBps: __, ...deal } = terms
  return { ...deal, revolvingUntilMs: revolvingDays * 86_400_000 }
}

function expectedOrders(horizonHours: number, ordersPerDay: number, shocks: readonly Shock[]): number {
  let hours = horizonHours
  for (const shock of shocks) {
    if (shock.kind === 'demand') hours += Math.min(shock.hours, horizonHours) * Math.max(0, shock.factor - 1)
  }
  return (ordersPerDay * hours) / 24
}
