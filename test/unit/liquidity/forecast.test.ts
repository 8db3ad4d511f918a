import { describe, expect, it } from 'vitest'
import {
  backTest,
  fitDemand,
  forecastDemand,
  forecastRunwayHours,
  observeDemand,
} from '../../../src/core/liquidity/forecast.ts'
import { dayCurve, dayPace, targetShare } from '../../../src/core/liquidity/pacing.ts'
import { drawPoisson, randomStream } from '../../../src/core/random.ts'

/** Weeks of hourly demand: evenings busy, weekends busier, growing by `weeklyGrowth`, orders of 20,000 fen. */
function weeks(count: number, weeklyGrowth: number, seed = 1): number[] {
  const random = randomStream(seed)
  return Array.from({ length: count * 168 }, (_, hour) => {
    const ofDay = 1 + 0.8 * Math.sin(((hour % 24) - 14) * (Math.PI / 12))
    const weekend = Math.floor((hour % 168) / 24) >= 5 ? 1.25 : 1
    return drawPoisson(random, 200 * ofDay * weekend * weeklyGrowth ** (hour / 168)) * 20_000
  })
}

describe('demand forecast', () => {
  it('knows the hour of the week: errors near the noise floor, and nine of ten hours inside its interval', () => {
    const test = backTest(weeks(10, 1), 0, 4 * 168)
    console.log(
      `back-test: WAPE ${(test.wape * 100).toFixed(1)} %, bias ${(test.bias * 100).toFixed(1)} %, ` +
        `interval coverage ${(test.coverage * 100).toFixed(1)} % over ${test.hours} h`,
    )
    expect(test.wape).toBeLessThan(0.08)
    expect(Math.abs(test.bias)).toBeLessThan(0.02)
    expect(test.coverage).toBeGreaterThan(0.85)
    expect(test.coverage).toBeLessThan(0.97)
  })

  it('follows growth', () => {
    const test = backTest(weeks(12, 1.05), 0, 4 * 168)
    expect(Math.abs(test.bias)).toBeLessThan(0.03)
  })

  it('applies a promotion from the calendar, and does not learn it as normal', () => {
    const promotions = [{ fromHour: 672, toHour: 696, multiplier: 5 }]
    const model = fitDemand(weeks(4, 1), 0)
    const plain = forecastDemand(model, 672, 24).mean
    expect(forecastDemand(model, 672, 24, promotions).mean / plain).toBeCloseTo(5, 9)
    const after = weeks(1, 1, 2)
      .slice(0, 24)
      .reduce((m, amount, h) => observeDemand(m, 672 + h, amount * 5, promotions), model)
    expect(forecastDemand(after, 696, 24).mean / forecastDemand(model, 696, 24).mean).toBeCloseTo(1, 1)
  })

  it('counts parts of hours', () => {
    const model = fitDemand(weeks(2, 1), 0)
    const whole = forecastDemand(model, 400, 1).mean
    expect(forecastDemand(model, 400, 0.25).mean + forecastDemand(model, 400.25, 0.75).mean).toBeCloseTo(
      whole,
      -2,
    )
  })

  it('gives the hours until the P95 of demand has used up the headroom', () => {
    const model = { level: 100, growth: 0, factors: Array<number>(168).fill(1), overDispersion: 1 }
    // After 9 hours P95 = 900 + 1.645 sqrt(900) = 949; after 10 it is 1,052.
    expect(forecastRunwayHours(model, 0, 1_000, 0, 100)).toBe(9)
    expect(forecastRunwayHours(model, 0, 1_000, 200, 100)).toBe(100)
  })

  it('refuses to learn from less than two days', () => {
    expect(() => fitDemand([1, 2, 3], 0)).toThrow(RangeError)
  })
})

describe('pacing', () => {
  const curve = dayCurve([...Array<number>(12).fill(1), ...Array<number>(12).fill(3)])

  it('follows the demand of the day', () => {
    expect(targetShare(curve, 12)).toBeCloseTo(0.25, 12)
    expect(targetShare(curve, 18.5)).toBeCloseTo(0.25 + 0.75 * (6.5 / 12), 12)
    expect(targetShare(curve, 24)).toBe(1)
  })

  it('shows a morning that drains the day, and the plain utilisation at its end', () => {
    expect(dayPace(700, 1_000, targetShare(curve, 12))).toBeCloseTo(2, 12)
    expect(dayPace(700, 1_000, 1)).toBeCloseTo(0.7, 12)
  })
})
