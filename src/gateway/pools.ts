import { poolUsage, sourceRoom } from '../core/liquidity/capacity.ts'
import { fundingDay, quotaRow, sourceStates } from '../core/liquidity/fund-rows.ts'
import { triggeredDeals } from '../core/liquidity/balance.ts'
import { liquidityGate } from '../core/liquidity/gate.ts'
import type { Reading } from '../core/liquidity/indicators.ts'
import { newLevelState } from '../core/liquidity/levels.ts'
import type { PoolFacts } from '../core/liquidity/monitor.ts'
import type { DemandOutlook } from '../core/liquidity/outlook.ts'
import { snapshotOf } from '../core/liquidity/snapshot.ts'
import { rankSources } from '../core/liquidity/source-choice.ts'
import type { LiquidityLevel, PoolSnapshot, SourceState } from '../core/liquidity/types.ts'
import { consentFor } from '../core/eligibility/gates.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Route } from '../core/payment/route.ts'
import type { FundMovement, FundReservation } from '../ports/journal.ts'
import { type FundBooks, type FundRows, WholeBooks } from './fund-books.ts'
import { discount, evaluate, isDue, type KeptWatch, readWatches, writeFacts } from './pool-watch.ts'
import type { GatewayPorts, PoolRuntime, Pools, PoolVerdict, Runtime } from './runtime.ts'

/** One pool as this process knows it. `states` runs ahead of the journal by what was reserved here since. */
interface Known {
  readonly config: PoolRuntime
  readonly states: Map<string, SourceState>
  /** Of all instances; the same as `states` where they share one journal. */
  readonly wholeStates: ReadonlyMap<string, SourceState>
  readonly snapshot: PoolSnapshot
  readonly readings: readonly Reading[]
  readonly outlook: DemandOutlook | undefined
  readonly since: number
}

/** A pool for operators. */
export interface PoolView {
  readonly id: string
  readonly currency: string
  readonly level: LiquidityLevel
  readonly since: string
  readonly utilization: number
  readonly shadowPriceBps: number
  readonly headroom: number
  readonly largestLoan: number
  readonly sources: readonly {
    readonly id: string
    readonly kind: string
    readonly cap: number
    readonly used: number
    readonly reserved: number
    readonly drawnToday?: number
    readonly open: boolean
  }[]
  readonly indicators: readonly {
    readonly id: string
    readonly value: number
    readonly band: LiquidityLevel
  }[]
  /** Absent before the first evaluation. */
  readonly forecast?: DemandOutlook
}

/** A source that no journal knows has nothing left: what reserves from it is refused, and nothing is sent. */
const NOBODY = '-'

/**
 * The funding pools over snapshots in process, read from the journal about once a second. They decide what is offered;
 * whether a loan can be made is decided by the journal alone, in the INTENT's write.
 */
export class FundingPools implements Pools {
  readonly #ports: GatewayPorts
  readonly #runtime: () => Runtime
  readonly #books: FundBooks
  #known = new Map<string, Known>()
  #watches = new Map<string, KeptWatch>()

  constructor(ports: GatewayPorts, runtime: () => Runtime, books: FundBooks = new WholeBooks(ports)) {
    this.#ports = ports
    this.#runtime = runtime
    this.#books = books
  }

