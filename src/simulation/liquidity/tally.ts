import { INDICATOR_RULES, severity, type Indicator, type Reading } from '../../core/liquidity/indicators.ts'
import type { PoolEvaluation } from '../../core/liquidity/monitor.ts'
import type { LiquidityLevel, LiquidityReason } from '../../core/liquidity/types.ts'
import type { Order } from './demand.ts'
import type { Lender } from './lender.ts'
import type { PaymentOutcome } from './payment.ts'
import type { StressLevelChange, StressPoint, WorstIndicator } from './report.ts'

const POINTS_MAX = 336
const CHANGES_MAX = 500

interface Hour {
  level: LiquidityLevel
  utilization: number
  headroom: number
  lambdaBps: number
  lent: number
  shifted: number
  lost: number
  paid: number
  paidByCredit: number
  out: readonly number[]
}

/** Counts what a run does, hour by hour. */
export interface Tally {
  readonly totals: {
    orders: number
    paid: number
    wanted: number
    lent: number
    repaid: number
    refunded: number
    lostApprovals: number
    lostAmount: number
    lostValue: number
    valueElsewhere: number
    shorterTerms: number
  }
  readonly shifted: { card: number; wallet: number; balance: number }
  readonly refusals: Record<LiquidityReason, number>
  /** One order, as it went and as it would have gone with unlimited funds. */
  order(order: Order, free: PaymentOutcome, actual: PaymentOutcome): void
  lent(amount: number): void
  evaluation(result: PoolEvaluation, lender: Lender, hour: number): void
  paidLastDay(): { readonly credit: number; readonly all: number }
  nextHour(): void
  summary(shockAtHour: number): TallySummary
}

export interface TallySummary {
  readonly hoursTo: {
    readonly amber: number | null
    readonly red: number | null
    readonly black: number | null
  }
  readonly hoursIn: Record<LiquidityLevel, number>
  readonly levelChanges: readonly StressLevelChange[]
  readonly peakShortfall: { readonly amount: number; readonly atHour: number }
  readonly utilizationMax: number
  readonly lambdaBpsMax: number
  readonly indicators: readonly WorstIndicator[]
  readonly series: readonly StressPoint[]
}

export function createTally(shockAtHour: number, stepsPerHour: number): Tally {
  const hours: Hour[] = [emptyHour([])]
  const stepsIn = { green: 0, amber: 0, red: 0, black: 0 }
  const levelChanges: StressLevelChange[] = []
  const worst = new Map<Indicator, WorstIndicator>()
  const current = (): Hour => hours.at(-1) as Hour
  const tally: Tally = {
    totals: {
      orders: 0,
      paid: 0,
      wanted: 0,
      lent: 0,
      repaid: 0,
      refunded: 0,
      lostApprovals: 0,
      lostAmount: 0,
      lostValue: 0,
      valueElsewhere: 0,
      shorterTerms: 0,
    },
    shifted: { card: 0, wallet: 0, balance: 0 },
    refusals: {
      LIQ_DAILY_CAPACITY: 0,
      LIQ_TERM_SUSPENDED: 0,
      LIQ_PARTNER_UNAVAILABLE: 0,
      LIQ_AMOUNT_RESTRICTED: 0,
    },
    order(order, free, actual) {
      const { totals, shifted } = tally
      const hour = current()
      totals.orders++
      if (actual.paidBy) {
        totals.paid++
        hour.paid += order.amount
        if (actual.paidBy === 'credit') hour.paidByCredit += order.amount
      }
      if (free.paidBy && !actual.paidBy) totals.lostValue += free.value
      else totals.valueElsewhere += actual.value - free.value
      totals.lostApprovals += Number(free.paidBy !== undefined) - Number(actual.paidBy !== undefined)
      if (free.paidBy && !actual.paidBy) totals.lostAmount += order.amount
      if (free.credit !== 'not_tried') totals.wanted += order.amount
      if (free.paidBy === 'credit' && actual.paidBy !== 'credit') {
        if (actual.paidBy) {
          shifted[actual.paidBy]++
          hour.shifted += order.amount
        } else hour.lost += order.amount
      }
    },
    lent(amount) {
      tally.totals.lent += amount
      current().lent += amount
    },
    evaluation({ snapshot, readings, change }, lender, at) {
      const hour = current()
      stepsIn[snapshot.level]++
      if (severity(snapshot.level) > severity(hour.level)) hour.level = snapshot.level
      hour.utilization = Math.max(hour.utilization, snapshot.utilization)
      hour.headroom = Math.min(hour.headroom, snapshot.headroom)
      hour.lambdaBps = Math.max(hour.lambdaBps, snapshot.lambdaBps)
      hour.out = lender.pool.sources.map(({ id }) => lender.book.source(id)?.used ?? 0)
      if (change && levelChanges.length < CHANGES_MAX) levelChanges.push({ atHour: rounded(at), ...change })
      if (at >= shockAtHour) for (const reading of readings) noteWorst(worst, reading, at - shockAtHour)
    },
    paidLastDay() {
      const day = hours.slice(-25, -1)
      return {
        credit: day.reduce((sum, hour) => sum + hour.paidByCredit, 0),
        all: day.reduce((sum, hour) => sum + hour.paid, 0),
      }
    },
    nextHour() {
      hours.push(emptyHour(current().out))
    },
    summary: at => ({
      hoursTo: {
        amber: hoursTo(levelChanges, 'amber', at),
        red: hoursTo(levelChanges, 'red', at),
        black: hoursTo(levelChanges, 'black', at),
      },
      hoursIn: {
        green: stepsIn.green / stepsPerHour,
        amber: stepsIn.amber / stepsPerHour,
        red: stepsIn.red / stepsPerHour,
        black: stepsIn.black / stepsPerHour,
      },
      levelChanges,
      peakShortfall: peakShortfall(hours),
      utilizationMax: Math.max(...hours.slice(Math.floor(at)).map(hour => hour.utilization)),
      lambdaBpsMax: Math.max(...hours.slice(Math.floor(at)).map(hour => hour.lambdaBps)),
      indicators: [...worst.values()],
      series: seriesOf(hours),
    }),
  }
  return tally
}

