import { liquidityGate } from '../../core/liquidity/gate.ts'
import { backTest, fitDemand } from '../../core/liquidity/forecast.ts'
import {
  evaluatePool,
  newPoolMonitor,
  observePool,
  type PoolFacts,
  type PoolMonitor,
} from '../../core/liquidity/monitor.ts'
import { averageLifeYears } from '../../core/liquidity/source-choice.ts'
import type { LiquidityReason, PoolSnapshot } from '../../core/liquidity/types.ts'
import { BPS } from '../../core/payment/money.ts'
import { drawNormal, drawPoisson, randomStream } from '../../core/random.ts'
import { createConditions, nplShare, type Conditions } from './conditions.ts'
import { drawOrder, seasonOf, type Order } from './demand.ts'
import { createLender, msOfHour, type Lender } from './lender.ts'
import { payOrder, type CreditOffer } from './payment.ts'
import type { StressReport } from './report.ts'
import type { Scenario, World } from './scenario.ts'
import { createLevelTally, type LevelTally } from './level-tally.ts'
import { Tally } from './tally.ts'

export interface StressOptions {
  /** Same scenario, same seed: the same report to the last digit. */
  readonly seed: number
  /** Called once per simulated day. */
  readonly onProgress?: (hoursDone: number, hoursTotal: number) => void
  /** Awaited once per simulated day, so that a server that runs this can serve in between. */
  readonly pause?: () => Promise<void>
}

const STEPS_PER_HOUR = 12
const UNKNOWN_STEPS = 2
/** Four weeks of history come before hour 0, so that hours of the week line up. */
const HISTORY_HOURS = 672
const DAYS_30_HOURS = 720

interface Run {
  readonly scenario: Scenario
  readonly lender: Lender
  readonly conditions: Conditions
  readonly tally: Tally
  readonly levels: LevelTally
  readonly unknowns: {
    readonly reservation: string
    readonly order: Order
    readonly instalments: number
    readonly step: number
  }[]
  readonly offered: readonly number[]
  monitor: PoolMonitor
  snapshot: PoolSnapshot
  reservations: number
}

/**
 * Runs a scenario under virtual time: shoppers drawn from the seed, the product's own ledger, choice of source,
 * scoring, cascade, monitor and gate. Bounded by the scenario's limits (`ORDERS_MAX`).
 */
export async function runStress(scenario: Scenario, options: StressOptions): Promise<StressReport> {
  const { world, horizonHours } = scenario
  const history = demandHistory(world, options.seed)
  const run = startRun(scenario, history)
  const arrivals = randomStream(options.seed, 1)
  const shoppers = randomStream(options.seed, 2)
  for (let step = 0; step < horizonHours * STEPS_PER_HOUR; step++) {
    const hour = step / STEPS_PER_HOUR
    if (step % (24 * STEPS_PER_HOUR) === 0) {
      run.lender.startDay(hour / 24)
      options.onProgress?.(hour, horizonHours)
      await options.pause?.()
    }
    if (step % STEPS_PER_HOUR === 0) enterHour(run, hour)
    resolveUnknowns(run, step)
    evaluate(run, hour)
    const perStep = world.demand.ordersPerDay / 24 / STEPS_PER_HOUR
    const mean = perStep * seasonOf(hour) * run.conditions.demandFactor(hour)
    for (let left = drawPoisson(arrivals, mean); left > 0; left--)
      serve(run, drawOrder(shoppers, world), step)
  }
  options.onProgress?.(horizonHours, horizonHours)
  return reportOf(run, options.seed, history)
}

function startRun(scenario: Scenario, history: readonly number[]): Run {
  const lender = createLender(scenario.world, scenario.horizonHours)
  const conditions = createConditions(scenario, lender)
  const monitor = newPoolMonitor(0, fitDemand(history, 0))
  const { snapshot } = evaluatePool(monitor, lender.pool, lender.book.sources, {}, 0, msOfHour(HISTORY_HOURS))
  const tally = new Tally()
  const levels = createLevelTally(conditions.shockAtHour, STEPS_PER_HOUR)
  const offered = Object.keys(scenario.world.demand.terms).map(Number)
  return {
    scenario,
    lender,
    conditions,
    tally,
    levels,
    unknowns: [],
    offered,
    monitor,
    snapshot,
    reservations: 0,
  }
}

