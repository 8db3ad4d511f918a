import {
  changeSliceCap,
  grantedTotal,
  newSliceLedger,
  orderSlice,
  takeState,
  type SliceLedger,
  type SliceOrder,
} from './slices.ts'

/** What a shard says of one source. It acknowledges the last order that it took. */
export interface SliceReport {
  readonly epoch: number
  readonly limit: number
  readonly used: number
  readonly reserved: number
  /** Minor units that the shard is about to draw at once, however small its equal part would be. */
  readonly needed?: number
}

/** A source as the coordinator of its slices keeps it. */
export interface SharedSource {
  readonly ledger: SliceLedger
  /** What each shard said last. A shard that rests has given back what it had left. */
  readonly shards: Readonly<
    Record<
      string,
      { readonly used: number; readonly reserved: number; readonly seenMs: number; readonly resting: boolean }
    >
  >
}

export interface ShardAsking {
  readonly shard: string
  /** How many shards there may be in all. */
  readonly shardsMax: number
  /** Whether it goes to rest and gives back what it has left. */
  readonly resting: boolean
}

/** A shard that was not heard of for so long counts for none that lends now, ms. It keeps its slice. */
const ACTIVE_MS = 60_000
/** A limit is left alone while it is within this part of what the shard should have. */
const SLACK = 0.25

export function newSharedSource(cap: number): SharedSource {
  return { ledger: newSliceLedger(cap), shards: {} }
}

/** What all shards have out of a source. */
export function sharedTotals({ shards }: SharedSource): { readonly used: number; readonly reserved: number } {
  const seen = Object.values(shards)
  return {
    used: seen.reduce((sum, { used }) => sum + used, 0),
    reserved: seen.reduce((sum, { reserved }) => sum + reserved, 0),
  }
}

/**
 * Takes in a shard's report and decides on its slice: what it has out, and an equal part of what is left, one part kept
 * for a shard that has not asked yet. So the largest loan of a shard is such a part, unless it says what it needs.
 * @param cap what the funder says now
 */
export function answerReport(
  source: SharedSource,
  { shard, shardsMax, resting }: ShardAsking,
  { epoch, limit, used, reserved, needed = 0 }: SliceReport,
  cap: number,
  nowMs: number,
): { readonly source: SharedSource; readonly order?: SliceOrder } {
  const out = used + reserved
  const ledger = takeState(changeSliceCap(source.ledger, cap), { shard, epoch, limit, out })
  const shards = { ...source.shards, [shard]: { used, reserved, seenMs: nowMs, resting } }
  const heard = { ledger, shards }
  const totals = sharedTotals(heard)
  const active = Object.values(shards).filter(one => !one.resting && nowMs - one.seenMs < ACTIVE_MS).length
  const left = Math.max(0, cap - totals.used - totals.reserved)
  const equal = Math.floor(left / Math.min(shardsMax, active + 1))
  const part = resting ? 0 : Math.max(equal, Math.min(left, needed))
  const wanted = out + part
  // Nothing is left standing that is more than the funder's word allows.
  const strict = resting || (limit > wanted && grantedTotal(ledger) > cap)
  const near = needed <= limit - out && Math.abs(wanted - limit) <= (strict ? 0 : part * SLACK)
  if (near) return { source: heard }
  const ordered = orderSlice(ledger, shard, wanted)
  return { source: { ledger: ordered.ledger, shards }, order: ordered.order }
}
