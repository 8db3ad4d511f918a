import { describe, expect, it } from 'vitest'
import { createContextModel, learnContext, predictApproval } from '../../../src/core/learning/contextual.ts'
import { randomStream } from '../../../src/core/random.ts'

describe('the model of the context', () => {
  it('says the prior before it has seen anything', () => {
    expect(predictApproval(createContextModel(), 'a', { 'card:visa': 1 }, 0.8)).toBe(0.8)
  })

  it('learns what payments have in common, also for combinations it has not met', () => {
    const model = createContextModel()
    const random = randomStream(7)
    const rate = (visa: number, threeDs: number): number => 1 / (1 + Math.exp(-(0.5 + visa - 1.5 * threeDs)))
    for (let i = 0; i < 20_000; i++) {
      const visa = random() < 0.5 ? 1 : 0
      const threeDs = visa === 1 ? 0 : random() < 0.5 ? 1 : 0
      learnContext(model, 'a', { visa, threeDs }, random() < rate(visa, threeDs), 0.5)
    }
    expect(predictApproval(model, 'a', { visa: 1, threeDs: 0 }, 0.5)).toBeCloseTo(rate(1, 0), 1)
    expect(predictApproval(model, 'a', { visa: 0, threeDs: 1 }, 0.5)).toBeCloseTo(rate(0, 1), 1)
    expect(predictApproval(model, 'a', { visa: 1, threeDs: 1 }, 0.5)).toBeCloseTo(rate(1, 1), 1)
  })

  it('keeps routes apart', () => {
    const model = createContextModel()
    for (let i = 0; i < 500; i++) learnContext(model, 'a', { x: 1 }, false, 0.9)
    expect(predictApproval(model, 'a', { x: 1 }, 0.9)).toBeLessThan(0.2)
    expect(predictApproval(model, 'b', { x: 1 }, 0.9)).toBe(0.9)
  })

  it('is bounded whatever names come, and is not thrown by numbers that are none', () => {
    const model = createContextModel()
    for (let i = 0; i < 5_000; i++) learnContext(model, 'a', { [`name-${i}`]: 1, bad: Number.NaN }, true, 0.5)
    const weights = model.routes.get('a')?.weights as number[]
    expect(weights.length).toBe(257)
    expect(weights.every(Number.isFinite)).toBe(true)
    for (let i = 0; i < 5_000; i++) learnContext(model, `route-${i}`, {}, true, 0.5)
    expect(model.routes.size).toBeLessThanOrEqual(1_024)
  })
})
