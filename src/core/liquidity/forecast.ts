const HOURS_OF_WEEK = 168
const NORMAL_P95 = 1.645

/**
 * What is known of an hourly demand: O(1) per hour observed. Amounts per hour in minor units; hours are counted
 * from the epoch in the market's own time zone, so that `hour % 168` is the hour of the week.
 */
export interface DemandModel {
  /** Demand of a mean hour now. */
  readonly level: number
  /** Relative growth per hour, damped. */
  readonly growth: number
  /** 168 seasonal factors with mean 1. */
  readonly factors: readonly number[]
  /** Variance over mean: orders of uneven size arrive in bursts. */
  readonly overDispersion: number
}

/** Known days of another demand, e.g. 11.11 or 6.18. Hours as in `DemandModel`, `to` exclusive. */
export interface PromotionWindow {
  readonly fromHour: number
  readonly toHour: number
  readonly multiplier: number
}

export interface DemandForecast {
  readonly mean: number
  readonly sd: number
  /** 90 % interval; `high` is the P95 that runway is reckoned on. */
  readonly low: number
  readonly high: number
}

/**
 * Learns a model from hourly history. Hour-of-week factors are shrunk to their hour of day with the strength of one
 * week, so that two weeks of history are enough to begin with. Hours in a promotion are taken at their normal size.
 * @param history demand of each hour from `startHour` on; at least 48
 */
export function fitDemand(
  history: readonly number[],
  startHour: number,
  promotions: readonly PromotionWindow[] = [],
): DemandModel {
  if (history.length < 48) throw new RangeError('a demand model needs two days of history')
  const normal = history.map((amount, index) => amount / promotionAt(promotions, startHour + index))
  const mean = normal.reduce((sum, amount) => sum + amount, 0) / normal.length || 1
  const weekly = meansBy(normal, startHour, HOURS_OF_WEEK)
  const daily = meansBy(normal, startHour, 24)
  const raw = weekly.map((cell, hour) => {
    const ofDay = daily[hour % 24]?.mean ?? mean
    return (cell.sum + ofDay) / (cell.count + 1) / mean
  })
  const scale = HOURS_OF_WEEK / raw.reduce((sum, factor) => sum + factor, 0)
  const factors = raw.map(factor => Math.max(factor * scale, 0.001))
  let model: DemandModel = { level: mean, growth: 0, factors, overDispersion: Math.max(1, mean * 0.01) }
  for (const [index, amount] of history.entries())
    model = observeDemand(model, startHour + index, amount, promotions)
  return model
}

function meansBy(values: readonly number[], startHour: number, period: number) {
  const cells = Array.from({ length: period }, () => ({ sum: 0, count: 0, mean: 0 }))
  for (const [index, value] of values.entries()) {
    const cell = cells[(startHour + index) % period]
    if (!cell) continue
    cell.sum += value
    cell.count++
    cell.mean = cell.sum / cell.count
  }
  return cells
}

/** Weights of a new hour: the level follows in about two days, growth in two weeks, the spread in a week. */
const LEVEL_WEIGHT = 1 / 48
const GROWTH_WEIGHT = 1 / 336
const SPREAD_WEIGHT = 1 / 168
const GROWTH_MAX = 0.002
/**
 * What is further off is news for the surge detector, not for the model: a day of five times the demand raises the
 * level by a quarter, and a lasting doubling is learned in about three days.
 */
const RATIO_LEARNED = { min: 0.5, max: 1.5 }
const DISPERSION_LEARNED_MAX = 9

/** Takes in the demand of one full hour: EWMA of amount / (factor x promotion) for the level. */
export function observeDemand(
  model: DemandModel,
  hour: number,
  amount: number,
  promotions: readonly PromotionWindow[] = [],
): DemandModel {
  const season = (model.factors[hour % HOURS_OF_WEEK] ?? 1) * promotionAt(promotions, hour)
  const grown = model.level * (1 + model.growth)
  const seen = grown * Math.min(RATIO_LEARNED.max, Math.max(RATIO_LEARNED.min, amount / season / grown))
  // In a quiet hour the same noise is a larger ratio; its say is weighted by how much of the day it is.
  const level = Math.max(1, grown + LEVEL_WEIGHT * Math.min(1, season) * (seen - grown))
  const drift = model.growth + GROWTH_WEIGHT * (level / model.level - 1 - model.growth)
  const mean = Math.max(1, grown * season)
  const dispersion = Math.min((amount - mean) ** 2 / mean, model.overDispersion * DISPERSION_LEARNED_MAX)
  return {
    ...model,
    level,
    growth: Math.min(GROWTH_MAX, Math.max(-GROWTH_MAX, drift)),
    overDispersion: model.overDispersion + SPREAD_WEIGHT * (dispersion - model.overDispersion),
  }
}

