import { collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'
import { REASON_CODES } from '../../core/explain/codes.ts'
import { DECLINE_CATEGORIES } from '../../core/payment/decline.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Telemetry, TelemetryEvent } from '../../ports/telemetry.ts'
import { type LendingEvent, LendingGauges } from './lending-gauges.ts'
import { Tally, Timing } from './tallies.ts'

export interface MetricsOptions {
  readonly clock: Clock
  /** Metrics of the Node process too. Not on Workers, which have none of them. */
  readonly process?: boolean
}

/** What may appear as a label: the ids of the configuration. */
export interface MetricsLabels {
  readonly routes: readonly string[]
  readonly pools: readonly string[]
}

const DECISION_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000]
const COMMIT_MS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 5_000]
const ATTEMPT_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000]

const BREAKER_NUMBERS = { closed: 0, half_open: 1, open: 2 }
/** Areas of faults are words of ours; more than this many are a mistake. */
const AREAS_MAX = 50
/** A scrape costs milliseconds of the event loop, so several of them share one. */
const CACHE_MS = 1_000

/** Gauges that the library names like counters; each has a sister without `_total` that tells the same by type. */
const MISNAMED = ['handles', 'requests', 'resources'].map(what => `nodejs_active_${what}_total`)

/** Counts and measures what is recorded, and shows it to Prometheus. */
export class Metrics implements Telemetry {
  readonly #clock: Clock
  readonly #registry = new Registry()
  readonly #routes = new Set<string>()
  readonly #pools = new Set<string>()
  readonly #areas = new Set<string>()
  #text: Promise<string> | undefined
  #textAt = 0

