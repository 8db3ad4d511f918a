import { DurableObject } from 'cloudflare:workers'
import { DurableObjectJournal } from '../adapters/durable-object/journal.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { SliceDesk } from '../gateway/slice-desk.ts'
import type { FundSlices, SliceAnswer, SliceQuestion } from '../ports/fund-slices.ts'
import { type FundMovement, JournalUnavailable, type RecordRow } from '../ports/journal.ts'

/**
 * The coordinator of one funding pool, over all tenants and shards: one object, so that the slices of their journals
 * never add up to more than the cap of a source.
 */
export class Treasury extends DurableObject<Readonly<Record<string, unknown>>> {
  readonly #desk: SliceDesk

  constructor(ctx: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    super(ctx, env)
    const journal = new DurableObjectJournal({ storage: ctx.storage, now: () => systemClock.now() })
    this.#desk = new SliceDesk(journal, systemClock)
  }

  exchange(pool: string, question: SliceQuestion): Promise<SliceAnswer> {
    return this.#desk.exchange(pool, question)
  }

  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    return this.#desk.setCap(movement)
  }

  getRecord(collection: string, key: string): Promise<RecordRow | undefined> {
    return this.#desk.getRecord(collection, key)
  }

  putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean> {
    return this.#desk.putRecord(row, expectedVersion)
  }
}

/** The coordinators as a shard reaches them. Rejects with `JournalUnavailable` when one cannot be asked. */
export class RemoteTreasury implements FundSlices {
  readonly #treasuries: DurableObjectNamespace<Treasury>
  readonly #pools: () => readonly string[]

  /** @param pools ids of the pools of the configuration: there is a coordinator for each */
  constructor(treasuries: DurableObjectNamespace<Treasury>, pools: () => readonly string[]) {
    this.#treasuries = treasuries
    this.#pools = pools
  }

  exchange(pool: string, question: SliceQuestion): Promise<SliceAnswer> {
    return this.#ask(pool, treasury => treasury.exchange(pool, question))
  }

  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    return this.#ask(movement.pool, treasury => treasury.setCap(movement))
  }

  getRecord(collection: string, key: string): Promise<RecordRow | undefined> {
    return this.#ask(key, treasury => treasury.getRecord(collection, key))
  }

  putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean> {
    return this.#ask(row.key, treasury => treasury.putRecord(row, expectedVersion))
  }

  /** Records of pools are kept under the pool's id. */
  async listRecords(collection: string, prefix: string, limit: number): Promise<RecordRow[]> {
    const pools = this.#pools().filter(pool => pool.startsWith(prefix))
    const rows = await Promise.all(pools.map(pool => this.getRecord(collection, pool)))
    return rows.filter(row => row !== undefined).slice(0, limit)
  }

  /** A stub is broken for good after a failure, so each call has its own. */
  async #ask<T>(pool: string, call: (treasury: DurableObjectStub<Treasury>) => Promise<T>): Promise<T> {
    try {
      return await call(this.#treasuries.get(this.#treasuries.idFromName(pool)))
    } catch {
      throw new JournalUnavailable('the coordinator of the funding pool cannot be reached')
    }
  }
}
