import { describe, expect, it } from 'vitest'
import { decisionPoliciesOf } from '../../../src/config/decision-policy.ts'
import { commitmentBps } from '../../../src/core/eligibility/policy.ts'
import { sampleConfig } from '../../support/sample-config.ts'
import { decisionIn, firstAttempts } from '../../support/sample-decision.ts'

const valueOf = (config: object, route = 'card_a') => {
  const found = decisionIn({ config }).candidates.find(candidate => candidate.route === route)
  if (found === undefined) throw new Error(`${route} is missing`)
  return found.value
}

describe('what routes are ranked by', () => {
  const gain = (objective: object | undefined, own?: object) =>
    valueOf({
      routes: { card_a: { cost: { fixed: 100, perAttempt: 7 } } },
      ...(objective === undefined ? {} : { policy: { objective } }),
      ...(own === undefined ? {} : { tenantPolicy: { objective: own } }),
    }).gain

  it('is value, approvals or cost, or a mix', () => {
    const usual = gain(undefined)
    // config-key: policy.objective.value
    expect(gain({ value: 100, approval: 0, cost: 0 })).toBe(usual)
    // config-key: policy.objective.approval
    expect(gain({ value: 0, approval: 100, cost: 0 })).toBeCloseTo(0.9 * 0.99 * 1_000, 6)
    // config-key: policy.objective.cost
    expect(gain({ value: 0, approval: 0, cost: 100 })).toBe(-107)
    expect(gain({ value: 50, approval: 0, cost: 50 })).toBeCloseTo((usual - 107) / 2, 6)
  })

  it('may be each tenant’s own', () => {
    const common = { value: 100, approval: 0, cost: 0 }
    // config-key: tenants.policy.objective.value, tenants.policy.objective.approval, tenants.policy.objective.cost
    expect(gain(common, { value: 0, approval: 0, cost: 100 })).toBe(-107)
    expect(gain(common, { value: 0, approval: 100, cost: 0 })).toBeGreaterThan(gain(common))
    expect(gain({ value: 0, approval: 0, cost: 100 }, common)).toBe(gain(common))
  })
})

describe('more rules', () => {
  const rules = (...list: object[]) => ({ policy: { rules: list } })

  // config-key: policy.rules.kind=least_cost
  it('least_cost puts the cheapest route first, whatever it is worth', () => {
    const routes = { card_a: { cost: { fixed: 5 } }, card_b: { cost: { fixed: 4, percentBps: 2 } } }
    const worth = { id: 'w', kind: 'prefer', routes: ['card_b'], bps: 500 }
    expect(decisionIn({ config: { routes, ...rules(worth) } }).cascade[0]).toBe('card_b')
    const cheap = { id: 'r', kind: 'least_cost', tenders: ['card'] }
    expect(decisionIn({ config: { routes, ...rules(worth, cheap) } }).cascade[0]).toBe('card_a')
  })

  // config-key: policy.rules.percent
  it('hold for a share of payers, always the same ones', () => {
    const config = rules({ id: 'r', kind: 'order', routes: ['card_b'], percent: 30 })
    const cheap = { ...config, routes: { card_b: { cost: { fixed: 500 } } } }
    const payers = Array.from({ length: 400 }, (_, i) => `u-${i}`)
    const heads = payers.map(payer => firstAttempts(cheap, 2, payer))
    const moved = heads.filter(counts => counts['card_b'] === 2).length
    expect(heads.every(counts => Object.keys(counts).length === 1)).toBe(true)
    expect(moved / 400).toBeGreaterThan(0.22)
    expect(moved / 400).toBeLessThan(0.38)
  })

  // config-key: policy.rules.kind=commit, policy.rules.route, policy.rules.payments, policy.rules.period
  it('commit prefers a route while it is behind its pace, and not beyond', () => {
    const commit = {
      id: 'c',
      kind: 'commit',
      route: 'card_a',
      payments: 1_000,
      period: 'day',
      bps: 80,
    } as const
    const at = (volume: { day: number; month: number }, change: object = {}) =>
      decisionIn({ config: rules({ ...commit, ...change }), volume }).candidates.map(
        ({ value }) => value.preference,
      )
    // At noon half the day's volume is due.
    expect(at({ day: 500, month: 0 })).toEqual([0, 0, 0])
    expect(at({ day: 900, month: 0 })).toEqual([0, 0, 0])
    expect(at({ day: 450, month: 0 }).filter(bps => bps > 0)).toEqual([expect.closeTo(40, 9)])
    expect(at({ day: 0, month: 0 }).filter(bps => bps > 0)).toEqual([80])
    expect(at({ day: 0, month: 1_000 }, { period: 'month' })).toEqual([0, 0, 0])
    expect(at({ day: 450, month: 0 }, { payments: 900 })).toEqual([0, 0, 0])
    expect(at({ day: 0, month: 0 }, { route: 'card_b' }).filter(bps => bps > 0)).toEqual([80])
  })

  it('count the days of the month as the calendar does', () => {
    const rule = {
      id: 'c',
      kind: 'commit',
      when: 'true',
      route: 'a',
      payments: 290,
      period: 'month',
      bps: 100,
    } as const
    const leapDay = Date.parse('2028-02-29T00:00:00Z')
    expect(commitmentBps(rule, leapDay, 280)).toBe(0)
    expect(commitmentBps(rule, leapDay, 265.5)).toBeCloseTo(50, 6)
    expect(commitmentBps(rule, Date.parse('2028-03-01T00:00:00Z'), 0)).toBe(0)
  })
})