function emptyHour(out: readonly number[]): Hour {
  return {
    level: 'green',
    utilization: 0,
    headroom: Number.POSITIVE_INFINITY,
    lambdaBps: 0,
    lent: 0,
    shifted: 0,
    lost: 0,
    paid: 0,
    paidByCredit: 0,
    out,
  }
}

function noteWorst(worst: Map<Indicator, WorstIndicator>, reading: Reading, hours: number): void {
  const { indicator, value, band } = reading
  const known = worst.get(indicator)
  const sign = INDICATOR_RULES[indicator].bad === 'high' ? 1 : -1
  const hoursToAmber = known?.hoursToAmber ?? (band === 'green' ? null : rounded(hours))
  const isWorse = !known || sign * (value - known.worst) > 0
  const worse = isWorse ? value : known.worst
  const worstBand = known && severity(known.band) >= severity(band) ? known.band : band
  worst.set(indicator, { indicator, worst: worse, band: worstBand, hoursToAmber })
}

function hoursTo(
  changes: readonly StressLevelChange[],
  level: LiquidityLevel,
  shockAtHour: number,
): number | null {
  // A warning of the last day before the shock counts as one for it; anything earlier is another story.
  const first = changes.find(
    ({ to, from, atHour }) =>
      severity(to) >= severity(level) && severity(from) < severity(level) && atHour >= shockAtHour - 24,
  )
  return first ? rounded(first.atHour - shockAtHour) : null
}

/** Hours to a hundredth; steps are twelfths. */
function rounded(hours: number): number {
  return Math.round(hours * 100) / 100
}

function peakShortfall(hours: readonly Hour[]): { amount: number; atHour: number } {
  let sum = 0
  let peak = { amount: 0, atHour: 0 }
  for (const [index, hour] of hours.entries()) {
    sum += hour.shifted + hour.lost
    const gone = hours[index - 24]
    if (gone) sum -= gone.shifted + gone.lost
    if (sum > peak.amount) peak = { amount: sum, atHour: index }
  }
  return peak
}

function seriesOf(hours: readonly Hour[]): StressPoint[] {
  const stride = Math.max(1, Math.ceil(hours.length / POINTS_MAX))
  const points: StressPoint[] = []
  for (let from = 0; from < hours.length; from += stride) {
    const part = hours.slice(from, from + stride)
    const sum = (of: (hour: Hour) => number): number => part.reduce((total, hour) => total + of(hour), 0)
    points.push({
      hour: from,
      level: part.reduce<LiquidityLevel>(
        (a, { level }) => (severity(level) > severity(a) ? level : a),
        'green',
      ),
      utilization: Math.max(...part.map(hour => hour.utilization)),
      headroom: Math.min(...part.map(hour => hour.headroom)),
      lambdaBps: Math.max(...part.map(hour => hour.lambdaBps)),
      lent: sum(hour => hour.lent),
      shifted: sum(hour => hour.shifted),
      lost: sum(hour => hour.lost),
      out: part.at(-1)?.out ?? [],
    })
  }
  return points
}
