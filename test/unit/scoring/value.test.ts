import { describe, expect, it } from 'vitest'
import { rankCascade, sequenceValue, type Step } from '../../../src/core/cascade/rank.ts'
import {
  type Economics,
  type RouteCosts,
  type RouteEstimate,
  successCost,
  valueRoute,
} from '../../../src/core/scoring/value.ts'

const FREE: RouteCosts = { success: 0, perAttempt: 0, expectedLoss: 0, shadowPrice: 0 }
const TERMS: Economics = { marginBps: 1_000, abandonmentPerSecond: 0, unknownCost: 0, lossGivenDefault: 0.6 }
const SURE: RouteEstimate = { approval: 1, unknown: 0, latencyMs: 0 }

const gain = (change: { estimate?: object; costs?: object; terms?: object; bps?: number }) =>
  valueRoute(
    100_000,
    { ...SURE, ...change.estimate },
    { ...FREE, ...change.costs },
    { ...TERMS, ...change.terms },
    change.bps ?? 0,
  )

describe('the value of a route', () => {
  it('is the margin on the order, not its amount', () => {
    expect(gain({}).gain).toBe(10_000)
    expect(gain({ terms: { marginBps: 250 } }).gain).toBe(2_500)
  })

  it.each([
    ['success cost', { costs: { success: 700 } }, 9_300],
    ['expected credit loss', { costs: { expectedLoss: 700 } }, 9_300],
    ['shadow price of the pool', { costs: { shadowPrice: 700 } }, 9_300],
    ['cost per attempt', { costs: { perAttempt: 700 } }, 9_300],
    ['a rule that prefers it', { bps: 70 }, 10_700],
    ['a rule that avoids it', { bps: -70 }, 9_300],
  ])('counts the %s', (_term, change, expected) => {
    expect(gain(change).gain).toBe(expected)
  })

  it('charges success costs on success only, and the cost per attempt always', () => {
    const estimate = { approval: 0.5 }
    expect(gain({ estimate, costs: { success: 1_000 } }).gain).toBe(4_500)
    expect(gain({ estimate, costs: { perAttempt: 1_000 } }).gain).toBe(4_000)
  })

  it('charges the cost of an unknown by its chance, and takes that chance from both other outcomes', () => {
    const { gain: worth, continuation } = gain({
      estimate: { approval: 0.75, unknown: 0.2 },
      terms: { unknownCost: 500 },
    })
    expect(worth).toBeCloseTo(0.8 * 0.75 * 10_000 - 0.2 * 500, 9)
    expect(continuation).toBeCloseTo(0.8 * 0.25, 12)
  })

  it('counts the payers who leave while a slow route fails', () => {
    const slow = gain({
      estimate: { approval: 0.5, latencyMs: 10_000 },
      terms: { abandonmentPerSecond: 0.02 },
    })
    expect(slow.continuation).toBeCloseTo(0.5 * Math.exp(-0.2), 12)
  })

  it('keeps the index finite for a route that always fails at once', () => {
    const hopeless = gain({ estimate: { approval: 0 }, costs: { perAttempt: 5 } })
    expect(hopeless.continuation).toBeLessThan(1)
    expect(Number.isFinite(hopeless.index)).toBe(true)
    expect(hopeless.index).toBe(hopeless.gain / (1 - hopeless.continuation))
  })

  it('tells every term that made it', () => {
    expect(
      gain({
        estimate: { approval: 0.9, unknown: 0.01, latencyMs: 800 },
        costs: { success: 1, perAttempt: 2, expectedLoss: 3, shadowPrice: 4 },
        terms: { unknownCost: 5 },
        bps: 1,
      }),
    ).toMatchObject({
      approval: 0.9,
      unknown: 0.01,
      latencyMs: 800,
      margin: 10_000,
      cost: 1,
      perAttempt: 2,
      expectedLoss: 3,
      shadowPrice: 4,
      unknownCost: 5,
      preference: 10,
    })
  })
})

