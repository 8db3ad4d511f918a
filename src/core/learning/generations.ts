/**
 * A map with a bound, in two generations: when the young one is full the old one is dropped. What has been
 * written among the last `capacity / 2` keys is always there, never more than `capacity` are kept, and no write
 * costs more than a map's (an exact least-recently-used order would cost two more on every outcome).
 */
export class Generations<Value> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  readonly #half: number

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 2) throw new RangeError('capacity must be an integer >= 2')
    this.#half = capacity >> 1
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** Reads without renewing. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  /** Writes, and renews the key. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
    this.#old.delete(key)
  }

  /** Reads and renews. */
  touch(key: string): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  /** Oldest generation first, so that writing them in this order elsewhere keeps the younger. */
  *entries(): IterableIterator<[string, Value]> {
    yield* this.#old.entries()
    yield* this.#young.entries()
  }
}
