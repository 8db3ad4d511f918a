import { addBurn, burnPerHour, newBurn, type Burn } from './burn.ts'
import type { BalanceFacts } from './balance.ts'
import { poolUsage, type PoolUsage, type SourceStates } from './capacity.ts'
import { concentration, standardizedError, stepCusum } from './coverage.ts'
import {
  fitDemand,
  forecastDemand,
  forecastRunwayHours,
  observeDemand,
  scoreHistory,
  scoreHour,
  type DemandModel,
  type ForecastScore,
  type PromotionWindow,
} from './forecast.ts'
import {
  bandsOf,
  readIndicators,
  severity,
  type Bands,
  type IndicatorValues,
  type Reading,
} from './indicators.ts'
import { newLevelState, stepLevel, type LevelChange, type LevelState } from './levels.ts'
import { dayCurve, dayPace, targetShare, type DayCurve } from './pacing.ts'
import { SNAPSHOT_POLICY, snapshotOf, type SnapshotPolicy } from './snapshot.ts'
import type { Pool, PoolSnapshot } from './types.ts'

/** What is watched of one pool between evaluations. Small and plain, so that it can be kept and recorded. */
export interface PoolMonitor {
  /** Unknown until a week of hours was seen, unless it was learned from history. */
  readonly model?: DemandModel
  /** How the model's forecasts of an hour ahead have done. */
  readonly score?: ForecastScore
  /** Whether the pool turned demand away in this hour: what was asked for then says little about demand. */
  readonly restricted?: boolean
  /** Demand of past full hours, only while there is no model. */
  readonly hours: readonly number[]
  readonly lent: Burn
  readonly repaid: Burn
  readonly evaluatedAtMs: number
  /** Credit asked for since the last evaluation, and since the hour began. */
  readonly wantedInStep: number
  readonly wantedInHour: number
  /** Sum of the surge detector. */
  readonly surge: number
  readonly curve?: { readonly day: number; readonly target: DayCurve }
  readonly bands: Bands
  readonly level: LevelState
}

/** Facts from outside the ledger that an evaluation takes in: the treasury's and the portfolio's. */
export interface PoolFacts
  extends Omit<
    IndicatorValues,
    'utilization' | 'runwayHours' | 'surge' | 'dayPace' | 'topFunderShare' | 'coverage30d'
  > {
  /** Principal due within 30 days, arrears taken off. */
  readonly inflow30d?: number
  readonly balance?: BalanceFacts
  /** Local hours since the epoch; see `DemandModel`. */
  readonly promotions?: readonly PromotionWindow[]
}

export interface PoolEvaluation {
  readonly monitor: PoolMonitor
  readonly snapshot: PoolSnapshot
  readonly readings: readonly Reading[]
  readonly change?: LevelChange
}

const HOUR_MS = 3_600_000
/** A week: every hour of it once. */
export const HOURS_TO_LEARN = 168
/** The first part of that week from which the rest is forecast, to know the error from the beginning. */
const HOURS_TO_TRAIN = 96
/** Weight of a forecast's error halves in a week. */
const SCORE_KEPT = 2 ** (-1 / 168)
const RUNWAY_HOURS_MAX = 168
const DAYS_30_HOURS = 720
/** No single step raises the alarm, whatever happens in it. */
const SURGE_Z_MAX = 4
const SURGE_HOURS_MAX = 12

export function newPoolMonitor(nowMs: number, model?: DemandModel): PoolMonitor {
  return {
    ...(model ? { model } : {}),
    hours: [],
    lent: newBurn(nowMs),
    repaid: newBurn(nowMs),
    evaluatedAtMs: nowMs,
    wantedInStep: 0,
    wantedInHour: 0,
    surge: 0,
    bands: {},
    level: newLevelState(nowMs),
  }
}