/** Hourly credit demand of the weeks before: the season, and the noise of orders of uneven size. */
function demandHistory(world: World, seed: number): number[] {
  const random = randomStream(seed, 3)
  const samples = 4_000
  let sum = 0
  let squares = 0
  for (let sample = 0; sample < samples; sample++) {
    const order = drawOrder(random, world)
    if (payOrder(order, freeOffer(order, world), world).credit === 'not_tried') continue
    sum += order.amount
    squares += order.amount ** 2
  }
  const perHour = world.demand.ordersPerDay / 24
  return Array.from({ length: HISTORY_HOURS }, (_, hour) => {
    const orders = perHour * seasonOf(hour)
    const noise = Math.sqrt((orders * squares) / samples) * drawNormal(random)
    return Math.max(0, (orders * sum) / samples + noise)
  })
}

function enterHour(run: Run, hour: number): void {
  const { lender, conditions, tally } = run
  if (hour > 0) tally.nextHour()
  tally.totals.refunded += conditions.enterHour(hour, tally.paidLastDay())
  const repaid = lender.repayDue(hour, conditions.arrearsShare(hour))
  tally.totals.repaid += repaid
  run.monitor = observePool(run.monitor, 'repaid', repaid, msOfHour(hour))
}

/** One shopper: as it goes, and beside it as it would go if funds had no limit. */
function serve(run: Run, order: Order, step: number): void {
  const { tally, scenario } = run
  const free = payOrder(order, freeOffer(order, scenario.world), scenario.world)
  if (order.wants !== 'credit') return tally.order(order, free, free)
  const nowMs = msOfHour(step / STEPS_PER_HOUR)
  if (free.credit !== 'not_tried') run.monitor = observePool(run.monitor, 'wanted', order.amount, nowMs)
  const offer = creditOffer(run, order, nowMs)
  if (typeof offer === 'string') tally.refusals[offer]++
  const terms = typeof offer === 'string' ? undefined : offer
  let actual = payOrder(order, terms, scenario.world)
  if (terms && actual.credit !== 'not_tried' && !lend(run, order, terms, actual.credit, step)) {
    tally.refusals.LIQ_AMOUNT_RESTRICTED++
    actual = payOrder(order, undefined, scenario.world)
  }
  if (terms && terms.instalments !== order.instalments && actual.paidBy === 'credit')
    tally.totals.shorterTerms++
  tally.order(order, free, actual)
}

/** What the gate and the sources let us offer, or the first reason why not. */
function creditOffer(run: Run, order: Order, nowMs: number): CreditOffer | LiquidityReason {
  const { amount, existingHighGrade } = order
  const request = { amount, instalments: order.instalments, offered: run.offered, existingHighGrade }
  const { allowed, reasons, allowedTerms } = liquidityGate(run.snapshot, request)
  const shorter = order.acceptsShorter
    ? allowedTerms.filter(term => term <= order.instalments).at(-1)
    : undefined
  const instalments = allowed ? order.instalments : shorter
  if (instalments === undefined) return reasons[0] ?? 'LIQ_TERM_SUSPENDED'
  const source = run.lender.quote(amount, instalments, nowMs)
  if (!source) return 'LIQ_AMOUNT_RESTRICTED'
  return { instalments, lambdaBps: run.snapshot.lambdaBps, moneyBps: source.moneyBps }
}

/** Credit at the cheapest money of the undisturbed world, which any source would lend. */
function freeOffer(order: Order, world: World): CreditOffer {
  const annualCostBps = Math.min(...world.sources.map(source => source.annualCostBps))
  const { instalments } = order
  return { instalments, lambdaBps: 0, moneyBps: annualCostBps * averageLifeYears(instalments) }
}

function lend(
  run: Run,
  order: Order,
  { instalments }: CreditOffer,
  answer: 'approved' | 'declined' | 'unknown',
  step: number,
): boolean {
  const hour = step / STEPS_PER_HOUR
  const reservation = `r${run.reservations++}`
  if (!run.lender.reserve(reservation, order.amount, instalments, msOfHour(hour))) return false
  if (answer === 'unknown') run.unknowns.push({ reservation, order, instalments, step: step + UNKNOWN_STEPS })
  else settle(run, reservation, answer === 'approved', instalments, hour)
  return true
}

