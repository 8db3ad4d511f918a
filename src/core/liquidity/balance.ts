import { BPS } from '../payment/money.ts'
import { sourceOpen, sourceRoom, type SourceStates } from './capacity.ts'
import type { IndicatorValues } from './indicators.ts'
import type { Pool } from './types.ts'

/** What the treasury knows of the balance sheet and of the funders. Minor units; by source where it says so. */
export interface BalanceFacts {
  readonly netAssets?: number
  /** Bank loans and loans of shareholders. */
  readonly nonStandardDebt?: number
  /** Bonds and securities, without the deals of this pool. */
  readonly standardDebt?: number
  /** Net tier-1 capital of the bank behind a joint loan. */
  readonly tier1?: Readonly<Record<string, number>>
  /** Non-performing share of a deal's receivables, basis points. */
  readonly nplBps?: Readonly<Record<string, number>>
}

type Derived = Pick<
  IndicatorValues,
  'nonStandardLeverage' | 'standardLeverage' | 'jointOfTier1' | 'nplOfTrigger' | 'idleCashShare'
>

/** Indicators that follow from the balance sheet and what the pool has out at this moment. Unknown ones are left out. */
export function balanceIndicators(
  pool: Pool,
  states: SourceStates,
  { netAssets, nonStandardDebt, standardDebt, tier1, nplBps }: BalanceFacts,
  nowMs: number,
): Derived {
  let deals = 0
  const joint: number[] = []
  const npl: number[] = []
  const idle: number[] = []
  for (const source of pool.sources) {
    const state = states.get(source.id)
    if (state === undefined) continue
    const out = state.used + state.reserved
    if (source.kind === 'joint_loan') {
      const capital = tier1?.[source.id] ?? 0
      if (capital > 0) joint.push(out / capital)
    }
    if (source.kind !== 'abs') continue
    deals += out
    const bad = nplBps?.[source.id]
    if (bad !== undefined) npl.push(bad / Math.max(1, source.nplTriggerBps))
    if (state.cap > 0 && sourceOpen(source, state, nowMs)) idle.push(1 - out / state.cap)
  }
  const assets = netAssets ?? 0
  return {
    ...(assets > 0 && nonStandardDebt !== undefined ? { nonStandardLeverage: nonStandardDebt / assets } : {}),
    ...(assets > 0 && standardDebt !== undefined
      ? { standardLeverage: (standardDebt + deals) / assets }
      : {}),
    ...worst('jointOfTier1', joint),
    ...worst('nplOfTrigger', npl),
    ...worst('idleCashShare', idle),
  }
}

function worst<Name extends keyof Derived>(
  name: Name,
  values: readonly number[],
): Partial<Record<Name, number>> {
  return values.length === 0 ? {} : ({ [name]: Math.max(...values) } as Record<Name, number>)
}

/** Deals whose non-performing share has reached their trigger: they buy nothing more. */
export function triggeredDeals(pool: Pool, { nplBps }: BalanceFacts): string[] {
  return pool.sources.flatMap(source =>
    source.kind === 'abs' && (nplBps?.[source.id] ?? 0) >= source.nplTriggerBps ? [source.id] : [],
  )
}

/** Mean of a slowly changing rate, weighing the last weeks the most. */
export interface RateMean {
  readonly bps: number
  readonly atMs: number
}

/** Half-life at which a fading mean has the age of one over the last 90 days, ms. */
const COST_HALF_LIFE_MS = 45 * Math.LN2 * 86_400_000

/** Yearly cost of the cheapest money that is left, basis points; undefined when nothing is. */
export function marginalCostBps(pool: Pool, states: SourceStates, nowMs: number): number | undefined {
  let cheapest: number | undefined
  for (const source of pool.sources) {
    const state = states.get(source.id)
    if (!state || !sourceOpen(source, state, nowMs) || sourceRoom(state, true) <= 0) continue
    const own =
      source.kind === 'joint_loan' ? pool.sources.find(({ id }) => id === source.ownSource) : undefined
    const ownPart = source.kind === 'joint_loan' ? source.ownShareBps / BPS : 0
    const cost = source.annualCostBps * (1 - ownPart) + (own?.annualCostBps ?? 0) * ownPart
    if (cheapest === undefined || cost < cheapest) cheapest = cost
  }
  return cheapest
}

export function fadeRate(mean: RateMean | undefined, bps: number, nowMs: number): RateMean {
  if (mean === undefined) return { bps, atMs: nowMs }
  const weight = 1 - 2 ** (-Math.max(0, nowMs - mean.atMs) / COST_HALF_LIFE_MS)
  return { bps: mean.bps + weight * (bps - mean.bps), atMs: nowMs }
}
