import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AppetiteIndicators,
  type AppetiteRules,
  type AppetiteState,
  type AppetiteStep,
  DEFAULT_APPETITE_RULES,
  evaluateAppetite,
  initialAppetite,
  setPosture,
} from '../../../src/core/credit/risk-appetite.ts'

const HOUR = 3_600_000
const calm: AppetiteIndicators = { liquidity: 'green', rollRateChange: 0, firstPaymentDefaultChange: 0 }
const bad: AppetiteIndicators = { ...calm, rollRateChange: 0.45 }
const between: AppetiteIndicators = { ...calm, rollRateChange: 0.3 }
const expansive: AppetiteRules = {
  ...DEFAULT_APPETITE_RULES,
  expansion: {
    enter: { liquidity: 'green', rollRateChange: -0.1, firstPaymentDefaultChange: 0 },
    stay: { liquidity: 'green', rollRateChange: 0.05, firstPaymentDefaultChange: 0.1 },
  },
}

/** Evaluates a list of indicators an hour apart and returns every step. */
function evaluate(
  start: AppetiteState,
  series: readonly AppetiteIndicators[],
  rules = DEFAULT_APPETITE_RULES,
): AppetiteStep[] {
  let state = start
  return series.map((indicators, i) => {
    const step = evaluateAppetite(state, indicators, rules, start.sinceMs + (i + 1) * HOUR)
    state = step.state
    return step
  })
}
const postures = (steps: readonly AppetiteStep[]): string[] => steps.map(step => step.state.posture)

describe('the risk appetite by rule', () => {
  it('contracts when two of three evaluations agree, not on one', () => {
    expect(postures(evaluate(initialAppetite(0), [bad, calm, calm, calm]))).toEqual(Array(4).fill('neutral'))
    const steps = evaluate(initialAppetite(0), [bad, calm, bad])
    expect(postures(steps)).toEqual(['neutral', 'neutral', 'contraction'])
    expect(steps[2]?.change).toMatchObject({
      from: 'neutral',
      to: 'contraction',
      cause: 'rule',
      actor: null,
      indicators: bad,
    })
  })

  it('has hysteresis: what would not have contracted keeps the contraction', () => {
    expect(postures(evaluate(initialAppetite(0), [between, between, between]))).not.toContain('contraction')
    const steps = evaluate(initialAppetite(0), [bad, bad, ...Array<AppetiteIndicators>(60).fill(between)])
    expect(steps.at(-1)?.state.posture).toBe('contraction')
  })

  it('loosens only after the hold, tightens at once', () => {
    const steps = evaluate(initialAppetite(0), [bad, bad, ...Array<AppetiteIndicators>(30).fill(calm)])
    const loosened = steps.findIndex((step, i) => i > 2 && step.state.posture === 'neutral')
    expect((loosened - 1) * HOUR).toBeGreaterThanOrEqual(DEFAULT_APPETITE_RULES.holdMs)
    expect(steps[loosened]?.change).toMatchObject({ from: 'contraction', to: 'neutral', cause: 'rule' })
  })

  it('contracts at once when liquidity is black, by hand or not', () => {
    const black = { ...calm, liquidity: 'black' } as const
    const manual = setPosture(
      initialAppetite(0),
      { posture: 'expansion', actor: 'ann', reason: 'campaign', untilMs: 10 * HOUR },
      DEFAULT_APPETITE_RULES,
      0,
    )
    const step = evaluateAppetite(manual.state, black, DEFAULT_APPETITE_RULES, HOUR)
    expect(step.state).toMatchObject({ posture: 'contraction', manual: null })
    expect(step.change).toMatchObject({ cause: 'hard_rule', from: 'expansion' })
  })

  it('takes what is unknown neither for good nor for bad', () => {
    const unknown: AppetiteIndicators = {
      liquidity: null,
      rollRateChange: null,
      firstPaymentDefaultChange: null,
    }
    expect(
      postures(evaluate(initialAppetite(0), Array<AppetiteIndicators>(5).fill(unknown), expansive)),
    ).toEqual(Array(5).fill('neutral'))
    const contracted = evaluate(initialAppetite(0), [bad, bad]).at(-1)?.state as AppetiteState
    expect(evaluate(contracted, Array<AppetiteIndicators>(60).fill(unknown)).at(-1)?.state.posture).toBe(
      'contraction',
    )
  })

  it('expands by rule only where a rule says so', () => {
    const good: AppetiteIndicators = {
      liquidity: 'green',
      rollRateChange: -0.2,
      firstPaymentDefaultChange: -0.1,
    }
    const series = Array<AppetiteIndicators>(30).fill(good)
    expect(evaluate(initialAppetite(0), series).at(-1)?.state.posture).toBe('neutral')
    const steps = evaluate(initialAppetite(0), [...series, calm, calm, between, between], expansive)
    expect(steps[29]?.state.posture).toBe('expansion')
    expect(postures(steps.slice(30))).toEqual(['expansion', 'expansion', 'expansion', 'neutral'])
  })

  it('never changes without a record, whatever the indicators do', () => {
    const change = fc.option(fc.double({ min: -1, max: 2, noNaN: true }), { nil: null })
    const indicators = fc.record({
      liquidity: fc.constantFrom('green', 'amber', 'red', 'black', null),
      rollRateChange: change,
      firstPaymentDefaultChange: change,
    })
    fc.assert(
      fc.property(fc.array(indicators, { maxLength: 80 }), series => {
        let posture = 'neutral'
        for (const step of evaluate(initialAppetite(0), series, expansive)) {
          if (step.state.posture !== posture)
            expect(step.change).toMatchObject({ from: posture, to: step.state.posture })
          else expect(step.change).toBeUndefined()
          posture = step.state.posture
          expect(step.state.recent.length).toBeLessThanOrEqual(3)
        }
      }),
    )
  })
})

describe('the risk appetite by hand', () => {
  const order = { posture: 'expansion', actor: 'ann', reason: 'campaign', untilMs: 5 * HOUR } as const

  it('holds against the rules until its end, then goes back to them, audited at both ends', () => {
    const set = setPosture(initialAppetite(0), order, DEFAULT_APPETITE_RULES, 0)
    expect(set.change).toMatchObject({ cause: 'manual', actor: 'ann', reason: 'campaign', to: 'expansion' })
    const steps = evaluate(set.state, [bad, bad, bad, bad, bad])
    expect(postures(steps)).toEqual(['expansion', 'expansion', 'expansion', 'expansion', 'contraction'])
    expect(steps[4]?.change).toMatchObject({ cause: 'manual_ended', to: 'contraction' })
  })

  it('is recorded even when it confirms what is', () => {
    expect(
      setPosture(initialAppetite(0), { ...order, posture: 'neutral' }, DEFAULT_APPETITE_RULES, 0).change,
    ).toBeDefined()
  })

  it.each([
    ['nobody', { actor: '' }],
    ['no reason', { reason: '' }],
    ['a moment past', { untilMs: 0 }],
    ['for ever', { untilMs: 400 * 24 * HOUR }],
  ])('is refused with %s', (_name, wrong) => {
    expect(() => setPosture(initialAppetite(0), { ...order, ...wrong }, DEFAULT_APPETITE_RULES, 0)).toThrow(
      RangeError,
    )
  })
})
