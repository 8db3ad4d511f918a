/**
 * A cap shared by shards that do not see each other: each may lend its slice, and the sum of slices never exceeds
 * the cap. The coordinator grows a slice on its own books first and tells the shard then; it takes one back only
 * after the shard has lowered its own limit durably. Messages carry an epoch per slice, so that lost, repeated
 * and late ones are harmless; a shard's owner carries a fencing epoch, so that a superseded one cannot lend.
 */
export interface SliceLedger {
  /** Never under what is granted; follows `announcedCap` down as slices are given back. */
  readonly cap: number
  readonly announcedCap: number
  readonly slices: ReadonlyMap<string, { readonly granted: number; readonly epoch: number }>
}

export interface SliceOrder {
  readonly shard: string
  readonly epoch: number
  readonly limit: number
}

/** What a shard keeps durably. Invariant: `used + reserved <= limit <= granted` on the coordinator's books. */
export interface ShardSlice {
  readonly shard: string
  readonly epoch: number
  readonly limit: number
  /** Used and reserved on this shard. */
  readonly out: number
  /** Fencing epoch of the instance that may lend from this slice. */
  readonly owner: number
}

export function newSliceLedger(cap: number): SliceLedger {
  return { cap, announcedCap: cap, slices: new Map() }
}

export function newShardSlice(shard: string): ShardSlice {
  return { shard, epoch: 0, limit: 0, out: 0, owner: 0 }
}

export function grantedTotal(ledger: SliceLedger): number {
  let total = 0
  for (const slice of ledger.slices.values()) total += slice.granted
  return total
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
  const before = ledger.slices.get(shard) ?? { granted: 0, epoch: 0 }
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
  const slice = ledger.slices.get(ack.shard)
  if (!slice || slice.epoch !== ack.epoch) return ledger
  return withCap(withSlice(ledger, ack.shard, { ...slice, granted: Math.min(slice.granted, ack.limit) }))
}

/** A lower cap takes hold as slices are given back; until then nothing more is granted. */
export function changeSliceCap(ledger: SliceLedger, cap: number): SliceLedger {
  return withCap({ ...ledger, announcedCap: cap })
}

/** A new instance of a shard takes over; from here on the one before it is fenced off. */
export function takeOver(slice: ShardSlice): ShardSlice {
  return { ...slice, owner: slice.owner + 1 }
}

/** Lends from a slice, or gives back to it (negative). Refused to a superseded owner and above the limit. */
export function useSlice(
  slice: ShardSlice,
  owner: number,
  amount: number,
): ShardSlice | 'fenced' | 'over_slice' | 'over_repaid' {
  if (owner !== slice.owner) return 'fenced'
  const out = slice.out + amount
  if (out < 0) return 'over_repaid'
  if (amount > 0 && out > slice.limit) return 'over_slice'
  return { ...slice, out }
}

function withCap(ledger: SliceLedger): SliceLedger {
  return { ...ledger, cap: Math.max(ledger.announcedCap, grantedTotal(ledger)) }
}

function withSlice(
  ledger: SliceLedger,
  shard: string,
  slice: { readonly granted: number; readonly epoch: number },
): SliceLedger {
  return { ...ledger, slices: new Map(ledger.slices).set(shard, slice) }
}