describe('the success cost', () => {
  it.each([
    [100, 49, 0, 0],
    [100, 50, 0, 1],
    [100, 149, 0, 1],
    [100, 150, 0, 2],
    [129_900, 60, 0, 779],
    [129_900, 45, 10, 595],
    [1, 60, 0, 0],
    [10_000_000, 1_000, 7, 1_000_007],
  ])('of %i at %i basis points and %i fixed is %i', (amount, percentBps, fixed, expected) => {
    expect(successCost(amount, { percentBps, fixed })).toBe(expected)
  })

  it('stays an exact integer at the largest amounts', () => {
    expect(successCost(900_000_000_000, { percentBps: 123, fixed: 0 })).toBe(11_070_000_000)
  })
})

describe('published examples', () => {
  it('gives the expected values of the auth-rate times settlement-value formula', () => {
    const ev = (approval: number, cost: number) =>
      valueRoute(
        1,
        { approval, unknown: 0, latencyMs: 0 },
        { ...FREE, success: cost },
        { ...TERMS, marginBps: 2_000 },
        0,
      ).gain
    expect(ev(0.94, 0.018)).toBeCloseTo(0.17108, 9)
    expect(ev(0.91, 0.01)).toBeCloseTo(0.1729, 9)
  })

  // An order of 1,299 yuan with a margin of 180 yuan; latencies, chances and costs are illustrative.
  const offers = {
    baitiao: { paid: 0.9, unknown: 0.002, cost: 1_560, latencyMs: 1_200 },
    debit: { paid: 0.86, unknown: 0.004, cost: 628, latencyMs: 2_000 },
    wechat: { paid: 0.91, unknown: 0.003, cost: 780, latencyMs: 4_000 },
    subsidised: { paid: 0.93, unknown: 0, cost: 10_523, latencyMs: 1_200 },
  }
  const terms = { ...TERMS, abandonmentPerSecond: 0.02, unknownCost: 300, marginBps: 10_000 }
  const step = (id: keyof typeof offers): Step => {
    const { paid, unknown, cost, latencyMs } = offers[id]
    const estimate = { approval: paid / (1 - unknown), unknown, latencyMs }
    const { gain, continuation } = valueRoute(18_000, estimate, { ...FREE, success: cost }, terms, 0)
    return { id, gain, continuation }
  }

  it.each([
    ['baitiao', 14_796.0],
    ['debit', 14_939.9],
    ['wechat', 15_670.2],
    ['subsidised', 6_953.6],
  ] as const)('%s alone is worth %d before the cost of unknowns', (id, expected) => {
    expect(Math.abs(step(id).gain + offers[id].unknown * 300 - expected)).toBeLessThanOrEqual(0.051)
  })

  it.each([
    ['debit wechat baitiao', 17_141.4],
    ['debit baitiao wechat', 17_067.9],
    ['wechat debit baitiao', 17_024.3],
    ['wechat baitiao debit', 16_972.3],
    ['baitiao debit wechat', 16_420.6],
    ['baitiao wechat debit', 16_409.4],
  ])('the sequence %s is worth %d', (sequence, expected) => {
    const steps = sequence.split(' ').map(id => step(id as keyof typeof offers))
    expect(Math.abs(sequenceValue(steps) - expected)).toBeLessThanOrEqual(0.1)
  })

  it('ranks the best sequence, which does not start with the best single route', () => {
    const steps = (['baitiao', 'debit', 'wechat'] as const).map(step)
    const greedy = [...steps].sort((a, b) => b.gain - a.gain).map(({ id }) => id)
    const cascade = rankCascade(steps, {
      attemptsMax: 3,
      leaveOutLosing: false,
      placed: () => false,
      group: () => 0,
      tieBreak: () => 0,
    })
    expect(greedy[0]).toBe('wechat')
    expect(cascade).toEqual(['debit', 'wechat', 'baitiao'])
  })
})
