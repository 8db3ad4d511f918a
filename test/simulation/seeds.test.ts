import { describe, expect, it } from 'vitest'
import { runSeeds } from '../../src/simulation/faults/seeds.ts'
import { Tallies } from '../../src/simulation/faults/tally.ts'
import { MIXED } from '../../src/simulation/faults/upstream-types.ts'
import { WORLD_TYPES } from '../../src/simulation/faults/world-options.ts'

const SEEDS = 20
const ORDERS = 20
/** Two processors, shared with other tests. */
const MINUTE_MS = 60_000

/** A sample of what `npm run test:seeds` does at length. */
describe('the gateway among faults of every kind', () => {
  it('keeps every promise on upstreams of every type, and every seed replays', {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const tallies = new Tallies()
    const tasks = WORLD_TYPES.flatMap(type =>
      Array.from({ length: SEEDS }, (_, seed) => ({
        options: { seed: seed + 10_000, type, orders: ORDERS },
        twice: seed === 0,
      })),
    )
    await runSeeds(tasks, { threads: 2, onOutcome: outcome => tallies.add(outcome) })
    expect(tallies.failures).toEqual([])
    expect(tallies.types.map(({ type, seeds, replayed }) => ({ type, seeds, replayed }))).toEqual(
      WORLD_TYPES.map(type => ({ type, seeds: SEEDS, replayed: 1 })),
    )
    for (const { type, payments, attempts, manual } of tallies.types) {
      // Otherwise the worlds would be empty, and prove nothing.
      expect(payments).toBeGreaterThan((SEEDS * ORDERS) / 2)
      expect(attempts).toBeGreaterThan((SEEDS * ORDERS) / 2)
      if (type !== MIXED) expect({ type, person: manual > 0 }).toEqual({ type, person: type === 'neither' })
    }
  })
})
