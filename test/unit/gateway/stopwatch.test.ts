import { describe, expect, it } from 'vitest'
import { stopwatch } from '../../../src/gateway/stopwatch.ts'
import type { Clock } from '../../../src/ports/clock.ts'

/** The two clocks of a machine, each set by hand. */
function machine() {
  const at = { wall: 1_000_000, monotonic: 500 }
  const none = (): never => {
    throw new Error('nothing waits here')
  }
  const clock: Clock = { now: () => at.wall, monotonic: () => at.monotonic, sleep: none, timer: none }
  return { at, clock }
}

describe('how long an upstream was asked', () => {
  it('counts the time for which the whole machine was frozen', () => {
    const { at, clock } = machine()
    const elapsedMs = stopwatch(clock)
    at.wall += 75_000
    at.monotonic += 200
    expect(elapsedMs()).toBe(75_000)
  })

  it('is not shortened by a wall clock that is set back', () => {
    const { at, clock } = machine()
    const elapsedMs = stopwatch(clock)
    at.wall -= 60_000
    at.monotonic += 200.4
    expect(elapsedMs()).toBe(201)
  })
})
