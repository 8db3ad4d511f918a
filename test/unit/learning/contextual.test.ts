import { describe, expect, it } from 'vitest'
import {
  BUCKETS,
  createContextModel,
  hashFeatures,
  learnContext,
  predictApproval,
  predictionStrength,
  restoreContext,
  snapshotContext,
} from '../../../src/core/learning/contextual.ts'

import { randomStream } from '../../../src/core/random.ts'

const VISA = 1
const THREE_DS = 2

describe('the model of the context', () => {
  it('says the prior before it has seen anything', () => {
    expect(predictApproval(createContextModel(), 'a', [VISA], 0.8)).toBe(0.8)
  })

  it('learns what payments have in common, also for combinations it has not met', () => {
    const model = createContextModel()
    const random = randomStream(7)
    const rate = (visa: number, threeDs: number): number => 1 / (1 + Math.exp(-(0.5 + visa - 1.5 * threeDs)))
    for (let i = 0; i < 20_000; i++) {
      const visa = random() < 0.5 ? 1 : 0
      const threeDs = visa === 1 ? 0 : random() < 0.5 ? 1 : 0
      const features = [...(visa === 1 ? [VISA] : []), ...(threeDs === 1 ? [THREE_DS] : [])]
      learnContext(model, 'a', features, random() < rate(visa, threeDs), 0.5)
    }
    expect(predictApproval(model, 'a', [VISA], 0.5)).toBeCloseTo(rate(1, 0), 1)
    expect(predictApproval(model, 'a', [THREE_DS], 0.5)).toBeCloseTo(rate(0, 1), 1)
    expect(predictApproval(model, 'a', [VISA, THREE_DS], 0.5)).toBeCloseTo(rate(1, 1), 1)
  })

  it('knows how sure it is: about as many outcomes as it has seen, and less for what is new', () => {
    const model = createContextModel()
    expect(predictionStrength(model, 'a', [VISA], 0.5)).toBe(0)
    const random = randomStream(9)
    for (let i = 0; i < 400; i++) learnContext(model, 'a', [VISA], random() < 0.6, 0.5)
    const sure = predictionStrength(model, 'a', [VISA], predictApproval(model, 'a', [VISA], 0.5))
    expect(sure).toBeGreaterThan(200)
    expect(sure).toBeLessThan(500)
    const unseen = [VISA, ...Array.from({ length: 10 }, (_, i) => 100 + i)]
    const unsure = predictionStrength(model, 'a', unseen, predictApproval(model, 'a', unseen, 0.5))
    expect(unsure).toBeLessThan(sure / 5)
  })

  it('can unlearn what has changed since', () => {
    const model = createContextModel()
    for (let i = 0; i < 50_000; i++) learnContext(model, 'a', [VISA], i % 10 > 0, 0.5)
    for (let i = 0; i < 10_000; i++) learnContext(model, 'a', [VISA], i % 2 > 0, 0.5)
    expect(predictApproval(model, 'a', [VISA], 0.5)).toBeLessThan(0.6)
  })

  it('keeps routes apart', () => {
    const model = createContextModel()
    for (let i = 0; i < 500; i++) learnContext(model, 'a', [VISA], false, 0.9)
    expect(predictApproval(model, 'a', [VISA], 0.9)).toBeLessThan(0.2)
    expect(predictApproval(model, 'b', [VISA], 0.9)).toBe(0.9)
  })

  it('is bounded whatever names and routes come', () => {
    const features = hashFeatures(Array.from({ length: 5_000 }, (_, i) => `name-${i}`))
    expect(features.length).toBeLessThanOrEqual(BUCKETS)
    expect(features.every(bucket => bucket >= 0 && bucket < BUCKETS)).toBe(true)
    const model = createContextModel()
    for (let i = 0; i < 5_000; i++) learnContext(model, `route-${i}`, [], true, 0.5)
    expect(model.routes.size).toBeLessThanOrEqual(1_024)
  })

  it('is the same after a snapshot, and refuses one that it cannot use', () => {
    const model = createContextModel()
    for (let i = 0; i < 300; i++) learnContext(model, 'a', [i % 7, 10 + (i % 3)], i % 4 > 0, 0.9)
    const again = restoreContext(JSON.parse(JSON.stringify(snapshotContext(model))))
    expect(again).toEqual(model)
    expect(() => restoreContext({ a: [[BUCKETS + 1, 0, 1]] })).toThrow(RangeError)
    expect(() => restoreContext({ a: [[1, Number.NaN, 1]] })).toThrow(RangeError)
  })
})
