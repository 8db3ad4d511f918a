import {
  type BackTest,
  backTestOf,
  type DemandForecast,
  forecastDemand,
  NEW_SCORE,
  type PromotionWindow,
} from './forecast.ts'
import { HOURS_TO_LEARN, type PoolMonitor } from './monitor.ts'

const HOUR_MS = 3_600_000

/** What is expected of a pool's demand, for operators. Amounts in minor units. */
export type DemandOutlook =
  /** Nothing is forecast before a week of hours was seen; until then runway rests on the last hour alone. */
  | { readonly state: 'learning'; readonly hoursSeen: number; readonly hoursNeeded: number }
  | {
      readonly state: 'learned'
      /** The next 24 hours, each with its 90 % interval. */
      readonly hours: readonly ({ readonly from: string } & Interval)[]
      readonly next24Hours: Interval
      /** Relative growth per day. */
      readonly growthPerDay: number
      /** How the forecasts of an hour ahead have done, the last week weighing the most. */
      readonly backTest: BackTest
      /** Share of the day's lending that its curve allows by now; absent until the day's curve is known. */
      readonly dayShareByNow?: number
    }

interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** @param utcOffsetMs of the market's time zone */
export function outlookOf(
  { model, hours, score }: PoolMonitor,
  promotions: readonly PromotionWindow[],
  nowMs: number,
  utcOffsetMs: number,
  dayShareByNow?: number,
): DemandOutlook {
  if (model === undefined) return { state: 'learning', hoursSeen: hours.length, hoursNeeded: HOURS_TO_LEARN }
  const first = Math.floor((nowMs + utcOffsetMs) / HOUR_MS)
  return {
    state: 'learned',
    hours: Array.from({ length: 24 }, (_, ahead) => ({
      from: new Date((first + ahead) * HOUR_MS - utcOffsetMs).toISOString(),
      ...interval(forecastDemand(model, first + ahead, 1, promotions)),
    })),
    next24Hours: interval(forecastDemand(model, (nowMs + utcOffsetMs) / HOUR_MS, 24, promotions)),
    growthPerDay: model.growth * 24,
    backTest: backTestOf(score ?? NEW_SCORE),
    ...(dayShareByNow === undefined ? {} : { dayShareByNow }),
  }
}

function interval({ mean, low, high }: DemandForecast): Interval {
  return { mean: Math.round(mean), low: Math.round(low), high: Math.round(high) }
}
