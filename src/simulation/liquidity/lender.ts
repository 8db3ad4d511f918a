import { createPoolBook, type PoolBook } from '../../core/liquidity/book.ts'
import { rankSources, type SourceOffer } from '../../core/liquidity/source-choice.ts'
import type { Leg, Pool, PoolMovement } from '../../core/liquidity/types.ts'
import { createRunOff, type RunOff } from './run-off.ts'
import { toSource, type World, type WorldSource } from './scenario.ts'

const HOUR_MS = 3_600_000
/** The lender of a stress run: the product's own ledger and choice of source, and the loans behind them. */
export interface Lender {
  readonly pool: Pool
  readonly book: PoolBook
  readonly runOff: RunOff
  /** The cheapest source that can carry the loan now; changes nothing. */
  quote(amount: number, instalments: number, nowMs: number): SourceOffer | undefined
  /** Holds the money for an attempt at the cheapest source that takes it. */
  reserve(reservation: string, amount: number, instalments: number, nowMs: number): boolean
  /** Ends an attempt: the loan is made and its repayments are due monthly, or the money is let go. */
  settle(reservation: string, approved: boolean, instalments: number, hour: number): number
  repayDue(hour: number, arrearsShare: number): number
  startDay(day: number): void
  /** The funder's terms now: cap, whether it is open, and the money its cap is short of meanwhile. */
  setSource(source: WorldSource, capFactor: number, paidOut: number, open: boolean): void
  addFundingCost(addBps: number, source?: string): void
}

export function createLender(world: World, horizonHours: number): Lender {
  let pool: Pool = { id: 'stress', currency: 'CNY', sources: world.sources.map(toSource) }
  const book = createPoolBook(pool)
  const runOff = createRunOff(world, horizonHours)
  const terms = new Map(world.sources.map(({ id, cap }) => [id, `${cap}:true`]))
  let movements = 0
  const apply = (movement: Unnumbered): boolean => {
    const result = book.apply({ ...movement, id: `m${movements++}` } as PoolMovement)
    return result.outcome === 'applied'
  }
  for (const { id, opening } of world.sources) {
    if (opening > 0) apply({ kind: 'drawdown', source: id, amount: opening })
  }
  const lender: Lender = {
    get pool() {
      return pool
    },
    book,
    runOff,
    quote: (amount, instalments, nowMs) =>
      rankSources(pool, book.sources, { amount, instalments, nowMs }).offers[0],
    reserve(reservation, amount, instalments, nowMs) {
      for (const { legs, ownShareBps } of rankSources(pool, book.sources, { amount, instalments, nowMs })
        .offers) {
        const share = ownShareBps === undefined ? {} : { ownShareBps }
        if (apply({ kind: 'reserve', reservation, legs, ...share })) return true
      }
      return false
    },
    settle(reservation, approved, instalments, hour) {
      const legs = book.reservation(reservation)?.legs ?? []
      const amount = sumOf(legs)
      if (!approved) apply({ kind: 'release', reservation })
      else if (apply({ kind: 'commit', reservation, amount })) {
        for (const { source, amount: part } of legs) runOff.lend(source, part, instalments, hour)
      }
      return amount
    },
    repayDue(hour, arrearsShare) {
      let repaid = 0
      for (const state of book.sources.values()) {
        const amount = Math.min(state.used, runOff.takeDue(state.source, hour, arrearsShare))
        if (amount > 0 && apply({ kind: 'repayment', source: state.source, amount })) repaid += amount
      }
      return repaid
    },
    startDay(day) {
      for (const source of book.sources.keys()) apply({ kind: 'day_start', source, day })
      book.forgetEnded()
    },
    setSource(source, capFactor, paidOut, open) {
      const cap = Math.max(0, Math.floor(source.cap * capFactor) - paidOut)
      const wanted = `${cap}:${open}`
      if (terms.get(source.id) === wanted) return
      terms.set(source.id, wanted)
      const quota = source.dailyQuota === undefined ? {} : { dailyQuota: source.dailyQuota }
      apply({ kind: 'cap_change', source: source.id, version: movements + 1, cap, open, ...quota })
    },
    addFundingCost(addBps, only) {
      const dearer = pool.sources.map(source =>
        only === undefined || source.id === only
          ? { ...source, annualCostBps: source.annualCostBps + addBps }
          : source,
      )
      pool = { ...pool, sources: dearer }
    },
  }
  return lender
}

type Unnumbered = PoolMovement extends infer M ? (M extends PoolMovement ? Omit<M, 'id'> : never) : never

function sumOf(legs: readonly Leg[]): number {
  return legs.reduce((sum, leg) => sum + leg.amount, 0)
}

/** Time of an hour of the run; hour 0 is Monday 00:00. */
export function msOfHour(hour: number): number {
  return Math.round(hour * HOUR_MS)
}
