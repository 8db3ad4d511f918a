import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bestWithin,
  type CascadeOptions,
  rankCascade,
  sequenceValue,
  sortByIndex,
  type Step,
} from '../../../src/core/cascade/rank.ts'
import { hash32 } from '../../../src/core/hash.ts'

const seeded = (id: string) => hash32(id, 7)

const anyStep = fc.record({
  gain: fc.double({ min: -2_000, max: 20_000, noNaN: true }),
  continuation: fc.double({ min: 0, max: 0.999, noNaN: true }),
})
const anySteps = fc
  .array(anyStep, { minLength: 1, maxLength: 7 })
  .map(steps => steps.map((step, i): Step => ({ id: `r${i}`, ...step })))

const options = (change: Partial<CascadeOptions> = {}): CascadeOptions => ({
  attemptsMax: 10,
  leaveOutLosing: false,
  placed: () => false,
  group: () => 0,
  tieBreak: seeded,
  ...change,
})

/** Greatest value over every order of every subset of at most `sizeMax` steps: V = A + B V(rest). */
function bruteForce(steps: readonly Step[], sizeMax: number, mustUseAll: boolean): number {
  let best = mustUseAll ? Number.NEGATIVE_INFINITY : 0
  const visit = (prefix: Step[], left: readonly Step[]): void => {
    if (!mustUseAll || left.length === 0) best = Math.max(best, sequenceValue(prefix))
    if (prefix.length === sizeMax) return
    for (const step of left)
      visit(
        [...prefix, step],
        left.filter(other => other !== step),
      )
  }
  visit([], steps)
  return best
}

const near = (value: number) => Math.max(1e-6, Math.abs(value) * 1e-9)

describe('the cascade is worth the most', () => {
  it('is, by descending index, as good as the best of all orders', () => {
    fc.assert(
      fc.property(anySteps, steps => {
        const sorted = sequenceValue(sortByIndex(steps, seeded))
        const best = bruteForce(steps, steps.length, true)
        expect(Math.abs(sorted - best)).toBeLessThanOrEqual(near(best))
      }),
      { numRuns: 150 },
    )
  })

  it('is, within a cap, as good as the best order of the best subset', () => {
    fc.assert(
      fc.property(anySteps, fc.integer({ min: 1, max: 7 }), (steps, cap) => {
        const chosen = bestWithin(sortByIndex(steps, seeded), cap)
        const best = bruteForce(steps, cap, false)
        expect(chosen.length).toBeLessThanOrEqual(cap)
        expect(Math.abs(sequenceValue(chosen) - best)).toBeLessThanOrEqual(near(best))
      }),
      { numRuns: 150 },
    )
  })

  it('does not take the first ones by index where others are worth more together', () => {
    const modest = { id: 'modest', gain: 10, continuation: 0 }
    const fertile = { id: 'fertile', gain: 9, continuation: 0.99 }
    const rich = { id: 'rich', gain: 8.9, continuation: 0.2 }
    const ordered = sortByIndex([modest, fertile, rich], seeded)
    expect(ordered.map(({ id }) => id)).toEqual(['fertile', 'rich', 'modest'])
    expect(bestWithin(ordered, 2).map(({ id }) => id)).toEqual(['fertile', 'modest'])
  })

  it('costs about in proportion to the number of routes', () => {
    const reads = (routes: number) => {
      let count = 0
      const steps = Array.from({ length: routes }, (_, i) => ({
        id: `r${i}`,
        get gain() {
          count++
          return (i * 7_919) % 1_000
        },
        continuation: ((i * 104_729) % 1_000) / 1_001,
      }))
      rankCascade(steps, options({ attemptsMax: 5 }))
      return count
    }
    expect(reads(2_000) / reads(200)).toBeLessThan(15)
  })
})

describe('losing routes', () => {
  const good = { id: 'good', gain: 5, continuation: 0.1 }
  const bad = { id: 'bad', gain: -5, continuation: 0.1 }
  const worse = { id: 'worse', gain: -9, continuation: 0.1 }

  it('come last, so that nobody is refused for the margin alone', () => {
    expect(rankCascade([worse, bad, good], options())).toEqual(['good', 'bad', 'worse'])
  })

  it('are left out when the policy says so', () => {
    expect(rankCascade([worse, bad, good], options({ leaveOutLosing: true }))).toEqual(['good'])
  })

  it('are left out of every group, not only of the one that has a better route', () => {
    const group = (id: string) => (id === 'good' ? 0 : 1)
    expect(rankCascade([worse, bad, good], options({ leaveOutLosing: true, group }))).toEqual(['good'])
  })

  it('stay where the policy has named them', () => {
    const placed = (id: string) => id === 'worse'
    const group = (id: string) => (id === 'worse' ? 1 : 0)
    expect(rankCascade([worse, bad, good], options({ leaveOutLosing: true, placed, group }))).toEqual([
      'good',
      'worse',
    ])
  })

  it('are never left out when one of them is the last that is left', () => {
    expect(rankCascade([worse, bad], options({ leaveOutLosing: true }))).toEqual(['bad'])
  })
})

describe('the order of a cascade', () => {
  it('serves groups strictly, whatever later ones are worth', () => {
    fc.assert(
      fc.property(anySteps, fc.integer({ min: 1, max: 7 }), (steps, attemptsMax) => {
        const group = (id: string) => Number(id.slice(1)) % 3
        const groups = rankCascade(steps, options({ attemptsMax, group })).map(group)
        expect(groups).toEqual([...groups].sort((a, b) => a - b))
        expect(groups).toHaveLength(Math.min(attemptsMax, steps.length))
      }),
    )
  })

  it('breaks ties by the seed and by nothing else', () => {
    const steps = ['a', 'b', 'c', 'd'].map(id => ({ id, gain: 5, continuation: 0.5 }))
    const by = (seed: number, list: Step[]) =>
      rankCascade(list, options({ tieBreak: id => hash32(id, seed) })).join('')
    const orders = new Set(Array.from({ length: 50 }, (_, seed) => by(seed, steps)))
    expect(orders.size).toBeGreaterThan(5)
    expect(by(3, steps)).toBe(by(3, [...steps].reverse()))
  })

  it('is empty when no attempt is left', () => {
    const step = { id: 'a', gain: 5, continuation: 0.5 }
    expect(rankCascade([step], options({ attemptsMax: 0 }))).toEqual([])
    expect(rankCascade([step], options({ attemptsMax: 0, leaveOutLosing: true }))).toEqual([])
    expect(rankCascade([], options({ leaveOutLosing: true }))).toEqual([])
  })
})
