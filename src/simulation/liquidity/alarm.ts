import { createPoolBook } from '../../core/liquidity/book.ts'
import { fitDemand, type DemandModel } from '../../core/liquidity/forecast.ts'
import { INDICATOR_RULES } from '../../core/liquidity/indicators.ts'
import { evaluatePool, newPoolMonitor, observePool } from '../../core/liquidity/monitor.ts'
import type { Pool } from '../../core/liquidity/types.ts'
import { drawNormal, drawPoisson, randomStream, type RandomStream } from '../../core/random.ts'
import { seasonOf } from './demand.ts'
import { msOfHour } from './lender.ts'

export interface AlarmTrial {
  readonly paths: number
  readonly seed: number
  /** Demand after the surge begins, over the usual. */
  readonly surgeFactor: number
  /** The day's quota over a usual day's demand. */
  readonly quotaDays: number
  /** Credit orders on a usual day. */
  readonly ordersPerDay: number
}

export const ALARM_TRIAL: AlarmTrial = {
  paths: 1_000,
  seed: 1,
  surgeFactor: 5,
  quotaDays: 2,
  ordersPerDay: 1_840,
}

/** How early the warning comes, over simulated days with a surge at a random hour and days without one. */
export interface AlarmReport {
  /** Days on which utilisation reached the red threshold after a surge. */
  readonly breaches: number
  /** Breaches without a warning before them. */
  readonly missed: number
  readonly leadMinutesMedian: number
  readonly leadMinutesP10: number
  /** Minutes from the surge to the warning. */
  readonly delayMinutesMedian: number
  /** Share of warnings after a surge that were followed by a breach on that day. */
  readonly precision: number
  /** Warnings on days without a surge. */
  readonly falseAlarmsPerWeek: number
}

const STEPS_PER_DAY = 288
const STEP_MINUTES = 5
const HISTORY_HOURS = 672
const TICKET = { median: 24_000, spread: 0.85 }

/**
 * Tries the alarm on days that it has not seen. Nothing reacts to it: every order is lent, so that the lead is that
 * of the warning alone. The warning is the first amber or worse; the breach is utilisation at the red threshold.
 */
export function tryAlarm(trial: AlarmTrial = ALARM_TRIAL): AlarmReport {
  const random = randomStream(trial.seed, 11)
  const model = learnedModel(trial, random)
  const leads: number[] = []
  const delays: number[] = []
  let breaches = 0
  let warned = 0
  let falseAlarms = 0
  for (let path = 0; path < trial.paths; path++) {
    const day = 28 + (path % 7)
    if (simulateDay(trial, model, random, day, Number.POSITIVE_INFINITY, 0).warnedAt !== undefined)
      falseAlarms++
    const surgeAt = Math.floor(random() * STEPS_PER_DAY)
    const { warnedAt, breachedAt } = simulateDay(trial, model, random, day, surgeAt, surgeAt)
    if (warnedAt !== undefined) {
      warned++
      delays.push((warnedAt - surgeAt) * STEP_MINUTES)
    }
    if (breachedAt === undefined) continue
    breaches++
    leads.push(warnedAt === undefined ? 0 : (breachedAt - warnedAt) * STEP_MINUTES)
  }
  const warnedBreaches = leads.filter(lead => lead > 0).length
  return {
    breaches,
    missed: breaches - warnedBreaches,
    leadMinutesMedian: quantile(leads, 0.5),
    leadMinutesP10: quantile(leads, 0.1),
    delayMinutesMedian: quantile(delays, 0.5),
    precision: warned > 0 ? warnedBreaches / warned : 1,
    falseAlarmsPerWeek: (falseAlarms / trial.paths) * 7,
  }
}

function learnedModel(trial: AlarmTrial, random: RandomStream): DemandModel {
  const history = Array.from({ length: HISTORY_HOURS }, (_, hour) => {
    let wanted = 0
    for (let step = 0; step < 12; step++) wanted += drawWanted(trial, random, hour + step / 12, 1)
    return wanted
  })
  return fitDemand(history, 0)
}

/** One day from midnight: the first step from `watchFrom` on with a warning, and the step that ran into red. */
function simulateDay(
  trial: AlarmTrial,
  model: DemandModel,
  random: RandomStream,
  day: number,
  surgeAt: number,
  watchFrom: number,
): { warnedAt?: number; breachedAt?: number } {
  const quota = Math.round(model.level * 24 * trial.quotaDays)
  const pool: Pool = {
    id: 'trial',
    currency: 'CNY',
    sources: [{ id: 'own', kind: 'own_funds', cap: quota * 100, annualCostBps: 300, dailyQuota: quota }],
  }
  const book = createPoolBook(pool, day)
  let monitor = newPoolMonitor(msOfHour(day * 24), model)
  let warnedAt: number | undefined
  for (let step = 0; step < STEPS_PER_DAY; step++) {
    const hour = day * 24 + step / 12
    const { monitor: next, snapshot } = evaluatePool(monitor, pool, book.sources, {}, msOfHour(hour))
    monitor = next
    if (snapshot.level !== 'green' && step >= watchFrom) warnedAt ??= step
    const warned = warnedAt === undefined ? {} : { warnedAt }
    if (snapshot.utilization >= (INDICATOR_RULES.utilization.red ?? 1)) return { ...warned, breachedAt: step }
    const wanted = drawWanted(trial, random, hour, step >= surgeAt ? trial.surgeFactor : 1)
    const lent = Math.min(wanted, snapshot.headroom)
    monitor = observePool(monitor, 'wanted', wanted, msOfHour(hour))
    if (lent <= 0) continue
    const reservation = `r${step}`
    book.apply({ kind: 'reserve', id: `h${step}`, reservation, legs: [{ source: 'own', amount: lent }] })
    book.apply({ kind: 'commit', id: `c${step}`, reservation, amount: lent })
    monitor = observePool(monitor, 'lent', lent, msOfHour(hour))
  }
  return warnedAt === undefined ? {} : { warnedAt }
}

function drawWanted(trial: AlarmTrial, random: RandomStream, hour: number, factor: number): number {
  const orders = drawPoisson(random, (trial.ordersPerDay / STEPS_PER_DAY) * seasonOf(hour) * factor)
  let wanted = 0
  for (let order = 0; order < orders; order++) {
    wanted += Math.round(TICKET.median * Math.exp(TICKET.spread * drawNormal(random)))
  }
  return wanted
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0
}
