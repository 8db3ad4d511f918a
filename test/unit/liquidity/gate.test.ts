import { describe, expect, it } from 'vitest'
import { createPoolBook } from '../../../src/core/liquidity/book.ts'
import { poolUsage } from '../../../src/core/liquidity/capacity.ts'
import { liquidityGate } from '../../../src/core/liquidity/gate.ts'
import { newLevelState } from '../../../src/core/liquidity/levels.ts'
import { snapshotOf } from '../../../src/core/liquidity/snapshot.ts'
import type { LiquidityLevel } from '../../../src/core/liquidity/types.ts'
import { POOL } from './pools.ts'

const REQUEST = { amount: 50_000, offered: [3, 6, 12, 24], existingHighGrade: false }

function at(level: LiquidityLevel, nowMs = 0) {
  return snapshotOf(
    POOL,
    poolUsage(POOL, createPoolBook(POOL).sources, nowMs),
    { ...newLevelState(0), level },
    nowMs,
  )
}

describe('the liquidity gate', () => {
  it('offers every term while green', () => {
    expect(liquidityGate(at('green'), REQUEST)).toEqual({
      allowed: true,
      reasons: [],
      allowedTerms: [3, 6, 12, 24],
    })
  })

  it('drops the longest term in amber and says why', () => {
    expect(liquidityGate(at('amber'), REQUEST)).toEqual({
      allowed: true,
      reasons: ['LIQ_TERM_SUSPENDED'],
      allowedTerms: [3, 6, 12],
    })
    expect(liquidityGate(at('amber'), { ...REQUEST, instalments: 24 }).allowed).toBe(false)
    expect(liquidityGate(at('amber'), { ...REQUEST, instalments: 12 }).allowed).toBe(true)
  })

  it('serves known good payers with small tickets in red', () => {
    const good = { ...REQUEST, existingHighGrade: true }
    expect(liquidityGate(at('red'), REQUEST).reasons).toEqual(['LIQ_DAILY_CAPACITY'])
    expect(liquidityGate(at('red'), good)).toMatchObject({ allowed: true, allowedTerms: [3] })
    expect(liquidityGate(at('red'), { ...good, amount: 100_001 }).reasons).toEqual(['LIQ_AMOUNT_RESTRICTED'])
  })

  it('offers no credit in black', () => {
    expect(liquidityGate(at('black'), { ...REQUEST, existingHighGrade: true })).toEqual({
      allowed: false,
      reasons: ['LIQ_DAILY_CAPACITY'],
      allowedTerms: [],
    })
  })

  it('names the funder when none takes loans', () => {
    const pool = { ...POOL, sources: POOL.sources.filter(source => source.kind === 'abs') }
    const states = createPoolBook(pool).sources
    const snapshot = snapshotOf(pool, poolUsage(pool, states, 10_000_000), newLevelState(0), 10_000_000)
    expect(liquidityGate(snapshot, REQUEST).reasons).toEqual(['LIQ_PARTNER_UNAVAILABLE'])
  })

  it('refuses an amount that no single source can carry', () => {
    expect(liquidityGate(at('green'), { ...REQUEST, amount: 1_000_000_001 }).reasons).toEqual([
      'LIQ_AMOUNT_RESTRICTED',
    ])
  })
})

describe('a snapshot', () => {
  it('prices scarcity by the pool or by the pace of the day, whichever is tighter', () => {
    const usage = poolUsage(POOL, createPoolBook(POOL).sources, 0)
    expect(snapshotOf(POOL, usage, newLevelState(0), 0).lambdaBps).toBe(0)
    expect(snapshotOf(POOL, usage, newLevelState(0), 0, 0.85).lambdaBps).toBeCloseTo(200, 9)
  })
})
