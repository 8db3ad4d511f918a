import { decay } from './cell.ts'
import type { RoutePrior } from './types.ts'

/** What is known of a route's technical side, discounted to `at`. Declines of payers and issuers never enter. */
export interface Health {
  attempts: number
  unknowns: number
  failures: number
  latencyMs: number
  latencies: number
  at: number
}

/** Technical trouble comes and goes within the hour, and some hundred attempts tell enough of it. */
const HALF_LIFE_MS = 3_600_000
const KEEP = 0.998

export function emptyHealth(): Health {
  return { attempts: 0, unknowns: 0, failures: 0, latencyMs: 0, latencies: 0, at: 0 }
}

export type HealthSign = 'answered' | 'failed' | 'unknown'

export function observeHealth(
  health: Health,
  sign: HealthSign,
  observedAt: number,
  latencyMs: number | undefined,
): void {
  const fade = fadeAt(health, observedAt) * KEEP
  const late = observedAt < health.at ? decay(((health.at - observedAt) * Math.LN2) / HALF_LIFE_MS) : 1
  health.attempts = health.attempts * fade + late
  health.unknowns = health.unknowns * fade + (sign === 'unknown' ? late : 0)
  health.failures = health.failures * fade + (sign === 'failed' ? late : 0)
  health.at = Math.max(health.at, observedAt)
  const measured = latencyMs !== undefined && Number.isFinite(latencyMs) && latencyMs >= 0
  health.latencyMs = health.latencyMs * fade + (measured ? latencyMs * late : 0)
  health.latencies = health.latencies * fade + (measured ? late : 0)
}

/** Weight left at a time. */
export function fadeAt(health: Health, now: number): number {
  return now > health.at ? decay(((now - health.at) * Math.LN2) / HALF_LIFE_MS) : 1
}

/** @param fade from `fadeAt`, here and below */
export function unknownRate(health: Health, prior: RoutePrior, fade: number): number {
  return (health.unknowns * fade + prior.unknown * prior.strength) / (health.attempts * fade + prior.strength)
}

/** P(technical failure | outcome known). No failures are expected before any are seen. */
export function failureRate(health: Health, prior: RoutePrior, fade: number): number {
  return (health.failures * fade) / ((health.attempts - health.unknowns) * fade + prior.strength)
}

export function meanLatencyMs(health: Health, prior: RoutePrior, fade: number): number {
  return (
    (health.latencyMs * fade + prior.latencyMs * prior.strength) / (health.latencies * fade + prior.strength)
  )
}
