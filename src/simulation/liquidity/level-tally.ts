import { INDICATOR_RULES, severity, type Indicator, type Reading } from '../../core/liquidity/indicators.ts'
import type { PoolEvaluation } from '../../core/liquidity/monitor.ts'
import type { LiquidityLevel } from '../../core/liquidity/types.ts'
import type { StressLevelChange, WorstIndicator } from './report.ts'

const CHANGES_MAX = 500
/** A warning of the last day before the shock counts as one of it; anything earlier is another story. */
const WARNING_HOURS = 24

/** Follows levels and indicators through a run. */
export interface LevelTally {
  evaluation(result: PoolEvaluation, hour: number): void
  summary(): {
    readonly hoursTo: {
      readonly amber: number | null
      readonly red: number | null
      readonly black: number | null
    }
    readonly hoursIn: Readonly<Record<LiquidityLevel, number>>
    readonly levelChanges: readonly StressLevelChange[]
    readonly indicators: readonly WorstIndicator[]
  }
}

export function createLevelTally(shockAtHour: number, stepsPerHour: number): LevelTally {
  const steps = { green: 0, amber: 0, red: 0, black: 0 }
  const levelChanges: StressLevelChange[] = []
  const worst = new Map<Indicator, WorstIndicator>()
  const hoursTo = (level: LiquidityLevel): number | null => {
    const first = levelChanges.find(
      ({ to, from, atHour }) =>
        severity(to) >= severity(level) &&
        severity(from) < severity(level) &&
        atHour >= shockAtHour - WARNING_HOURS,
    )
    return first ? rounded(first.atHour - shockAtHour) : null
  }
  return {
    evaluation({ snapshot, readings, change }, hour) {
      steps[snapshot.level]++
      if (change && levelChanges.length < CHANGES_MAX) levelChanges.push({ atHour: rounded(hour), ...change })
      if (hour >= shockAtHour) for (const reading of readings) noteWorst(worst, reading, hour - shockAtHour)
    },
    summary: () => ({
      hoursTo: { amber: hoursTo('amber'), red: hoursTo('red'), black: hoursTo('black') },
      hoursIn: {
        green: steps.green / stepsPerHour,
        amber: steps.amber / stepsPerHour,
        red: steps.red / stepsPerHour,
        black: steps.black / stepsPerHour,
      },
      levelChanges,
      indicators: [...worst.values()],
    }),
  }
}

function noteWorst(worst: Map<Indicator, WorstIndicator>, reading: Reading, hours: number): void {
  const { indicator, value, band } = reading
  const known = worst.get(indicator)
  const sign = INDICATOR_RULES[indicator].bad === 'high' ? 1 : -1
  const isWorse = !known || sign * (value - known.worst) > 0
  worst.set(indicator, {
    indicator,
    worst: isWorse ? value : known.worst,
    band: known && severity(known.band) >= severity(band) ? known.band : band,
    hoursToAmber: known?.hoursToAmber ?? (band === 'green' ? null : rounded(hours)),
  })
}

/** Hours to a hundredth; steps are twelfths. */
function rounded(hours: number): number {
  return Math.round(hours * 100) / 100
}
