import { describe, expect, it } from 'vitest'
import { Estimates } from '../../../src/gateway/estimates.ts'
import { attemptOn, believed, cardOf, ROUTES } from '../../support/lessons.ts'
import { sampleConfig } from '../../support/sample-config.ts'
import { decisionIn, eligibleIn, firstAttempts, policyIn } from '../../support/sample-decision.ts'

const CREDIT = { tender: 'credit', instalments: 3 } as const
const CARD = { tender: 'card' } as const

/**
 * Each row changes one key of the configuration and sees the decision change. A row fails when the key is ignored
 * anywhere between the file and the decision.
 */
describe('what a route can do decides whether it is eligible', () => {
  const cardA = (change: object) => ({ routes: { card_a: change } })

  // config-key: routes.enabled
  it('keeps a route with enabled: false out', () => {
    const off = cardA({ enabled: false, disabledReason: 'test' })
    expect(eligibleIn({ config: off })).toEqual({ card_a: ['TECH_ROUTE_MAINTENANCE'], card_b: [] })
  })

  // config-key: routes.maintenance.from, routes.maintenance.to
  it('keeps a route out from the start of a maintenance window to its end', () => {
    const config = cardA({ maintenance: [{ from: '2026-01-01T08:00:00+08:00', to: '2026-01-01T01:00:00Z' }] })
    const at = (time: string) => eligibleIn({ config, now: Date.parse(time) })['card_a']
    expect(at('2025-12-31T23:59:59.999Z')).toEqual([])
    expect(at('2026-01-01T00:00:00Z')).toEqual(['TECH_ROUTE_MAINTENANCE'])
    expect(at('2026-01-01T00:59:59.999Z')).toEqual(['TECH_ROUTE_MAINTENANCE'])
    expect(at('2026-01-01T01:00:00Z')).toEqual([])
  })

  it.each([
    // config-key: routes.capability.channels
    ['channels', { channels: ['nfc'] }, {}, 'TECH_CHANNEL_UNSUPPORTED'],
    // config-key: routes.capability.currencies
    ['currencies', { currencies: ['USD'] }, {}, 'MER_NOT_ENABLED'],
    // config-key: routes.capability.amount.min
    ['amount.min', { amount: { min: 10_001, max: 20_000 } }, {}, 'MER_AMOUNT_OUT_OF_RANGE'],
    // config-key: routes.capability.amount.max
    ['amount.max', { amount: { max: 9_999 } }, {}, 'MER_AMOUNT_OUT_OF_RANGE'],
    // config-key: routes.capability.excludedCategories
    ['excludedCategories', { excludedCategories: ['gold'] }, {}, 'MER_GOODS_EXCLUDED'],
    // config-key: routes.capability.capture
    ['capture', { capture: ['automatic'] }, { capture: 'manual' as const }, 'MER_NOT_ENABLED'],
  ])('follows capability.%s', (_, capability, context, reason) => {
    const both = { capture: ['automatic', 'manual'] }
    const config = { routes: { card_a: { capability }, card_b: { capability: both } } }
    expect(eligibleIn({ config, context })).toEqual({ card_a: [reason], card_b: [] })
  })

  // config-key: routes.capability.instalments
  it('offers the instalments of the route and no others', () => {
    const without = { routes: { credit_a: { capability: { instalments: [1] } } } }
    expect(eligibleIn({ accept: [CREDIT] })['credit_a']).toEqual([])
    expect(eligibleIn({ config: without, accept: [CREDIT] })['credit_a']).toEqual(['LIQ_TERM_SUSPENDED'])
  })

  // config-key: routes.tender
  it('asks for consent to the tender of the route', () => {
    expect(eligibleIn({ accept: [CREDIT] })['card_a']).toEqual(['TENDER_NOT_ACCEPTED'])
    const wallet = { routes: { card_a: { tender: 'wallet' } } }
    expect(eligibleIn({ config: wallet })['card_a']).toEqual(['TENDER_NOT_ACCEPTED'])
  })
})