/** Takes in one event: credit asked for (granted or not), lent, or repaid. Constant time. */
export function observePool(
  monitor: PoolMonitor,
  kind: 'wanted' | 'lent' | 'repaid',
  amount: number,
  nowMs: number,
): PoolMonitor {
  switch (kind) {
    case 'wanted':
      return {
        ...monitor,
        wantedInStep: monitor.wantedInStep + amount,
        wantedInHour: monitor.wantedInHour + amount,
      }
    case 'lent':
      return { ...monitor, lent: addBurn(monitor.lent, amount, nowMs) }
    case 'repaid':
      return { ...monitor, repaid: addBurn(monitor.repaid, amount, nowMs) }
  }
}

/**
 * Evaluates a pool: forecast, indicators, level, price. To be called at a steady step of a few minutes, and after
 * a cap change.
 * @param utcOffsetMs of the market's time zone: days and hours of the week are local
 */
export function evaluatePool(
  before: PoolMonitor,
  pool: Pool,
  states: SourceStates,
  facts: PoolFacts,
  nowMs: number,
  utcOffsetMs = 0,
  policy: SnapshotPolicy = SNAPSHOT_POLICY,
): PoolEvaluation {
  const localHour = (nowMs + utcOffsetMs) / HOUR_MS
  const surge = surgeOf(before, facts, nowMs, utcOffsetMs)
  const monitor = withDay(
    withHour({ ...before, surge, wantedInStep: 0 }, facts, nowMs, utcOffsetMs),
    facts,
    localHour,
  )
  const usage = poolUsage(pool, states, nowMs)
  const { pace, runwayHours } = flowOf(monitor, pool, usage, facts, nowMs, localHour)
  const { inflow30d, promotions, balance: _, ...given } = facts
  const known: IndicatorValues = {
    ...given,
    utilization: usage.utilization,
    runwayHours,
    surge,
    ...(pace === undefined ? {} : { dayPace: pace }),
    ...coverageOf(monitor, usage, inflow30d, promotions, localHour),
    ...topShareOf(pool, states),
  }
  const readings = readIndicators(known, monitor.bands)
  const { state: level, change } = stepLevel(monitor.level, readings, nowMs)
  return {
    monitor: {
      ...monitor,
      bands: bandsOf(readings),
      level,
      evaluatedAtMs: nowMs,
      restricted: monitor.restricted === true || severity(level.level) >= severity('red'),
    },
    snapshot: snapshotOf(pool, usage, level, nowMs, Math.min(1, pace ?? 0), policy),
    readings,
    ...(change ? { change } : {}),
  }
}

function surgeOf(monitor: PoolMonitor, facts: PoolFacts, nowMs: number, utcOffsetMs: number): number {
  const hours = (nowMs - monitor.evaluatedAtMs) / HOUR_MS
  if (!monitor.model || hours <= 0) return monitor.surge
  const from = (monitor.evaluatedAtMs + utcOffsetMs) / HOUR_MS
  const { mean } = forecastDemand(monitor.model, from, Math.min(hours, SURGE_HOURS_MAX), facts.promotions)
  const z = standardizedError(monitor.wantedInStep, mean, monitor.model.overDispersion)
  return stepCusum(monitor.surge, Math.min(z, SURGE_Z_MAX))
}

/**
 * When an hour has ended, the model learns it. Hours without any evaluation are not taken for hours without demand, nor
 * are hours in which the pool turned credit away for hours of little demand.
 */
