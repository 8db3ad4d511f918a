import { eventText } from '../core/explain/event-texts.ts'
import type { SourceStates } from '../core/liquidity/capacity.ts'
import type { FundRow } from '../core/liquidity/fund-rows.ts'
import type { Reading } from '../core/liquidity/indicators.ts'
import { balanceIndicators, fadeRate, marginalCostBps, type RateMean } from '../core/liquidity/balance.ts'
import type { LevelChange } from '../core/liquidity/levels.ts'
import {
  evaluatePool,
  newPoolMonitor,
  observePool,
  type PoolFacts,
  type PoolMonitor,
} from '../core/liquidity/monitor.ts'
import { type DemandOutlook, outlookOf } from '../core/liquidity/outlook.ts'
import { targetShare } from '../core/liquidity/pacing.ts'
import type { Pool } from '../core/liquidity/types.ts'
import type { SharedRecords } from '../ports/fund-slices.ts'
import type { FundMovement } from '../ports/journal.ts'
import { eventItems } from './events.ts'
import type { GatewayPorts, PoolRuntime, Runtime } from './runtime.ts'

/** What every instance knows of a pool's level: one evaluation, made by whichever instance came first. */
export interface Watch {
  readonly monitor: PoolMonitor
  readonly readings: readonly Reading[]
  /** What each source had out and promised at that evaluation; growth since then is demand. */
  readonly out: Readonly<Record<string, number>>
  readonly outlook: DemandOutlook
  /** Mean of what the cheapest money left has cost, over about 90 days. */
  readonly cost?: RateMean
}

/** A watch with the version of the record that it was read from; 0 when there is none yet. */
export interface KeptWatch {
  readonly watch: Watch | undefined
  readonly version: number
}

const WATCHES = 'pool_watch'
const FACTS = 'pool_facts'
const OPEN_READ_MAX = 1_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** The evaluations that stand, by pool. Those that have not changed are not parsed again. */
export async function readWatches(
  records: SharedRecords,
  known: ReadonlyMap<string, KeptWatch>,
): Promise<Map<string, KeptWatch>> {
  const rows = await records.listRecords(WATCHES, '', 100)
  return new Map(
    rows.map(({ key, version, body }) => {
      const before = known.get(key)
      return [
        key,
        before?.version === version ? before : { watch: JSON.parse(body) as Watch, version },
      ] as const
    }),
  )
}

/** Whether it is time: the pace of the pool has passed, or it is full and nobody has said so yet. */
export function isDue(
  config: PoolRuntime,
  watch: Watch | undefined,
  utilization: number,
  now: number,
): boolean {
  if (watch === undefined) return true
  const { monitor } = watch
  const full = utilization >= FULL && monitor.level.level !== 'black'
  return full || now - monitor.evaluatedAtMs >= config.evaluateSeconds * 1_000
}

const FULL = 0.999

/** The ports of an instance, and what all instances know of the pools together. */
type WatchPorts = GatewayPorts & { readonly records: SharedRecords }

/**
 * Evaluates a pool from the journal alone, so that any instance comes to the same, and keeps the result unless another
 * instance was quicker. A change of level is told by the instance whose evaluation stands. Undefined when another's does.
 */
export async function evaluate(
  ports: WatchPorts,
  runtime: Runtime,
  config: PoolRuntime,
  states: SourceStates,
  rows: readonly FundRow[],
  before: KeptWatch,
): Promise<KeptWatch | undefined> {
  const now = ports.clock.now()
  const { pool } = config
  const out = Object.fromEntries(
    rows.filter(row => row.pool === pool.id).map(({ source, used, reserved }) => [source, used + reserved]),
  )
  const monitor = observed(before.watch, pool, out, now)
  const told = await readFacts(ports.records, pool.id)
  const marginal = marginalCostBps(pool, states, now)
  const cost = marginal === undefined ? before.watch?.cost : fadeRate(before.watch?.cost, marginal, now)
  const facts: PoolFacts = {
    ...(await knownFacts(ports, pool, states, told, now)),
    ...(marginal === undefined || cost === undefined ? {} : { fundingCostChangeBps: marginal - cost.bps }),
    ...told,
  }
  const offsetMs = config.utcOffsetMinutes * MINUTE_MS
  const evaluation = evaluatePool(monitor, pool, states, facts, now, offsetMs)
  const { curve } = evaluation.monitor
  const hourOfDay = ((((now + offsetMs) / HOUR_MS) % 24) + 24) % 24
  const share = curve === undefined ? undefined : targetShare(curve.target, hourOfDay)
  const watch: Watch = {
    monitor: evaluation.monitor,
    readings: evaluation.readings,
    out,
    outlook: outlookOf(evaluation.monitor, told.promotions ?? [], now, offsetMs, share),
    ...(cost === undefined ? {} : { cost }),
  }
  const row = { collection: WATCHES, key: pool.id, at: now, body: JSON.stringify(watch) }
  if (!(await ports.records.putRecord(row, before.version))) return undefined
  const events = [
    ...(evaluation.change === undefined ? [] : [levelEvent(pool, evaluation.change)]),
    ...warnings(pool, before.watch?.readings ?? [], evaluation.readings),
  ]
  await tell(ports, runtime, `${pool.id}_${before.version + 1}`, events, now)
  return { watch, version: before.version + 1 }
}

