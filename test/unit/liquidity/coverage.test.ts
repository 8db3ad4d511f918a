import { describe, expect, it } from 'vitest'
import { addBurn, burnPerHour, newBurn } from '../../../src/core/liquidity/burn.ts'
import {
  concentration,
  coverage,
  reverseStressMultiple,
  stepCusum,
} from '../../../src/core/liquidity/coverage.ts'

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
  it('finds a shift of one standard deviation in about ten steps and rests without one', () => {
    let g = 0
    let steps = 0
    for (let alarm = false; !alarm; steps++) ({ g, alarm } = stepCusum(g, 1))
    expect(steps).toBe(11)
    g = 0
    for (let step = 0; step < 100; step++) g = stepCusum(g, step % 2 === 0 ? 1 : -1).g
    expect(g).toBeLessThan(1)
  })
})
