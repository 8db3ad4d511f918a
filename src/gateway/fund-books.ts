import type { FundSlices, SharedRecords } from '../ports/fund-slices.ts'
import type { FundMovement, FundSource, Journal } from '../ports/journal.ts'
import { takeOrder } from '../core/liquidity/slices.ts'
import { declareCap, declaredCaps } from './declared-caps.ts'
import type { GatewayPorts, PoolRuntime } from './runtime.ts'

/** The counters of the funding pools as one instance sees them. */
export interface FundRows {
  /** What this instance's journal may lend from. */
  readonly own: readonly FundSource[]
  /** The pools in all: what their levels are reckoned on. The same as `own` where one journal has everything. */
  readonly whole: readonly FundSource[]
}

/** Where the counters are, and what is known about the pools together. */
export interface FundBooks {
  /** What the instances know together. */
  readonly records: SharedRecords
  /** Declares sources, quotas of the day and caps, and reads the counters. */
  bring(pools: readonly PoolRuntime[]): Promise<FundRows>
  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'>
  /** Asks for what a drawdown needs beyond this instance's part. True when it is worth trying again. */
  makeRoom(pools: readonly PoolRuntime[], need: FundNeed): Promise<boolean>
  /** Gives back what this instance would otherwise keep from others while it rests. */
  rest(pools: readonly PoolRuntime[]): Promise<void>
}

/** What is to be drawn from one source, minor units. */
export type FundNeed = Pick<FundMovement, 'pool' | 'source' | 'value'>

type Ports = Pick<GatewayPorts, 'journal' | 'clock'>

const DECLARED_MAX = 10_000

/** The books of instances that share one journal. */
export class WholeBooks implements FundBooks {
  readonly #ports: Ports
  readonly #declared = new Set<string>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  get records(): SharedRecords {
    return this.#ports.journal
  }

  async bring(pools: readonly PoolRuntime[]): Promise<FundRows> {
    const { journal, clock } = this.#ports
    if (this.#declared.size > DECLARED_MAX) this.#declared.clear()
    for (const config of pools) {
      const pool = config.pool.id
      for (const { source, cap, standing } of declaredCaps(config, clock.now())) {
        const key = `${pool}/${source}=${cap}`
        if (this.#declared.has(key)) continue
        if (standing) await declareCap(journal, clock, pool, source, cap)
        else await journal.declareFunds(pool, source, cap)
        this.#declared.add(key)
      }
    }
    const rows = await journal.listFunds()
    return { own: rows, whole: rows }
  }

  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    return this.#ports.journal.moveFunds(movement)
  }

  makeRoom(): Promise<boolean> {
    return Promise.resolve(false)
  }

  rest(): Promise<void> {
    return Promise.resolve()
  }
}

/** Which of the shards this is. */
export interface ShardPlace {
  readonly shard: string
  readonly shardsMax: number
}

const EPOCHS = 'fund_slice'

/**
 * The books of a shard with a journal of its own: its caps are slices, which a coordinator keeps within the whole. The
 * journal refuses what is above a slice as it would refuse what is above a cap. What the coordinator cannot be asked
 * about stays as it is.
 */
export class SlicedBooks implements FundBooks {
  readonly #ports: Ports
  readonly #slices: FundSlices
  readonly #place: ShardPlace
  /** One exchange after the other: an order must not be overtaken between its parts. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(ports: Ports, slices: FundSlices, place: ShardPlace) {
    this.#ports = ports
    this.#slices = slices
    this.#place = place
  }

  get records(): SharedRecords {
    return this.#slices
  }

  bring(pools: readonly PoolRuntime[]): Promise<FundRows> {
    return this.#inTurn(() => this.#exchange(pools, false))
  }

  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    return this.#slices.setCap(movement)
  }

  async makeRoom(pools: readonly PoolRuntime[], need: FundNeed): Promise<boolean> {
    await this.#inTurn(() => this.#exchange(pools, false, need))
    return true
  }

  async rest(pools: readonly PoolRuntime[]): Promise<void> {
    await this.#inTurn(() => this.#exchange(pools, true))
    // Only the next report tells the coordinator that the limits are lowered.
    await this.#inTurn(() => this.#exchange(pools, true))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #exchange(pools: readonly PoolRuntime[], resting: boolean, need?: FundNeed): Promise<FundRows> {
    const { journal, clock } = this.#ports
    const before = await journal.listFunds()
    const whole: FundSource[] = []
    for (const config of pools) {
      const pool = config.pool.id
      const declared = declaredCaps(config, clock.now())
      const epochs = await readEpochs(journal, pool)
      const sources = declared.map(({ source, cap }) => {
        const row = before.find(one => one.pool === pool && one.source === source)
        const { cap: limit, used, reserved } = row ?? { cap: 0, used: 0, reserved: 0 }
        const needed = need?.pool === pool && need.source === source ? need.value : 0
        return {
          source,
          cap,
          report: { epoch: epochs.get(source)?.epoch ?? 0, limit, used, reserved, needed },
        }
      })
      const answer = await this.#slices.exchange(pool, { ...this.#place, resting, sources })
      for (const { source, order } of answer.orders) {
        const asked = sources.find(one => one.source === source)
        if (asked === undefined) continue
        const { epoch, limit, used, reserved } = asked.report
        const { slice } = takeOrder({ shard: this.#place.shard, epoch, limit, out: used + reserved }, order)
        if (slice.epoch === epoch) continue
        await journal.declareFunds(pool, source, slice.limit)
        await this.#keepEpoch(pool, source, slice.epoch, epochs.get(source)?.version ?? 0)
      }
      whole.push(...answer.whole)
    }
    return { own: await journal.listFunds(), whole }
  }

  async #keepEpoch(pool: string, source: string, epoch: number, version: number): Promise<void> {
    const { journal, clock } = this.#ports
    const body = JSON.stringify({ epoch })
    await journal.putRecord({ collection: EPOCHS, key: `${pool}/${source}`, at: clock.now(), body }, version)
  }
}

async function readEpochs(
  journal: Journal,
  pool: string,
): Promise<Map<string, { readonly epoch: number; readonly version: number }>> {
  const rows = await journal.listRecords(EPOCHS, `${pool}/`, EPOCHS_READ_MAX)
  return new Map(
    rows.map(({ key, version, body }) => [
      key.slice(pool.length + 1),
      { epoch: (JSON.parse(body) as { epoch: number }).epoch, version },
    ]),
  )
}

/** Twenty sources, and their quotas of a few months. */
const EPOCHS_READ_MAX = 5_000
