import { describe, expect, it } from 'vitest'
import { addBurn, burnPerHour, newBurn } from '../../../src/core/liquidity/burn.ts'
import {
  concentration,
  coverage,
  reverseStressMultiple,
  standardizedError,
  stepCusum,
} from '../../../src/core/liquidity/coverage.ts'
import { drawNormal, randomStream } from '../../../src/core/random.ts'

/** CNY million over 24 hours. */
const BASE = {
  buffer: 120,
  lines: [{ undrawn: 200, haircutBps: 1_000 }],
  outflow: 90,
  inflow: 40,
  arrearsBps: 300,
  horizonHours: 24,
}

describe('coverage and runway', () => {
  it.each([
    { name: 'base', change: {}, net: 51.2, buffer: 2.344, lines: 5.859, runway: 140.6 },
    { name: 'demand x5', change: { outflow: 450 }, net: 411.2, buffer: 0.292, lines: 0.73, runway: 17.5 },
    {
      name: 'demand x5 and the biggest line withdrawn',
      change: { outflow: 450, lines: [{ undrawn: 80, haircutBps: 1_000 }] },
      net: 411.2,
      buffer: 0.292,
      lines: 0.467,
      runway: 11.2,
    },
    {
      name: 'arrears x3 and lines halved',
      change: { arrearsBps: 900, lines: [{ undrawn: 100, haircutBps: 1_000 }] },
      net: 53.6,
      buffer: 2.239,
      lines: 3.918,
      runway: 94,
    },
  ])('gives the worked figures: $name', ({ change, net, buffer, lines, runway }) => {
    const result = coverage({ ...BASE, ...change })
    expect(result.netOutflow).toBeCloseTo(net, 9)
    expect(Number(result.bufferRatio.toFixed(3))).toBe(buffer)
    expect(Number(result.ratio.toFixed(3))).toBe(lines)
    expect(Number(result.runwayHours.toFixed(1))).toBe(runway)
  })

  it('counts inflow up to three quarters of the outflow', () => {
    expect(coverage({ ...BASE, inflow: 1_000 }).netOutflow).toBe(22.5)
  })

  it('finds the demand that breaks it: 3.764 times with lines, 1.764 times on the buffer alone', () => {
    expect(Number(reverseStressMultiple(BASE, true).toFixed(3))).toBe(3.764)
    expect(Number(reverseStressMultiple(BASE, false).toFixed(3))).toBe(1.764)
  })

  it('finds a multiple at which coverage is exactly one, capped inflow included', () => {
    for (const inflow of [0, 40, 400, 4_000]) {
      const multiple = reverseStressMultiple({ ...BASE, inflow }, true)
      expect(coverage({ ...BASE, inflow, outflow: BASE.outflow * multiple }).ratio).toBeCloseTo(1, 9)
    }
  })
})

describe('burn', () => {
  it('settles at the true rate in every window', () => {
    let burn = newBurn(0)
    const hourMs = 3_600_000
    for (let nowMs = 0; nowMs <= 30 * 24 * hourMs; nowMs += 10_000) burn = addBurn(burn, 50, nowMs)
    for (const window of ['minutes', 'hour', 'day'] as const) {
      expect(burnPerHour(burn, window, 30 * 24 * hourMs) / 18_000).toBeCloseTo(1, 1)
    }
  })

  it('halves after one half-life without events', () => {
    const burn = addBurn(newBurn(0), 1_000, 0)
    expect(burnPerHour(burn, 'hour', 3_600_000) / burnPerHour(burn, 'hour', 0)).toBeCloseTo(0.5, 12)
  })
})

describe('concentration', () => {
  it('measures dependence on the largest funder', () => {
    const measured = concentration([60, 30, 10])
    expect(measured?.topShare).toBeCloseTo(0.6, 12)
    expect(measured?.hhi).toBeCloseTo(0.46, 12)
  })

  it('says nothing of a single funder', () => {
    expect(concentration([60])).toBeUndefined()
  })
})

describe('surge detector', () => {
  const stepsTo = (threshold: number): number => {
    let g = 0
    let steps = 0
    for (; g <= threshold; steps++) g = stepCusum(g, 1)
    return steps
  }

  it('finds a shift of one standard deviation in about ten steps at 5, in sixteen or so at 8', () => {
    expect([stepsTo(5), stepsTo(8)]).toEqual([11, 17])
  })

  it('is wrong about once in 930 steps at 5', () => {
    const random = randomStream(1)
    let g = 0
    let alarms = 0
    const steps = 300_000
    for (let step = 0; step < steps; step++) {
      g = stepCusum(g, drawNormal(random))
      if (g <= 5) continue
      alarms++
      g = 0
    }
    console.log(`surge detector: ${(steps / alarms).toFixed(0)} steps between false alarms at threshold 5`)
    expect(steps / alarms).toBeGreaterThan(700)
    expect(steps / alarms).toBeLessThan(1_200)
  })

  it('measures errors in standard deviations', () => {
    expect(standardizedError(10_000, 10_000, 400)).toBe(0)
    // sd = sqrt(400 x 10,000) = 2,000
    expect(standardizedError(12_000, 10_000, 400)).toBeCloseTo(1, 1)
  })
})
