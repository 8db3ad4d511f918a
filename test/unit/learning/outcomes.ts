import { estimate } from '../../../src/core/learning/estimate.ts'
import { learn } from '../../../src/core/learning/learn.ts'
import { createLearning, type LearningState } from '../../../src/core/learning/state.ts'
import type { LearningSettings } from '../../../src/core/learning/settings.ts'
import type { Estimate, LearnedOutcome } from '../../../src/core/learning/types.ts'

export const NOW = 1_700_000_000_000
export const PRIOR = { approval: 0.9, unknown: 0.01, latencyMs: 800, strength: 20 }

export function learner(settings: Partial<LearningSettings> = {}): LearningState {
  return createLearning({ card_a: PRIOR, card_b: PRIOR }, settings)
}

let attempts = 0

export function outcome(overrides: Partial<LearnedOutcome> = {}): LearnedOutcome {
  const dispatchedAt = overrides.dispatchedAt ?? NOW
  return {
    attemptId: `attempt-${attempts++}`,
    route: 'card_a',
    segments: [],
    stage: 'first',
    result: { kind: 'approved' },
    dispatchedAt,
    observedAt: overrides.observedAt ?? dispatchedAt,
    ...overrides,
  }
}

export const DECLINED = { kind: 'declined', category: 'issuer_declined' } as const

/** Teaches results, one payment per 100 ms from `from` on; returns the time after the last. */
export function teach(
  state: LearningState,
  results: readonly boolean[],
  overrides: Partial<LearnedOutcome> = {},
  from = NOW,
): number {
  let at = from
  for (const approved of results) {
    learn(
      state,
      outcome({
        ...overrides,
        result: approved ? { kind: 'approved' } : DECLINED,
        dispatchedAt: at,
        observedAt: at,
      }),
    )
    at += 100
  }
  return at
}

export function read(
  state: LearningState,
  overrides: Partial<Parameters<typeof estimate>[1]> = {},
): Estimate {
  return estimate(state, { segments: [], route: 'card_a', stage: 'first', now: NOW, ...overrides })
}

/** `rate` approvals in every hundred, spread evenly. */
export function steady(count: number, rate: number): boolean[] {
  return Array.from({ length: count }, (_, i) => Math.floor((i + 1) * rate) > Math.floor(i * rate))
}
