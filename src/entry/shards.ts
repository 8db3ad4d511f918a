import { hash32 } from '../core/hash.ts'
import { shardOf } from '../gateway/ids.ts'

/** Ids carry their shard in two hex digits. */
export const SHARDS_MAX = 256

/**
 * Where the state of a tenant is: a fixed number of virtual shards, one Durable Object each. All payments of an order
 * are on one shard, so that the shard alone can see that only one of them is live.
 */
export class Shards {
  readonly count: number

  /** @param count the same for as long as there are payments: another number would look for orders elsewhere */
  constructor(count: number) {
    if (!Number.isInteger(count) || count < 1 || count > SHARDS_MAX) {
      throw new RangeError(`the number of shards is 1 to ${SHARDS_MAX}`)
    }
    this.count = count
  }

  /** The shard of an order's payments, decisions and quotes. */
  ofOrder(tenant: string, orderId: string): number {
    return hash32(`${tenant}\n${orderId}`) % this.count
  }

  /** The shard that an id or a reference names; undefined for text that cannot be an id of ours. */
  ofId(id: string): number | undefined {
    const shard = shardOf(id)
    return Number.isInteger(shard) && shard < this.count ? shard : undefined
  }

  /** The directory shard that binds an idempotency key. */
  ofKey(tenant: string, key: string): number {
    return hash32(`${tenant}\n${key}`) % this.count
  }

  /** The shard that decides about a payer's credit line; the others hold copies. */
  ofPayer(tenant: string, payer: string): number {
    return hash32(`${tenant}\n${payer}`) % this.count
  }

  all(): number[] {
    return Array.from({ length: this.count }, (_, shard) => shard)
  }
}

/** Name of the Durable Object of a shard. Ids of tenants have no slash. */
export function objectName(tenant: string, shard: number): string {
  return `${tenant}/${shard}`
}
