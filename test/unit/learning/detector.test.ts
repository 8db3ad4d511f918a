import { describe, expect, it } from 'vitest'
import { learn } from '../../../src/core/learning/learn.ts'
import { randomStream } from '../../../src/core/random.ts'
import { DECLINED, learner, NOW, outcome, read, steady, teach } from './outcomes.ts'

describe('a sudden fall', () => {
  it('opens within ten outcomes when a route falls from .95 to .20', () => {
    const counts: number[] = []
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomStream(seed)
      const state = learner()
      let at = teach(
        state,
        Array.from({ length: 1_000 }, () => random() < 0.95),
      )
      let count = 0
      while (read(state, { now: at }).mode === 'normal' && count < 100) {
        at = teach(state, [random() < 0.2], {}, at)
        count++
      }
      counts.push(count)
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    expect(mean).toBeLessThan(9)
    // Suspicion lowers the estimate before that: after ten outcomes it is far below any healthy route.
    const late = counts.filter(count => count > 10).length
    expect(late).toBeLessThan(0.15 * counts.length)
  })

  it('lowers the estimate by suspicion before it is certain', () => {
    const state = learner()
    const now = teach(state, steady(1_000, 0.95))
    const after = teach(state, [false, false, false], {}, now)
    const { mode, approval, settled, suspected } = read(state, { now: after })
    expect(mode).toBe('normal')
    expect(suspected.weight).toBeGreaterThan(0.02)
    expect(approval.mean).toBeLessThan(settled.mean - 0.01)
  })

  it('is seldom called on steady traffic', () => {
    let alarms = 0
    for (let seed = 1; seed <= 10; seed++) {
      const random = randomStream(seed)
      const state = learner()
      for (let i = 0; i < 4_000; i++) {
        const now = teach(state, [random() < 0.92], {}, NOW + i * 100)
        if (read(state, { now }).mode !== 'normal') {
          alarms++
          break
        }
      }
    }
    expect(alarms).toBeLessThanOrEqual(1)
  })

  it('closes a route for all of its segments at once, and leaves their memory alone', () => {
    const state = learner()
    let at = NOW
    for (let i = 0; i < 300; i++) at = teach(state, [i % 20 !== 0], { segments: [`s${i % 3}`] }, at)
    const before = read(state, { segments: ['s1'], now: at })
    while (read(state, { now: at }).mode === 'normal') at = teach(state, [false], { segments: ['s0'] }, at)
    const during = read(state, { segments: ['s1'], now: at })
    expect(during.mode).toBe('open')
    expect(during.approval.mean).toBeLessThan(0.3)
    expect(during.suspected.mean).toBeCloseTo(before.approval.mean, 1)
  })

  it('in one segment opens that segment only', () => {
    const state = learner()
    let at = NOW
    for (let i = 0; i < 2_000; i++) at = teach(state, [i % 19 !== 0], { segments: [`s${i % 20}`] }, at)
    for (let i = 0; i < 14; i++) {
      at = teach(state, [false], { segments: ['s1'] }, at)
      for (let k = 2; k < 20; k++) at = teach(state, [true], { segments: [`s${k}`] }, at)
    }
    expect(read(state, { segments: ['s1'], now: at }).mode).toBe('open')
    expect(read(state, { segments: ['s2'], now: at }).mode).toBe('normal')
  })
})

describe('what is no fall of a route', () => {
  /** A route with an easy segment and a hard one, both well known. */
  const known = (): { state: ReturnType<typeof learner>; at: number } => {
    const state = learner()
    let at = NOW
    for (let i = 0; i < 1_500; i++) {
      const hard = i % 10 === 0
      at = teach(state, [hard ? i % 20 === 0 : i % 25 !== 1], { segments: [hard ? 'hard' : 'easy'] }, at)
    }
    return { state, at }
  }

  it('is a shift of traffic to a segment that is known to be harder', () => {
    const { state, at } = known()
    const after = teach(state, steady(300, 0.5), { segments: ['hard'] }, at)
    expect(read(state, { now: after }).mode).toBe('normal')
  })

  it('is an outage of one segment, however long its probes keep failing', () => {
    const { state, at } = known()
    let now = at
    while (read(state, { segments: ['hard'], now }).mode === 'normal') {
      now = teach(state, [false], { segments: ['hard'] }, now)
      now = teach(state, steady(25, 0.96), { segments: ['easy'] }, now)
    }
    now = teach(state, steady(200, 0), { segments: ['hard'] }, now)
    expect(read(state, { segments: ['hard'], now }).mode).toBe('open')
    expect(read(state, { segments: ['easy'], now }).mode).toBe('normal')
  })
})

