import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learn } from '../../../src/core/learning/learn.ts'
import { LEVELS_MAX } from '../../../src/core/learning/state.ts'
import { DECLINE_CATEGORIES, DECLINE_RULES } from '../../../src/core/payment/decline.ts'
import { DECLINED, learner, NOW, outcome, PRIOR, read, steady, teach } from './outcomes.ts'

const DAY_MS = 86_400_000

describe('exactly-once', () => {
  it('counts an outcome that is sent twice once', () => {
    const state = learner()
    const once = outcome({ result: DECLINED })
    expect(learn(state, once)).toBe('applied')
    const before = read(state)
    expect(learn(state, once)).toBe('duplicate')
    expect(read(state)).toEqual(before)
  })

  it('takes one final result of an attempt, whatever comes after', () => {
    const state = learner()
    learn(state, outcome({ attemptId: 'a' }))
    expect(learn(state, outcome({ attemptId: 'a', result: DECLINED }))).toBe('duplicate')
    expect(learn(state, outcome({ attemptId: 'a', result: { kind: 'unknown' } }))).toBe('duplicate')
  })

  it('remembers a bounded number of attempts, the latest half of them for certain', () => {
    const state = learner({ attemptsMax: 100 })
    for (let i = 0; i < 500; i++) learn(state, outcome({ attemptId: `n-${i}` }))
    for (let i = 451; i < 500; i++) expect(learn(state, outcome({ attemptId: `n-${i}` }))).toBe('duplicate')
    expect([...state.attempts.entries()].length).toBeLessThanOrEqual(100)
  })
})

describe('unknown outcomes', () => {
  it('are pending: they raise the unknown rate and touch neither approval nor failure', () => {
    const state = learner()
    const before = read(state)
    for (let i = 0; i < 10; i++) learn(state, outcome({ result: { kind: 'unknown' } }))
    const after = read(state)
    expect(after.unknown).toBeGreaterThan(0.3)
    expect(after.approval).toEqual(before.approval)
    expect(after.failure).toBe(0)
  })

  it('teach approval once when they are resolved, and were told to health before', () => {
    const state = learner()
    learn(state, outcome({ attemptId: 'u', result: { kind: 'unknown' } }))
    const pending = read(state)
    const resolved = { kind: 'resolved', as: 'declined', category: 'issuer_declined' } as const
    expect(learn(state, outcome({ attemptId: 'u', result: resolved }))).toBe('applied')
    expect(learn(state, outcome({ attemptId: 'u', result: resolved }))).toBe('duplicate')
    expect(read(state).approval.mean).toBeCloseTo((PRIOR.approval * 20) / 21, 6)
    expect(read(state).unknown).toBe(pending.unknown)
  })

  it('teach no approval when the upstream has never seen the payment', () => {
    const state = learner()
    const before = read(state).approval
    learn(state, outcome({ attemptId: 'u', result: { kind: 'unknown' } }))
    learn(state, outcome({ attemptId: 'u', result: { kind: 'resolved', as: 'absent' } }))
    expect(read(state).approval).toEqual(before)
  })
})

describe('approval and health are learned apart', () => {
  it.each(DECLINE_CATEGORIES.filter(category => !DECLINE_RULES[category].health))(
    'a decline as %s never lowers the health of the route',
    category => {
      const state = learner()
      for (let i = 0; i < 50; i++) learn(state, outcome({ result: { kind: 'declined', category } }))
      expect(read(state).failure).toBe(0)
      expect(read(state).unknown).toBeLessThan(PRIOR.unknown)
    },
  )

  it('technical failures raise the failure rate and leave approval alone', () => {
    const state = learner()
    const before = read(state).approval
    for (let i = 0; i < 20; i++) learn(state, outcome({ result: { kind: 'technicalFailure' } }))
    for (let i = 0; i < 20; i++)
      learn(state, outcome({ result: { kind: 'declined', category: 'upstream_unavailable' } }))
    expect(read(state).failure).toBeGreaterThan(0.6)
    expect(read(state).approval).toEqual(before)
  })

  it.each(['funding_unavailable', 'invalid_request'] as const)('%s says nothing of approval', category => {
    const state = learner()
    const before = read(state).approval
    learn(state, outcome({ result: { kind: 'declined', category } }))
    expect(read(state).approval).toEqual(before)
  })

  it('learns latency from the attempts that measured it', () => {
    const state = learner()
    for (let i = 0; i < 200; i++) learn(state, outcome({ latencyMs: 2_000 }))
    learn(state, outcome({ latencyMs: Number.NaN }))
    expect(read(state).latencyMs).toBeGreaterThan(1_700)
    expect(read(state).latencyMs).toBeLessThan(2_000)
  })

  it('forgets technical trouble within hours', () => {
    const state = learner()
    for (let i = 0; i < 100; i++) learn(state, outcome({ result: { kind: 'technicalFailure' } }))
    expect(read(state, { now: NOW + 12 * 3_600_000 }).failure).toBeLessThan(0.01)
  })
})

