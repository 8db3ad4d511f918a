import { describe, expect, it } from 'vitest'
import { learn } from '../../../src/core/learning/learn.ts'
import { merge } from '../../../src/core/learning/merge.ts'
import { restore, snapshot } from '../../../src/core/learning/snapshot.ts'
import type { LearningState } from '../../../src/core/learning/state.ts'
import { randomStream } from '../../../src/core/random.ts'
import { DECLINED, learner, NOW, outcome, read, steady, teach } from './outcomes.ts'

/** A learner after some hundred mixed outcomes in several segments and stages. */
function experienced(seed: number, count = 600): { state: LearningState; now: number } {
  const random = randomStream(seed)
  const state = learner()
  let at = NOW
  for (let i = 0; i < count; i++) {
    const segments = [`issuer:${i % 4}|app`, `issuer:${i % 4}`]
    const stage = i % 9 === 0 ? ('insufficient_funds' as const) : ('first' as const)
    at = teach(
      state,
      [random() < 0.9],
      { segments, stage, route: i % 3 === 0 ? 'card_b' : 'card_a', latencyMs: 300 },
      at,
    )
  }
  return { state, now: at }
}

const QUERIES = [
  {},
  { segments: ['issuer:1'] },
  { segments: ['issuer:1|app', 'issuer:1'] },
  { stage: 'insufficient_funds' as const },
  { route: 'card_b', segments: ['issuer:2'] },
]

describe('a snapshot', () => {
  it('is plain JSON from which the same estimates come back, to the last digit', () => {
    const { state, now } = experienced(1)
    const restored = learner()
    restore(restored, JSON.parse(JSON.stringify(snapshot(state))))
    for (const query of QUERIES)
      expect(read(restored, { ...query, now })).toEqual(read(state, { ...query, now }))
  })

  it('carries on: detection, recovery and what has been counted survive a restart', () => {
    const state = learner()
    let at = teach(state, steady(1_000, 0.95))
    const seen = outcome({ dispatchedAt: at })
    learn(state, seen)
    at = teach(state, [false, false, false], {}, at)
    const restored = learner()
    restore(restored, JSON.parse(JSON.stringify(snapshot(state))))
    expect(learn(restored, seen)).toBe('duplicate')
    const after = [state, restored].map(each => {
      let now = at
      let count = 0
      while (read(each, { now }).mode === 'normal' && count++ < 50) now = teach(each, [false], {}, now)
      return count
    })
    expect(after[1]).toBe(after[0])
    expect(after[0]).toBeLessThan(6)
  })

  it('is refused when it is of another version or damaged', () => {
    const good = JSON.parse(JSON.stringify(snapshot(experienced(1, 50).state)))
    expect(() => restore(learner(), { ...good, version: 2 })).toThrow(RangeError)
    expect(() => restore(learner(), { ...good, routeWide: { clock: null, cells: {} } })).toThrow(RangeError)
    expect(() => restore(learner(), { ...good, routeWide: { clock: 1, cells: { card_a: [1, 2] } } })).toThrow(
      RangeError,
    )
    expect(() => restore(learner(), { ...good, poolings: [[1]] })).toThrow(RangeError)
  })

  it('is cut to the bounds of the learner that takes it, the oldest first', () => {
    const { state } = experienced(1)
    for (let i = 0; i < 100; i++) teach(state, [true], { segments: [`late:${i}`] })
    const small = learner({ segmentsMax: 10 })
    restore(small, snapshot(state))
    expect(small.segments.size).toBeLessThanOrEqual(10)
    expect(small.segments.get('late:99')).toBeDefined()
  })
})

describe('merging what two instances learned apart', () => {
  it('comes to what one instance would know that had seen all of it', () => {
    const results = Array.from({ length: 400 }, (_, i) => i % 10 !== 3)
    const together = learner()
    const halves = [learner(), learner()] as const
    results.forEach((approved, i) => {
      const at = NOW + i * 100
      const each = outcome({
        result: approved ? { kind: 'approved' } : DECLINED,
        segments: ['issuer:1'],
        dispatchedAt: at,
        observedAt: at,
        latencyMs: 500,
      })
      learn(together, each)
      learn(halves[i % 2 === 0 ? 0 : 1], each)
    })
    merge(halves[0], JSON.parse(JSON.stringify(snapshot(halves[1]))))
    const now = NOW + 40_000
    for (const query of [{ now }, { now, segments: ['issuer:1'] }]) {
      const one = read(together, query)
      const two = read(halves[0], query)
      expect(two.settled.mean).toBeCloseTo(one.settled.mean, 2)
      expect(two.latencyMs).toBeCloseTo(one.latencyMs, -2)
    }
    expect(read(halves[0], { now }).settled.strength / read(together, { now }).settled.strength).toBeCloseTo(
      1,
      1,
    )
  })

  it('does not depend on who takes whose', () => {
    const a = experienced(1)
    const b = experienced(2)
    const snapshots = [snapshot(a.state), snapshot(b.state)] as const
    merge(a.state, snapshots[1])
    merge(b.state, snapshots[0])
    for (const query of QUERIES) {
      const left = read(a.state, { ...query, now: a.now })
      const right = read(b.state, { ...query, now: a.now })
      expect(left.settled.mean).toBeCloseTo(right.settled.mean, 9)
      expect(left.settled.strength).toBeCloseTo(right.settled.strength, 6)
    }
  })

  it('takes over an outage that the other has seen, and what the other has counted', () => {
    const calm = learner()
    teach(calm, steady(500, 0.95))
    const alarmed = learner()
    let at = teach(alarmed, steady(500, 0.95))
    while (read(alarmed, { now: at }).mode === 'normal') at = teach(alarmed, [false], {}, at)
    const counted = outcome({ dispatchedAt: at })
    learn(alarmed, counted)
    merge(calm, snapshot(alarmed))
    expect(read(calm, { now: at }).mode).toBe('open')
    expect(learn(calm, counted)).toBe('duplicate')
  })

  it('needs no merging when outcomes are handed on: both learn the same from the same', () => {
    const batches = [0, 1].map(part =>
      Array.from({ length: 50 }, (_, i) =>
        outcome({ result: (i + part) % 7 === 0 ? DECLINED : { kind: 'approved' } }),
      ),
    )
    const left = learner()
    const right = learner()
    for (const [own, other, state] of [
      [batches[0]!, batches[1]!, left],
      [batches[1]!, batches[0]!, right],
    ] as const) {
      for (const each of own) learn(state, each)
      // What comes back over the shared storage holds the instance's own outcomes too.
      for (const each of [...other, ...own]) learn(state, each)
    }
    expect(read(left).settled.mean).toBeCloseTo(read(right).settled.mean, 3)
    expect(read(left).settled.strength).toBeCloseTo(read(right).settled.strength, 3)
  })
})
