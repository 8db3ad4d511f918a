import { hash32 } from '../../core/hash.ts'
import { type RandomStream, randomStream } from '../../core/random.ts'

/** Draws of one purpose. Each purpose has its own stream, so that leaving one thing out changes no other's draws. */
export class Dice {
  readonly #stream: RandomStream

  constructor(seed: number, purpose: string) {
    this.#stream = randomStream(seed, hash32(purpose))
  }

  chance(share: number): boolean {
    return share > 0 && this.#stream() < share
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.#stream()
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.#stream() * (to - from + 1))
  }

  /** Exponential with the given mean. */
  wait(mean: number): number {
    return -mean * Math.log(1 - this.#stream())
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#stream() * list.length)] as T
  }
}
