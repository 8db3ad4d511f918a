import { drawIndex, drawNormal, type RandomStream } from '../../core/random.ts'
import type { World } from './scenario.ts'

export const STRESS_TENDERS = ['credit', 'card', 'wallet', 'balance'] as const
export type StressTender = (typeof STRESS_TENDERS)[number]

/** One synthetic shopper at the till. All its luck is drawn here, so that two runs meet the same shoppers. */
export interface Order {
  readonly amount: number
  readonly wants: StressTender
  /** Months; counts only when credit is used. */
  readonly instalments: number
  readonly existingHighGrade: boolean
  /** The gateway may order over all accepted tenders by value. */
  readonly bestValue: boolean
  readonly acceptsOthers: boolean
  readonly acceptsShorter: boolean
  /** Takes an offered alternative rather than leave. */
  readonly switches: boolean
  /** Uniform draws that decide each tender's answer. */
  readonly luck: Readonly<Record<StressTender, number>>
}

/** Fixed draws per order, for common random numbers across scenarios of one seed. */
export function drawOrder(random: RandomStream, { demand }: World): Order {
  const amount = Math.round(demand.ticketMedian * Math.exp(demand.ticketSpread * drawNormal(random)))
  const wants =
    STRESS_TENDERS[
      drawIndex(
        random,
        STRESS_TENDERS.map(tender => demand.tenders[tender]),
      )
    ] ?? 'credit'
  const terms = Object.keys(demand.terms)
  const term =
    terms[
      drawIndex(
        random,
        terms.map(months => demand.terms[months] ?? 0),
      )
    ]
  return {
    amount: Math.max(100, amount),
    wants,
    instalments: Number(term ?? 1),
    existingHighGrade: random() < demand.highGradeShare,
    bestValue: random() < demand.bestValueShare,
    acceptsOthers: random() < demand.acceptsOthersShare,
    acceptsShorter: random() < demand.acceptsShorterShare,
    switches: random() < demand.switchShare,
    luck: { credit: random(), card: random(), wallet: random(), balance: random() },
  }
}

/** Relative demand by hour of day: a quiet night, a lunch-time step, the evening peak at 1.75 times the mean. */
const HOURS_OF_DAY = [
  0.45, 0.25, 0.15, 0.12, 0.12, 0.2, 0.4, 0.65, 0.9, 1.15, 1.3, 1.25, 1.25, 1.15, 1.15, 1.15, 1.1, 1.1, 1.25,
  1.5, 1.75, 1.75, 1.35, 0.81,
]
/** Monday to Sunday. */
const DAYS_OF_WEEK = [0.95, 0.95, 0.96, 0.98, 1.02, 1.08, 1.06]

/** Demand of an hour over that of a mean hour. Hour 0 is Monday 00:00 in the shoppers' time zone. */
export function seasonOf(hour: number): number {
  const ofDay = HOURS_OF_DAY[Math.floor(hour) % 24] ?? 1
  const ofWeek = DAYS_OF_WEEK[Math.floor(hour / 24) % 7] ?? 1
  return ofDay * ofWeek * SEASON_SCALE
}

const SEASON_SCALE = 1 / (mean(HOURS_OF_DAY) * mean(DAYS_OF_WEEK))

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