function withHour(monitor: PoolMonitor, facts: PoolFacts, nowMs: number, utcOffsetMs: number): PoolMonitor {
  const hour = Math.floor((monitor.evaluatedAtMs + utcOffsetMs) / HOUR_MS)
  const current = Math.floor((nowMs + utcOffsetMs) / HOUR_MS)
  if (current <= hour) return monitor
  const { model, wantedInHour: wanted } = monitor
  const ended = { ...monitor, wantedInHour: 0, restricted: false }
  if (current > hour + 1) return ended
  if (model !== undefined) {
    const expected = forecastDemand(model, hour, 1, facts.promotions)
    if (monitor.restricted === true && wanted < expected.mean) return ended
    return {
      ...ended,
      model: observeDemand(model, hour, wanted, facts.promotions),
      score: scoreHour(monitor.score, expected, wanted, SCORE_KEPT),
    }
  }
  const hours = [...monitor.hours, wanted]
  if (hours.length < HOURS_TO_LEARN) return { ...ended, hours }
  const start = hour - hours.length + 1
  return {
    ...ended,
    hours: [],
    model: fitDemand(hours, start, facts.promotions),
    score: scoreHistory(hours, start, HOURS_TO_TRAIN, facts.promotions),
  }
}

function withDay(monitor: PoolMonitor, facts: PoolFacts, localHour: number): PoolMonitor {
  const { model } = monitor
  const day = Math.floor(localHour / 24)
  if (!model || monitor.curve?.day === day) return monitor
  const demand = Array.from(
    { length: 24 },
    (_, hour) => forecastDemand(model, day * 24 + hour, 1, facts.promotions).mean,
  )
  return { ...monitor, curve: { day, target: dayCurve(demand) } }
}

/** How today runs against its curve, and how long the headroom lasts. */
function flowOf(
  monitor: PoolMonitor,
  pool: Pool,
  usage: PoolUsage,
  facts: PoolFacts,
  nowMs: number,
  localHour: number,
): { pace?: number; runwayHours: number } {
  const inflow = burnPerHour(monitor.repaid, 'day', nowMs)
  const lasts = (headroom: number, inflowPerHour: number, limit: number): number =>
    runway(monitor, headroom, inflowPerHour, limit, facts, nowMs, localHour)
  const standing = lasts(usage.standingHeadroom, inflow, RUNWAY_HOURS_MAX)
  if (!pool.sources.some(source => source.dailyQuota !== undefined)) return { runwayHours: standing }
  const hourOfDay = localHour % 24
  const share = monitor.curve ? targetShare(monitor.curve.target, hourOfDay) : 1
  const pace = dayPace(usage.today, usage.today + usage.headroom, share)
  // A quota that lasts until it is renewed is no scarcity.
  const today = lasts(usage.headroom, 0, 24 - hourOfDay)
  return { pace, runwayHours: today >= 24 - hourOfDay ? standing : Math.min(today, standing) }
}

/** Hours of headroom at the last hour's net burn and at the P95 forecast; the smaller counts. */
function runway(
  monitor: PoolMonitor,
  headroom: number,
  inflow: number,
  limit: number,
  facts: PoolFacts,
  nowMs: number,
  localHour: number,
): number {
  const { model, lent } = monitor
  const burn = burnPerHour(lent, 'hour', nowMs) - inflow
  const byBurn = Math.min(limit, headroom / Math.max(1, burn))
  if (!model) return byBurn
  return Math.min(byBurn, forecastRunwayHours(model, localHour, headroom, inflow, limit, facts.promotions))
}

function coverageOf(
  monitor: PoolMonitor,
  usage: PoolUsage,
  inflow30d: number | undefined,
  promotions: readonly PromotionWindow[] | undefined,
  localHour: number,
): { coverage30d?: number } {
  if (inflow30d === undefined || !monitor.model) return {}
  const outflow = forecastDemand(monitor.model, localHour, DAYS_30_HOURS, promotions).mean
  return { coverage30d: (inflow30d + usage.standingHeadroom) / Math.max(1, outflow) }
}

function topShareOf(pool: Pool, states: SourceStates): { topFunderShare?: number } {
  const outstanding = pool.sources.map(({ id }) => {
    const state = states.get(id)
    return state ? state.used + state.reserved : 0
  })
  const measured = concentration(outstanding)
  return measured ? { topFunderShare: measured.topShare } : {}
}
