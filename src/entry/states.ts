import { SendsHeld } from '../gateway/recovery.ts'
import { JournalUnavailable } from '../ports/journal.ts'
import type { Directory } from './directory.ts'
import { objectName, type Shards } from './shards.ts'
import type { Reply, StateCore } from './state-core.ts'
import type { Treasury } from './treasury.ts'

/** The bindings through which a Worker reaches its objects. */
export interface ObjectBindings {
  readonly STATE: DurableObjectNamespace<StateCore>
  readonly DIRECTORY: DurableObjectNamespace<Directory>
  readonly TREASURY: DurableObjectNamespace<Treasury>
}

/** The objects that hold the state, asked by tenant and shard. */
export class States {
  readonly #bindings: ObjectBindings
  readonly #shards: Shards

  constructor(bindings: ObjectBindings, shards: Shards) {
    this.#bindings = bindings
    this.#shards = shards
  }

  /**
   * Asks one shard. Rejects with `JournalUnavailable` when it cannot be reached or cannot say; a write may have been
   * applied then.
   */
  async ask<T>(
    tenant: string,
    shard: number,
    call: (state: DurableObjectStub<StateCore>) => Promise<Reply<T>>,
  ): Promise<T> {
    let reply: Reply<T>
    try {
      reply = await call(this.object(tenant, shard))
    } catch (error) {
      // What cannot be sent at all is a mistake here; everything else is the network or the object.
      if (error instanceof Error && error.name === 'DataCloneError') throw error
      throw new JournalUnavailable('the object that holds the state cannot be reached')
    }
    if (reply.ok) return reply.value
    if (reply.fault === 'unavailable') throw new JournalUnavailable(reply.message)
    if (reply.fault === 'held') throw new SendsHeld(reply.message)
    throw new Error(`the state failed: ${reply.message}`)
  }

  /** A stub belongs to the request in which it was made, and is broken for good after a failure. */
  object(tenant: string, shard: number): DurableObjectStub<StateCore> {
    const { STATE } = this.#bindings
    return STATE.get(STATE.idFromName(objectName(tenant, shard)))
  }

  /**
   * Binds a key to a request before any shard acts. Gives the shard to ask, or undefined when the key stands for another
   * request. With one shard that shard's journal binds its keys itself.
   */
  async bindKey(
    tenant: string,
    key: { readonly key: string; readonly fingerprint: string },
    shard: number,
  ): Promise<number | undefined> {
    if (this.#shards.count === 1) return shard
    const bound = await this.#directory(tenant, key.key, directory =>
      directory.bind(key.key, { fingerprint: key.fingerprint, shard }),
    )
    return bound.fingerprint === key.fingerprint ? bound.shard : undefined
  }

  /** The shard on which a key has acted, or would have. */
  async shardOfKey(tenant: string, key: string): Promise<number | undefined> {
    if (this.#shards.count === 1) return 0
    return (await this.#directory(tenant, key, directory => directory.find(key)))?.shard
  }

  async #directory<T>(
    tenant: string,
    key: string,
    call: (directory: DurableObjectStub<Directory>) => Promise<T>,
  ): Promise<T> {
    const { DIRECTORY } = this.#bindings
    const name = objectName(tenant, this.#shards.ofKey(tenant, key))
    try {
      return await call(DIRECTORY.get(DIRECTORY.idFromName(name)))
    } catch {
      throw new JournalUnavailable('the directory of keys cannot be reached')
    }
  }
}
