import { severity, type Indicator, type Reading } from './indicators.ts'
import type { Allowance, LiquidityLevel } from './types.ts'

/** A pool's level and the last proposals it rests on; small enough to be kept in one row. */
export interface LevelState {
  readonly level: LiquidityLevel
  /** Proposals of the last evaluations, newest last, at most three. */
  readonly recent: readonly LiquidityLevel[]
  readonly sinceMs: number
}

export interface LevelChange {
  readonly from: LiquidityLevel
  readonly to: LiquidityLevel
  /** The indicators that carry the new level; those that no longer do, when it eases. */
  readonly because: readonly Indicator[]
}

const WINDOW = 3
const NEEDED = 2
const LEVELS = ['black', 'red', 'amber', 'green'] as const

export function newLevelState(nowMs: number): LevelState {
  return { level: 'green', recent: [], sinceMs: nowMs }
}

/**
 * One evaluation. The proposal is the worst band of the indicators that act; the level follows it when two of the
 * last three proposals are at least that bad, or at once when an indicator is hard.
 */
export function stepLevel(
  state: LevelState,
  readings: readonly Reading[],
  nowMs: number,
): { readonly state: LevelState; readonly change?: LevelChange } {
  const acting = readings.filter(reading => reading.acts)
  const proposal = worst(acting.map(reading => reading.band))
  const recent = [...state.recent, proposal].slice(-WINDOW)
  const hard = worst(acting.filter(reading => reading.hard).map(reading => reading.band))
  const agreed = LEVELS.find(
    level => recent.filter(past => severity(past) >= severity(level)).length >= NEEDED,
  )
  const level = worst([hard, agreed ?? 'green'])
  if (level === state.level) return { state: { ...state, recent } }
  const carries = Math.max(severity(level), severity(state.level) - 1, 1)
  const because = acting
    .filter(reading => severity(reading.band) >= carries)
    .map(reading => reading.indicator)
  return { state: { level, recent, sinceMs: nowMs }, change: { from: state.level, to: level, because } }
}

function worst(levels: readonly LiquidityLevel[]): LiquidityLevel {
  return levels.reduce((a, b) => (severity(b) > severity(a) ? b : a), 'green')
}

/** What the levels do to the offer. Long terms go first: they lock cash the longest. */
export interface ActionPolicy {
  readonly amberTermsMax: number
  /** From this utilisation on, amber drops the next term too. */
  readonly deepAmberFrom: number
  readonly deepAmberTermsMax: number
  readonly redTermsMax: number
  /** Largest loan in red, minor units. */
  readonly redTicketMax: number
}

export const ACTIONS: ActionPolicy = {
  amberTermsMax: 12,
  deepAmberFrom: 0.86,
  deepAmberTermsMax: 6,
  redTermsMax: 3,
  redTicketMax: 100_000,
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** Green: everything. Amber: no long terms. Red: small, short, known good payers. Black: no credit at all. */
export function allowanceOf(
  level: LiquidityLevel,
  utilization: number,
  policy: ActionPolicy = ACTIONS,
): Allowance {
  switch (level) {
    case 'green':
      return { credit: true, termsMax: NO_LIMIT, ticketMax: NO_LIMIT, existingHighGradeOnly: false }
    case 'amber': {
      const termsMax = utilization >= policy.deepAmberFrom ? policy.deepAmberTermsMax : policy.amberTermsMax
      return { credit: true, termsMax, ticketMax: NO_LIMIT, existingHighGradeOnly: false }
    }
    case 'red':
      return {
        credit: true,
        termsMax: policy.redTermsMax,
        ticketMax: policy.redTicketMax,
        existingHighGradeOnly: true,
      }
    case 'black':
      return { credit: false, termsMax: 0, ticketMax: 0, existingHighGradeOnly: true }
  }
}
