import {
  type CalibrationWindow,
  countAssessment,
  countMatured,
  driftReport,
  type DriftReport,
  type DriftWindow,
  emptyCalibrationWindow,
  emptyDriftWindow,
  readCalibration,
} from '../core/credit/drift.ts'
import type { Assessed } from '../core/credit/payer-verdict.ts'
import type { Scorer } from '../core/credit/scorecard.ts'
import type { PayerFacts } from '../core/eligibility/facts.ts'
import type { Telemetry } from '../ports/telemetry.ts'

/** Assessments of one window: enough for the usual limits of the index to mean what they say. */
const WINDOW_ROWS = 1_000
/** Payers whose last count is remembered, so that a shopper who looks often is counted once. */
const PAYERS_MAX = 20_000

interface Watched {
  readonly scorer: Scorer
  window: DriftWindow
  calibration: CalibrationWindow
  report?: DriftReport
}

/** Watches the scorecards in use: whether applicants have shifted, and whether predictions come true. */
export class ScoreWatch {
  readonly #telemetry: Telemetry
  readonly #routes = new Map<string, Watched>()
  readonly #counted = new Set<string>()

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry
  }

  /** Counts an assessment, once per payer and state of the facts. */
  count(route: string, payer: string, facts: PayerFacts, scorer: Scorer, assessed: Assessed): void {
    const { assessment, values } = assessed
    if (assessment === null || values === undefined) return
    const key = `${route}/${payer}/${facts.version ?? ''}`
    if (this.#counted.has(key)) return
    if (this.#counted.size >= PAYERS_MAX) this.#counted.clear()
    this.#counted.add(key)
    const watched = this.#watched(route, scorer)
    const { model } = scorer
    countAssessment(watched.window, model, assessment.score, scorer.bins(values))
    if (watched.window.rows < WINDOW_ROWS) return
    watched.report = driftReport(model, watched.window)
    watched.window = emptyDriftWindow(model)
    const { score, verdict } = watched.report
    this.#telemetry.record({ kind: 'credit_drift', route, psi: score.psi, verdict })
  }

  #watched(route: string, scorer: Scorer): Watched {
    const known = this.#routes.get(route)
    if (known?.scorer === scorer) return known
    const fresh = { scorer, window: emptyDriftWindow(scorer.model), calibration: emptyCalibrationWindow() }
    this.#routes.set(route, fresh)
    return fresh
  }

  /** Takes in what became of loans: what was predicted at the decision, and whether it went bad. */
  matured(route: string, outcomes: readonly { readonly pd: number; readonly bad: boolean }[]): boolean {
    const watched = this.#routes.get(route)
    if (watched === undefined) return false
    for (const { pd, bad } of outcomes) countMatured(watched.calibration, pd, bad)
    const { deviations, ece10, verdict } = readCalibration(watched.calibration)
    this.#telemetry.record({ kind: 'credit_calibration', route, deviations, ece: ece10, verdict })
    return true
  }
}
