import { describe, expect, it } from 'vitest'
import {
  balanceIndicators,
  fadeRate,
  marginalCostBps,
  triggeredDeals,
} from '../../../src/core/liquidity/balance.ts'
import { createPoolBook } from '../../../src/core/liquidity/book.ts'
import { DEAL, POOL } from './pools.ts'

const DAY_MS = 86_400_000

function drawn(source: string, amount: number) {
  const book = createPoolBook(POOL)
  book.apply({ kind: 'drawdown', id: 'd', source, amount })
  return book
}

describe('indicators from the balance sheet', () => {
  it('reckon leverage with what the deals of the pool have out now', () => {
    const balance = { netAssets: 100_000_000, nonStandardDebt: 85_000_000, standardDebt: 100_000_000 }
    const { sources } = drawn('abs_1', 240_000_000)
    expect(balanceIndicators(POOL, sources, balance, 0)).toMatchObject({
      nonStandardLeverage: 0.85,
      standardLeverage: 3.4,
    })
  })

  it('hold the joint balance with a bank against its capital, and a deal against its trigger', () => {
    const { sources } = drawn('bank_a', 200_000_000)
    const balance = { tier1: { bank_a: 1_000_000_000 }, nplBps: { abs_1: 400 } }
    expect(balanceIndicators(POOL, sources, balance, 0)).toMatchObject({
      jointOfTier1: 0.2,
      nplOfTrigger: 0.8,
    })
  })

  it('see the idle part of a deal only while it revolves', () => {
    const { sources } = drawn('abs_1', 300_000_000)
    expect(balanceIndicators(POOL, sources, {}, 0)).toEqual({ idleCashShare: 0.25 })
    expect(balanceIndicators(POOL, sources, {}, DEAL.revolvingUntilMs)).toEqual({})
  })

  it('name the deals that have reached their trigger', () => {
    expect(triggeredDeals(POOL, { nplBps: { abs_1: 499 } })).toEqual([])
    expect(triggeredDeals(POOL, { nplBps: { abs_1: 500, own: 9_000 } })).toEqual(['abs_1'])
  })
})

describe('the marginal cost of money', () => {
  it('is that of the cheapest source with room, our part of a joint loan at our price', () => {
    const book = createPoolBook(POOL)
    expect(marginalCostBps(POOL, book.sources, 0)).toBe(300)
    book.apply({ kind: 'drawdown', id: 'o', source: 'own', amount: 300_000_000 })
    expect(marginalCostBps(POOL, book.sources, 0)).toBe(380)
    expect(marginalCostBps(POOL, book.sources, DEAL.revolvingUntilMs)).toBe(0.7 * 420 + 0.3 * 300)
    expect(marginalCostBps({ ...POOL, sources: [] }, book.sources, 0)).toBeUndefined()
  })

  it('is held against a mean that follows over about 90 days', () => {
    const start = fadeRate(undefined, 300, 0)
    expect(fadeRate(start, 400, DAY_MS).bps).toBeCloseTo(302.2, 1)
    expect(fadeRate(start, 400, 45 * DAY_MS).bps).toBeCloseTo(300 + 100 * (1 - Math.exp(-1)), 6)
  })
})
