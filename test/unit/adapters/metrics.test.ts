import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { Metrics } from '../../../src/adapters/telemetry/metrics.ts'
import type { TelemetryEvent } from '../../../src/ports/telemetry.ts'
import { SAMPLE_EVENTS } from '../../support/telemetry-events.ts'

const clock = new ManualClock()

async function scrapeAfter(...events: TelemetryEvent[]): Promise<string> {
  const metrics = new Metrics({ clock })
  metrics.declare({ routes: ['card_a', 'card_b', 'jd_baitiao'], pools: ['baitiao'] })
  for (const event of events) metrics.record(event)
  return (await metrics.scrape()).text
}

/** Lines of the exposition that hold samples. */
function samples(text: string): string[] {
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
}

describe('the metrics', () => {
  it('show every event under its name', async () => {
    const lines = samples(await scrapeAfter(...Object.values(SAMPLE_EVENTS)))
    for (const line of [
      'fundroute_decisions_total{outcome="routed"} 1',
      'fundroute_decisions_total{outcome="no_route"} 0',
      'fundroute_decision_duration_seconds_bucket{le="0.00025"} 0',
      'fundroute_decision_duration_seconds_bucket{le="0.0005"} 1',
      'fundroute_decision_duration_seconds_count 1',
      'fundroute_payments_total{status="succeeded",route="card_a"} 1',
      'fundroute_attempts_total{route="card_a",outcome="declined"} 1',
      'fundroute_attempt_duration_seconds_bucket{le="0.1",route="card_a"} 0',
      'fundroute_attempt_duration_seconds_bucket{le="0.25",route="card_a"} 1',
      'fundroute_attempt_duration_seconds_bucket{le="+Inf",route="card_a"} 1',
      'fundroute_attempt_duration_seconds_sum{route="card_a"} 0.12',
      'fundroute_failovers_total{from="card_a",to="card_b",category="insufficient_funds"} 1',
      'fundroute_breaker_state{route="card_a"} 2',
      'fundroute_breaker_state{route="card_b"} 0',
      'fundroute_eligibility_cache_requests_total{result="stale"} 1',
      'fundroute_ineligible_total{route="jd_baitiao",reason="CRD_OVERDUE"} 1',
      'fundroute_unknown_attempts 2',
      'fundroute_pool_utilization_ratio{pool="baitiao"} 0.5',
      'fundroute_pool_runway_seconds{pool="baitiao"} 3600',
      'fundroute_liquidity_level{pool="baitiao"} 1',
      'fundroute_pool_indicator_band{pool="baitiao",indicator="surge"} 2',
      'fundroute_pool_shadow_price_ratio{pool="baitiao"} 0.08',
      'fundroute_pool_forecast_error_ratio{pool="baitiao"} 0.12',
      'fundroute_route_approval_ratio{route="card_a"} 0.91',
      'fundroute_journal_commit_duration_seconds_count 1',
      'fundroute_redis_up 1',
      'fundroute_faults_total{area="connector"} 1',
    ]) {
      expect(lines).toContain(line)
    }
  })

  it('are all that programs may rely on, each with its labels and no other', async () => {
    const promised: Record<string, readonly string[]> = {
      decisions_total: ['outcome'],
      decision_duration_seconds: [],
      payments_total: ['route', 'status'],
      attempts_total: ['outcome', 'route'],
      attempt_duration_seconds: ['route'],
      failovers_total: ['category', 'from', 'to'],
      breaker_state: ['route'],
      eligibility_cache_requests_total: ['result'],
      ineligible_total: ['reason', 'route'],
      unknown_attempts: [],
      pool_utilization_ratio: ['pool'],
      pool_runway_seconds: ['pool'],
      liquidity_level: ['pool'],
      route_approval_ratio: ['route'],
      journal_commit_duration_seconds: [],
      redis_up: [],
    }
    const lines = samples(await scrapeAfter(...Object.values(SAMPLE_EVENTS)))
    for (const [name, labels] of Object.entries(promised)) {
      const own = new RegExp(`^fundroute_${name}(_bucket|_sum|_count)?[{ ]`)
      const shown = lines.filter(line => own.test(line))
      expect(shown, name).not.toEqual([])
      for (const line of shown) {
        const found = [...line.matchAll(/[{,]([a-z]+)="/g)].map(([, label]) => label)
        expect(new Set(found.filter(label => label !== 'le')), line).toEqual(new Set(labels))
      }
    }
  })

  it('follow the conventions for names: prefix, unit and suffix last, help for each, no series twice', async () => {
    const text = await scrapeAfter(...Object.values(SAMPLE_EVENTS))
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name, type }))
    expect(types.length).toBeGreaterThan(15)
    for (const { name = '', type } of types) {
      expect(name).toMatch(/^fundroute_[a-z][a-z_]*[a-z]$/)
      expect(text).toContain(`# HELP ${name} `)
      if (type === 'counter') expect(name).toMatch(/_total$/)
      else expect(name).not.toMatch(/_(total|count|sum|bucket)$/)
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
      expect(name).not.toMatch(/_(ms|milliseconds|percent|minutes|hours|info)($|_)/)
      expect(name).not.toMatch(/counter|histogram|gauge/)
    }
    const series = samples(text).map(line => line.slice(0, line.lastIndexOf(' ')))
    expect(new Set(series).size).toBe(series.length)
  })

  it('have cumulative buckets that end with the count', async () => {
    const attempt = SAMPLE_EVENTS.attempt
    const latencies = [0, 5, 5.1, 99, 30_000, 30_001, 1e9]
    const text = await scrapeAfter(...latencies.map(latencyMs => ({ ...attempt, latencyMs })))
    const counts = [...text.matchAll(/attempt_duration_seconds_bucket\{le="([^"]+)".*\} (\d+)/g)]
    const values = counts.map(([, , count]) => Number(count))
    expect(values).toEqual(values.toSorted((a, b) => a - b))
    expect(Object.fromEntries(counts.map(([, le, count]) => [le, Number(count)]))).toMatchObject({
      '0.005': 2,
      '0.01': 3,
      '0.1': 4,
      '30': 5,
      '+Inf': 7,
    })
  })

  it('are not spoiled by a number that is none', async () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, -1, undefined as unknown as number]
    const text = await scrapeAfter(
      ...bad.flatMap((value): TelemetryEvent[] => [
        { ...SAMPLE_EVENTS.attempt, latencyMs: value },
        { kind: 'journal_commit', durationMs: value },
        { kind: 'route_approval', route: 'card_a', ratio: value === -1 ? 0.5 : value },
        { kind: 'unknown_attempts', count: value === -1 ? 1 : value },
      ]),
      { kind: 'journal_commit', durationMs: 3 },
    )
    expect(text).not.toMatch(/ (NaN|Nan|undefined)$/m)
    expect(text).toContain('fundroute_journal_commit_duration_seconds_sum 0.003')
    expect(text).toContain('fundroute_route_approval_ratio{route="card_a"} 0.5')
  })

  it('show a pool that does not shrink as infinite runway', async () => {
    const text = await scrapeAfter({ ...SAMPLE_EVENTS.pool, runwaySeconds: Number.POSITIVE_INFINITY })
    expect(text).toContain('fundroute_pool_runway_seconds{pool="baitiao"} +Inf')
  })

  it('take no label from outside their closed sets', async () => {
    const text = await scrapeAfter(
      { ...SAMPLE_EVENTS.attempt, route: '4111111111111111' },
      { kind: 'ineligible', route: 'card_a', reason: 'PLEASE_CALL_13800138000' },
      { ...SAMPLE_EVENTS.failover, to: 'x"} 1\nfake_metric 7' },
      { ...SAMPLE_EVENTS.pool, pool: 'nobody' },
      { kind: 'breaker', route: 'nobody', state: 'open' },
    )
    expect(text).not.toMatch(/4111|13800138000|fake_metric|nobody/)
    expect(text).toContain('fundroute_attempts_total{route="other",outcome="declined"} 1')
    expect(text).toContain('fundroute_ineligible_total{route="card_a",reason="other"} 1')
  })

  it('stay bounded whatever is recorded', async () => {
    const routes = Array.from({ length: 60 }, (_, n) => `route_${n}`)
    const metrics = new Metrics({ clock })
    metrics.declare({ routes, pools: [] })
    for (const from of routes) {
      for (const to of routes) metrics.record({ kind: 'failover', from, to, category: 'issuer_declined' })
    }
    for (let n = 0; n < 500; n++) metrics.record({ kind: 'fault', area: `area_${n}`, cause: 'x' })
    const lines = samples((await metrics.scrape()).text)
    const failovers = lines.filter(line => line.startsWith('fundroute_failovers_total'))
    expect(failovers.length).toBeLessThanOrEqual(1_001)
    const total = failovers.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    expect(total).toBe(3_600)
    expect(lines.filter(line => line.startsWith('fundroute_faults_total')).length).toBeLessThanOrEqual(51)
  })

  it('never throw, even for an event that is none', () => {
    const metrics = new Metrics({ clock })
    for (const event of [undefined, null, {}, { kind: 'attempt' }, { kind: 'pool', pool: 1 }]) {
      expect(() => metrics.record(event as unknown as TelemetryEvent)).not.toThrow()
    }
  })

  it('say nothing of a shared cache where there is none', async () => {
    expect(await scrapeAfter()).not.toMatch(/^fundroute_redis_up /m)
  })

  it('are written out once a second, however often they are asked for', async () => {
    const metrics = new Metrics({ clock })
    const [one, same] = await Promise.all([metrics.scrape(), metrics.scrape()])
    metrics.record({ kind: 'redis', up: true })
    expect((await metrics.scrape()).text).toBe(one.text)
    expect(same.text).toBe(one.text)
    await clock.advance(1_000)
    expect((await metrics.scrape()).text).toContain('fundroute_redis_up 1')
    expect(one.contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  it('tell about the process where there is one', async () => {
    const { text } = await new Metrics({ clock, process: true }).scrape()
    expect(text).toContain('process_cpu_seconds_total')
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds')
    const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name)
    expect(gauges.filter(name => name?.endsWith('_total'))).toEqual([])
  })
})
