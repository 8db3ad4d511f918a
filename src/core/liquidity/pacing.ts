/** Cumulative share of a day's lending at the end of each hour: 24 ascending values, the last is 1. */
export type DayCurve = readonly number[]

/** The target curve that follows the demand expected in each of the day's 24 hours. Flat when nothing is expected. */
export function dayCurve(hourlyDemand: readonly number[]): DayCurve {
  const total = hourlyDemand.reduce((sum, amount) => sum + amount, 0)
  let sum = 0
  return hourlyDemand.map((amount, hour) => {
    sum += amount
    return total > 0 ? sum / total : (hour + 1) / hourlyDemand.length
  })
}

/** The share of the day that may be used by a moment of it, linear within the hour. */
export function targetShare(curve: DayCurve, hourOfDay: number): number {
  const hour = Math.min(curve.length - 1, Math.max(0, Math.floor(hourOfDay)))
  const before = hour === 0 ? 0 : (curve[hour - 1] ?? 0)
  const after = curve[hour] ?? 1
  return before + (after - before) * Math.min(1, hourOfDay - hour)
}

/** How far a day may run ahead of its curve before it is paced. */
const SLACK = 0.1

/**
 * Use of today's capacity against what the curve allows by now: above 1 the day runs ahead of its plan. By the end
 * of the day it is the plain utilisation.
 */
export function dayPace(usedToday: number, capacityToday: number, share: number): number {
  if (capacityToday <= 0) return 0
  return usedToday / capacityToday / Math.min(1, share + SLACK)
}
