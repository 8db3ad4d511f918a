import { describe, expect, it } from 'vitest'
import {
  type Decision,
  type DecisionInputs,
  type DecisionPolicy,
  decide,
} from '../../../src/core/decision.ts'
import { readDecision } from '../../../src/core/decision-record.ts'
import type { PolicyRule } from '../../../src/core/eligibility/policy.ts'
import { explorationAllowance } from '../../../src/core/learning/exploration.ts'
import type { Tender } from '../../../src/core/payment/context.ts'
import type { RouteEstimate } from '../../../src/core/scoring/value.ts'
import { Estimates } from '../../../src/gateway/estimates.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { attemptOn } from '../../support/lessons.ts'
import { accepting, sampleInputs, samplePolicy, sampleRoute } from '../../support/samples.ts'

const EXPLORING = { shareMax: 0.2, burst: 10 }

/** A belief from so many outcomes. */
function believing(approval: number, strength: number, mode: 'normal' | 'open' = 'normal'): RouteEstimate {
  const settled = { mean: approval, strength }
  const suspected = { mean: approval, strength, weight: mode === 'open' ? 0.02 : 0 }
  return { approval, unknown: 0, latencyMs: 500, belief: { settled, suspected, mode } }
}

const BELIEFS = {
  known: believing(0.9, 400),
  unsure: believing(0.88, 10),
  hopeless: believing(0.3, 400),
}

interface Case {
  readonly policy?: Partial<Parameters<typeof samplePolicy>[1]>
  readonly tenders?: Readonly<Record<string, Tender>>
  readonly context?: Parameters<typeof sampleInputs>[1]
  readonly allowance?: number
  readonly rules?: readonly PolicyRule[]
}

function caseOf(given: Case): { policy: DecisionPolicy; inputs: (seed: number) => DecisionInputs } {
  const routes = Object.keys(BELIEFS).map(id => sampleRoute(id, { tender: given.tenders?.[id] ?? 'card' }))
  const policy = samplePolicy(routes, {
    exploration: EXPLORING,
    ...given.policy,
    ...(given.rules === undefined ? {} : { rules: given.rules }),
  })
  const estimates = Object.fromEntries(Object.entries(BELIEFS).map(([id, estimate]) => [id, { estimate }]))
  return {
    policy,
    inputs: seed => ({
      ...sampleInputs(policy, { ...given.context, seed, routes: estimates }),
      explorationAllowance: given.allowance ?? 0.2,
    }),
  }
}

function decisions(given: Case, count = 2_000): Decision[] {
  const { policy, inputs } = caseOf(given)
  return Array.from({ length: count }, (_, seed) => decide(policy, inputs(seed)))
}

const heads = (made: readonly Decision[]) => new Set(made.map(({ cascade }) => cascade[0]))

