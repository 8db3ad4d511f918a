import type { ShardAsking, SliceReport } from '../core/liquidity/shared-source.ts'
import type { SliceOrder } from '../core/liquidity/slices.ts'
import type { FundMovement, FundSource, Journal } from './journal.ts'

/** What the shards know about a pool together, beside the counters. */
export type SharedRecords = Pick<Journal, 'getRecord' | 'putRecord' | 'listRecords'>

/** What a shard asks the coordinator of a pool. */
export interface SliceQuestion extends ShardAsking {
  /** The caps that the shard's configuration knows, by row, and what the shard has of each. */
  readonly sources: readonly {
    readonly source: string
    /** A cap of the configuration, or the quota of a day. */
    readonly cap: number
    readonly report: SliceReport
  }[]
}

export interface SliceAnswer {
  readonly orders: readonly { readonly source: string; readonly order: SliceOrder }[]
  /** Caps, and what all shards have out. */
  readonly whole: readonly FundSource[]
}

/**
 * The one place that parts the caps of a pool among journals which do not see each other. Rejects with
 * `JournalUnavailable` when it cannot be asked; every call may be repeated.
 */
export interface FundSlices extends SharedRecords {
  exchange(pool: string, question: SliceQuestion): Promise<SliceAnswer>
  /** A funder's new cap, exactly once by the movement's id. */
  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'>
}
