import { describe, expect, it } from 'vitest'
import {
  bandsOf,
  readIndicators,
  type Bands,
  type IndicatorValues,
} from '../../../src/core/liquidity/indicators.ts'
import { allowanceOf, newLevelState, stepLevel, type LevelState } from '../../../src/core/liquidity/levels.ts'
import { shadowPriceBps } from '../../../src/core/liquidity/shadow-price.ts'

const CALM: IndicatorValues = { utilization: 0.5, runwayHours: 48, surge: 0 }

function levelsOver(values: readonly Partial<IndicatorValues>[]): string[] {
  let state: LevelState = newLevelState(0)
  let bands: Bands = {}
  return values.map((value, step) => {
    const readings = readIndicators({ ...CALM, ...value }, bands)
    bands = bandsOf(readings)
    state = stepLevel(state, readings, step).state
    return state.level
  })
}

const used = (...values: number[]): Partial<IndicatorValues>[] => values.map(utilization => ({ utilization }))

describe('levels', () => {
  it('follow utilisation when two of three evaluations agree', () => {
    expect(levelsOver(used(0.81, 0.82, 0.93, 0.94))).toEqual(['green', 'amber', 'amber', 'red'])
  })

  it('ignore a single spike', () => {
    expect(levelsOver(used(0.95, 0.5, 0.5, 0.95, 0.5))).toEqual(['green', 'green', 'green', 'green', 'green'])
  })

  it('leave amber below 0.72 and red below 0.85 only', () => {
    expect(levelsOver(used(0.8, 0.8, 0.73, 0.73, 0.719, 0.71))).toEqual([
      'green',
      'amber',
      'amber',
      'amber',
      'amber',
      'green',
    ])
    expect(levelsOver(used(0.92, 0.92, 0.86, 0.851, 0.849, 0.84))).toEqual([
      'green',
      'red',
      'red',
      'red',
      'red',
      'amber',
    ])
  })

  it('go black at once when the pool is full', () => {
    expect(levelsOver(used(0.5, 1, 0.9, 0.9))).toEqual(['green', 'black', 'red', 'red'])
  })

  it('go amber at once when demand surges', () => {
    expect(levelsOver([{ surge: 8.1 }])).toEqual(['amber'])
  })

  it('act on a short runway', () => {
    const short = { runwayHours: 1.9 }
    expect(levelsOver([short, short])).toEqual(['green', 'red'])
  })

  it('warn of concentration without touching what shoppers are offered', () => {
    const readings = readIndicators({ ...CALM, topFunderShare: 0.6 }, {})
    expect(readings.find(reading => reading.indicator === 'topFunderShare')?.band).toBe('red')
    const concentrated = { topFunderShare: 0.6 }
    expect(levelsOver([concentrated, concentrated, concentrated])).toEqual(['green', 'green', 'green'])
  })

  it('tell which indicators carry a change', () => {
    const readings = readIndicators({ ...CALM, utilization: 0.95, drawdownFailureRatio: 0.02 }, {})
    const { change } = stepLevel({ level: 'green', recent: ['red'], sinceMs: 0 }, readings, 7)
    expect(change).toEqual({ from: 'green', to: 'red', because: ['utilization'] })
  })
})

describe('indicator bands', () => {
  it.each([
    ['coverage30d', 1.19, 1.04],
    ['nonStandardLeverage', 0.85, 0.95],
    ['standardLeverage', 3.4, 3.8],
    ['jointOfTier1', 0.2, 0.23],
    ['revolvingDaysLeft', 60, 20],
    ['nplOfTrigger', 0.8, 0.95],
    ['idleCashShare', 0.15, 0.25],
    ['rollRateChange', 0.2, 0.4],
    ['firstPaymentDefaultChange', 0.25, 0.5],
    ['fundingCostChangeBps', 50, 120],
    ['drawdownFailureRatio', 0.01, 0.05],
    ['unknownExposureShare', 0.01, 0.03],
    ['topFunderShare', 0.41, 0.56],
    ['runwayHours', 7.9, 1.9],
  ] as const)('%s is amber at %d and red at %d', (indicator, amber, red) => {
    const band = (value: number) =>
      readIndicators({ ...CALM, [indicator]: value }, {}).find(reading => reading.indicator === indicator)
        ?.band
    expect([band(amber), band(red)]).toEqual(['amber', 'red'])
  })
})

describe('actions', () => {
  it('drop 24 months first, then 12, then all but small short loans of known payers, then credit', () => {
    expect(allowanceOf('green', 0.5).termsMax).toBeGreaterThan(24)
    expect(allowanceOf('amber', 0.81).termsMax).toBe(12)
    expect(allowanceOf('amber', 0.87).termsMax).toBe(6)
    expect(allowanceOf('red', 0.93)).toMatchObject({
      termsMax: 3,
      ticketMax: 100_000,
      existingHighGradeOnly: true,
    })
    expect(allowanceOf('black', 1).credit).toBe(false)
  })
})

describe('shadow price', () => {
  it('is nothing up to 0.7, a quarter of the maximum half way, and the maximum when full', () => {
    const policy = { start: 0.7, maxBps: 800 }
    expect(shadowPriceBps(0.7, policy)).toBe(0)
    expect(shadowPriceBps(0.85, policy)).toBeCloseTo(200, 9)
    expect(shadowPriceBps(1, policy)).toBe(800)
    expect(shadowPriceBps(1.5, policy)).toBe(800)
  })
})