describe('stages', () => {
  it('judges first attempts and fallbacks apart, so that harder traffic does not count against a route', () => {
    const state = learner()
    teach(state, steady(200, 0.95))
    teach(state, steady(200, 0.3), { stage: 'insufficient_funds' })
    expect(read(state).approval.mean).toBeGreaterThan(0.93)
    expect(read(state, { stage: 'insufficient_funds' }).approval.mean).toBeLessThan(0.45)
  })

  it('starts a stage from what first attempts have shown', () => {
    const state = learner()
    teach(state, steady(300, 0.6))
    expect(read(state, { stage: 'issuer_declined' }).approval.mean).toBeCloseTo(0.62, 1)
  })
})

describe('late and unordered outcomes', () => {
  it('counts an outcome that is two days late with the weight it would have by now', () => {
    const state = learner()
    learn(state, outcome({ result: DECLINED, dispatchedAt: NOW - 2 * DAY_MS, observedAt: NOW }))
    // Two half-lives: a quarter of an observation.
    expect(read(state).approval.mean).toBeCloseTo((PRIOR.approval * 20) / 20.25, 6)
  })

  it('comes to the same whatever the order (property)', () => {
    const times = fc.array(
      fc.record({ ageMs: fc.integer({ min: 0, max: DAY_MS }), approved: fc.boolean() }),
      {
        minLength: 2,
        maxLength: 30,
      },
    )
    fc.assert(
      fc.property(times, list => {
        // The segment clock is a matter of order by its nature, so it stands still here.
        const means = [list, [...list].reverse()].map(order => {
          const state = learner({ fadeRoute: 0, fadeSegment: 0 })
          for (const { ageMs, approved } of order)
            learn(
              state,
              outcome({
                result: approved ? { kind: 'approved' } : DECLINED,
                dispatchedAt: NOW - ageMs,
                observedAt: NOW - ageMs,
              }),
            )
          return read(state).approval.mean
        })
        expect(means[0]).toBeCloseTo(means[1] as number, 9)
      }),
    )
  })

  it('gives an outcome of yesterday no vote on what is going on now', () => {
    const state = learner()
    const now = teach(state, steady(500, 0.95))
    for (let i = 0; i < 50; i++)
      learn(state, outcome({ result: DECLINED, dispatchedAt: now - DAY_MS, observedAt: now }))
    expect(read(state, { now }).mode).toBe('normal')
  })

  it('refuses times that are not finite and more levels than it looks at', () => {
    const state = learner()
    expect(() => learn(state, outcome({ observedAt: Number.NaN }))).toThrow(RangeError)
    const segments = Array.from({ length: LEVELS_MAX + 1 }, (_, i) => `s${i}`)
    expect(() => learn(state, outcome({ segments }))).toThrow(RangeError)
  })
})

describe('segments', () => {
  it('starts from the configured prior with its strength', () => {
    expect(read(learner()).approval).toEqual({ mean: 0.9, strength: 20 })
    const state = learner()
    learn(state, outcome({ result: DECLINED }))
    expect(read(state).approval.mean).toBeCloseTo(18 / 21, 9)
  })

  it('lets a new segment start from its parent, and a known one speak for itself', () => {
    const state = learner()
    for (let i = 0; i < 100; i++) {
      teach(state, steady(19, 0.95), { segments: ['issuer:a'] }, NOW + i * 2_000)
      teach(state, [i % 2 === 0], { segments: ['issuer:b'] }, NOW + i * 2_000 + 1_900)
    }
    expect(read(state, { segments: ['issuer:b'] }).approval.mean).toBeLessThan(0.65)
    expect(read(state, { segments: ['issuer:a'] }).approval.mean).toBeGreaterThan(0.9)
    expect(read(state, { segments: ['issuer:new'] })).toEqual(read(state))
  })

  it('shrinks segments that are alike and trusts those that are not: the strength is learned', () => {
    const strengthOf = (rates: readonly number[]): number => {
      const state = learner()
      for (let round = 0; round < 60; round++)
        rates.forEach((rate, i) =>
          teach(state, [(round * 7 + i * 3) % 10 < rate * 10], { segments: [`s${i}`] }, NOW + round * 1_000),
        )
      return state.poolings[0]?.strength as number
    }
    expect(strengthOf(Array.from({ length: 20 }, () => 0.8))).toBeGreaterThan(200)
    expect(strengthOf(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 0.3 : 1)))).toBeLessThan(16)
  })

  it('keeps a bounded number of segments; what they taught stays with the parent', () => {
    const state = learner({ segmentsMax: 100 })
    for (let i = 0; i < 1_000; i++) teach(state, [false], { segments: [`s${i}`] })
    expect(state.segments.size).toBeLessThanOrEqual(100)
    expect(read(state, { segments: ['s0'] }).approval.mean).toBeLessThan(0.1)
  })

  it('takes the general level from a model of the context when there is one', () => {
    const state = learner()
    teach(state, steady(300, 0.9))
    expect(read(state, { contextual: 0.4 }).settled.mean).toBe(0.4)
    teach(state, steady(20, 0.9), { segments: ['s'] })
    const mixed = read(state, { segments: ['s'], contextual: 0.4 }).approval.mean
    expect(mixed).toBeGreaterThan(0.4)
    expect(mixed).toBeLessThan(0.9)
  })
})