  readonly #decisions = this.#tally('decisions_total', 'Decisions made, by whether a route was found.', {
    outcome: oneOf(['routed', 'no_route']),
  })
  readonly #decisionMs = this.#timing('decision_duration_seconds', 'Time to make a decision.', DECISION_MS)
  readonly #payments = this.#tally(
    'payments_total',
    'Payments that reached a status, by the route that decided it.',
    {
      status: anyWord,
      route: value => value === 'none' || this.#routes.has(value),
    },
  )
  readonly #attempts = this.#tally('attempts_total', 'Exchanges with upstreams about attempts, by outcome.', {
    route: value => this.#routes.has(value),
    outcome: anyWord,
  })
  readonly #attemptMs = this.#timing(
    'attempt_duration_seconds',
    'Time until an upstream answered or was given up.',
    ATTEMPT_MS,
    {
      route: value => this.#routes.has(value),
    },
  )
  readonly #failovers = this.#tally('failovers_total', 'Payments that went on to another route.', {
    from: value => this.#routes.has(value),
    to: value => this.#routes.has(value),
    category: oneOf(DECLINE_CATEGORIES),
  })
  readonly #ineligible = this.#tally('ineligible_total', 'Routes refused by a gate, by reason.', {
    route: value => this.#routes.has(value),
    reason: oneOf(REASON_CODES),
  })
  readonly #cache = this.#tally(
    'eligibility_cache_requests_total',
    'Facts about payers looked up in the cache.',
    {
      result: oneOf(['fresh', 'stale', 'negative', 'miss', 'error']),
    },
  )
  readonly #commitMs = this.#timing(
    'journal_commit_duration_seconds',
    'Time until a write was durable.',
    COMMIT_MS,
  )
  readonly #faults = this.#tally('faults_total', 'Failures of the gateway itself, by where they happened.', {
    area: value =>
      this.#areas.has(value) || (this.#areas.size < AREAS_MAX && this.#areas.add(value).size > 0),
  })
  readonly #webhooks = this.#tally('webhook_deliveries_total', 'Events tried or given up, by result.', {
    result: oneOf(['delivered', 'failed', 'gone', 'undelivered']),
  })
  readonly #webhooksDisabled = this.#gauge(
    'webhook_endpoints_disabled',
    'Endpoints that want no more events.',
  )
  readonly #breaker = this.#gauge('breaker_state', 'Circuit breaker: 0 closed, 1 half-open, 2 open.', [
    'route',
  ])
  readonly #unknown = this.#gauge('unknown_attempts', 'Attempts whose outcome is unknown.')
  readonly #lending = new LendingGauges(this.#registry)
  readonly #approval = this.#gauge('route_approval_ratio', 'Learned share of approvals of a route.', [
    'route',
  ])
  readonly #redis = this.#gauge('redis_up', 'Whether the shared cache answers.')

  constructor(options: MetricsOptions) {
    this.#clock = options.clock
    if (options.process === true) {
      collectDefaultMetrics({ register: this.#registry })
      for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
    }
    // No value where there is no shared cache: nothing is away that was never there.
    this.#redis.remove()
    for (const result of ['fresh', 'stale', 'negative', 'miss', 'error']) this.#cache.declare(result)
    for (const outcome of ['routed', 'no_route']) this.#decisions.declare(outcome)
  }

  /** Adds the ids of a configuration. Those of earlier ones stay: a counter must not vanish while it is watched. */
  declare({ routes, pools }: MetricsLabels): void {
    for (const route of routes) {
      if (!this.#routes.has(route)) this.#breaker.set({ route }, 0)
      this.#routes.add(route)
    }
    for (const pool of pools) this.#pools.add(pool)
  }

  record(event: TelemetryEvent): void {
    try {
      this.#count(event)
    } catch {
      // A metric must never decide about a payment.
    }
  }

  /** The exposition for a scrape. */
  async scrape(): Promise<{ contentType: string; text: string }> {
    const now = this.#clock.monotonic()
    if (this.#text === undefined || now - this.#textAt >= CACHE_MS) {
      this.#textAt = now
      this.#text = this.#registry.metrics()
    }
    return { contentType: this.#registry.contentType, text: await this.#text }
  }

  #count(event: TelemetryEvent): void {
    switch (event.kind) {
      case 'decided':
        this.#decisions.add(event.outcome)
        this.#decisionMs.observe(event.durationMs)
        return
      case 'ineligible':
        this.#ineligible.add(event.route, event.reason)
        return
      case 'payment':
        this.#payments.add(event.status, event.route ?? 'none')
        return
      case 'attempt':
        this.#attempts.add(event.route, event.outcome)
        this.#attemptMs.observe(event.latencyMs, event.route)
        return
      case 'failover':
        this.#failovers.add(event.from, event.to, event.category)
        return
      case 'eligibility_cache':
        this.#cache.add(event.result)
        return
      case 'journal_commit':
        this.#commitMs.observe(event.durationMs)
        return
      case 'webhook':
        this.#webhooks.add(event.result)
        return
      case 'fault':
        this.#faults.add(event.area)
        return
      default:
        this.#show(event)
    }
  }

  /** States, which are shown as they are now. */
  #show(event: Extract<TelemetryEvent, { kind: StateKind }>): void {
    switch (event.kind) {
      case 'breaker':
        if (this.#routes.has(event.route))
          this.#breaker.set({ route: event.route }, BREAKER_NUMBERS[event.state])
        return
      case 'redis':
        this.#redis.set(event.up ? 1 : 0)
        return
      case 'unknown_attempts':
        if (isNumber(event.count)) this.#unknown.set(event.count)
        return
      case 'webhooks_disabled':
        if (isNumber(event.count)) this.#webhooksDisabled.set(event.count)
        return
      case 'route_approval':
        if (this.#routes.has(event.route) && isNumber(event.ratio)) {
          this.#approval.set({ route: event.route }, event.ratio)
        }
        return
      case 'pool':
        if (this.#pools.has(event.pool)) this.#lending.show(event)
        return
      case 'enquiry':
      case 'credit_drift':
      case 'credit_calibration':
        if (this.#routes.has(event.route)) this.#lending.show(event)
        return
      case 'appetite':
        this.#lending.show(event)
    }
  }

  #tally(name: string, help: string, labels: Record<string, (value: string) => boolean>): Tally {
    return this.#registered(new Tally({ name: `fundroute_${name}`, help, labels }))
  }

  #timing(
    name: string,
    help: string,
    boundsMs: readonly number[],
    labels: Record<string, (value: string) => boolean> = {},
  ): Timing {
    return this.#registered(new Timing({ name: `fundroute_${name}`, help, labels }, boundsMs))
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name: `fundroute_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #registered<T extends Tally | Timing>(metric: T): T {
    // The registry asks for a name and a `get`; its types ask for one of its own classes.
    this.#registry.registerMetric(metric as unknown as Metric)
    return metric
  }
}

type StateKind =
  | 'breaker'
  | 'redis'
  | 'unknown_attempts'
  | 'webhooks_disabled'
  | 'route_approval'
  | LendingEvent['kind']

function oneOf(values: readonly string[]): (value: string) => boolean {
  const set = new Set(values)
  return value => set.has(value)
}

/** For labels whose values the types close already. */
function anyWord(value: string): boolean {
  return /^[a-z_]{1,32}$/.test(value)
}

function isNumber(value: number): boolean {
  return Number.isFinite(value)
}
