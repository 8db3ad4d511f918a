import { BPS } from '../payment/money.ts'
import { largestLoanOf, sourceOpen, type SourceStates } from './capacity.ts'
import { loanLegs } from './pool.ts'
import { SHADOW_PRICE, shadowPriceBps, type ShadowPricePolicy } from './shadow-price.ts'
import type { Leg, Pool, Source } from './types.ts'

export interface LoanRequest {
  readonly amount: number
  /** Months; 1 is pay-next-month. */
  readonly instalments: number
  readonly nowMs: number
}

/** A source that can carry the loan, with what its money costs over the loan's life. */
export interface SourceOffer {
  readonly source: string
  readonly legs: readonly Leg[]
  readonly ownShareBps?: number
  /** What the money costs over the loan's average life, in basis points of the loan. */
  readonly moneyBps: number
  /** What the ranking goes by: money, and the scarcity of this source. */
  readonly costBps: number
}

export type SourceRefusal = 'closed' | 'term' | 'ticket' | 'no_room' | 'concentrated'

export interface SourceRanking {
  /** Cheapest first; ties by id. The journal tries them in this order, for another payment may be quicker. */
  readonly offers: readonly SourceOffer[]
  readonly refused: readonly { readonly source: string; readonly reason: SourceRefusal }[]
}

/** Below this part of the pool's caps a share of what is out says nothing about dependence on one funder. */
const CONCENTRATION_FLOOR = 0.05

/** Ranks the sources that can carry a loan by marginal cost, and tells why each other one cannot. */
export function rankSources(
  pool: Pool,
  states: SourceStates,
  request: LoanRequest,
  scarcity: ShadowPricePolicy = SHADOW_PRICE,
): SourceRanking {
  const offers: SourceOffer[] = []
  const refused: { source: string; reason: SourceRefusal }[] = []
  const totals = poolTotals(pool, states)
  for (const source of pool.sources) {
    const reason = refusalOf(source, states, request, totals)
    if (reason) refused.push({ source: source.id, reason })
    else offers.push(offerOf(source, pool, states, request, scarcity))
  }
  offers.sort((a, b) => a.costBps - b.costBps || (a.source < b.source ? -1 : 1))
  return { offers, refused }
}

function refusalOf(
  source: Source,
  states: SourceStates,
  request: LoanRequest,
  totals: { readonly out: number; readonly caps: number },
): SourceRefusal | undefined {
  const state = states.get(source.id)
  if (!state || !sourceOpen(source, state, request.nowMs)) return 'closed'
  if (source.termsMax !== undefined && request.instalments > source.termsMax) return 'term'
  if (source.ticketMax !== undefined && request.amount > source.ticketMax) return 'ticket'
  if (request.amount > largestLoanOf(source, states, request.nowMs)) return 'no_room'
  const outAfter = totals.out + request.amount
  if (source.shareMaxBps !== undefined && outAfter > totals.caps * CONCENTRATION_FLOOR) {
    const part = loanLegs(source, request.amount)[0]?.amount ?? 0
    if ((state.used + state.reserved + part) * BPS > outAfter * source.shareMaxBps) return 'concentrated'
  }
  return undefined
}

function offerOf(
  source: Source,
  pool: Pool,
  states: SourceStates,
  request: LoanRequest,
  scarcity: ShadowPricePolicy,
): SourceOffer {
  const legs = loanLegs(source, request.amount)
  let moneyBps = 0
  let scarcityBps = 0
  for (const leg of legs) {
    const annualCostBps = pool.sources.find(other => other.id === leg.source)?.annualCostBps ?? 0
    const state = states.get(leg.source)
    const fullness = state && state.cap > 0 ? (state.used + state.reserved) / state.cap : 1
    const part = leg.amount / request.amount
    moneyBps += annualCostBps * averageLifeYears(request.instalments) * part
    scarcityBps += shadowPriceBps(fullness, scarcity) * part
  }
  return {
    source: source.id,
    legs,
    moneyBps,
    costBps: moneyBps + scarcityBps,
    ...(source.kind === 'joint_loan' ? { ownShareBps: source.ownShareBps } : {}),
  }
}

/** Mean time that a yuan of an equal-principal instalment loan stays out: (n + 1) / 2 months. */
export function averageLifeYears(instalments: number): number {
  return (instalments + 1) / 24
}

function poolTotals(pool: Pool, states: SourceStates): { out: number; caps: number } {
  let out = 0
  let caps = 0
  for (const source of pool.sources) {
    const state = states.get(source.id)
    if (!state) continue
    out += state.used + state.reserved
    caps += state.cap
  }
  return { out, caps }
}