describe('recovery', () => {
  const fallen = (): { state: ReturnType<typeof learner>; openedAt: number } => {
    const state = learner()
    let at = teach(state, steady(1_000, 0.95))
    while (read(state, { now: at }).mode === 'normal') at = teach(state, [false], {}, at)
    return { state, openedAt: at }
  }

  it('is not voted on by attempts that were dispatched before the route opened', () => {
    const { state, openedAt } = fallen()
    const before = read(state, { now: openedAt })
    for (let i = 0; i < 200; i++)
      learn(state, outcome({ dispatchedAt: openedAt - 5_000, observedAt: openedAt + 5_000 }))
    expect(read(state, { now: openedAt }).suspected.weight).toBe(before.suspected.weight)
    expect(read(state, { now: openedAt }).mode).toBe('open')
  })

  it('raises the probe share with every approved probe and restores the old mean', () => {
    const { state, openedAt } = fallen()
    let at = openedAt + 60_000
    const weights = [read(state, { now: at }).suspected.weight]
    for (let i = 0; i < 12 && read(state, { now: at }).mode !== 'normal'; i++) {
      at = teach(state, [true], {}, at)
      weights.push(read(state, { now: at }).suspected.weight)
    }
    expect(weights[0]).toBeLessThan(0.03)
    expect(weights[1]).toBeGreaterThan(weights[0] as number)
    const { mode, approval } = read(state, { now: at })
    expect(mode).toBe('normal')
    expect(approval.mean).toBeGreaterThan(0.93)
    expect(weights.length).toBeLessThan(8)
  })

  it('falls back to rare probes when probes are declined again', () => {
    const { state, openedAt } = fallen()
    const rare = read(state, { now: openedAt }).suspected.weight
    const at = teach(state, [true, false, false], {}, openedAt + 60_000)
    expect(read(state, { now: at }).suspected.weight).toBeCloseTo(rare, 1)
  })

  it('adopts the new level when a change lasts', () => {
    const { state, openedAt } = fallen()
    const at = teach(state, steady(502, 0.6), {}, openedAt + 60_000)
    const { mode, approval } = read(state, { now: at })
    expect(mode).toBe('normal')
    // About a hundred recent outcomes at .6, and the prior's twenty at .9.
    expect(approval.mean).toBeGreaterThan(0.58)
    expect(approval.mean).toBeLessThan(0.68)
  })
})

describe('a rise', () => {
  it('replaces what was known of a dormant route by what it shows now', () => {
    const state = learner()
    let at = teach(state, steady(1_000, 0.4))
    at = teach(state, steady(30, 0.95), {}, at)
    expect(read(state, { now: at }).approval.mean).toBeGreaterThan(0.8)
  })

  it('is followed up: suspicion grows before it is certain', () => {
    const state = learner()
    let at = teach(state, steady(1_000, 0.4))
    at = teach(
      state,
      Array.from({ length: 7 }, () => true),
      {},
      at,
    )
    const { suspected, settled } = read(state, { now: at })
    expect(suspected.mean).toBeGreaterThan(settled.mean)
    expect(suspected.weight).toBeGreaterThan(0.1)
  })
})

describe('declines that were dispatched before a recovery', () => {
  it('do not open the route again', () => {
    const state = learner()
    let at = teach(state, steady(1_000, 0.95))
    while (read(state, { now: at }).mode === 'normal') at = teach(state, [false], {}, at)
    const during = at
    at += 60_000
    while (read(state, { now: at }).mode !== 'normal') at = teach(state, [true], {}, at)
    for (let i = 0; i < 30; i++)
      learn(state, outcome({ result: DECLINED, dispatchedAt: during, observedAt: at }))
    expect(read(state, { now: at }).mode).toBe('normal')
  })
})
