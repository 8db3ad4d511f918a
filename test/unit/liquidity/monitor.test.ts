import { describe, expect, it } from 'vitest'
import { createPoolBook } from '../../../src/core/liquidity/book.ts'
import {
  evaluatePool,
  newPoolMonitor,
  observePool,
  type PoolMonitor,
} from '../../../src/core/liquidity/monitor.ts'
import { outlookOf } from '../../../src/core/liquidity/outlook.ts'
import { POOL } from './pools.ts'

const HOUR_MS = 3_600_000

/** One hour with its demand; the book tells how full the pool is. */
function hour(monitor: PoolMonitor, at: number, wanted: number, book = createPoolBook(POOL)): PoolMonitor {
  const asked = observePool(monitor, 'wanted', wanted, at * HOUR_MS)
  return evaluatePool(asked, POOL, book.sources, {}, (at + 1) * HOUR_MS).monitor
}

const daily = (at: number): number => 100_000 + 50_000 * Math.sin((2 * Math.PI * (at % 24)) / 24)

function afterHours(count: number): PoolMonitor {
  let monitor = newPoolMonitor(0)
  for (let at = 0; at < count; at++) monitor = hour(monitor, at, daily(at))
  return monitor
}

describe('the forecast of a pool', () => {
  it('is learned after a week, and says so until then', () => {
    const day = outlookOf(afterHours(24), [], 24 * HOUR_MS, 0)
    expect(day).toEqual({ state: 'learning', hoursSeen: 24, hoursNeeded: 168 })
    const week = outlookOf(afterHours(168), [], 168 * HOUR_MS, 0)
    if (week.state !== 'learned') throw new Error('expected a forecast')
    expect(week.hours).toHaveLength(24)
    expect(week.hours[6]?.from).toBe('1970-01-08T06:00:00.000Z')
    const sum = Array.from({ length: 24 }, (_, at) => daily(at)).reduce((a, b) => a + b)
    expect(Math.abs(week.next24Hours.mean / sum - 1)).toBeLessThan(0.02)
    const [first] = week.hours
    expect(first?.low).toBeLessThan(first?.mean ?? 0)
    expect(first?.high).toBeGreaterThan(first?.mean ?? Number.POSITIVE_INFINITY)
  })

  it('knows its own error from the beginning, and goes on measuring it', () => {
    const week = outlookOf(afterHours(168), [], 168 * HOUR_MS, 0)
    const more = outlookOf(afterHours(400), [], 400 * HOUR_MS, 0)
    if (week.state !== 'learned' || more.state !== 'learned') throw new Error('expected forecasts')
    expect(week.backTest.hours).toBe(72)
    expect(week.backTest.wape).toBeLessThan(0.15)
    expect(more.backTest.hours).toBeGreaterThan(100)
    let shocked = afterHours(400)
    for (let at = 400; at < 424; at++) shocked = hour(shocked, at, daily(at) * 5)
    const after = outlookOf(shocked, [], 424 * HOUR_MS, 0)
    if (after.state !== 'learned') throw new Error('expected a forecast')
    expect(after.backTest.wape).toBeGreaterThan(more.backTest.wape + 0.2)
    expect(after.backTest.bias).toBeLessThan(-0.2)
  })

  it('shows hours in the market’s own time', () => {
    const outlook = outlookOf(afterHours(168), [], 168 * HOUR_MS, 8 * HOUR_MS)
    expect(outlook.state === 'learned' && outlook.hours[0]?.from).toBe('1970-01-08T00:00:00.000Z')
  })

  it('does not take hours in which credit was turned away for hours of little demand', () => {
    const full = createPoolBook(POOL)
    for (const { id, cap } of POOL.sources) full.apply({ kind: 'drawdown', id, source: id, amount: cap })
    let monitor = afterHours(200)
    // The hour in which it becomes full is learned; from then on nothing is.
    monitor = hour(monitor, 200, daily(200), full)
    expect(monitor.level.level).toBe('black')
    const learned = monitor.model?.level
    for (let at = 201; at < 240; at++) monitor = hour(monitor, at, 0, full)
    expect(monitor.model?.level).toBe(learned)
    // What is asked for beyond the forecast is news all the same.
    monitor = hour(monitor, 240, daily(240) * 2, full)
    expect(monitor.model?.level).toBeGreaterThan(learned ?? Number.POSITIVE_INFINITY)
  })
})
