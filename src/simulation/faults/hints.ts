import type { Cache } from '../../ports/cache.ts'
import type { Dice } from './dice.ts'
import type { Incarnation } from './incarnation.ts'

/**
 * The shared hints of all instances. With faults on it forgets, rolls back to what was there before, gives one key's
 * value for another's, and makes things up: none of it may cost more than time.
 */
export class SimulatedHints {
  readonly #lies: number
  readonly #dice: Dice
  readonly #values = new Map<string, string[]>()

  constructor(lies: number, dice: Dice) {
    this.#lies = lies
    this.#dice = dice
  }

  clear(): void {
    this.#values.clear()
  }

  reachedBy(who: Incarnation): Cache {
    return {
      getMany: keys =>
        new Promise(resolve => {
          who.deliver(this.#dice.between(0.1, 2), () => resolve(keys.map(key => this.#read(key))))
        }),
      set: async (key, value) => {
        const before = this.#values.get(key) ?? []
        this.#values.set(key, [value, ...before].slice(0, 3))
      },
      delete: async keys => {
        if (this.#dice.chance(this.#lies)) return
        for (const key of keys) this.#values.delete(key)
      },
      healthy: () => true,
    }
  }

  #read(key: string): string | undefined {
    const values = this.#values.get(key)
    if (!this.#dice.chance(this.#lies)) return values?.[0]
    switch (this.#dice.whole(0, 3)) {
      case 0:
        return undefined
      case 1:
        return values?.at(-1)
      case 2:
        return this.#dice.pick([...this.#values.values()])?.[0]
      default:
        return this.#dice.pick(['', '{', 'null', '{"at":0,"facts":{}}', '{"at":1e300,"facts":null}'])
    }
  }
}
