import type { LiquidityLevel } from './types.ts'

/** Early-warning indicators, in the units of their thresholds. All but the first three may be unknown. */
export interface IndicatorValues {
  /** Share of capacity that is out or promised, 0..1. */
  readonly utilization: number
  /** Hours until the headroom is gone at the net burn; the smaller of the last hour's and the P95 forecast's. */
  readonly runwayHours: number
  /** The surge detector's sum (`stepCusum`). */
  readonly surge: number
  /** Used today over what the day's curve allows by now. */
  readonly dayPace?: number
  /** 30-day (inflow + buffer) / outflow. */
  readonly coverage30d?: number
  readonly topFunderShare?: number
  /** Non-standard funding over net assets; standardised funding over net assets. */
  readonly nonStandardLeverage?: number
  readonly standardLeverage?: number
  /** Joint balance with one bank over its net tier-1 capital. */
  readonly jointOfTier1?: number
  readonly revolvingDaysLeft?: number
  /** Non-performing share of the securitised pool over its trigger. */
  readonly nplOfTrigger?: number
  readonly idleCashShare?: number
  /** Relative change over four weeks. */
  readonly rollRateChange?: number
  readonly firstPaymentDefaultChange?: number
  /** Marginal funding cost over its 90-day mean, basis points. */
  readonly fundingCostChangeBps?: number
  readonly drawdownFailureRatio?: number
  /** Reversals and unknown outcomes over the cap. */
  readonly unknownExposureShare?: number
}

export type Indicator = keyof IndicatorValues

interface IndicatorRule {
  /** Whether a high or a low value is bad. */
  readonly bad: 'high' | 'low'
  readonly amber: number
  readonly red?: number
  readonly black?: number
  /** Thresholds for leaving a band; absent: a tenth on the good side of entering it. */
  readonly leaveAmber?: number
  readonly leaveRed?: number
  /** Whether the band moves the pool's level; the others only warn the treasury. */
  readonly acts: boolean
  /** From which band one evaluation is enough. */
  readonly hardFrom?: LiquidityLevel
}

/**
 * The thresholds are proposals; sources: Basel BCBS144 for the list, the legal limits for the leverage lines. A pool
 * is full a thousandth early: what is left then fits no loan.
 */
export const INDICATOR_RULES: Readonly<Record<Indicator, IndicatorRule>> = {
  utilization: {
    bad: 'high',
    amber: 0.8,
    leaveAmber: 0.72,
    red: 0.92,
    leaveRed: 0.85,
    black: 0.999,
    acts: true,
    hardFrom: 'black',
  },
  runwayHours: { bad: 'low', amber: 8, red: 2, acts: true },
  surge: { bad: 'high', amber: 8, leaveAmber: 3, acts: true, hardFrom: 'amber' },
  dayPace: { bad: 'high', amber: 1.25, acts: true },
  coverage30d: { bad: 'low', amber: 1.2, red: 1.05, acts: true },
  topFunderShare: { bad: 'high', amber: 0.4, red: 0.55, acts: false },
  nonStandardLeverage: { bad: 'high', amber: 0.85, red: 0.95, acts: false },
  standardLeverage: { bad: 'high', amber: 3.4, red: 3.8, acts: false },
  jointOfTier1: { bad: 'high', amber: 0.2, red: 0.23, acts: false },
  revolvingDaysLeft: { bad: 'low', amber: 60, red: 20, acts: false },
  nplOfTrigger: { bad: 'high', amber: 0.8, red: 0.95, acts: false },
  idleCashShare: { bad: 'high', amber: 0.15, red: 0.25, acts: false },
  rollRateChange: { bad: 'high', amber: 0.2, red: 0.4, acts: false },
  firstPaymentDefaultChange: { bad: 'high', amber: 0.25, red: 0.5, acts: false },
  fundingCostChangeBps: { bad: 'high', amber: 50, red: 120, acts: false },
  drawdownFailureRatio: { bad: 'high', amber: 0.01, red: 0.05, acts: true },
  unknownExposureShare: { bad: 'high', amber: 0.01, red: 0.03, acts: true },
}

export const INDICATORS = Object.keys(INDICATOR_RULES) as readonly Indicator[]

/** What one indicator says: its band, whether it moves the level, and whether it does so at once. */
export interface Reading {
  readonly indicator: Indicator
  readonly value: number
  readonly band: LiquidityLevel
  readonly acts: boolean
  readonly hard: boolean
}

export type Bands = Readonly<Partial<Record<Indicator, LiquidityLevel>>>

/**
 * Reads every known indicator. A band is entered at its threshold and left only at the easier one, so that a value
 * on the border does not flap.
 * @param before the bands of the last reading
 */
export function readIndicators(values: IndicatorValues, before: Bands): Reading[] {
  const readings: Reading[] = []
  for (const indicator of INDICATORS) {
    const value = values[indicator]
    if (value === undefined || Number.isNaN(value)) continue
    const rule = INDICATOR_RULES[indicator]
    const band = bandOf(rule, value, before[indicator] ?? 'green')
    const hard = rule.hardFrom !== undefined && severity(band) >= severity(rule.hardFrom)
    readings.push({ indicator, value, band, acts: rule.acts, hard })
  }
  return readings
}

export function bandsOf(readings: readonly Reading[]): Bands {
  return Object.fromEntries(readings.map(reading => [reading.indicator, reading.band]))
}

const SEVERITY: Readonly<Record<LiquidityLevel, number>> = { green: 0, amber: 1, red: 2, black: 3 }

/** Order of the levels: green 0, amber 1, red 2, black 3. */
export function severity(level: LiquidityLevel): number {
  return SEVERITY[level]
}

function bandOf(rule: IndicatorRule, value: number, current: LiquidityLevel): LiquidityLevel {
  const reached = (threshold: number | undefined): boolean =>
    threshold !== undefined && (rule.bad === 'high' ? value >= threshold : value <= threshold)
  const easier = (threshold: number): number => threshold * (rule.bad === 'high' ? 0.9 : 1.1)
  if (reached(rule.black)) return 'black'
  const holdsRed = severity(current) >= 2 && rule.red !== undefined
  if (reached(rule.red) || (holdsRed && reached(rule.leaveRed ?? easier(rule.red ?? 0)))) return 'red'
  const holdsAmber = severity(current) >= 1
  if (reached(rule.amber) || (holdsAmber && reached(rule.leaveAmber ?? easier(rule.amber)))) return 'amber'
  return 'green'
}