describe('exploration', () => {
  it('tries another route in a share of payments that is at most the allowance', () => {
    const explored = decisions({}).filter(({ exploration }) => exploration?.explored)
    expect(explored.length).toBeGreaterThan(300)
    expect(explored.length).toBeLessThan(500)
    expect(new Set(explored.map(({ cascade }) => cascade[0]))).toEqual(new Set(['unsure', 'hopeless']))
    const unsure = explored.filter(({ cascade }) => cascade[0] === 'unsure')
    expect(unsure.length).toBeGreaterThan(0.9 * explored.length)
  })

  it('records the probability with which each head was really chosen', () => {
    const made = decisions({}, 20_000)
    for (const head of heads(made)) {
      const own = made.filter(({ cascade }) => cascade[0] === head)
      expect(new Set(own.map(({ propensity }) => propensity)).size).toBe(1)
      const propensity = own[0]?.propensity ?? 0
      const spread = Math.sqrt((propensity * (1 - propensity)) / made.length)
      expect(Math.abs(own.length / made.length - propensity)).toBeLessThan(4 * spread)
    }
  })

  it('is part of the record: the same inputs decide the same again, bit for bit', () => {
    const { policy, inputs } = caseOf({})
    for (let seed = 0; seed < 200; seed++) {
      const decision = decide(policy, inputs(seed))
      const record = JSON.parse(JSON.stringify(decision)) as Decision
      expect(JSON.stringify(decide(policy, record.inputs))).toBe(JSON.stringify(decision))
    }
  })

  it('keeps the rest of the cascade in order, and its length', () => {
    for (const { cascade, exploration } of decisions({ policy: { attemptsMax: 2 } }, 300)) {
      if (exploration?.explored) expect(cascade).toEqual([cascade[0], 'known'])
      else expect(cascade).toEqual(['known', 'unsure'])
    }
  })

  it('draws anew for a further attempt of the same payment', () => {
    const prior = [{ route: 'gone', tender: 'card' as const, category: 'insufficient_funds' as const }]
    const first = decisions({}, 500)
    const second = decisions({ context: { prior } }, 500)
    const both = first.filter(
      (decision, i) => decision.exploration?.explored && second[i]?.exploration?.explored,
    )
    expect(both.length).toBeLessThan(50)
  })

  it.each<[string, Case]>([
    ['without an allowance', { allowance: 0 }],
    ['where the payer would pay with something else', { tenders: { unsure: 'wallet', hopeless: 'wallet' } }],
    [
      'with credit, whose price differs',
      {
        tenders: { known: 'credit', unsure: 'credit', hopeless: 'credit' },
        context: { context: { funding: accepting('credit') }, paying: true },
      },
    ],
    ['above the value at risk', { policy: { exploration: { ...EXPLORING, valueAtRiskMax: 9_999 } } }],
    [
      'where the policy has placed the head',
      { rules: [{ id: 'o', kind: 'order', when: 'true', routes: ['known'] }] },
    ],
    ['where the others are kept for last', { policy: { fallback: ['unsure', 'hopeless'] } }],
  ])('does not happen %s', (_, given) => {
    const made = decisions({ context: { context: { funding: accepting('card', 'wallet') } }, ...given }, 500)
    expect(made.filter(({ exploration }) => exploration?.explored)).toEqual([])
    expect(made.every(({ propensity }) => propensity === 1)).toBe(true)
  })

  it('happens up to the value at risk', () => {
    const exploration = { ...EXPLORING, valueAtRiskMax: 10_000 }
    expect(heads(decisions({ policy: { exploration } }, 500)).size).toBeGreaterThan(1)
  })

  it('leaves a route whose approval has fallen its probe share, and no more', () => {
    const estimates = new Estimates([sampleRoute('card_a'), sampleRoute('card_b')])
    for (let i = 0; i < 600; i++) estimates.learn(attemptOn('card_a', i, 'approved'))
    for (let i = 600; i < 660; i++) estimates.learn(attemptOn('card_a', i, 'declined'))
    const policy = samplePolicy([sampleRoute('card_a'), sampleRoute('card_b')], { exploration: EXPLORING })
    const base = sampleInputs(policy)
    const now = base.now + 661_000
    const routes = Object.fromEntries(
      policy.routes.map(route => [
        route.id,
        { breaker: 'closed' as const, estimate: estimates.estimate(route, base.context, 'first', now) },
      ]),
    )
    expect(routes['card_a']?.estimate.belief?.mode).toBe('open')
    const made = Array.from({ length: 2_000 }, (_, seed) =>
      decide(policy, { ...base, now, routes, seed, explorationAllowance: 0.2 }),
    )
    expect(made.every(({ candidates }) => candidates.every(({ eligible }) => eligible))).toBe(true)
    const probes = made.filter(({ cascade }) => cascade[0] === 'card_a').length
    expect(probes).toBeGreaterThan(4)
    expect(probes).toBeLessThan(200)
  })
})

describe('the budget of exploration', () => {
  it('bounds the share over the long run', () => {
    const policy = { shareMax: 0.05, burst: 20 }
    const estimates = new Estimates([])
    let used = 0
    for (let i = 0; i < 10_000; i++) {
      const share = Math.min(0.5, estimates.explorationAllowance('demo', policy))
      estimates.spendExploration('demo', share)
      used += share
    }
    expect(used).toBeLessThanOrEqual(20 + 10_000 * 0.05)
    expect(used).toBeGreaterThan(400)
    expect(explorationAllowance({ available: 5 }, { shareMax: 0, burst: 5 })).toBe(0)
  })

  it('is each tenant’s own', () => {
    const policy = { shareMax: 0.01, burst: 1 }
    const estimates = new Estimates([])
    estimates.explorationAllowance('a', policy)
    estimates.spendExploration('a', 1)
    expect(estimates.explorationAllowance('a', policy)).toBeCloseTo(0.01)
    expect(estimates.explorationAllowance('b', policy)).toBe(0.5)
  })

  it('is asked for and spent by payments, and recorded in their decisions', async () => {
    const spent: number[] = []
    const tester = buildTestGateway({
      routes: [sampleRoute('card_a'), sampleRoute('card_b')],
      policy: { exploration: EXPLORING },
      estimator: { explorationAllowance: () => 0.5, spendExploration: (_, share) => spent.push(share) },
    })
    const payment = await tester.paid()
    const row = await tester.gateway.ports.journal.findDecision('demo', payment.decision)
    const { inputs, exploration, propensity } = readDecision(row?.body ?? '')
    expect(inputs.explorationAllowance).toBe(0.5)
    expect(spent).toEqual([exploration?.share])
    const share = exploration?.share ?? Number.NaN
    expect(propensity).toBeCloseTo(exploration?.explored ? share : 1 - share, 12)
  })
})
