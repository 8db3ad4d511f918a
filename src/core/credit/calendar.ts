import type { IsoDate } from './types.ts'

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/

/** The days of a month; `month` is 1-based. Proleptic Gregorian. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function parts(date: IsoDate): [number, number, number] {
  const match = PATTERN.exec(date)
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])]
  if (!match || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new RangeError(`not a calendar date: ${JSON.stringify(date)}`)
  }
  return [year, month, day]
}

/** Throws `RangeError` unless `date` is a real day written `YYYY-MM-DD`. */
export function assertIsoDate(date: IsoDate): void {
  parts(date)
}

/**
 * The same day `months` later, or the last day of that month when it has no such day: 31 January + 1 is 28 or 29
 * February. Add to the original date, never to a previous result, or the day drifts.
 */
export function addMonths(date: IsoDate, months: number): IsoDate {
  const [year, month, day] = parts(date)
  const index = year * 12 + (month - 1) + months
  const [toYear, toMonth] = [Math.floor(index / 12), (index % 12) + 1]
  const toDay = Math.min(day, daysInMonth(toYear, toMonth))
  return `${String(toYear).padStart(4, '0')}-${String(toMonth).padStart(2, '0')}-${String(toDay).padStart(2, '0')}`
}

/** The calendar date of an instant at a fixed offset from UTC (480 minutes for China). */
export function isoDateAt(atMs: number, utcOffsetMinutes: number): IsoDate {
  return new Date(atMs + utcOffsetMinutes * 60_000).toISOString().slice(0, 10)
}

/** Whole days from one date to another; negative when it is earlier. Throws `RangeError` for what is no date. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  assertIsoDate(from)
  assertIsoDate(to)
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}