describe('costs and economics decide what a route is worth', () => {
  const value = (config: object) => {
    const candidate = decisionIn({ config }).candidates.find(({ route }) => route === 'card_a')
    if (candidate === undefined) throw new Error('card_a is missing')
    return candidate.value
  }
  const cost = (change: object) => value({ routes: { card_a: { cost: change } } })
  const economics = (change: object) => value({ policy: { economics: change } })

  it('adds up the costs of the route', () => {
    // config-key: routes.cost.percentBps
    expect(cost({ percentBps: 45 }).cost - cost({}).cost).toBe(45)
    // config-key: routes.cost.fixed
    expect(cost({ fixed: 7 }).cost - cost({}).cost).toBe(7)
    // config-key: routes.cost.perAttempt
    expect(cost({ perAttempt: 3 }).gain - cost({}).gain).toBeCloseTo(-3)
  })

  it('takes the economics of the policy', () => {
    // config-key: policy.economics.marginBps
    expect(economics({ marginBps: 500 }).margin).toBe(500)
    // config-key: policy.economics.unknownCost
    expect(economics({ unknownCost: 1_000 }).gain).toBeLessThan(economics({ unknownCost: 0 }).gain)
    // config-key: policy.economics.abandonmentPerSecond
    expect(economics({ abandonmentPerSecond: 0.9 }).continuation).toBeLessThan(economics({}).continuation)
  })

  // config-key: policy.economics.lossGivenDefault
  it('counts the loss given default of credit', () => {
    const loss = (lossGivenDefault: number) =>
      decisionIn({
        config: { policy: { economics: { lossGivenDefault } } },
        accept: [CREDIT],
      }).candidates.find(({ route }) => route === 'credit_a')?.value.expectedLoss
    expect(loss(0.5)).toBeCloseTo((loss(1) ?? 0) / 2)
    expect(loss(1)).toBeGreaterThan(0)
  })
})

describe('the policy decides the order', () => {
  const cheaperB = { card_a: { cost: { fixed: 500 } } }
  const cascade = (policy: object, options: object = {}) =>
    decisionIn({ config: { routes: cheaperB, policy }, ...options }).cascade

  it('is by value where nothing else is said', () => {
    expect(cascade({})).toEqual(['card_b', 'card_a'])
  })

  // config-key: policy.attemptsMax
  it('tries at most attemptsMax routes', () => {
    expect(cascade({ attemptsMax: 1 })).toEqual(['card_b'])
  })

  // config-key: policy.preference
  it('keeps to the order of the payer unless best_value is said', () => {
    const accept = [CREDIT, CARD]
    const dear = { credit_a: { cost: { fixed: 900 } } }
    const first = (preference: string) =>
      decisionIn({ config: { routes: dear, policy: { preference } }, accept }).cascade[0]
    expect(first('payer_order')).toBe('credit_a')
    expect(first('best_value')).not.toBe('credit_a')
  })

  // config-key: policy.unprofitable
  it('tries what loses money last, or leaves it out', () => {
    const losing = { card_a: { cost: { fixed: 5_000 } } }
    const order = (unprofitable: string) =>
      decisionIn({ config: { routes: losing, policy: { unprofitable } } }).cascade
    expect(order('last')).toEqual(['card_b', 'card_a'])
    expect(order('leave_out')).toEqual(['card_b'])
  })

  // config-key: policy.fallback
  it('keeps fallback routes for last', () => {
    expect(cascade({ fallback: ['card_b'] })).toEqual(['card_a', 'card_b'])
  })
})

