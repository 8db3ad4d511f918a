import type { TelemetryEvent } from '../../ports/telemetry.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LogLine {
  readonly level: Exclude<LogLevel, 'silent'>
  readonly message: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

const TEXT_MAX = 128

/**
 * The line for an event, or undefined for one that only metrics need. Every field is named here: what is not on this
 * list cannot get into a log.
 */
// oxlint-disable-next-line max-lines-per-function -- one list of all events
export function lineFor(event: TelemetryEvent): LogLine | undefined {
  switch (event.kind) {
    case 'decided': {
      const { tenant, decision, orderId, outcome, cascade, durationMs, requestId } = event
      const fields = {
        tenant,
        decision,
        orderId: orderId.slice(0, TEXT_MAX),
        outcome,
        cascade: cascade.join(','),
        durationMs: short(durationMs),
      }
      return { level: 'info', message: 'decision', fields: withRequest(fields, requestId) }
    }
    case 'attempt': {
      const { tenant, payment, reference, route, outcome, category, cause, latencyMs, requestId } = event
      const fields = {
        tenant,
        payment,
        reference,
        route,
        outcome,
        latencyMs: short(latencyMs),
        ...(category === undefined ? {} : { category }),
        ...(cause === undefined ? {} : { cause: cause.slice(0, TEXT_MAX) }),
      }
      return { level: 'info', message: 'attempt', fields: withRequest(fields, requestId) }
    }
    case 'payment': {
      const { tenant, payment, status, route } = event
      const fields = { tenant, payment, status, ...(route === undefined ? {} : { route }) }
      return { level: 'debug', message: 'payment', fields }
    }
    case 'failover': {
      const { from, to, category } = event
      return { level: 'debug', message: 'failover', fields: { from, to, category } }
    }
    case 'breaker': {
      const { route, state } = event
      return { level: state === 'closed' ? 'info' : 'warn', message: 'breaker', fields: { route, state } }
    }
    case 'redis':
      return { level: event.up ? 'info' : 'warn', message: 'redis', fields: { up: event.up } }
    case 'fault': {
      const { area, cause, requestId } = event
      const fields = { area: area.slice(0, TEXT_MAX), cause: cause.slice(0, TEXT_MAX) }
      return { level: 'error', message: 'fault', fields: withRequest(fields, requestId) }
    }
    case 'webhook': {
      const { endpoint, result, cause } = event
      const level = result === 'delivered' ? 'debug' : 'warn'
      const fields = { endpoint, result, ...(cause === undefined ? {} : { cause: cause.slice(0, TEXT_MAX) }) }
      return { level, message: 'webhook', fields }
    }
    case 'credit_drift':
    case 'credit_calibration': {
      const { route, verdict } = event
      const level = verdict === 'watch' || verdict === 'act' ? 'warn' : 'info'
      return { level, message: event.kind, fields: { route, verdict } }
    }
    case 'ineligible':
    case 'eligibility_cache':
    case 'journal_commit':
    case 'unknown_attempts':
    case 'webhooks_disabled':
    case 'pool':
    case 'appetite':
    case 'route_approval':
    case 'enquiry':
      return undefined
  }
}

function withRequest<T extends object>(fields: T, requestId: string | undefined): T & { requestId?: string } {
  return requestId === undefined ? fields : { ...fields, requestId: requestId.slice(0, TEXT_MAX) }
}

function short(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
