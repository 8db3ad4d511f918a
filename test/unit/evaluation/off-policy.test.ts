import { describe, expect, it } from 'vitest'
import {
  compareOffPolicy,
  evaluateOffPolicy,
  type LoggedChoice,
} from '../../../src/core/evaluation/off-policy.ts'
import { randomStream } from '../../../src/core/random.ts'

const row = (change: Partial<LoggedChoice>): LoggedChoice => ({
  cluster: 'c',
  reward: 0,
  propensity: 0.5,
  target: 1,
  predicted: 0,
  predictedTarget: 0,
  ...change,
})
const SMALL = { effectiveSizeMin: 0, resamples: 10 }

describe('the estimators', () => {
  // Worked by hand: weights 2, 0, 4, 1.
  const rows = [
    row({ cluster: 'a', reward: 1, propensity: 0.5, target: 1, predicted: 0.5, predictedTarget: 0.5 }),
    row({ cluster: 'b', reward: 1, propensity: 0.5, target: 0, predicted: 0.5, predictedTarget: 0.25 }),
    row({ cluster: 'c', reward: 2, propensity: 0.25, target: 1, predicted: 1, predictedTarget: 1 }),
    row({ cluster: 'd', reward: -1, propensity: 0.5, target: 0.5, predicted: 0, predictedTarget: 0.25 }),
  ]

  it('are what their formulas say', () => {
    const result = evaluateOffPolicy(rows, SMALL)
    expect(result).toMatchObject({ rows: 4, clusters: 4, clippedShare: 0 })
    expect(result.ips.value).toBeCloseTo((2 + 0 + 8 - 1) / 4, 12)
    expect(result.snips.value).toBeCloseTo(9 / 7, 12)
    expect(result.doublyRobust.value).toBeCloseTo((1.5 + 0.25 + 5 - 0.75) / 4, 12)
    expect(result.model).toBeCloseTo(0.5, 12)
    expect(result.effectiveSize).toBeCloseTo(49 / 21, 12)
  })

  it('clip weights, and say how many', () => {
    const result = evaluateOffPolicy(rows, { ...SMALL, clip: 3, clippedShareMax: 1 })
    expect(result.ips.value).toBeCloseTo((2 + 6 - 1) / 4, 12)
    expect(result.clippedShare).toBe(0.25)
    expect(result.effectiveSize).toBeCloseTo(36 / 14, 12)
  })

  it('find the value of a policy from the choices of another', () => {
    const truth = { a: 0.9, b: 0.6 }
    const random = randomStream(3)
    const choices = Array.from({ length: 20_000 }, (_, i) => {
      const chosen = random() < 0.2 ? 'a' : 'b'
      const reward = random() < truth[chosen] ? 1 : 0
      const propensity = chosen === 'a' ? 0.2 : 0.8
      // A model that is wrong on purpose: doubly robust must not mind.
      return row({
        cluster: `${i}`,
        reward,
        propensity,
        target: chosen === 'a' ? 1 : 0,
        predicted: 0.3,
        predictedTarget: 0.3,
      })
    })
    const result = evaluateOffPolicy(choices, { resamples: 300 })
    for (const figure of [result.ips, result.snips, result.doublyRobust]) {
      expect(figure.value).toBeCloseTo(0.9, 1)
      expect(figure.low).toBeLessThan(0.9)
      expect(figure.high).toBeGreaterThan(0.9)
      expect(figure.high - figure.low).toBeLessThan(0.06)
    }
    expect(result.refusal).toBeUndefined()
  })

  it('are wider when rows belong together', () => {
    const random = randomStream(4)
    const payments = Array.from({ length: 300 }, () => random() < 0.5)
    const rowsOf = (cluster: (payment: number, attempt: number) => string) =>
      payments.flatMap((paid, p) =>
        Array.from({ length: 10 }, (_, i) =>
          row({ cluster: cluster(p, i), reward: paid ? 1 : 0, propensity: 1 }),
        ),
      )
    const width = (choices: LoggedChoice[]) => {
      const { snips } = evaluateOffPolicy(choices, { resamples: 400 })
      return snips.high - snips.low
    }
    const ratio = width(rowsOf(p => `${p}`)) / width(rowsOf((p, i) => `${p}/${i}`))
    expect(ratio).toBeGreaterThan(2.5)
    expect(ratio).toBeLessThan(4)
  })

  it('are the same again with the same seed', () => {
    expect(evaluateOffPolicy(rows, SMALL)).toEqual(evaluateOffPolicy(rows, SMALL))
  })
})

describe('a verdict is refused', () => {
  const many = (count: number, change: Partial<LoggedChoice>) =>
    Array.from({ length: count }, (_, i) => row({ cluster: `${i}`, ...change }))
  const refusal = (choices: LoggedChoice[]) => evaluateOffPolicy(choices, { resamples: 10 }).refusal?.code

  it.each([
    ['without rows', [], 'no_rows'],
    ['without a propensity', [row({ propensity: 0 })], 'bad_row'],
    ['with a probability above 1', [row({ target: 1.1 })], 'bad_row'],
    ['with a reward that is no number', [row({ reward: Number.NaN })], 'bad_row'],
    ['where the logs never tried it', many(2_000, { target: 0 }), 'no_overlap'],
    ['under 500 rows of evidence', many(499, { propensity: 1 }), 'low_effective_size'],
    [
      'where the logs tried too rarely what it does often',
      [...many(9_000, { propensity: 1 }), ...many(100, { propensity: 0.01 })],
      'clipped',
    ],
    [
      'where a part of it was never tried',
      [...many(1_000, { propensity: 1 }), ...many(1_000, { propensity: 1, target: 0 })],
      'untried',
    ],
    ['where the propensities cannot be right', many(2_000, { propensity: 0.5 }), 'propensities_wrong'],
  ])('%s', (_, choices, code) => {
    expect(refusal(choices)).toBe(code)
  })

  it('and given at 500', () => {
    expect(refusal(many(500, { propensity: 1 }))).toBeUndefined()
  })
})

describe('the difference of two policies', () => {
  it('is paired: what both share cancels', () => {
    const random = randomStream(9)
    const base = Array.from({ length: 1_000 }, (_, i) =>
      row({ cluster: `${i}`, reward: 100 * random(), propensity: 1 }),
    )
    const better = base.map(choice => ({ ...choice, reward: choice.reward + 1 }))
    const difference = compareOffPolicy(better, base)
    expect(difference.value).toBeCloseTo(1, 9)
    expect(difference.high - difference.low).toBeLessThan(1e-9)
    expect(() => compareOffPolicy(better, base.slice(1))).toThrow(RangeError)
  })
})
