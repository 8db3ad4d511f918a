import { BPS } from '../payment/money.ts'
import type { Pool, Source, SourceState } from './types.ts'

/** Own money that may be lent: cash less the liquidity buffer and the outflows due within the horizon. */
export function ownFundsCap(input: {
  readonly cash: number
  readonly liquidityBuffer: number
  readonly outflows: number
}): number {
  return Math.max(0, input.cash - input.liquidityBuffer - input.outflows)
}

/** How much more may be borrowed under a leverage ratio: ratio x net assets - what is borrowed already. */
export function leverageRoom(ratioBps: number, netAssets: number, borrowed: number): number {
  return Math.max(0, Math.floor((ratioBps * netAssets) / BPS) - borrowed)
}

/** What a partner bank will still lend: nothing unless the platform is on its published list. */
export function partnerCap(input: {
  readonly listed: boolean
  readonly dailyQuota: number
  readonly usedToday: number
  readonly limit: number
  readonly outstanding: number
}): number {
  if (!input.listed) return 0
  return Math.max(0, Math.min(input.dailyQuota - input.usedToday, input.limit - input.outstanding))
}

/** Joint loans that our part and the bank's part can both carry. Our 3.0m at 30 % and a bank's 10m make 10.0m. */
export function jointCap(ownCap: number, bankCap: number, ownShareBps: number): number {
  return Math.floor(Math.min((ownCap * BPS) / ownShareBps, (bankCap * BPS) / (BPS - ownShareBps)))
}

/** What a securitisation can still buy: advance rate x eligible receivables, within the leverage ceiling. */
export function absCap(input: {
  readonly revolving: boolean
  readonly triggered: boolean
  readonly advanceRateBps: number
  readonly eligible: number
  readonly drawn: number
  readonly leverageRoom: number
}): number {
  if (!input.revolving || input.triggered) return 0
  const advance = Math.floor((input.advanceRateBps * input.eligible) / BPS)
  return Math.max(0, Math.min(advance - input.drawn, input.leverageRoom))
}

/** Whether a source takes new loans at an instant. */
export function sourceOpen(source: Source, state: SourceState, nowMs: number): boolean {
  return state.open && (source.kind !== 'abs' || nowMs < source.revolvingUntilMs)
}

/** What one source may still carry of its own legs: under its cap and, if `daily`, under today's quota too. */
export function sourceRoom(state: SourceState, daily: boolean): number {
  const standing = state.cap - state.used - state.reserved
  const today =
    daily && state.dailyQuota !== undefined ? state.dailyQuota - state.drawnToday - state.reserved : standing
  return Math.max(0, Math.min(standing, today))
}

export type SourceStates = ReadonlyMap<string, SourceState>

/**
 * How much a pool can still lend in all. Own funds are counted once: first where they stretch furthest, as the
 * smallest own share of joint loans (the greedy choice is optimal: a fractional knapsack), then on their own.
 */
export function lendable(pool: Pool, states: SourceStates, nowMs: number, daily: boolean): number {
  const ownRoom = new Map<string, number>()
  let total = 0
  for (const source of pool.sources) {
    const state = states.get(source.id)
    if (!state || !sourceOpen(source, state, nowMs)) continue
    if (source.kind === 'own_funds') ownRoom.set(source.id, sourceRoom(state, daily))
    else if (source.kind !== 'joint_loan') total += sourceRoom(state, daily)
  }
  const joints = pool.sources.filter(source => source.kind === 'joint_loan')
  for (const joint of joints.toSorted((a, b) => a.ownShareBps - b.ownShareBps)) {
    const state = states.get(joint.id)
    const own = ownRoom.get(joint.ownSource) ?? 0
    if (!state || !sourceOpen(joint, state, nowMs)) continue
    const loans = jointCap(own, sourceRoom(state, daily), joint.ownShareBps)
    ownRoom.set(joint.ownSource, Math.max(0, own - Math.ceil((loans * joint.ownShareBps) / BPS)))
    total += loans
  }
  for (const room of ownRoom.values()) total += room
  return total
}

/** The largest single loan that this source can carry now, our part included for a joint loan. */
export function largestLoanOf(source: Source, states: SourceStates, nowMs: number): number {
  const state = states.get(source.id)
  if (!state || !sourceOpen(source, state, nowMs)) return 0
  let room = sourceRoom(state, true)
  if (source.kind === 'joint_loan') {
    const own = states.get(source.ownSource)
    room = own?.open ? jointCap(sourceRoom(own, true), room, source.ownShareBps) : 0
  }
  return Math.min(room, source.ticketMax ?? room)
}

export interface PoolUsage {
  /** Principal out and promised, of the sources that take new loans. */
  readonly out: number
  /** Lent since the day began, and promised. */
  readonly today: number
  readonly headroom: number
  /** Headroom if there were no daily quotas. */
  readonly standingHeadroom: number
  readonly largestLoan: number
  /** 0..1: the tighter of standing capacity and today's quota; 1 when nobody lends. */
  readonly utilization: number
  readonly anyOpen: boolean
}

/** How full a pool is. A source that is closed counts neither its loans nor its room. */
export function poolUsage(pool: Pool, states: SourceStates, nowMs: number): PoolUsage {
  let out = 0
  let today = 0
  let largestLoan = 0
  let anyOpen = false
  for (const source of pool.sources) {
    const state = states.get(source.id)
    if (!state || !sourceOpen(source, state, nowMs)) continue
    anyOpen = true
    out += state.used + state.reserved
    today += state.drawnToday + state.reserved
    largestLoan = Math.max(largestLoan, largestLoanOf(source, states, nowMs))
  }
  const headroom = lendable(pool, states, nowMs, true)
  const standingHeadroom = lendable(pool, states, nowMs, false)
  const utilization = Math.max(fullness(out, standingHeadroom), fullness(today, headroom))
  return { out, today, headroom, standingHeadroom, largestLoan, anyOpen, utilization }
}

function fullness(taken: number, room: number): number {
  return taken + room > 0 ? taken / (taken + room) : 1
}
