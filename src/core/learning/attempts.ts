/**
 * Remembers what has been counted of the latest attempts: a set of bits by attempt id, in fixed memory.
 *
 * Ids are kept as 52-bit hashes in open-addressed tables of numbers; a map of strings took ten times the time of
 * all the rest of learning. Two ids that share a hash are taken for one, so one new outcome in about 2^52 /
 * capacity is lost: with 100,000 attempts, one in 45 billion. Two generations, as in `generations.ts`.
 */
export class AttemptMemory {
  #young: Table
  #old: Table
  readonly #half: number

  /** @param capacity attempts remembered at most; half as many at least */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 2) throw new RangeError('capacity must be an integer >= 2')
    this.#half = capacity >> 1
    this.#young = emptyTable(this.#half)
    this.#old = emptyTable(this.#half)
  }

  /** Adds bits to what is known of an attempt. */
  mark(key: number, bits: number): void {
    let slot = slotOf(this.#young, key)
    if (this.#young.keys[slot] !== key) {
      if (this.#young.size >= this.#half) {
        this.#turn()
        slot = slotOf(this.#young, key)
      }
      this.#young.keys[slot] = key
      this.#young.size++
    }
    this.#young.bits[slot] = (this.#young.bits[slot] as number) | bits
  }

  /** The bits of an attempt; 0 when it is not known (any more). */
  bitsOf(key: number): number {
    const slot = slotOf(this.#young, key)
    if (this.#young.keys[slot] === key) return this.#young.bits[slot] as number
    const old = slotOf(this.#old, key)
    return this.#old.keys[old] === key ? (this.#old.bits[old] as number) : 0
  }

  /** Key and bits in turn, older generation first. */
  *entries(): IterableIterator<[number, number]> {
    for (const table of [this.#old, this.#young])
      for (let slot = 0; slot < table.keys.length; slot++) {
        const key = table.keys[slot] as number
        if (key !== 0) yield [key, table.bits[slot] as number]
      }
  }

  #turn(): void {
    const emptied = this.#old
    this.#old = this.#young
    emptied.keys.fill(0)
    emptied.bits.fill(0)
    emptied.size = 0
    this.#young = emptied
  }
}

interface Table {
  readonly keys: Float64Array
  readonly bits: Uint8Array
  size: number
}

/** At most half full, so that a search ends after one or two steps. */
function emptyTable(capacity: number): Table {
  const slots = 2 ** Math.ceil(Math.log2(2 * capacity + 1))
  return { keys: new Float64Array(slots), bits: new Uint8Array(slots), size: 0 }
}

/** The slot that holds the key, or the free one where it belongs. */
function slotOf({ keys }: Table, key: number): number {
  const mask = keys.length - 1
  let slot = key % keys.length
  while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
  return slot
}

/** 52 bits of an attempt id, never 0: FNV-1a and a second, independent mix side by side, two characters a step. */
export function attemptKey(id: string): number {
  let low = 0x811c9dc5 ^ id.length
  let high = 0x9e3779b9
  for (let i = 0; i < id.length; i += 2) {
    // Past the end the code is NaN, which shifts to 0.
    const units = id.charCodeAt(i) | (id.charCodeAt(i + 1) << 16)
    low = Math.imul(low ^ units, 0x01000193)
    low ^= low >>> 15
    high = Math.imul(high ^ units, 0x85ebca6b)
    high ^= high >>> 13
  }
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d)
  return ((low ^ (low >>> 13)) >>> 0) + 0x1_0000_0000 * (high & 0xf_ffff) || 1
}
