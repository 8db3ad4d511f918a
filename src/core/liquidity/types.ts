/**
 * The vocabulary of liquidity: a pool lends out of sources, every loan is reserved first, and each change of
 * a source is a movement with an id of its own. Amounts are integers in minor units of the pool's currency;
 * rates are basis points; instants are milliseconds of the epoch.
 */

interface SourceTerms {
  readonly id: string
  /** The most that may be out (used + reserved) at once. */
  readonly cap: number
  /** Marginal cost of this money, yearly, on the part that this source itself lends. */
  readonly annualCostBps: number
  /** The most that may be newly lent in one day; absent: no daily quota. */
  readonly dailyQuota?: number
  /** Longest instalment term that the funder takes. */
  readonly termsMax?: number
  /** Largest single loan that the funder takes. */
  readonly ticketMax?: number
  /** Largest share of all that the pool has out which this source may hold; absent: no limit of our own. */
  readonly shareMaxBps?: number
}

/** The lender's own money: net assets, and borrowing within the leverage limits. */
export interface OwnFunds extends SourceTerms {
  readonly kind: 'own_funds'
}

/** Lent together with a bank: the bank's part draws on this source, ours on `ownSource`. */
export interface JointLoan extends SourceTerms {
  readonly kind: 'joint_loan'
  /** The `own_funds` source that carries our part. */
  readonly ownSource: string
  /** Our part of every loan; the law sets the least (`legal-ratios.ts`). */
  readonly ownShareBps: number
}

/** Lent by a partner bank alone; we bring the customer. */
export interface LoanFacilitation extends SourceTerms {
  readonly kind: 'loan_facilitation'
}

/** Receivables sold to an asset-backed security, which buys new ones only while it revolves untriggered. */
export interface Abs extends SourceTerms {
  readonly kind: 'abs'
  readonly revolvingUntilMs: number
  /** Share of non-performing receivables at which the deal stops revolving. */
  readonly nplTriggerBps: number
}

export type Source = OwnFunds | JointLoan | LoanFacilitation | Abs

export interface Pool {
  readonly id: string
  readonly currency: string
  readonly sources: readonly Source[]
}

/**
 * What the ledger keeps for one source - one row of the journal.
 * Invariants: `0 <= used`, `0 <= reserved`, `used + reserved <= cap`, and `drawnToday + reserved <= dailyQuota`
 * at every reservation.
 */
export interface SourceState {
  readonly source: string
  /** The cap that holds now: never under what is already out. */
  readonly cap: number
  /** What the funder last set; under `cap` while the loans above it run off. */
  readonly announcedCap: number
  readonly dailyQuota?: number
  /** Principal that is lent and not yet repaid. */
  readonly used: number
  /** Promised to attempts whose outcome is not final; an unknown outcome stays here. */
  readonly reserved: number
  /** Committed since the funder's day began. */
  readonly drawnToday: number
  /** The funder's day, counted from the epoch in the funder's own time zone. */
  readonly day: number
  /** Version of the last cap change applied; an older one that arrives late is ignored. */
  readonly capVersion: number
  /** Whether the funder takes new loans now: listed, not stopped, revolving. */
  readonly open: boolean
}

/** The part of a loan that one source lends. */
export interface Leg {
  readonly source: string
  readonly amount: number
}

/** Money held for one attempt. `held` ends as `committed` or `released`; neither ever changes again. */
export interface Reservation {
  readonly id: string
  readonly status: 'held' | 'committed' | 'released'
  /** Joint loans have two legs: the bank's first, then ours. Empty when released before it was ever reserved. */
  readonly legs: readonly Leg[]
  /** Our part in basis points, by which a partial capture is split; absent for a loan of one leg. */
  readonly ownShareBps?: number
}

/**
 * One change of the ledger. `id` makes it count once, however often and in whatever order it is delivered.
 * - reserve: before the INTENT is sent; both legs or none.
 * - commit: the loan is made, of `amount` or less than what was reserved; the rest is let go.
 * - release: definitely no loan. Arriving first it bars the reservation that comes after it.
 * - repayment: principal came back. drawdown: principal went out that no reservation covers (opening balance,
 *   a funder's statement); it does not touch the day's quota. cap_change: limit, quota or openness set by the funder. day_start: daily quotas anew.
 */
export type PoolMovement =
  | {
      readonly kind: 'reserve'
      readonly id: string
      readonly reservation: string
      readonly legs: readonly Leg[]
      readonly ownShareBps?: number
    }
  | { readonly kind: 'commit'; readonly id: string; readonly reservation: string; readonly amount: number }
  | { readonly kind: 'release'; readonly id: string; readonly reservation: string }
  | { readonly kind: 'repayment'; readonly id: string; readonly source: string; readonly amount: number }
  | { readonly kind: 'drawdown'; readonly id: string; readonly source: string; readonly amount: number }
  | {
      readonly kind: 'cap_change'
      readonly id: string
      readonly source: string
      /** Greater than that of every earlier change of this source. */
      readonly version: number
      readonly cap: number
      readonly dailyQuota?: number
      readonly open: boolean
    }
  | { readonly kind: 'day_start'; readonly id: string; readonly source: string; readonly day: number }

export type LiquidityLevel = 'green' | 'amber' | 'red' | 'black'

/** The liquidity part of the public reason codes. None of them is ever about the customer. */
export type LiquidityReason =
  | 'LIQ_DAILY_CAPACITY'
  | 'LIQ_TERM_SUSPENDED'
  | 'LIQ_PARTNER_UNAVAILABLE'
  | 'LIQ_AMOUNT_RESTRICTED'

/** What a level allows; precomputed so that the gate of a payment only compares. */
export interface Allowance {
  readonly credit: boolean
  /** Longest instalment term on offer. */
  readonly termsMax: number
  /** Largest loan on offer, before headroom. */
  readonly ticketMax: number
  /** Only payers who already use credit and are graded high. */
  readonly existingHighGradeOnly: boolean
}

/** A pool at one moment, as decisions see it and record it. A hint: the journal decides about the money. */
export interface PoolSnapshot {
  readonly pool: string
  readonly currency: string
  readonly asOfMs: number
  readonly level: LiquidityLevel
  /** 0..1, of the tighter of standing capacity and today's quota. */
  readonly utilization: number
  /** Price of scarcity, in basis points of the loan, that scoring adds to the route's cost. */
  readonly lambdaBps: number
  /** What may still be lent in all. */
  readonly headroom: number
  /** The largest single loan that one source can carry now. */
  readonly largestLoan: number
  /** Whether any funder takes loans now. */
  readonly anyOpen: boolean
  readonly allowance: Allowance
}
