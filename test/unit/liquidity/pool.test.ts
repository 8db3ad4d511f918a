import { describe, expect, it } from 'vitest'
import { createPoolBook } from '../../../src/core/liquidity/book.ts'
import { loanLegs } from '../../../src/core/liquidity/pool.ts'
import type { PoolMovement } from '../../../src/core/liquidity/types.ts'
import { BANK, OWN, POOL } from './pools.ts'

function hold(reservation: string, amount: number): PoolMovement {
  return {
    kind: 'reserve',
    id: `hold-${reservation}`,
    reservation,
    legs: loanLegs(BANK, amount),
    ownShareBps: BANK.ownShareBps,
  }
}

describe('reservations', () => {
  it('split a joint loan to the fen, our part never under the legal share', () => {
    expect(loanLegs(BANK, 101)).toEqual([
      { source: 'bank_a', amount: 70 },
      { source: 'own', amount: 31 },
    ])
  })

  it('take both parts or none', () => {
    const book = createPoolBook(POOL)
    book.apply({ kind: 'drawdown', id: 'd', source: 'own', amount: 300_000_000 })
    expect(book.apply(hold('a', 1_000))).toEqual({ outcome: 'refused', reason: 'over_cap', source: 'own' })
    expect(book.source('bank_a')).toMatchObject({ reserved: 0 })
  })

  it('keep an unknown outcome until it is known', () => {
    const book = createPoolBook(POOL)
    book.apply(hold('a', 1_000))
    book.apply({ kind: 'day_start', id: 'next', source: 'bank_a', day: 1 })
    book.forgetEnded()
    expect(book.source('bank_a')).toMatchObject({ reserved: 700, used: 0 })
    expect(book.reservation('a')?.status).toBe('held')
  })

  it('let go what a partial capture leaves, in both parts', () => {
    const book = createPoolBook(POOL)
    book.apply(hold('a', 1_000))
    book.apply({ kind: 'commit', id: 'c', reservation: 'a', amount: 333 })
    expect(book.source('bank_a')).toMatchObject({ reserved: 0, used: 233, drawnToday: 233 })
    expect(book.source('own')).toMatchObject({ reserved: 0, used: 100 })
  })

  it('are barred by a release that overtook them', () => {
    const book = createPoolBook(POOL)
    expect(book.apply({ kind: 'release', id: 'x', reservation: 'a' }).outcome).toBe('applied')
    expect(book.apply(hold('a', 1_000))).toMatchObject({ outcome: 'refused', reason: 'reservation_conflict' })
  })

  it('cannot be released once the loan is made, nor lent once released', () => {
    const book = createPoolBook(POOL)
    book.apply(hold('a', 1_000))
    book.apply({ kind: 'commit', id: 'c', reservation: 'a', amount: 1_000 })
    book.apply(hold('b', 1_000))
    expect(book.apply({ kind: 'release', id: 'x', reservation: 'a' })).toMatchObject({
      outcome: 'refused',
      reason: 'reservation_conflict',
    })
    expect(book.source('bank_a')).toMatchObject({ used: 700, reserved: 700 })
    book.apply({ kind: 'release', id: 'y', reservation: 'b' })
    expect(book.apply({ kind: 'commit', id: 'd', reservation: 'b', amount: 1_000 }).outcome).toBe('refused')
  })

  it('are refused above the quota of the day, and accepted again on the next', () => {
    const book = createPoolBook({ ...POOL, sources: [{ ...OWN, dailyQuota: 1_000 }] })
    const reserve = (id: string): PoolMovement => ({
      kind: 'reserve',
      id,
      reservation: id,
      legs: [{ source: 'own', amount: 600 }],
    })
    book.apply(reserve('a'))
    book.apply({ kind: 'commit', id: 'ca', reservation: 'a', amount: 600 })
    expect(book.apply(reserve('b'))).toMatchObject({ outcome: 'refused', reason: 'over_quota' })
    book.apply({ kind: 'day_start', id: 'day1', source: 'own', day: 1 })
    expect(book.apply(reserve('b')).outcome).toBe('applied')
  })

  it('reject an amount that is not a positive integer', () => {
    const book = createPoolBook(POOL)
    for (const amount of [-1, 1.5, Number.NaN]) {
      expect(() =>
        book.apply({ kind: 'reserve', id: 'r', reservation: 'r', legs: [{ source: 'own', amount }] }),
      ).toThrow(RangeError)
    }
  })
})

describe('a cap that is cut below what is out', () => {
  it('leaves no room, follows the loans down and never lets the source stand above it', () => {
    const book = createPoolBook(POOL)
    book.apply({ kind: 'drawdown', id: 'd', source: 'bank_b', amount: 150_000_000 })
    book.apply({ kind: 'cap_change', id: 'k', source: 'bank_b', version: 2, cap: 100_000_000, open: true })
    expect(book.source('bank_b')).toMatchObject({ cap: 150_000_000, announcedCap: 100_000_000 })
    const one: PoolMovement = {
      kind: 'reserve',
      id: 'r',
      reservation: 'r',
      legs: [{ source: 'bank_b', amount: 1 }],
    }
    expect(book.apply(one)).toMatchObject({ outcome: 'refused', reason: 'over_cap' })
    book.apply({ kind: 'repayment', id: 'p1', source: 'bank_b', amount: 30_000_000 })
    expect(book.source('bank_b')).toMatchObject({ cap: 120_000_000 })
    book.apply({ kind: 'repayment', id: 'p2', source: 'bank_b', amount: 30_000_000 })
    expect(book.source('bank_b')).toMatchObject({ cap: 100_000_000, used: 90_000_000 })
    expect(book.apply(one).outcome).toBe('applied')
  })

  it('ignores an older change that arrives late', () => {
    const book = createPoolBook(POOL)
    book.apply({ kind: 'cap_change', id: 'k2', source: 'bank_b', version: 2, cap: 5, open: false })
    book.apply({ kind: 'cap_change', id: 'k1', source: 'bank_b', version: 1, cap: 9, open: true })
    expect(book.source('bank_b')).toMatchObject({ cap: 5, open: false })
  })
})
