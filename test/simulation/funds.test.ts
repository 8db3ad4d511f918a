import { describe, expect, it } from 'vitest'
import type { Incarnation } from '../../src/simulation/faults/incarnation.ts'
import { Oracle } from '../../src/simulation/faults/oracle.ts'
import { capOf } from '../../src/simulation/faults/policy.ts'
import { World } from '../../src/simulation/faults/world.ts'

const ORDERS = 20
/** The first seeds whose pool is smaller than what their orders ask for. */
const SCARCE = Array.from({ length: 30 }, (_, seed) => seed)
  .filter(seed => capOf(seed, ORDERS) < Number.MAX_SAFE_INTEGER)
  .slice(0, 8)

describe('a pool with too little for its orders', () => {
  it('is never promised above its cap by three instances, through crashes, lost power and lost hints', async () => {
    const seen = { refused: 0, crashes: 0, succeeded: 0 }
    for (const seed of SCARCE) {
      const world = new World({ seed, type: 'mixed', orders: ORDERS }, (_, __, what) => {
        if (/^refuses .* the funds/.test(what)) seen.refused++
        if (what.startsWith('dies')) seen.crashes++
      })
      const { violations, ending } = await world.run()
      expect(violations, `seed ${seed}`).toEqual([])
      seen.succeeded += ending.succeeded
    }
    // The cap has held orders back, and not all of them.
    expect(seen.refused).toBeGreaterThan(20)
    expect(seen.crashes).toBeGreaterThan(0)
    expect(seen.succeeded).toBeGreaterThan(20)
  })

  it('breaks a promise when it is', () => {
    const oracle = new Oracle(
      () => 0,
      () => [],
    )
    const by = { name: 'node 1' } as Incarnation
    const row = { pool: 'funds', source: 'own', cap: 100, used: 60 }
    oracle.reserved([{ ...row, reserved: 40 }], by)
    expect(oracle.violations).toEqual([])
    oracle.reserved([{ ...row, reserved: 41 }], by)
    expect(oracle.violations.map(({ invariant }) => invariant)).toEqual(['I14'])
  })
})
