import type { BackTest } from '../../core/liquidity/forecast.ts'
import type { Indicator } from '../../core/liquidity/indicators.ts'
import type { LiquidityLevel, LiquidityReason } from '../../core/liquidity/types.ts'
import type { StressTender } from './demand.ts'

/** The outcome of one scenario. Amounts in fen, hours counted from the first shock where a name says `hoursTo`. */
export interface StressReport {
  readonly scenario: string
  readonly name: { readonly en: string; readonly 'zh-CN': string }
  readonly seed: number
  readonly horizonHours: number
  readonly shockAtHour: number
  /** Hours from the first shock to each level; negative: warned before it; null: never reached. */
  readonly hoursTo: Readonly<Record<'amber' | 'red' | 'black', number | null>>
  readonly hoursIn: Readonly<Record<LiquidityLevel, number>>
  readonly levelChanges: readonly StressLevelChange[]
  /** Most credit wanted and not lent for want of funds in any 24 hours. */
  readonly peakShortfall: { readonly amount: number; readonly atHour: number }
  readonly utilizationMax: number
  readonly lambdaBpsMax: number
  readonly orders: { readonly total: number; readonly paid: number }
  readonly credit: {
    readonly wanted: number
    readonly lent: number
    readonly repaid: number
    readonly refunded: number
  }
  /** Orders that credit would have paid with unlimited funds, by what paid them instead. */
  readonly shifted: Readonly<Record<Exclude<StressTender, 'credit'>, number>>
  /** Orders that would have been paid with unlimited funds: their number (net), volume and contribution. */
  readonly lost: { readonly approvals: number; readonly amount: number; readonly value: number }
  /** Change in contribution of the other orders: dearer money, another tender's costs, no credit risk. */
  readonly valueElsewhere: number
  readonly shorterTerms: number
  readonly refusals: Readonly<Record<LiquidityReason, number>>
  readonly indicators: readonly WorstIndicator[]
  readonly forecast: BackTest
  readonly sources: readonly string[]
  readonly series: readonly StressPoint[]
}

export interface StressLevelChange {
  readonly atHour: number
  readonly from: LiquidityLevel
  readonly to: LiquidityLevel
  readonly because: readonly Indicator[]
}

/** The worst value of an early-warning indicator since the first shock. */
export interface WorstIndicator {
  readonly indicator: Indicator
  readonly worst: number
  readonly band: LiquidityLevel
  /** Hours from the first shock to its first amber; null: never. */
  readonly hoursToAmber: number | null
}

/** One or more hours of a run: sums of flows, the worst of states. */
export interface StressPoint {
  readonly hour: number
  readonly level: LiquidityLevel
  readonly utilization: number
  readonly headroom: number
  readonly lambdaBps: number
  readonly lent: number
  /** Credit wanted that went to another tender, or left. */
  readonly shifted: number
  readonly lost: number
  /** Principal out per source, in the order of `sources`. */
  readonly out: readonly number[]
}
