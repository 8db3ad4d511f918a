import { Counter, Gauge, type Registry } from 'prom-client'
import type { TelemetryEvent } from '../../ports/telemetry.ts'

const LEVELS = { green: 0, amber: 1, red: 2, black: 3 }
const POSTURES = { contraction: -1, neutral: 0, expansion: 1 }
const VERDICTS = { too_few_rows: 0, stable: 1, watch: 2, act: 3 }

export type LendingEvent = Extract<
  TelemetryEvent,
  { kind: 'pool' | 'appetite' | 'credit_drift' | 'credit_calibration' | 'enquiry' }
>

/** States of funding pools and of credit, as they are now. */
export class LendingGauges {
  readonly #utilization: Gauge
  readonly #runway: Gauge
  readonly #level: Gauge
  readonly #indicators: Gauge
  readonly #shadowPrice: Gauge
  readonly #forecastError: Gauge
  readonly #appetite: Gauge
  readonly #stability: Gauge
  readonly #drift: Gauge
  readonly #deviations: Gauge
  readonly #calibration: Gauge
  readonly #enquiries: Counter
  readonly #enquiryCost: Counter

  constructor(registry: Registry) {
    this.#utilization = gauge(registry, 'pool_utilization_ratio', 'Share of a funding pool in use.', ['pool'])
    this.#runway = gauge(registry, 'pool_runway_seconds', 'Time until a funding pool is used up.', ['pool'])
    this.#level = gauge(registry, 'liquidity_level', 'Funding pool: 0 green, 1 amber, 2 red, 3 black.', [
      'pool',
    ])
    this.#indicators = gauge(
      registry,
      'pool_indicator_band',
      'Early-warning indicator of a funding pool: 0 green, 1 amber, 2 red, 3 black.',
      ['pool', 'indicator'],
    )
    this.#shadowPrice = gauge(
      registry,
      'pool_shadow_price_ratio',
      'Price of scarcity of a funding pool, as a share of the loan.',
      ['pool'],
    )
    this.#forecastError = gauge(
      registry,
      'pool_forecast_error_ratio',
      'Mean error of the demand forecast of an hour ahead, as a share of demand.',
      ['pool'],
    )
    this.#appetite = gauge(
      registry,
      'credit_appetite',
      'Appetite for credit risk: -1 contraction, 0 neutral, 1 expansion.',
    )
    this.#stability = gauge(
      registry,
      'credit_score_stability_index',
      'Population stability index of the score in the last full window of applicants.',
      ['route'],
    )
    this.#drift = gauge(
      registry,
      'credit_drift_verdict',
      'Shift of applicants: 0 too few, 1 stable, 2 watch, 3 act.',
      ['route'],
    )
    this.#deviations = gauge(
      registry,
      'credit_calibration_deviations',
      'Losses beyond the prediction of the scorecard, in standard deviations.',
      ['route'],
    )
    this.#calibration = gauge(
      registry,
      'credit_calibration_error_ratio',
      'Expected calibration error of the scorecard over ten bins.',
      ['route'],
    )
    this.#enquiries = new Counter({
      name: 'fundroute_credit_enquiries_total',
      help: 'Questions about payers to sources beside the lender.',
      labelNames: ['route', 'result'],
      registers: [registry],
    })
    this.#enquiryCost = new Counter({
      name: 'fundroute_credit_enquiry_cost_total',
      help: 'What those questions cost, in minor units.',
      labelNames: ['route'],
      registers: [registry],
    })
  }

  /** Shows an event whose ids the caller knows. */
  show(event: LendingEvent): void {
    switch (event.kind) {
      case 'pool': {
        const { pool, utilization, runwaySeconds, level, bands = {}, shadowPriceBps, forecastError } = event
        if (Number.isFinite(utilization)) this.#utilization.set({ pool }, utilization)
        // Infinite is a true answer here: the pool does not shrink.
        if (!Number.isNaN(runwaySeconds)) this.#runway.set({ pool }, runwaySeconds)
        this.#level.set({ pool }, LEVELS[level])
        if (Number.isFinite(shadowPriceBps)) this.#shadowPrice.set({ pool }, Number(shadowPriceBps) / 10_000)
        if (Number.isFinite(forecastError)) this.#forecastError.set({ pool }, Number(forecastError))
        for (const [indicator, band] of Object.entries(bands)) {
          this.#indicators.set({ pool, indicator }, LEVELS[band])
        }
        return
      }
      case 'appetite':
        this.#appetite.set(POSTURES[event.posture])
        return
      case 'credit_drift': {
        const { route, psi, verdict } = event
        if (Number.isFinite(psi)) this.#stability.set({ route }, psi)
        this.#drift.set({ route }, VERDICTS[verdict])
        return
      }
      case 'enquiry': {
        const { route, result, cost } = event
        this.#enquiries.inc({ route, result })
        if (Number.isFinite(cost) && cost > 0) this.#enquiryCost.inc({ route }, cost)
        return
      }
      case 'credit_calibration': {
        const { route, deviations, ece } = event
        if (Number.isFinite(deviations)) this.#deviations.set({ route }, deviations)
        if (Number.isFinite(ece)) this.#calibration.set({ route }, ece)
      }
    }
  }
}

function gauge(registry: Registry, name: string, help: string, labelNames: string[] = []): Gauge {
  return new Gauge({ name: `fundroute_${name}`, help, labelNames, registers: [registry] })
}
