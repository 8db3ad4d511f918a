import { DurableObject } from 'cloudflare:workers'
import { DurableObjectDatabase } from '../adapters/durable-object/database.ts'

/** What an idempotency key stands for: one request, and the shard that has or would have its payment. */
export interface Bound {
  readonly fingerprint: string
  readonly shard: number
}

/**
 * Binds the idempotency keys of a tenant that has several shards, before any of them acts: the same key with an order
 * of another shard is seen here. A key stays bound, whatever becomes of its request.
 */
export class Directory extends DurableObject<Readonly<Record<string, unknown>>> {
  readonly #db: DurableObjectDatabase

  constructor(ctx: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    super(ctx, env)
    this.#db = new DurableObjectDatabase(ctx.storage)
    this.#db.run(
      'create table if not exists bound_keys (key text not null primary key, fingerprint text not null, shard int not null)',
    )
  }

  /** Binds, or gives what the key is bound to already. Safe to repeat. */
  bind(key: string, { fingerprint, shard }: Bound): Bound {
    this.#db.run(
      'insert into bound_keys (key, fingerprint, shard) values (?, ?, ?) on conflict (key) do nothing',
      key,
      fingerprint,
      shard,
    )
    return this.find(key) as Bound
  }

  find(key: string): Bound | undefined {
    return this.#db.all<Bound & object>('select fingerprint, shard from bound_keys where key = ?', key)[0]
  }
}
