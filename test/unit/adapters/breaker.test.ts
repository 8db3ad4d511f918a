import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BREAKER_DEFAULTS } from '../../../src/adapters/breaker/circuit.ts'
import { memoryBreaker } from '../../../src/adapters/memory/breaker.ts'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { seededRandom } from '../../../src/adapters/memory/random.ts'
import { opossumBreaker } from '../../../src/adapters/opossum/breaker.ts'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import type { Permit } from '../../../src/ports/breaker.ts'
import { breakerContract } from '../../contract/breaker.contract.ts'

describe('the breaker for simulations', () => {
  breakerContract(() => {
    const clock = new ManualClock()
    return { clock, make: memoryBreaker, pass: ms => clock.advance(ms) }
  })
})

describe('the breaker on opossum', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  breakerContract(() => ({
    clock: systemClock,
    make: opossumBreaker,
    pass: async ms => {
      await vi.advanceTimersByTimeAsync(ms)
    },
  }))

  it('runs no timer while it is closed, however many routes there are', () => {
    const breaker = opossumBreaker({
      clock: systemClock,
      random: seededRandom(1),
      settings: () => BREAKER_DEFAULTS,
    })
    for (let route = 0; route < 100; route++) {
      breaker.settle(breaker.permit(`r${route}`) as Permit, 'success')
    }
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('both breakers go through the same states for the same calls', async () => {
  vi.useFakeTimers()
  try {
    const run = async (on: 'memory' | 'opossum') => {
      const clock = on === 'memory' ? new ManualClock(Date.now()) : systemClock
      const make = on === 'memory' ? memoryBreaker : opossumBreaker
      const breaker = make({ clock, random: seededRandom(3), settings: () => BREAKER_DEFAULTS })
      const random = seededRandom(11)
      const seen: string[] = []
      for (let step = 0; step < 3_000; step++) {
        seen.push(breaker.state('r'))
        const permit = breaker.permit('r')
        const healthy = Math.floor(step / 500) % 2 === 0
        if (permit !== undefined)
          breaker.settle(permit, random.next() < (healthy ? 0.95 : 0.1) ? 'success' : 'failure')
        seen.push(breaker.state('r'))
        // Half a second, shifted so that no call falls on the edge of a bucket in either of them.
        if (clock instanceof ManualClock) await clock.advance(501)
        else await vi.advanceTimersByTimeAsync(501)
      }
      return seen
    }
    const [one, other] = [await run('memory'), await run('opossum')]
    expect(new Set(one)).toEqual(new Set(['closed', 'open', 'half_open']))
    expect(other).toEqual(one)
  } finally {
    vi.useRealTimers()
  }
})
