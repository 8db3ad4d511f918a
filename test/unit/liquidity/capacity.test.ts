import { describe, expect, it } from 'vitest'
import { createPoolBook } from '../../../src/core/liquidity/book.ts'
import {
  absCap,
  jointCap,
  lendable,
  leverageRoom,
  ownFundsCap,
  partnerCap,
  poolUsage,
} from '../../../src/core/liquidity/capacity.ts'
import { legalRatioBps, poolProblems } from '../../../src/core/liquidity/legal-ratios.ts'
import { BANK, OWN, POOL } from './pools.ts'

describe('capacity of sources', () => {
  it('own funds lend what is left after buffer and outflows, never less than nothing', () => {
    expect(ownFundsCap({ cash: 500, liquidityBuffer: 120, outflows: 80 })).toBe(300)
    expect(ownFundsCap({ cash: 100, liquidityBuffer: 120, outflows: 0 })).toBe(0)
  })

  it('borrowing stays within one and four times net assets', () => {
    expect(leverageRoom(10_000, 1_000, 850)).toBe(150)
    expect(leverageRoom(40_000, 1_000, 4_200)).toBe(0)
  })

  it('a partner lends within quota and limit, and nothing when it is not on the list', () => {
    const partner = { listed: true, dailyQuota: 50, usedToday: 20, limit: 1_000, outstanding: 980 }
    expect(partnerCap(partner)).toBe(20)
    expect(partnerCap({ ...partner, outstanding: 0 })).toBe(30)
    expect(partnerCap({ ...partner, listed: false })).toBe(0)
  })

  it('a joint loan needs both parts: own 3.0m at 30 % and a bank of 10m carry 10.0m', () => {
    expect(jointCap(300_000_000, 1_000_000_000, 3_000)).toBe(1_000_000_000)
    expect(jointCap(300_000_000, 350_000_000, 3_000)).toBe(500_000_000)
  })

  it('securities buy while they revolve untriggered, within the advance rate and the leverage ceiling', () => {
    const deal = {
      revolving: true,
      triggered: false,
      advanceRateBps: 8_500,
      eligible: 1_000,
      drawn: 600,
      leverageRoom: 200,
    }
    expect(absCap(deal)).toBe(200)
    expect(absCap({ ...deal, leverageRoom: 900 })).toBe(250)
    expect(absCap({ ...deal, triggered: true })).toBe(0)
    expect(absCap({ ...deal, revolving: false })).toBe(0)
  })
})

describe('capacity of a pool', () => {
  it('counts own funds once: lent jointly they carry 10.0m, and nothing is left to lend alone', () => {
    const pool = { ...POOL, sources: [OWN, BANK] }
    expect(lendable(pool, createPoolBook(pool).sources, 0, true)).toBe(1_000_000_000)
  })

  it('leaves a closed source and an ended revolving period out', () => {
    const book = createPoolBook(POOL)
    expect(lendable(POOL, book.sources, 0, true)).toBe(1_000_000_000 + 200_000_000 + 400_000_000)
    expect(lendable(POOL, book.sources, 10_000_000, true)).toBe(1_000_000_000 + 200_000_000)
    book.apply({ kind: 'cap_change', id: 'm1', source: 'bank_a', version: 1, cap: 0, open: false })
    expect(lendable(POOL, book.sources, 10_000_000, true)).toBe(300_000_000 + 200_000_000)
  })

  it('measures the tighter of standing capacity and the quota of the day', () => {
    const pool = { ...POOL, sources: [{ ...OWN, dailyQuota: 30_000_000 }] }
    const book = createPoolBook(pool)
    book.apply({ kind: 'drawdown', id: 'opening', source: 'own', amount: 150_000_000 })
    expect(poolUsage(pool, book.sources, 0).utilization).toBe(0.5)
    book.apply({ kind: 'reserve', id: 'r', reservation: 'a', legs: [{ source: 'own', amount: 27_000_000 }] })
    expect(poolUsage(pool, book.sources, 0).utilization).toBe(0.9)
    expect(poolUsage(pool, book.sources, 0).headroom).toBe(3_000_000)
  })

  it('is full when nobody lends', () => {
    expect(poolUsage({ ...POOL, sources: [] }, new Map(), 0)).toMatchObject({
      utilization: 1,
      anyOpen: false,
    })
  })
})

describe('legal ratios', () => {
  it('hold from their day on', () => {
    expect(legalRatioBps('jointOwnShareMin', '2021-12-31')).toBeUndefined()
    expect(legalRatioBps('jointOwnShareMin', '2022-01-01')).toBe(3_000)
    expect(legalRatioBps('standardOfNetAssetsMax', '2026-01-01')).toBe(40_000)
  })

  it('find a joint loan that carries too little of our own money', () => {
    const pool = { ...POOL, sources: [OWN, { ...BANK, ownShareBps: 2_999 }] }
    expect(poolProblems(pool, '2022-01-01')).toEqual([
      { source: 'bank_a', problem: 'own_share_under_legal_minimum' },
    ])
    expect(poolProblems(POOL, '2026-01-01')).toEqual([])
    expect(poolProblems({ ...POOL, sources: [BANK, BANK] }, '2026-01-01').map(p => p.problem)).toEqual([
      'own_source_missing',
      'duplicate_source',
      'own_source_missing',
    ])
  })
})
