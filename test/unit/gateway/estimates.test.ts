import { describe, expect, it } from 'vitest'
import { MemoryLearningHub } from '../../../src/adapters/memory/learning.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { DECLINE_CATEGORIES, DECLINE_RULES } from '../../../src/core/payment/decline.ts'
import type { Route } from '../../../src/core/payment/route.ts'
import { valueRoute } from '../../../src/core/scoring/value.ts'
import { Estimates } from '../../../src/gateway/estimates.ts'
import { restoreEstimates, saveEstimates, shareLessons } from '../../../src/gateway/sharing.ts'
import { attemptOn, believed, cardOf, ROUTES } from '../../support/lessons.ts'
import { NOON, sampleRoute } from '../../support/samples.ts'

const CARD_A = ROUTES[0] as Route
const estimateOf = (estimates: Estimates, now = NOON + 300_000) =>
  estimates.estimate(CARD_A, cardOf('ICBC'), 'first', now)

describe('estimates', () => {
  // config-key: routes.priors.approval, routes.priors.unknown, routes.priors.latencyMs, routes.priors.strength
  it('start from the priors, which outcomes outweigh by their strength', () => {
    const priors = { approval: 0.7, unknown: 0.02, latencyMs: 900, strength: 100 }
    const after = (change: Partial<typeof priors>) => {
      const route = sampleRoute('card_a', { priors: { ...priors, ...change } })
      const estimates = new Estimates([route])
      const before = estimates.estimate(route, cardOf('ICBC'), 'first', NOON)
      for (let i = 0; i < 20; i++) estimates.learn(attemptOn('card_a', i, 'declined'))
      return { before, rate: estimates.approvalOf('card_a', NOON) }
    }
    expect(after({}).before).toMatchObject({ approval: 0.7, unknown: 0.02, latencyMs: 900, failure: 0 })
    expect(after({}).rate).toBeGreaterThan(0.5)
    expect(after({ strength: 2 }).rate).toBeLessThan(0.2)
  })

  it('tell segments apart: an issuer that declines on a route does not spoil the others', () => {
    const estimates = new Estimates(ROUTES)
    for (let i = 0; i < 400; i++) {
      const bad = i % 2 === 0
      const result = bad && i % 10 > 0 ? 'declined' : 'approved'
      estimates.learn(attemptOn('card_a', i, result, { context: cardOf(bad ? 'BAD' : 'ICBC') }))
    }
    expect(believed(estimates, cardOf('BAD'))).toBeLessThan(0.4)
    expect(believed(estimates, cardOf('ICBC'))).toBeGreaterThan(0.85)
  })

  it('carry over to combinations that have not been seen, by what is alike in them', () => {
    const estimates = new Estimates(ROUTES, () => ['threeDs'])
    const context = (issuer: string, threeDs: string) => cardOf(issuer, { metadata: { threeDs } })
    for (let i = 0; i < 3_000; i++) {
      const secured = i % 2 === 0
      const issuer = `bank-${i % 7}`
      estimates.learn(
        attemptOn('card_a', i, secured || i % 3 === 0 ? 'approved' : 'declined', {
          context: context(issuer, secured ? 'yes' : 'no'),
        }),
      )
    }
    const unseen = (threeDs: string) => believed(estimates, context('new-bank', threeDs), NOON + 3_000_000)
    expect(unseen('yes') - unseen('no')).toBeGreaterThan(0.2)
  })

  it.each(DECLINE_CATEGORIES)('let a decline of category %s teach what it speaks of', category => {
    const estimates = new Estimates(ROUTES)
    const before = estimateOf(estimates)
    for (let i = 0; i < 60; i++) {
      estimates.learn(attemptOn('card_a', i, { kind: 'declined', category }))
    }
    const after = estimateOf(estimates)
    const technical = (after.failure ?? 0) > 0.3 || after.unknown > 0.3
    expect(technical).toBe(DECLINE_RULES[category].health)
    if (DECLINE_RULES[category].health) expect(after.approval).toBe(before.approval)
  })

  it('lower the worth of a route by its technical failures, and let the cascade go on after them', () => {
    const estimates = new Estimates(ROUTES)
    for (let i = 0; i < 40; i++) {
      estimates.learn(
        attemptOn('card_a', i, i % 2 === 0 ? 'approved' : { kind: 'not_sent', cause: 'refused' }),
      )
    }
    const ill = estimateOf(estimates, NOON + 41_000)
    expect(ill.failure).toBeGreaterThan(0.35)
    expect(ill.approval).toBeGreaterThan(0.9)
    const costs = { success: 0, perAttempt: 0, expectedLoss: 0, shadowPrice: 0 }
    const economics = { marginBps: 1_000, abandonmentPerSecond: 0, unknownCost: 0, lossGivenDefault: 0 }
    const { failure: _, ...well } = ill
    const [valueIll, valueWell] = [ill, well].map(known => valueRoute(10_000, known, costs, economics, 0))
    expect(valueIll?.gain).toBeCloseTo((valueWell?.gain ?? 0) * (1 - (ill.failure ?? 0)), 6)
    expect(valueIll?.continuation).toBeGreaterThan((valueWell?.continuation ?? 0) + 0.3)
  })

  it('take an unknown for pending, and count its answer once when it comes two days later', () => {
    const estimates = new Estimates(ROUTES)
    for (let i = 0; i < 30; i++)
      estimates.learn(attemptOn('card_a', i, { kind: 'unknown', cause: 'timeout' }))
    const pending = estimateOf(estimates)
    expect(pending.approval).toBe(0.9)
    expect(pending.unknown).toBeGreaterThan(0.5)
    const late = { observedAt: NOON + 2 * 86_400_000 }
    for (const _ of [1, 2, 3])
      for (let i = 0; i < 30; i++) estimates.learn(attemptOn('card_a', i, 'declined', late))
    expect(estimates.waiting(1_000)).toHaveLength(60)
    expect(estimateOf(estimates, late.observedAt).approval).toBeLessThan(0.7)
  })

  it('keep what fallbacks meet apart from first attempts', () => {
    const estimates = new Estimates(ROUTES)
    for (let i = 0; i < 200; i++) {
      estimates.learn(attemptOn('card_a', 2 * i, 'approved'))
      estimates.learn(attemptOn('card_a', 2 * i + 1, 'declined', { stage: 'insufficient_funds' }))
    }
    const after = estimates.estimate(CARD_A, cardOf('ICBC'), 'insufficient_funds', NOON + 400_000)
    expect(after.approval).toBeLessThan(0.3)
    expect(estimates.approvalOf('card_a', NOON + 400_000)).toBeGreaterThan(0.95)
  })

  it('follow a new configuration: new routes learn, what is known of the others stays', () => {
    const estimates = new Estimates(ROUTES)
    for (let i = 0; i < 50; i++) estimates.learn(attemptOn('card_a', i, 'declined'))
    const before = believed(estimates)
    estimates.learn(attemptOn('card_c', 100, 'declined'))
    estimates.useRoutes([...ROUTES, sampleRoute('card_c')])
    for (let i = 0; i < 50; i++) estimates.learn(attemptOn('card_c', 200 + i, 'declined'))
    expect(believed(estimates)).toBeCloseTo(before, 2)
    expect(estimates.approvalOf('card_c', NOON)).toBeLessThan(0.7)
  })
})

