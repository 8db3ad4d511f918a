import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { seededRandom } from '../../../src/adapters/memory/random.ts'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import { systemRandom } from '../../../src/adapters/system/random.ts'

describe.each([
  ['system', systemRandom],
  ['seeded', () => seededRandom(7)],
])('%s randomness', (_, make) => {
  it('gives hex of exactly the digits asked for', () => {
    const random = make()
    for (const digits of [0, 1, 2, 31, 32, 33]) {
      expect(random.hex(digits)).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`))
    }
  })

  it('repeats no id over many refills of its pool', () => {
    const random = make()
    expect(new Set(Array.from({ length: 20_000 }, () => random.hex(32))).size).toBe(20_000)
  })

  it('is uniform: every digit, the upper and the lower half, come equally often', () => {
    const random = make()
    const counts = new Map<string, number>()
    for (const digit of random.hex(160_000)) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    expect(counts.size).toBe(16)
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(600)
    const draws = Array.from({ length: 20_000 }, () => random.next())
    expect(draws.every(draw => draw >= 0 && draw < 1)).toBe(true)
    expect(Math.abs(draws.reduce((sum, draw) => sum + draw, 0) / draws.length - 0.5)).toBeLessThan(0.02)
    const words = Array.from({ length: 20_000 }, () => random.uint32())
    expect(words.every(word => Number.isInteger(word) && word >= 0 && word < 2 ** 32)).toBe(true)
    expect(Math.abs(words.filter(word => word >= 2 ** 31).length - 10_000)).toBeLessThan(600)
  })
})

it('repeats a seeded stream for the same seed and for no other', () => {
  const [one, same, other] = [seededRandom(1), seededRandom(1), seededRandom(2)]
  const id = one.hex(32)
  expect(same.hex(32)).toBe(id)
  expect(other.hex(32)).not.toBe(id)
})

describe('the system clock', () => {
  it('sleeps about as long as told and runs a timer once unless it is called off', async () => {
    const before = systemClock.monotonic()
    const ran: string[] = []
    systemClock.timer(5, () => ran.push('kept'))
    systemClock.timer(5, () => ran.push('called off'))()
    await systemClock.sleep(30)
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(28)
    expect(ran).toEqual(['kept'])
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(50)
  })

  it('does not run a timer at once because it is set for years ahead', async () => {
    let ran = false
    const callOff = systemClock.timer(1e12, () => {
      ran = true
    })
    await systemClock.sleep(20)
    callOff()
    expect(ran).toBe(false)
  })
})

describe('the manual clock', () => {
  it('runs timers in the order of their time, each with what it sets in motion', async () => {
    const clock = new ManualClock(1_000)
    const ran: string[] = []
    clock.timer(20, () => ran.push(`late ${clock.now()}`))
    clock.timer(10, () => {
      ran.push(`early ${clock.now()}`)
      clock.timer(5, () => ran.push(`between ${clock.now()}`))
    })
    await clock.advance(30)
    expect(ran).toEqual(['early 1010', 'between 1015', 'late 1020'])
    expect(clock.monotonic()).toBe(30)
  })
})