describe('policies beside the running one', () => {
  const policies = (policy: object, own?: object) =>
    decisionPoliciesOf(
      sampleConfig(input => {
        Object.assign(input, { policy })
        if (own !== undefined) Object.assign(input.tenants[0] as object, { policy: own })
      }),
      'v',
      'demo',
    )
  const shadows = [{ id: 'cheap', policy: { attemptsMax: 1 } }]
  const experiments = [
    { id: 'trial', percent: 20, policy: { economics: { marginBps: 1 } }, guardrail: { approvalDropBps: 50 } },
  ]

  it('change what they name and share the rest', () => {
    const made = policies({ attemptsMax: 2, economics: { unknownCost: 9 }, shadows, experiments })
    // config-key: policy.shadows.id, policy.shadows.policy
    expect(made.shadows).toMatchObject([
      { version: 'v/cheap', attemptsMax: 1, economics: { unknownCost: 9 } },
    ])
    // config-key: policy.experiments.id, policy.experiments.percent, policy.experiments.policy
    // config-key: policy.experiments.guardrail.approvalDropBps
    expect(made.experiments).toMatchObject([
      {
        id: 'trial',
        percent: 20,
        share: 0.2,
        approvalDropBps: 50,
        policy: { version: 'v/trial', attemptsMax: 2, economics: { marginBps: 1, unknownCost: 9 } },
      },
    ])
    expect(made.policy).toMatchObject({ version: 'v', attemptsMax: 2 })
  })

  it('may be each tenant’s own', () => {
    // config-key: tenants.policy.shadows, tenants.policy.experiments
    expect(policies({}, { shadows, experiments })).toMatchObject({
      shadows: [{ version: 'v/cheap' }],
      experiments: [{ id: 'trial' }],
    })
    expect(policies({ shadows, experiments }, { shadows: [], experiments: [] })).toMatchObject({
      shadows: [],
      experiments: [],
    })
  })

  it('count an experiment anew when it is changed, and compare with those in none', () => {
    const two = [...experiments, { ...experiments[0], id: 'other', percent: 30 }]
    expect(policies({ experiments: two }).experiments.map(({ share }) => share)).toEqual([20 / 70, 30 / 80])
    const [before] = policies({ experiments }).experiments
    const [same] = policies({ experiments, attemptsMax: 1 }).experiments
    const [changed] = policies({
      experiments: [{ ...experiments[0], policy: { attemptsMax: 1 } }],
    }).experiments
    expect(same?.key).toBe(before?.key)
    expect(changed?.key).not.toBe(before?.key)
  })
})
