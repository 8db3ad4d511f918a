import { severity } from '../../core/liquidity/indicators.ts'
import type { LiquidityLevel, LiquidityReason, PoolSnapshot } from '../../core/liquidity/types.ts'
import type { Order } from './demand.ts'
import type { PaymentOutcome } from './payment.ts'
import type { StressPoint } from './report.ts'

const POINTS_MAX = 336

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

/** Counts orders and amounts of a run, in all and hour by hour. */
export class Tally {
  readonly totals = {
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
  }
  readonly shifted = { card: 0, wallet: 0, balance: 0 }
  readonly refusals: Record<LiquidityReason, number> = {
    LIQ_DAILY_CAPACITY: 0,
    LIQ_TERM_SUSPENDED: 0,
    LIQ_PARTNER_UNAVAILABLE: 0,
    LIQ_AMOUNT_RESTRICTED: 0,
  }
  readonly #hours: Hour[] = [emptyHour([])]

  /** One order, as it went and as it would have gone with unlimited funds. */
  order(order: Order, free: PaymentOutcome, actual: PaymentOutcome): void {
    const { totals } = this
    const hour = this.#current()
    totals.orders++
    if (actual.paidBy) {
      totals.paid++
      hour.paid += order.amount
      if (actual.paidBy === 'credit') hour.paidByCredit += order.amount
    }
    totals.lostApprovals += Number(free.paidBy !== undefined) - Number(actual.paidBy !== undefined)
    if (free.paidBy && !actual.paidBy) {
      totals.lostAmount += order.amount
      totals.lostValue += free.value
    } else totals.valueElsewhere += actual.value - free.value
    if (free.credit !== 'not_tried') totals.wanted += order.amount
    if (free.paidBy !== 'credit' || actual.paidBy === 'credit') return
    if (!actual.paidBy) hour.lost += order.amount
    else {
      this.shifted[actual.paidBy]++
      hour.shifted += order.amount
    }
  }

  lent(amount: number): void {
    this.totals.lent += amount
    this.#current().lent += amount
  }

  state(snapshot: PoolSnapshot, out: readonly number[]): void {
    const hour = this.#current()
    if (severity(snapshot.level) > severity(hour.level)) hour.level = snapshot.level
    hour.utilization = Math.max(hour.utilization, snapshot.utilization)
    hour.headroom = Math.min(hour.headroom, snapshot.headroom)
    hour.lambdaBps = Math.max(hour.lambdaBps, snapshot.lambdaBps)
    hour.out = out
  }

  nextHour(): void {
    this.#hours.push(emptyHour(this.#current().out))
  }

  /** Volume paid in the last 24 full hours. */
  paidLastDay(): { credit: number; all: number } {
    const day = this.#hours.slice(-25, -1)
    return { credit: sumOf(day, hour => hour.paidByCredit), all: sumOf(day, hour => hour.paid) }
  }

  summary(shockAtHour: number) {
    const since = this.#hours.slice(Math.floor(shockAtHour))
    return {
      peakShortfall: peakShortfall(this.#hours),
      utilizationMax: Math.max(...since.map(hour => hour.utilization)),
      lambdaBpsMax: Math.max(...since.map(hour => hour.lambdaBps)),
      series: seriesOf(this.#hours),
    }
  }

  #current(): Hour {
    return this.#hours.at(-1) as Hour
  }
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

function sumOf(hours: readonly Hour[], of: (hour: Hour) => number): number {
  return hours.reduce((total, hour) => total + of(hour), 0)
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

/** At most `POINTS_MAX` points: flows are summed, of states the worst is kept. */
function seriesOf(hours: readonly Hour[]): StressPoint[] {
  const stride = Math.ceil(hours.length / POINTS_MAX)
  const points: StressPoint[] = []
  for (let from = 0; from < hours.length; from += stride) {
    const part = hours.slice(from, from + stride)
    points.push({
      hour: from,
      level: part.reduce<LiquidityLevel>(
        (a, { level }) => (severity(level) > severity(a) ? level : a),
        'green',
      ),
      utilization: Math.max(...part.map(hour => hour.utilization)),
      headroom: Math.min(...part.map(hour => hour.headroom)),
      lambdaBps: Math.max(...part.map(hour => hour.lambdaBps)),
      lent: sumOf(part, hour => hour.lent),
      shifted: sumOf(part, hour => hour.shifted),
      lost: sumOf(part, hour => hour.lost),
      out: part.at(-1)?.out ?? [],
    })
  }
  return points
}