describe('exploration', () => {
  const unsure = { mean: 0.9, strength: 4 }
  const belief = { settled: unsure, suspected: { ...unsure, weight: 0 }, mode: 'normal' as const }
  const explored = (policy: object, tenantPolicy: object = {}, allowance = 0.5): boolean =>
    decisionIn({
      config: { policy: { exploration: policy }, tenantPolicy: { exploration: tenantPolicy } },
      estimate: { approval: 0.9, unknown: 0, latencyMs: 1_000, belief },
      allowance,
    }).exploration !== undefined

  it('risks the margin of a payment up to a limit', () => {
    // config-key: policy.exploration.valueAtRiskMax
    expect(explored({ valueAtRiskMax: 1_000 })).toBe(true)
    expect(explored({ valueAtRiskMax: 999 })).toBe(false)
    // config-key: tenants.policy.exploration.valueAtRiskMax
    expect(explored({}, { valueAtRiskMax: 999 })).toBe(false)
    expect(explored({ valueAtRiskMax: 999 }, { valueAtRiskMax: 1_000 })).toBe(true)
  })

  it('refills its budget by the share', () => {
    const share = (policy: object, tenantPolicy: object = {}): number => {
      const { exploration } = policyIn({
        policy: { exploration: policy },
        tenantPolicy: { exploration: tenantPolicy },
      })
      const estimates = new Estimates([])
      estimates.explorationAllowance('demo', exploration)
      estimates.spendExploration('demo', exploration.burst)
      return estimates.explorationAllowance('demo', exploration)
    }
    // config-key: policy.exploration.shareMax
    expect(share({ shareMax: 0.1 })).toBeCloseTo(0.1)
    expect(share({ shareMax: 0 })).toBe(0)
    // config-key: tenants.policy.exploration.shareMax
    expect(share({ shareMax: 0.1 }, { shareMax: 0.2 })).toBeCloseTo(0.2)
  })

  // config-key: learning.metadata
  it('lets the model of the context look at the chosen metadata', () => {
    const config = sampleConfig(input => Object.assign(input, { learning: { metadata: ['threeDs'] } }))
    const estimates = new Estimates(ROUTES, () => config.learning.metadata)
    const context = (threeDs: string, issuer = 'new') => cardOf(issuer, { metadata: { threeDs } })
    for (let i = 0; i < 400; i++) {
      const [threeDs, result] = i % 2 === 0 ? (['yes', 'approved'] as const) : (['no', 'declined'] as const)
      estimates.learn(attemptOn('card_a', i, result, { context: context(threeDs, `bank-${i >> 3}`) }))
    }
    expect(believed(estimates, context('yes')) - believed(estimates, context('no'))).toBeGreaterThan(0.1)
  })
})

describe('rules', () => {
  const rules = (...list: object[]) => ({ policy: { rules: list } })

  // config-key: policy.rules.kind=deny, policy.rules.routes, policy.rules.reason
  it('deny routes, with their reason', () => {
    const config = rules({ id: 'r', kind: 'deny', routes: ['card_a'], reason: 'SEC_CANNOT_PROCESS' })
    expect(eligibleIn({ config })).toEqual({ card_a: ['SEC_CANNOT_PROCESS'], card_b: [] })
  })

  // config-key: policy.rules.kind=require
  it('require routes', () => {
    const config = rules({ id: 'r', kind: 'require', routes: ['card_a'] })
    expect(eligibleIn({ config })).toEqual({ card_a: [], card_b: ['MER_NOT_ENABLED'] })
  })

  // config-key: policy.rules.tenders
  it('speak of tenders', () => {
    const config = rules({ id: 'r', kind: 'deny', tenders: ['card'] })
    expect(eligibleIn({ config })).toEqual({ card_a: ['MER_NOT_ENABLED'], card_b: ['MER_NOT_ENABLED'] })
    expect(eligibleIn({ config, accept: [CREDIT] })['credit_a']).toEqual([])
  })

  // config-key: policy.rules.when
  it('apply where their expression is true', () => {
    const config = rules({ id: 'r', kind: 'deny', when: 'amount.value > 10000', routes: ['card_a'] })
    expect(eligibleIn({ config })['card_a']).toEqual([])
    const more = { amount: { currency: 'CNY', value: 10_001 } }
    expect(eligibleIn({ config, context: more })['card_a']).toEqual(['MER_NOT_ENABLED'])
  })

  // config-key: policy.rules.kind=prefer, policy.rules.kind=avoid, policy.rules.bps
  it('prefer and avoid by basis points of the amount', () => {
    const worth = (kind: string, bps: number) =>
      decisionIn({ config: rules({ id: 'r', kind, bps, routes: ['card_a'] }) }).candidates.find(
        ({ route }) => route === 'card_a',
      )?.value.preference
    expect(worth('prefer', 25)).toBe(25)
    expect(worth('avoid', 25)).toBe(-25)
  })

  // config-key: policy.rules.kind=order
  it('order', () => {
    expect(firstAttempts(rules({ id: 'r', kind: 'order', routes: ['card_b', 'card_a'] }))).toEqual({
      card_b: 100,
    })
    expect(firstAttempts(rules({ id: 'r', kind: 'order', routes: ['card_a', 'card_b'] }))).toEqual({
      card_a: 100,
    })
  })

  // config-key: policy.rules.kind=split, policy.rules.weights
  it('split by weight', () => {
    const counts = firstAttempts(
      rules({ id: 'r', kind: 'split', weights: { card_a: 80, card_b: 20 } }),
      1_000,
    )
    expect(counts['card_a']).toBeGreaterThan(750)
    expect(counts['card_a']).toBeLessThan(850)
  })

  // config-key: policy.rules.kind=sticky
  it('stick to one route per payer', () => {
    const config = rules({ id: 'r', kind: 'sticky', routes: ['card_a', 'card_b'] })
    const home = (payer: string) => firstAttempts(config, 20, payer)
    const homes = ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6', 'u-7', 'u-8'].map(home)
    for (const counts of homes) expect(Object.keys(counts)).toHaveLength(1)
    expect(new Set(homes.flatMap(Object.keys)).size).toBe(2)
  })
})

