import { describe, expect, it } from 'vitest'
import { createPoolBook } from '../../../src/core/liquidity/book.ts'
import { averageLifeYears, rankSources } from '../../../src/core/liquidity/source-choice.ts'
import { BANK, DEAL, OWN, PARTNER, POOL } from './pools.ts'

const LOAN = { amount: 100_000, instalments: 12, nowMs: 0 }

function order(pool = POOL, loan = LOAN, book = createPoolBook(pool)): string[] {
  return rankSources(pool, book.sources, loan).offers.map(offer => offer.source)
}

describe('choice of source', () => {
  it('takes the cheapest money first', () => {
    // Yearly: own 300, ABS 380, joint .3 x 300 + .7 x 420 = 384, facilitation 550.
    expect(order()).toEqual(['own', 'abs_1', 'bank_a', 'bank_b'])
  })

  it('prices the money over the average life of an instalment loan', () => {
    expect(averageLifeYears(11)).toBe(0.5)
    const [own] = rankSources(POOL, createPoolBook(POOL).sources, { ...LOAN, instalments: 11 }).offers
    expect(own).toMatchObject({ source: 'own', costBps: 150 })
  })

  it('spares a source that becomes scarce before it is full', () => {
    const book = createPoolBook(POOL)
    book.apply({ kind: 'drawdown', id: 'd', source: 'own', amount: 270_000_000 })
    expect(order(POOL, LOAN, book)[0]).toBe('abs_1')
    expect(order(POOL, LOAN, book).at(-1)).toBe('own')
  })

  it('tells why each other source cannot carry the loan', () => {
    const pool = {
      ...POOL,
      sources: [
        OWN,
        { ...BANK, termsMax: 6 },
        { ...PARTNER, ticketMax: 99_999 },
        { ...DEAL, revolvingUntilMs: 0 },
      ],
    }
    expect(rankSources(pool, createPoolBook(pool).sources, LOAN).refused).toEqual([
      { source: 'bank_a', reason: 'term' },
      { source: 'bank_b', reason: 'ticket' },
      { source: 'abs_1', reason: 'closed' },
    ])
    const large = { ...LOAN, amount: 200_000_001 }
    expect(rankSources(POOL, createPoolBook(POOL).sources, large).refused).toEqual([
      { source: 'bank_b', reason: 'no_room' },
    ])
  })

  it('keeps one funder from holding more than its share of what is out', () => {
    const pool = { ...POOL, sources: [{ ...OWN, shareMaxBps: 4_000 }, PARTNER] }
    const book = createPoolBook(pool)
    expect(order(pool, LOAN, book)[0]).toBe('own')
    book.apply({ kind: 'drawdown', id: 'd1', source: 'own', amount: 60_000_000 })
    book.apply({ kind: 'drawdown', id: 'd2', source: 'bank_b', amount: 60_000_000 })
    expect(rankSources(pool, book.sources, LOAN)).toMatchObject({
      offers: [{ source: 'bank_b' }],
      refused: [{ source: 'own', reason: 'concentrated' }],
    })
  })

  it('carries the legs that the reservation takes', () => {
    const joint = rankSources(POOL, createPoolBook(POOL).sources, LOAN).offers.find(
      offer => offer.source === 'bank_a',
    )
    expect(joint).toMatchObject({
      ownShareBps: 3_000,
      legs: [{ amount: 70_000 }, { source: 'own', amount: 30_000 }],
    })
  })
})
