/**
 * A cap shared by shards that do not see each other: each may lend its slice, and the sum of slices never exceeds
 * the cap. The coordinator grows a slice on its own books first and tells the shard then; it takes one back only
 * after the shard has lowered its own limit durably. Orders carry an epoch per slice, so that lost, repeated and late
 * ones are harmless. That only one instance of a shard lends is the affair of the shard's storage.
 */
export interface SliceLedger {
  /** Never under what is granted; follows `announcedCap` down as slices are given back. */
  readonly cap: number
  readonly announcedCap: number
  readonly slices: Readonly<Record<string, { readonly granted: number; readonly epoch: number }>>
}

export interface SliceOrder {
  readonly shard: string
  readonly epoch: number
  readonly limit: number
}

/** What a shard keeps durably. Invariant: `out <= limit <= granted` on the coordinator's books. */
export interface ShardSlice {
  readonly shard: string
  readonly epoch: number
  readonly limit: number
  /** Used and reserved on this shard. */
  readonly out: number
}

export function newSliceLedger(cap: number): SliceLedger {
  return { cap, announcedCap: cap, slices: {} }
}

export function newShardSlice(shard: string): ShardSlice {
  return { shard, epoch: 0, limit: 0, out: 0 }
}

export function grantedTotal(ledger: SliceLedger): number {
  return Object.values(ledger.slices).reduce((total, { granted }) => total + granted, 0)
}

/**
 * The coordinator decides on a new limit for one slice. Growth is granted as far as the cap allows; a smaller limit
 * stays on the books as granted until the shard acknowledges it. The order may be sent any number of times.
 */
export function orderSlice(
  ledger: SliceLedger,
  shard: string,
  wanted: number,
): { readonly ledger: SliceLedger; readonly order: SliceOrder } {
  const before = ledger.slices[shard] ?? { granted: 0, epoch: 0 }
  const free = Math.max(0, ledger.cap - grantedTotal(ledger))
  const limit = Math.max(0, Math.min(Math.floor(wanted), before.granted + free))
  const slice = { granted: Math.max(before.granted, limit), epoch: before.epoch + 1 }
  return { ledger: withSlice(ledger, shard, slice), order: { shard, epoch: slice.epoch, limit } }
}

/** A shard takes an order unless it knows a newer one. It never goes below what it already has out. */
export function takeOrder(slice: ShardSlice, order: SliceOrder): { slice: ShardSlice; ack: SliceOrder } {
  const known = order.shard !== slice.shard || order.epoch <= slice.epoch
  const taken = known ? slice : { ...slice, epoch: order.epoch, limit: Math.max(order.limit, slice.out) }
  return { slice: taken, ack: { shard: taken.shard, epoch: taken.epoch, limit: taken.limit } }
}

/** The coordinator frees what the shard has durably given up. An acknowledgement of an older order frees nothing. */
export function takeAck(ledger: SliceLedger, ack: SliceOrder): SliceLedger {
  const slice = ledger.slices[ack.shard]
  if (!slice || slice.epoch !== ack.epoch) return ledger
  return withCap(withSlice(ledger, ack.shard, { ...slice, granted: Math.min(slice.granted, ack.limit) }))
}

/**
 * Takes a shard at its word about what it has: an acknowledgement, and more than was granted when a loan that was given
 * up for lost has been made after all, or when the coordinator's books are younger than the shard's.
 */
export function takeState(ledger: SliceLedger, { shard, epoch, limit, out }: ShardSlice): SliceLedger {
  const after = takeAck(ledger, { shard, epoch, limit })
  const before = after.slices[shard] ?? { granted: 0, epoch: -1 }
  const granted = Math.max(before.granted, out, epoch > before.epoch ? limit : 0)
  return withCap(withSlice(after, shard, { granted, epoch: Math.max(before.epoch, epoch) }))
}

/** A lower cap takes hold as slices are given back; until then nothing more is granted. */
export function changeSliceCap(ledger: SliceLedger, cap: number): SliceLedger {
  return withCap({ ...ledger, announcedCap: cap })
}

function withCap(ledger: SliceLedger): SliceLedger {
  return { ...ledger, cap: Math.max(ledger.announcedCap, grantedTotal(ledger)) }
}

function withSlice(
  ledger: SliceLedger,
  shard: string,
  slice: { readonly granted: number; readonly epoch: number },
): SliceLedger {
  return { ...ledger, slices: { ...ledger.slices, [shard]: slice } }
}