function settle(run: Run, reservation: string, approved: boolean, instalments: number, hour: number): void {
  const amount = run.lender.settle(reservation, approved, instalments, hour)
  if (!approved) return
  run.monitor = observePool(run.monitor, 'lent', amount, msOfHour(hour))
  run.tally.lent(amount)
}

/** An unknown outcome keeps its reservation until a query has told, here after ten minutes. */
function resolveUnknowns(run: Run, step: number): void {
  while (run.unknowns[0] && run.unknowns[0].step <= step) {
    const { reservation, order, instalments } = run.unknowns.shift() as (typeof run.unknowns)[number]
    const { approval, unknown } = run.scenario.world.routes.credit
    settle(run, reservation, order.luck.credit / unknown < approval, instalments, step / STEPS_PER_HOUR)
  }
}

function evaluate(run: Run, hour: number): void {
  const { lender, tally, levels } = run
  const facts = factsOf(run, hour)
  const nowMs = msOfHour(hour)
  const result = evaluatePool(
    run.monitor,
    lender.pool,
    lender.book.sources,
    facts,
    nowMs,
    msOfHour(HISTORY_HOURS),
  )
  run.monitor = result.monitor
  run.snapshot = result.snapshot
  levels.evaluation(result, hour)
  tally.state(
    result.snapshot,
    lender.pool.sources.map(({ id }) => lender.book.source(id)?.used ?? 0),
  )
}

/** What the treasury and the portfolio would report: leverage, concentration at law, deal triggers, inflow. */
function factsOf(run: Run, hour: number): PoolFacts {
  const { lender, conditions, scenario } = run
  const { netAssets, bankTier1 } = scenario.world.balance
  const used = { own_funds: 0, joint_loan: 0, loan_facilitation: 0, abs: 0 }
  let caps = 0
  let reserved = 0
  const deals: { nplOfTrigger: number; daysLeft: number }[] = []
  for (const source of scenario.world.sources) {
    const state = lender.book.source(source.id)
    if (!state) continue
    used[source.kind] += state.used
    caps += state.cap
    reserved += state.reserved
    if (source.kind !== 'abs') continue
    const nplOfTrigger = (nplShare(source.id, lender) * BPS) / Math.max(1, source.nplTriggerBps)
    deals.push({ nplOfTrigger, daysLeft: source.revolvingDays - hour / 24 })
  }
  const due = lender.runOff.due(hour, hour + DAYS_30_HOURS) * (1 - conditions.arrearsShare(hour))
  return {
    inflow30d: due,
    nonStandardLeverage: Math.max(0, used.own_funds - netAssets) / netAssets,
    standardLeverage: used.abs / netAssets,
    jointOfTier1: used.joint_loan / bankTier1,
    unknownExposureShare: caps > 0 ? (reserved + conditions.refundsInFlight(hour)) / caps : 0,
    promotions: conditions.promotions.map(({ fromHour, toHour, multiplier }) => ({
      fromHour: fromHour + HISTORY_HOURS,
      toHour: toHour + HISTORY_HOURS,
      multiplier,
    })),
    ...(deals.length === 0
      ? {}
      : {
          nplOfTrigger: Math.max(...deals.map(deal => deal.nplOfTrigger)),
          revolvingDaysLeft: Math.min(...deals.map(deal => deal.daysLeft)),
        }),
  }
}

function reportOf(run: Run, seed: number, history: readonly number[]): StressReport {
  const { scenario, tally, conditions } = run
  const { totals } = tally
  return {
    scenario: scenario.id,
    name: scenario.name,
    seed,
    horizonHours: scenario.horizonHours,
    shockAtHour: conditions.shockAtHour,
    ...run.levels.summary(),
    ...tally.summary(conditions.shockAtHour),
    orders: { total: totals.orders, paid: totals.paid },
    credit: {
      wanted: totals.wanted,
      lent: totals.lent,
      repaid: totals.repaid,
      refunded: Math.round(totals.refunded),
    },
    shifted: tally.shifted,
    lost: { approvals: totals.lostApprovals, amount: totals.lostAmount, value: Math.round(totals.lostValue) },
    valueElsewhere: Math.round(totals.valueElsewhere),
    shorterTerms: totals.shorterTerms,
    refusals: tally.refusals,
    forecast: backTest(history, 0, HISTORY_HOURS / 2),
    sources: scenario.world.sources.map(({ id }) => id),
  }
}