describe('a tenant may have a policy of its own', () => {
  const own = (policy: object) => ({ tenantPolicy: policy })
  const rule = { id: 'r', kind: 'deny', routes: ['card_a'] }

  it('which replaces the common one key by key', () => {
    const common = { attemptsMax: 1, rules: [rule] }
    // config-key: tenants.policy.attemptsMax
    expect(
      decisionIn({ config: { policy: { attemptsMax: 1 }, ...own({ attemptsMax: 2 }) } }).cascade,
    ).toHaveLength(2)
    // config-key: tenants.policy.rules
    expect(decisionIn({ config: { policy: common, ...own({ rules: [] }) } }).cascade).toHaveLength(1)
    expect(eligibleIn({ config: { policy: common, ...own({ rules: [] }) } })['card_a']).toEqual([])
    // config-key: tenants.policy.fallback
    expect(decisionIn({ config: own({ fallback: ['card_a'] }) }).cascade).toEqual(['card_b', 'card_a'])
    expect(decisionIn({ config: own({ fallback: ['card_b'] }) }).cascade).toEqual(['card_a', 'card_b'])
    // config-key: tenants.policy.unprofitable
    const losing = { card_a: { cost: { fixed: 5_000 } } }
    expect(decisionIn({ config: { routes: losing, ...own({ unprofitable: 'leave_out' }) } }).cascade).toEqual(
      ['card_b'],
    )
    // config-key: tenants.policy.preference
    const dear = { credit_a: { cost: { fixed: 900 } } }
    const free = { config: { routes: dear, ...own({ preference: 'best_value' }) }, accept: [CREDIT, CARD] }
    expect(decisionIn(free).cascade[0]).not.toBe('credit_a')
  })

  it('and economics of its own, of which unnamed ones stay common', () => {
    const policy = { economics: { marginBps: 300, unknownCost: 77 } }
    const terms = (economics: object) =>
      decisionIn({ config: { policy, ...own({ economics }) } }).candidates.find(
        ({ route }) => route === 'card_a',
      )?.value
    // config-key: tenants.policy.economics.marginBps
    expect(terms({ marginBps: 200 })).toMatchObject({ margin: 200, unknownCost: 77 })
    // config-key: tenants.policy.economics.unknownCost
    expect(terms({ unknownCost: 5 })).toMatchObject({ margin: 300, unknownCost: 5 })
    // config-key: tenants.policy.economics.abandonmentPerSecond
    expect(terms({ abandonmentPerSecond: 0.9 })?.continuation).toBeLessThan(terms({})?.continuation ?? 0)
    // config-key: tenants.policy.economics.lossGivenDefault
    const loss = (lossGivenDefault: number) =>
      decisionIn({ config: own({ economics: { lossGivenDefault } }), accept: [CREDIT] }).candidates.find(
        ({ route }) => route === 'credit_a',
      )?.value.expectedLoss
    expect(loss(1)).toBeGreaterThan(loss(0.1) ?? Infinity)
  })
})