  /** Reads the journal: declares new sources and caps, brings snapshots up to date, evaluates pools that are due. */
  async refresh(): Promise<void> {
    const runtime = this.#runtime()
    const pools = runtime.pools ?? []
    if (pools.length === 0) {
      this.#known = new Map()
      return
    }
    const rows = await this.#books.bring(pools)
    this.#watches = await readWatches(this.#books.records, this.#watches)
    const known = new Map<string, Known>()
    for (const config of pools) known.set(config.pool.id, await this.#look(runtime, config, rows))
    this.#known = known
  }

  verdict(route: Route, context: PaymentContext, now: number, highGrade: boolean): PoolVerdict | undefined {
    if (route.pool === undefined) return undefined
    const known = this.#known.get(route.pool)
    if (known === undefined) return { allowed: false, reasons: ['LIQ_PARTNER_UNAVAILABLE'], shadowBps: 0 }
    const { snapshot } = known
    const offered = termsOf(route)
    const instalments = consentFor(context, route)?.instalments
    const gate = liquidityGate(snapshot, {
      amount: context.amount.value,
      offered,
      existingHighGrade: highGrade,
      ...(instalments === undefined ? {} : { instalments }),
    })
    const terms = carriedTerms(known, context, gate.allowedTerms, now)
    const allowed =
      gate.allowed && (instalments === undefined ? terms.length > 0 : terms.includes(instalments))
    const reason = terms.length === 0 ? 'LIQ_AMOUNT_RESTRICTED' : 'LIQ_TERM_SUSPENDED'
    return {
      allowed,
      reasons: allowed ? [] : gate.allowed ? [reason] : gate.reasons,
      shadowBps: snapshot.lambdaBps,
      terms,
    }
  }

  reservation(route: Route, context: PaymentContext, now: number): FundReservation | undefined {
    if (route.pool === undefined) return undefined
    const amount = context.amount.value
    const known = this.#known.get(route.pool)
    const instalments = consentFor(context, route)?.instalments ?? 1
    const [best] =
      known === undefined
        ? []
        : rankSources(known.config.pool, known.states, { amount, instalments, nowMs: now }).offers
    if (known === undefined || best === undefined) {
      return { pool: route.pool, legs: [{ source: NOBODY, value: amount }] }
    }
    const legs = best.legs.flatMap(({ source, amount: value }) => {
      const state = known.states.get(source) as SourceState
      known.states.set(source, { ...state, reserved: state.reserved + value })
      const quota = state.dailyQuota === undefined ? [] : [{ source: quotaRow(source, state.day), value }]
      return value === 0 ? [] : [{ source, value }, ...quota]
    })
    return { pool: route.pool, legs }
  }

  exhausted({ pool, legs }: FundReservation): boolean {
    const known = this.#known.get(pool)
    let news = false
    for (const { source } of legs) {
      const state = known?.states.get(source)
      if (known === undefined || state === undefined || sourceRoom(state, true) === 0) continue
      // Nobody knows which leg was refused, so none of them is tried again before the journal has been read.
      known.states.set(source, { ...state, reserved: state.cap - state.used })
      news = true
    }
    return news
  }

  /** Applies a movement that a funder or the ledger tells. Exactly once by its id; safe to repeat. */
  async move(movement: Omit<FundMovement, 'at'>): Promise<'applied' | 'duplicate' | 'refused' | 'unknown'> {
    const pool = this.#runtime().pools?.find(({ pool: { id } }) => id === movement.pool)?.pool
    if (!pool?.sources.some(({ id }) => id === movement.source)) return 'unknown'
    const now = this.#ports.clock.now()
    const moved = { ...movement, at: now }
    const { kind } = movement
    const apply = () =>
      kind === 'cap_change' ? this.#books.setCap(moved) : this.#ports.journal.moveFunds(moved)
    let result = await apply()
    if (result === 'refused' && kind === 'drawdown') {
      if (await this.#books.makeRoom(this.#runtime().pools ?? [], movement)) result = await apply()
    }
    if (result !== 'applied') return result
    if (kind !== 'cap_change') await discount(this.#books.records, movement, now)
    await this.refresh()
    return result
  }

  /** Takes in what the treasury knows of a pool. False when somebody else did so at the same moment. */
  async tell(pool: string, facts: PoolFacts): Promise<boolean> {
    const now = this.#ports.clock.now()
    if (!(await writeFacts(this.#books.records, pool, facts, now))) return false
    const known = this.#runtime().pools?.find(({ pool: { id } }) => id === pool)?.pool
    // A deal that has reached its trigger buys nothing more until the funder sets a cap anew.
    for (const source of known === undefined ? [] : triggeredDeals(known, facts.balance ?? {})) {
      await this.move({ id: `trigger/${pool}/${source}/${now}`, pool, source, kind: 'cap_change', value: 0 })
    }
    return true
  }

  /** Gives back what this instance would keep from others while it rests. */
  async rest(): Promise<void> {
    const pools = this.#runtime().pools ?? []
    if (pools.length > 0) await this.#books.rest(pools)
  }

  /** The worst level of all pools: what the appetite for risk looks at. Null without pools. */
  worstLevel(): LiquidityLevel | null {
    const levels = [...this.#known.values()].map(({ snapshot }) => snapshot.level)
    return (['black', 'red', 'amber', 'green'] as const).find(level => levels.includes(level)) ?? null
  }

  /** The highest value that any pool has of an early-warning indicator; null when none is known. */
  highest(indicator: Reading['indicator']): number | null {
    const values = [...this.#known.values()].flatMap(({ readings }) =>
      readings.filter(reading => reading.indicator === indicator).map(({ value }) => value),
    )
    return values.length === 0 ? null : Math.max(...values)
  }

  views(): PoolView[] {
    return [...this.#known.values()].map(view)
  }

  async #look(runtime: Runtime, config: PoolRuntime, { own, whole }: FundRows): Promise<Known> {
    const { pool, utcOffsetMinutes } = config
    const now = this.#ports.clock.now()
    const day = fundingDay(now, utcOffsetMinutes)
    const states = sourceStates(pool, own, day)
    const wholeStates = own === whole ? states : sourceStates(pool, whole, day)
    const usage = poolUsage(pool, wholeStates, now)
    let kept = this.#watches.get(pool.id) ?? { watch: undefined, version: 0 }
    if (isDue(config, kept.watch, usage.utilization, now)) {
      const { records } = this.#books
      kept = (await evaluate({ ...this.#ports, records }, runtime, config, wholeStates, whole, kept)) ?? kept
      this.#watches.set(pool.id, kept)
    }
    const level = kept.watch?.monitor.level ?? newLevelState(now)
    const readings = kept.watch?.readings ?? []
    const pace = readings.find(({ indicator }) => indicator === 'dayPace')?.value ?? 0
    // A slice may hold less than the whole: what one loan can be is told by the books that lend it.
    const { largestLoan } = own === whole ? usage : poolUsage(pool, states, now)
    const snapshot = snapshotOf(pool, { ...usage, largestLoan }, level, now, Math.min(1, pace))
    this.#report(snapshot, readings, kept.watch?.outlook)
    const outlook = kept.watch?.outlook
    return { config, states, wholeStates, snapshot, readings, outlook, since: level.sinceMs }
  }

  #report(
    { pool, utilization, level, lambdaBps }: PoolSnapshot,
    readings: readonly Reading[],
    outlook: DemandOutlook | undefined,
  ): void {
    const hours = readings.find(({ indicator }) => indicator === 'runwayHours')?.value ?? RUNWAY_HOURS_SEEN
    this.#ports.telemetry.record({
      kind: 'pool',
      pool,
      utilization,
      runwaySeconds: hours >= RUNWAY_HOURS_SEEN ? Number.POSITIVE_INFINITY : hours * 3_600,
      level,
      bands: Object.fromEntries(readings.map(({ indicator, band }) => [indicator, band])),
      shadowPriceBps: lambdaBps,
      ...(outlook?.state === 'learned' ? { forecastError: outlook.backTest.wape } : {}),
    })
  }
}

/** Beyond a week nothing is said about when a pool runs out. */
const RUNWAY_HOURS_SEEN = 168

function termsOf(route: Route): readonly number[] {
  const { instalments } = route.capability
  return instalments.length > 0 ? instalments : [1]
}

/** Of the terms that the level allows, those that one source can carry for this amount. */
function carriedTerms(
  { config: { pool }, states }: Known,
  { amount }: PaymentContext,
  terms: readonly number[],
  nowMs: number,
): readonly number[] {
  const carries = (instalments: number): boolean =>
    rankSources(pool, states, { amount: amount.value, instalments, nowMs }).offers.length > 0
  // Only a funder's longest term tells terms apart.
  if (pool.sources.some(({ termsMax }) => termsMax !== undefined)) return terms.filter(carries)
  const [any] = terms
  return any !== undefined && carries(any) ? terms : []
}

function view({ config: { pool }, wholeStates, snapshot, readings, outlook, since }: Known): PoolView {
  return {
    id: pool.id,
    currency: pool.currency,
    level: snapshot.level,
    since: new Date(since).toISOString(),
    utilization: snapshot.utilization,
    shadowPriceBps: snapshot.lambdaBps,
    headroom: snapshot.headroom,
    largestLoan: snapshot.largestLoan,
    sources: pool.sources.flatMap(({ id, kind, dailyQuota }) => {
      const state = wholeStates.get(id)
      if (state === undefined) return []
      const { announcedCap, used, reserved, drawnToday, open } = state
      const today = dailyQuota === undefined ? {} : { drawnToday }
      return [{ id, kind, cap: announcedCap, used, reserved, ...today, open }]
    }),
    indicators: readings.map(({ indicator, value, band }) => ({ id: indicator, value, band })),
    ...(outlook === undefined ? {} : { forecast: outlook }),
  }
}
