import type { TelemetryEvent } from '../../src/ports/telemetry.ts'

/** One event of every kind. The type makes a new kind a mistake here until it is added. */
export const SAMPLE_EVENTS: {
  readonly [Kind in TelemetryEvent['kind']]: Extract<TelemetryEvent, { kind: Kind }>
} = {
  decided: {
    kind: 'decided',
    tenant: 'demo',
    decision: 'dec_1',
    orderId: 'o-1',
    outcome: 'routed',
    cascade: ['card_a', 'card_b'],
    durationMs: 0.4321,
    requestId: 'req-1',
  },
  ineligible: { kind: 'ineligible', route: 'jd_baitiao', reason: 'CRD_OVERDUE' },
  payment: { kind: 'payment', tenant: 'demo', payment: 'pay_1', status: 'succeeded', route: 'card_a' },
  attempt: {
    kind: 'attempt',
    tenant: 'demo',
    payment: 'pay_1',
    reference: '0123456789abcdef0123456789abcdef',
    route: 'card_a',
    outcome: 'declined',
    category: 'insufficient_funds',
    latencyMs: 120,
  },
  failover: { kind: 'failover', from: 'card_a', to: 'card_b', category: 'insufficient_funds' },
  breaker: { kind: 'breaker', route: 'card_a', state: 'open' },
  eligibility_cache: { kind: 'eligibility_cache', result: 'stale' },
  journal_commit: { kind: 'journal_commit', durationMs: 3 },
  redis: { kind: 'redis', up: true },
  unknown_attempts: { kind: 'unknown_attempts', count: 2 },
  pool: {
    kind: 'pool',
    pool: 'baitiao',
    utilization: 0.5,
    runwaySeconds: 3_600,
    level: 'amber',
    bands: { surge: 'red' },
    shadowPriceBps: 800,
    forecastError: 0.12,
  },
  webhook: { kind: 'webhook', endpoint: 'demo/0', result: 'failed', cause: 'timeout' },
  webhooks_disabled: { kind: 'webhooks_disabled', count: 1 },
  appetite: { kind: 'appetite', posture: 'contraction' },
  enquiry: { kind: 'enquiry', route: 'jd_baitiao', result: 'known', cost: 50 },
  credit_drift: { kind: 'credit_drift', route: 'jd_baitiao', psi: 0.3, verdict: 'act' },
  credit_calibration: {
    kind: 'credit_calibration',
    route: 'jd_baitiao',
    deviations: 2.5,
    ece: 0.02,
    verdict: 'watch',
  },
  route_approval: { kind: 'route_approval', route: 'card_a', ratio: 0.91 },
  fault: { kind: 'fault', area: 'connector', cause: 'TypeError' },
}
