import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/simulation/faults/fault-plan.ts'
import { World } from '../../src/simulation/faults/world.ts'

const SEEDS = [1, 2, 3, 4]
const ORDERS = 30

/** What happened in some worlds with exactly these faults, and how many payments a contradiction left to a person. */
async function happenings(type: string, faults: Partial<Record<Fault, number>>) {
  const steps: string[] = []
  let contradicted = 0
  for (const seed of SEEDS) {
    const world = new World({ seed, type, orders: ORDERS, faults }, (_, __, what) => steps.push(what))
    const { violations, ending } = await world.run()
    expect(violations, `seed ${seed}`).toEqual([])
    contradicted += ending.lied
  }
  const refunds = new Set(steps.flatMap(step => [...step.matchAll(/ref_(\w{32})/g)].map(([, id]) => id)))
  const told = steps.flatMap(step => {
    const [, reference, result] = /^told \w+ for (\w{32}): (.*)$/.exec(step) ?? []
    return refunds.has(reference) ? [result] : []
  })
  const count = (pattern: RegExp) => steps.filter(step => pattern.test(step)).length
  return { told, contradicted, count }
}

describe('simulated upstreams', { timeout: 60_000 }, () => {
  it('tell of refunds, truly and not, again and again, and the gateway loses and doubles none', async () => {
    const faults = { refund_told: 1, notice_repeated: 1, notice_late: 0.3, forgery: 0.5, response_lost: 0.2 }
    const { told, contradicted } = await happenings('idempotent', faults)
    for (const result of ['recorded', 'duplicate', 'refused']) {
      expect(told.filter(each => each === result).length, result).toBeGreaterThan(5)
    }
    // A lie that nobody could be asked about may call for a person, but hardly ever.
    expect(contradicted).toBeLessThan(10)
  })

  it('take back what they said of refunds, of merchants and of money that is owed back', async () => {
    const { contradicted, count } = await happenings('queryable', { refund_flip: 0.5, flip: 0.5 })
    expect(contradicted).toBeGreaterThan(10)
    expect(count(/ refund_contradicted/)).toBeGreaterThan(0)
    expect(count(/ give_back_contradicted/)).toBeGreaterThan(0)
    expect(count(/^books kept/)).toBeGreaterThan(0)
  })

  it('release what a last capture leaves, and are not asked for more', async () => {
    const { count } = await happenings('idempotent', { last_capture: 1 })
    expect(count(/^asks for a last capture/)).toBeGreaterThan(5)
  })

  it('do none of it in worlds that leave it out', async () => {
    const { told, contradicted, count } = await happenings('idempotent', { notice_repeated: 1 })
    expect([told.length, contradicted, count(/last capture/)]).toEqual([0, 0, 0])
  })
})
