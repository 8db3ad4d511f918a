import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/simulation/faults/fault-plan.ts'
import { shrink } from '../../src/simulation/faults/shrink.ts'
import type { WorldOptions, WorldResult } from '../../src/simulation/faults/world-options.ts'

const FAULTS: readonly Fault[] = ['crash', 'flip', 'pause', 'notice_lost']
const WORLD: WorldOptions = { seed: 1, type: 'mixed', orders: 20 }

/** A world that breaks I3 when the orders, a fault and the time that it takes are all there. */
function worldThatNeeds(orders: readonly number[], fault: Fault, healAtMs: number, about?: number) {
  return async (options: WorldOptions): Promise<WorldResult> => {
    const faults = FAULTS.filter(name => options.without?.includes(name) !== true)
    const placed = orders.every(order => options.only === undefined || options.only.includes(order))
    const fails = placed && faults.includes(fault) && (options.healAtMs ?? 90_000) >= healAtMs
    const violation = { invariant: 'I3', text: 'held', at: 50_000 }
    return {
      violations: fails ? [about === undefined ? violation : { ...violation, order: about }] : [],
      faults,
      ending: { payments: 20, succeeded: 10, manual: 0, lied: 0, attempts: 30 },
      events: 1,
      hash: 1,
      tookMs: 1,
    }
  }
}

describe('making a failing seed smaller', () => {
  it('keeps the one order, the fault and the time that the failure needs', async () => {
    const run = worldThatNeeds([7], 'flip', 12_000, 7)
    const { options } = await shrink(WORLD, await run(WORLD), run)
    expect(options.only).toEqual([7])
    expect([...(options.without ?? [])].sort()).toEqual(['crash', 'notice_lost', 'pause'])
    expect(options.healAtMs).toBeGreaterThanOrEqual(12_000)
    expect(options.healAtMs).toBeLessThan(24_001)
  })

  it('keeps every order that is needed together', async () => {
    const run = worldThatNeeds([3, 16], 'crash', 0, 16)
    const { options } = await shrink(WORLD, await run(WORLD), run)
    expect(options.only).toEqual([3, 16])
  })

  it('keeps the world as it is when everything is needed', async () => {
    const run = async (options: WorldOptions) => ({
      ...(await worldThatNeeds([], 'flip', 0)(WORLD)),
      violations: options === WORLD ? [{ invariant: 'I3', text: 'held', at: 1 }] : [],
    })
    const { options, runs } = await shrink(WORLD, await run(WORLD), run)
    expect(options).toEqual(WORLD)
    expect(runs).toBeLessThan(300)
  })

  it('follows the invariant that was broken first, not whatever else breaks', async () => {
    const run = worldThatNeeds([7], 'flip', 0, 7)
    const other = async (options: WorldOptions) => {
      const result = await run(options)
      return result.violations.length > 0
        ? result
        : { ...result, violations: [{ invariant: 'I17', text: 'open', at: 1 }] }
    }
    const { options } = await shrink(WORLD, await other(WORLD), other)
    expect(options.only).toContain(7)
  })
})