/**
 * Takes a movement that a funder or the ledger told out of what the next evaluation would reckon as credit asked for: an
 * opening balance is no demand, and a repayment must not hide what was lent beside it.
 */
export async function discount(
  records: SharedRecords,
  { pool, source, kind, value }: Omit<FundMovement, 'at' | 'id'>,
  now: number,
): Promise<void> {
  const row = await records.getRecord(WATCHES, pool)
  if (row === undefined) return
  const watch = JSON.parse(row.body) as Watch
  const repaid = kind === 'repayment'
  const out = { ...watch.out, [source]: (watch.out[source] ?? 0) + (repaid ? -value : value) }
  const monitor = repaid ? observePool(watch.monitor, 'repaid', value, now) : watch.monitor
  const body = JSON.stringify({ ...watch, monitor, out } satisfies Watch)
  await records.putRecord({ collection: WATCHES, key: pool, at: now, body }, row.version)
}

/** Growth of what is out is credit asked for and lent; shrinkage is repaid. */
function observed(
  before: Watch | undefined,
  pool: Pool,
  out: Readonly<Record<string, number>>,
  now: number,
): PoolMonitor {
  if (before === undefined) return newPoolMonitor(now)
  let { monitor } = before
  for (const { id } of pool.sources) {
    const grown = (out[id] ?? 0) - (before.out[id] ?? 0)
    if (grown > 0) {
      monitor = observePool(observePool(monitor, 'wanted', grown, now), 'lent', grown, now)
    } else if (grown < 0) monitor = observePool(monitor, 'repaid', -grown, now)
  }
  return monitor
}

/** What the gateway knows itself: exposure without an answer, the end of a deal, what follows from the balance sheet. */
async function knownFacts(
  { journal }: WatchPorts,
  pool: Pool,
  states: SourceStates,
  { balance = {} }: PoolFacts,
  now: number,
): Promise<PoolFacts> {
  const open = await journal.listOpen(undefined, OPEN_READ_MAX)
  let exposed = 0
  for (const { payment } of open) {
    for (const { status, reservation, amount } of payment.attempts) {
      if (status === 'unknown' && reservation?.pool === pool.id) exposed += amount.value
    }
  }
  let caps = 0
  for (const state of states.values()) caps += state.cap
  const ends = pool.sources.flatMap(source => (source.kind === 'abs' ? [source.revolvingUntilMs] : []))
  return {
    ...(ends.length === 0 ? {} : { revolvingDaysLeft: Math.max(0, Math.min(...ends) - now) / DAY_MS }),
    ...balanceIndicators(pool, states, balance, now),
    unknownExposureShare: caps === 0 ? 0 : exposed / caps,
  }
}

/** What operators have told of a pool beyond its ledger. */
async function readFacts(records: SharedRecords, pool: string): Promise<PoolFacts> {
  const row = await records.getRecord(FACTS, pool)
  return row === undefined ? {} : (JSON.parse(row.body) as PoolFacts)
}

/** Replaces what is told of a pool. False when somebody else did so at the same moment. */
export async function writeFacts(
  records: SharedRecords,
  pool: string,
  facts: PoolFacts,
  now: number,
): Promise<boolean> {
  const row = await records.getRecord(FACTS, pool)
  const next = { collection: FACTS, key: pool, at: now, body: JSON.stringify(facts) }
  return records.putRecord(next, row?.version ?? 0)
}

interface PoolEvent {
  readonly type: 'liquidity.level_changed' | 'liquidity.indicator_changed'
  readonly data: Readonly<Record<string, unknown>>
}

function levelEvent({ id, currency }: Pool, { from, to, because }: LevelChange): PoolEvent {
  const text = eventText('liquidity_level', { subject: id, level: to })
  return {
    type: 'liquidity.level_changed',
    data: { pool: id, currency, level: to, previous: from, because, text },
  }
}

/** Indicators that have entered another band, whether or not the level follows them: most only warn the treasury. */
function warnings({ id }: Pool, before: readonly Reading[], now: readonly Reading[]): PoolEvent[] {
  const bands = new Map(before.map(({ indicator, band }) => [indicator, band]))
  return now.flatMap(({ indicator, band, value }) => {
    const previous = bands.get(indicator) ?? 'green'
    if (previous === band) return []
    // Told as it is on the wire: a runway without end has no number.
    const told = Number.isFinite(value) ? value : null
    const text = eventText('liquidity_indicator', { subject: id, indicator, level: band })
    const data = { pool: id, indicator, band, previous, value: told, text }
    return [{ type: 'liquidity.indicator_changed', data }]
  })
}

async function tell(
  ports: GatewayPorts,
  runtime: Runtime,
  id: string,
  events: readonly PoolEvent[],
  now: number,
): Promise<void> {
  const items = events.flatMap(({ type, data }) => {
    const part = type === 'liquidity.level_changed' ? '' : `_${String(data.indicator)}`
    return eventItems(runtime.tenants.values(), { id: `evt_pool_${id}${part}`, type, data }, now)
  })
  if (items.length > 0) await ports.journal.putOutbox(items)
}
