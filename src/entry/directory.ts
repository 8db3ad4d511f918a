import { DurableObject } from 'cloudflare:workers'
import type { JournalMark } from '../ports/mark-store.ts'
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
    this.#db.run('create table if not exists marks (journal text not null primary key, mark text not null)')
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

  /** How far the journal of a shard has come, kept apart from it, so that a restore of the shard does not reach it. */
  noteMark(mark: JournalMark): void {
    this.#db.run(
      'insert into marks (journal, mark) values (?, ?) on conflict (journal) do update set mark = excluded.mark',
      mark.journal,
      JSON.stringify(mark),
    )
  }

  /** The mark of one journal. */
  markOf(journal: string): JournalMark | undefined {
    const [row] = this.#db.all<{ mark: string } & object>('select mark from marks where journal = ?', journal)
    return row === undefined ? undefined : (JSON.parse(row.mark) as JournalMark)
  }

  find(key: string): Bound | undefined {
    return this.#db.all<Bound & object>('select fingerprint, shard from bound_keys where key = ?', key)[0]
  }
}
