import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPoolBook, type PoolBook } from '../../../src/core/liquidity/book.ts'
import { loanLegs } from '../../../src/core/liquidity/pool.ts'
import type { PoolMovement } from '../../../src/core/liquidity/types.ts'
import { BANK, DEAL, OWN, PARTNER } from './pools.ts'

const POOL = {
  id: 'p',
  currency: 'CNY',
  sources: [
    { ...OWN, cap: 5_000 },
    { ...BANK, cap: 9_000 },
    { ...PARTNER, cap: 3_000, dailyQuota: 1_500 },
    { ...DEAL, cap: 4_000 },
  ],
}
const SOURCES = POOL.sources.map(source => source.id)

const source = fc.constantFrom(...SOURCES)
const reservation = fc.integer({ min: 0, max: 14 }).map(n => `r${n}`)
const amount = fc.integer({ min: 1, max: 2_000 })
const lend = fc.constantFrom(...POOL.sources)

/** A movement with an id of its own except that attempts reserve, commit and release once each, as the gateway does. */
const movement: fc.Arbitrary<PoolMovement> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ from: lend, reservation, amount }).map(reserveOf) },
  {
    weight: 3,
    arbitrary: fc
      .record({ reservation, amount })
      .map(r => ({ kind: 'commit' as const, id: `c-${r.reservation}`, ...r })),
  },
  {
    weight: 2,
    arbitrary: reservation.map(r => ({ kind: 'release' as const, id: `x-${r}`, reservation: r })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ id: fc.uuid(), source, amount }).map(r => ({ kind: 'repayment' as const, ...r })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ id: fc.uuid(), source, amount }).map(r => ({ kind: 'drawdown' as const, ...r })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        id: fc.uuid(),
        source,
        version: fc.integer({ min: 1, max: 99 }),
        cap: fc.integer({ min: 0, max: 9_000 }),
        open: fc.boolean(),
      })
      .map(r => ({ kind: 'cap_change' as const, ...r })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ id: fc.uuid(), source, day: fc.integer({ min: 0, max: 9 }) })
      .map(r => ({ kind: 'day_start' as const, ...r })),
  },
)

function reserveOf(input: {
  from: (typeof POOL.sources)[number]
  reservation: string
  amount: number
}): PoolMovement {
  const { from, reservation, amount } = input
  const share = from.kind === 'joint_loan' ? { ownShareBps: from.ownShareBps } : {}
  return { kind: 'reserve', id: `h-${reservation}`, reservation, legs: loanLegs(from, amount), ...share }
}

function totals(book: PoolBook): { reserved: number; used: number } {
  let reserved = 0
  let used = 0
  for (const state of book.sources.values()) {
    reserved += state.reserved
    used += state.used
  }
  return { reserved, used }
}

describe('the ledger of a pool, over random movements', () => {
  it('balances to the fen: what is reserved is held, what is used was lent and not repaid', () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 120 }), movements => {
        const book = createPoolBook(POOL)
        let drawn = 0
        for (const next of movements) {
          const { outcome } = book.apply(next)
          if (outcome !== 'applied') continue
          if (next.kind === 'drawdown') drawn += next.amount
          if (next.kind === 'repayment') drawn -= next.amount
        }
        let held = 0
        let lent = 0
        for (const { status, legs } of book.reservations.values()) {
          const sum = legs.reduce((total, leg) => total + leg.amount, 0)
          if (status === 'held') held += sum
          if (status === 'committed') lent += sum
        }
        expect(totals(book)).toEqual({ reserved: held, used: lent + drawn })
      }),
      { numRuns: 500 },
    )
  })

  it('never has a source above its cap, below nothing, or newly lending above its quota', () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 120 }), movements => {
        const book = createPoolBook(POOL)
        for (const next of movements) {
          const before = new Map(book.sources)
          const { outcome } = book.apply(next)
          for (const state of book.sources.values()) {
            expect(state.used + state.reserved).toBeLessThanOrEqual(state.cap)
            expect(Math.min(state.used, state.reserved, state.drawnToday)).toBeGreaterThanOrEqual(0)
            const was = before.get(state.source)
            const lends = next.kind === 'reserve' || next.kind === 'drawdown'
            if (outcome === 'applied' && lends && was !== state) {
              expect(state.used + state.reserved).toBeLessThanOrEqual(state.announcedCap)
            }
            if (next.kind === 'reserve' && was !== state && state.dailyQuota !== undefined) {
              expect(state.drawnToday + state.reserved).toBeLessThanOrEqual(state.dailyQuota)
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('counts a movement once, however often it is delivered', () => {
    fc.assert(
      fc.property(
        fc.array(movement, { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        (movements, stride) => {
          const once = createPoolBook(POOL)
          const applied = movements.filter(next => once.apply(next).outcome === 'applied')
          const often = createPoolBook(POOL)
          for (const [index, next] of applied.entries()) {
            often.apply(next)
            for (let back = index; back >= 0; back -= stride) often.apply(applied[back] as PoolMovement)
          }
          expect(often.sources).toEqual(once.sources)
          expect(often.reservations).toEqual(once.reservations)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('ends the same whichever way deliveries are ordered, when refused ones are delivered again', () => {
    // Reservations within the caps, ended one way each; the funder's latest cap change decides.
    const attempt = fc.record({ from: lend, amount: fc.integer({ min: 1, max: 60 }), commit: fc.boolean() })
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 15 }), fc.infiniteStream(fc.nat()), (attempts, keys) => {
        const movements = attempts.flatMap(({ from, amount, commit }, index): PoolMovement[] => {
          const reservation = `r${index}`
          const end: PoolMovement = commit
            ? { kind: 'commit', id: `c-${index}`, reservation, amount }
            : { kind: 'release', id: `x-${index}`, reservation }
          return [reserveOf({ from, reservation, amount }), end]
        })
        for (const version of [1, 2, 3]) {
          movements.push({
            kind: 'cap_change',
            id: `v${version}`,
            source: 'own',
            version,
            cap: 4_000 + version,
            open: true,
          })
        }
        const shuffled = movements
          .map(next => ({ next, key: keys.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ next }) => next)
        expect(settled(shuffled)).toEqual(settled(movements))
      }),
      { numRuns: 300 },
    )
  })
})

/** Delivers everything twice over, and gives the sources. */
function settled(movements: readonly PoolMovement[]): unknown {
  const book = createPoolBook(POOL)
  for (const next of [...movements, ...movements, ...movements]) book.apply(next)
  return [...book.sources.values()]
}