describe('what was learned survives', () => {
  it('a restart, through the journal, and is not learned twice after it', async () => {
    const journal = new MemoryJournal({ now: () => NOON })
    const before = new Estimates(ROUTES)
    for (let i = 0; i < 300; i++) before.learn(attemptOn('card_a', i, i % 3 === 0 ? 'declined' : 'approved'))
    expect(await saveEstimates(journal, before, NOON)).toBe(true)
    expect(await saveEstimates(journal, before, NOON)).toBe(true)
    const after = new Estimates(ROUTES)
    expect(await restoreEstimates(journal, after)).toBe('restored')
    expect(estimateOf(after)).toEqual(estimateOf(before))
    for (let i = 0; i < 300; i++) after.learn(attemptOn('card_a', i, 'declined'))
    expect(estimateOf(after)).toEqual(estimateOf(before))
  })

  it('not from a snapshot that cannot be used: then it starts from the priors', async () => {
    const journal = new MemoryJournal({ now: () => NOON })
    const estimates = new Estimates(ROUTES)
    expect(await restoreEstimates(journal, estimates)).toBe('none')
    const row = { collection: 'learning', key: 'estimates', at: NOON }
    await journal.putRecord({ ...row, body: '{"learning":{"version":7}}' }, 0)
    expect(await restoreEstimates(journal, estimates)).toBe('unusable')
    await journal.putRecord({ ...row, body: 'no json' }, 1)
    expect(await restoreEstimates(journal, estimates)).toBe('unusable')
    expect(believed(estimates)).toBe(0.9)
  })
})

describe('what other instances say', () => {
  it('is left out where it is not a lesson', async () => {
    const hub = new MemoryLearningHub()
    const stranger = hub.join()
    const estimates = new Estimates(ROUTES)
    const good = new Estimates(ROUTES)
    good.learn(attemptOn('card_a', 1, 'declined'))
    const lesson = JSON.parse(JSON.stringify(good.waiting(1)[0])) as { outcome: object; features: number[] }
    const entries = [
      'no json',
      '{}',
      JSON.stringify([null, 1, {}]),
      JSON.stringify([{ ...lesson, outcome: { ...lesson.outcome, segments: Array(99).fill('x') } }]),
      JSON.stringify([{ ...lesson, features: [1e9] }]),
      JSON.stringify([
        { ...lesson, outcome: { ...lesson.outcome, result: { kind: 'declined', category: 'x' } } },
      ]),
      JSON.stringify([{ ...lesson, outcome: { ...lesson.outcome, observedAt: null } }]),
    ]
    await stranger.exchange(entries)
    await shareLessons(estimates, hub.join())
    expect(believed(estimates)).toBe(0.9)
    await stranger.exchange([JSON.stringify([lesson])])
    await shareLessons(estimates, hub.join())
    expect(believed(estimates)).toBeLessThan(0.9)
  })

  it('never piles up without a bound while nobody takes it', () => {
    const estimates = new Estimates(ROUTES)
    for (let i = 0; i < 20_500; i++) estimates.learn(attemptOn('card_a', i, 'approved'))
    const waiting = estimates.waiting(100_000)
    expect(waiting.length).toBeLessThanOrEqual(20_000)
    expect(waiting.length).toBeGreaterThan(17_000)
    expect(waiting.at(-1)?.outcome.attemptId).toBe(attemptOn('card_a', 20_499, 'approved').attemptId)
  })
})
