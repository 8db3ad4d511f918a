import { describe, expect, it } from 'vitest'
import { AttemptMemory, attemptKey } from '../../../src/core/learning/attempts.ts'
import { addEvidence, emptyCell, weightAt } from '../../../src/core/learning/cell.ts'
import { Generations } from '../../../src/core/learning/generations.ts'
import { drawBeta, sampleApproval } from '../../../src/core/learning/sample.ts'
import { DEFAULT_LEARNING } from '../../../src/core/learning/settings.ts'
import { createLearning } from '../../../src/core/learning/state.ts'
import { randomStream } from '../../../src/core/random.ts'
import { NOW, PRIOR } from './outcomes.ts'

describe('the memory of attempts', () => {
  it('tells ids apart that differ little', () => {
    const keys = new Set<number>()
    for (let i = 0; i < 200_000; i++) keys.add(attemptKey(i.toString(16).padStart(32, '0')))
    expect(keys.size).toBe(200_000)
    expect(keys.has(0)).toBe(false)
    for (const key of keys) if (!Number.isSafeInteger(key)) throw new Error(`${key} is not exact`)
  })

  it('adds up what is known of an attempt, also over a turn of generations', () => {
    const memory = new AttemptMemory(8)
    memory.mark(attemptKey('a'), 1)
    for (let i = 0; i < 4; i++) memory.mark(attemptKey(`x${i}`), 2)
    expect(memory.bitsOf(attemptKey('a'))).toBe(1)
    expect(memory.bitsOf(attemptKey('x0'))).toBe(2)
    expect(memory.bitsOf(attemptKey('never'))).toBe(0)
  })
})

describe('the generations map', () => {
  it('keeps the latest half, never more than its capacity, and renews on touch', () => {
    const map = new Generations<number>(10)
    for (let i = 0; i < 100; i++) {
      map.set(`k${i}`, i)
      map.touch('k0')
      expect(map.size).toBeLessThanOrEqual(10)
    }
    for (let i = 96; i < 100; i++) expect(map.get(`k${i}`)).toBe(i)
    expect(map.get('k0')).toBe(0)
    expect(map.get('k50')).toBeUndefined()
    expect(() => new Generations(1)).toThrow(RangeError)
  })
})

describe('lazy decay', () => {
  it('is exact: many small steps weigh the same as one large one', () => {
    const at = (ticks: number, ms: number): number =>
      weightAt({ ...emptyCell(), clock: 0, at: NOW }, ticks, NOW + ms, 0.0002, DEFAULT_LEARNING)
    let stepped = 1
    for (let i = 0; i < 1_000; i++) stepped *= at(3, 60_000)
    expect(at(3_000, 60_000_000)).toBeCloseTo(stepped, 12)
    expect(at(0, DEFAULT_LEARNING.halfLifeMs)).toBeCloseTo(0.5, 12)
  })

  it('does not let a clock that runs backwards add weight', () => {
    const cell = { ...emptyCell(), clock: 10, at: NOW }
    const weight = weightAt(cell, 10, NOW - 1_000, 0.0002, DEFAULT_LEARNING)
    expect(weight).toBe(1)
    addEvidence(cell, true, weight, 10, NOW - 1_000, NOW - 1_000, DEFAULT_LEARNING)
    expect(cell.trials).toBeLessThanOrEqual(1)
    expect(cell.at).toBe(NOW)
  })
})

describe('Thompson draws', () => {
  it('have the mean and the variance of the beta distribution', () => {
    const random = randomStream(3)
    for (const [alpha, beta] of [
      [45, 5],
      [0.5, 2],
    ] as const) {
      const draws = Array.from({ length: 40_000 }, () => drawBeta(random, alpha, beta))
      const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
      const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length
      const n = alpha + beta
      expect(mean).toBeCloseTo(alpha / n, 2)
      expect(variance / ((alpha * beta) / (n * n * (n + 1)))).toBeCloseTo(1, 1)
    }
  })

  it('are narrower at a lower temperature and take the suspected change by its weight', () => {
    const estimate = {
      approval: { mean: 0.9, strength: 50 },
      settled: { mean: 0.9, strength: 50 },
      suspected: { mean: 0.1, strength: 500, weight: 0.2 },
      unknown: 0,
      failure: 0,
      latencyMs: 1,
      mode: 'normal' as const,
    }
    const random = randomStream(4)
    const draws = Array.from({ length: 5_000 }, () => sampleApproval(estimate, random, { temperature: 0.1 }))
    const low = draws.filter(draw => draw < 0.4)
    expect(low.length / draws.length).toBeCloseTo(0.2, 1)
    expect(draws.filter(draw => draw > 0.8).length).toBe(draws.length - low.length)
  })
})

describe('configured priors', () => {
  it.each([
    { ...PRIOR, approval: 1.1 },
    { ...PRIOR, unknown: -0.1 },
    { ...PRIOR, strength: 0 },
    { ...PRIOR, latencyMs: Number.NaN },
  ])('%j is refused', prior => {
    expect(() => createLearning({ a: prior })).toThrow(RangeError)
  })
})