/**
 * Expected demand of a span of hours, O = sum of level x factor x promotion, with the interval
 * mean +- 1.645 sqrt(phi x mean). Fractions of an hour at both ends count as such. At most one year.
 */
export function forecastDemand(
  model: DemandModel,
  fromHour: number,
  hours: number,
  promotions: readonly PromotionWindow[] = [],
): DemandForecast {
  let mean = 0
  const end = fromHour + Math.min(hours, 8784)
  for (let at = fromHour; at < end; ) {
    const hour = Math.floor(at)
    const part = Math.min(end, hour + 1) - at
    mean += part * meanAt(model, hour, at - fromHour, promotions)
    at += part
  }
  const sd = Math.sqrt(model.overDispersion * mean)
  return { mean, sd, low: Math.max(0, mean - NORMAL_P95 * sd), high: mean + NORMAL_P95 * sd }
}

/** Whole hours until the P95 of demand, less a steady inflow, has used up the headroom; at most `limit`. */
export function forecastRunwayHours(
  model: DemandModel,
  fromHour: number,
  headroom: number,
  inflowPerHour: number,
  limit: number,
  promotions: readonly PromotionWindow[] = [],
): number {
  let mean = 0
  for (let hours = 0; hours < limit; hours++) {
    mean += meanAt(model, Math.floor(fromHour + hours), hours, promotions)
    const high = mean + NORMAL_P95 * Math.sqrt(model.overDispersion * mean)
    if (high - inflowPerHour * (hours + 1) >= headroom) return hours
  }
  return limit
}

/** Expected demand of a whole hour that lies `ahead` hours off. */
function meanAt(
  model: DemandModel,
  hour: number,
  ahead: number,
  promotions: readonly PromotionWindow[],
): number {
  const grown = model.level * (1 + model.growth * Math.min(GROWTH_HOURS_MAX, ahead))
  return grown * (model.factors[hour % HOURS_OF_WEEK] ?? 1) * promotionAt(promotions, hour)
}

/** Growth is trusted for two weeks ahead, and is flat after that. */
const GROWTH_HOURS_MAX = 336

function promotionAt(promotions: readonly PromotionWindow[], hour: number): number {
  let multiplier = 1
  for (const window of promotions) {
    if (hour >= window.fromHour && hour < window.toHour) multiplier *= window.multiplier
  }
  return multiplier
}

export interface BackTest {
  /** Sum of absolute errors over the sum of demand, hour ahead. */
  readonly wape: number
  /** Mean signed error over mean demand. */
  readonly bias: number
  /** Share of hours inside the 90 % interval. */
  readonly coverage: number
  readonly hours: number
}

/** Running sums of forecasts of an hour ahead against what came. */
export interface ForecastScore {
  readonly hours: number
  readonly absolute: number
  readonly signed: number
  readonly total: number
  readonly inside: number
}

/**
 * Takes in one hour.
 * @param keep what is kept of the hours before: 1 weighs all alike
 */
export function scoreHour(
  score: ForecastScore | undefined,
  { mean, low, high }: DemandForecast,
  amount: number,
  keep = 1,
): ForecastScore {
  const { hours, absolute, signed, total, inside } = score ?? NEW_SCORE
  return {
    hours: hours * keep + 1,
    absolute: absolute * keep + Math.abs(amount - mean),
    signed: signed * keep + mean - amount,
    total: total * keep + amount,
    inside: inside * keep + (amount >= low && amount <= high ? 1 : 0),
  }
}

export const NEW_SCORE: ForecastScore = { hours: 0, absolute: 0, signed: 0, total: 0, inside: 0 }

export function backTestOf({ hours, absolute, signed, total, inside }: ForecastScore): BackTest {
  return {
    wape: absolute / (total || 1),
    bias: signed / (total || 1),
    coverage: inside / (hours || 1),
    hours,
  }
}

/** Walks through history as it happened: forecasts each hour after the first `trainHours`, then takes it in. */
export function backTest(
  history: readonly number[],
  startHour: number,
  trainHours: number,
  promotions: readonly PromotionWindow[] = [],
): BackTest {
  return backTestOf(scoreHistory(history, startHour, trainHours, promotions))
}

/** The sums behind `backTest`, to go on from. */
export function scoreHistory(
  history: readonly number[],
  startHour: number,
  trainHours: number,
  promotions: readonly PromotionWindow[] = [],
): ForecastScore {
  let model = fitDemand(history.slice(0, trainHours), startHour, promotions)
  let score = NEW_SCORE
  for (const [index, amount] of history.slice(trainHours).entries()) {
    const hour = startHour + trainHours + index
    score = scoreHour(score, forecastDemand(model, hour, 1, promotions), amount)
    model = observeDemand(model, hour, amount, promotions)
  }
  return score
}
