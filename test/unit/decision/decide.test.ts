import { describe, expect, it } from 'vitest'
import { alternatives, type Decision, decide, type DecisionInputs } from '../../../src/core/decision.ts'
import type { DeclineCategory } from '../../../src/core/payment/decline.ts'
import type { PolicyRule } from '../../../src/core/eligibility/policy.ts'
import { accepting, NOON, sampleInputs, samplePolicy, sampleRoute } from '../../support/samples.ts'

const credit = sampleRoute('baitiao', {
  tender: 'credit',
  needsFacts: true,
  capability: { instalments: [3] },
  priors: { approval: 0.9, unknown: 0.002, latencyMs: 1_200, strength: 20 },
})
const cardA = sampleRoute('card_a', { cost: { percentBps: 45, fixed: 10, perAttempt: 1 } })
const cardB = sampleRoute('card_b', {
  priors: { approval: 0.8, unknown: 0.01, latencyMs: 900, strength: 20 },
})
const cardC = sampleRoute('card_c', {
  priors: { approval: 0.7, unknown: 0.01, latencyMs: 900, strength: 20 },
})
const wallet = sampleRoute('wallet', { tender: 'wallet' })

const facts = {
  kind: 'known',
  fresh: true,
  facts: { activated: true, frozen: false, availableCredit: 500_000, daysPastDue: 0, asOf: NOON },
} as const

const EVERYTHING = accepting('credit', 'card', 'wallet')

describe('a decision is a pure function of its inputs and the policy', () => {
  const policy = samplePolicy([credit, cardA, cardB, cardC, wallet], {
    rules: [
      { id: 'split', kind: 'split', when: 'true', weights: { card_a: 50, card_b: 50 } },
      { id: 'prefer', kind: 'prefer', when: 'amount.value > 1', routes: ['wallet'], bps: 3 },
    ],
  })
  const inputs = sampleInputs(policy, {
    context: { funding: { ...EVERYTHING, preference: 'best_value' }, metadata: { a: 'b' }, marginBps: 800 },
    routes: {
      baitiao: {
        facts,
        credit: { reasons: [], pd: 0.021 },
        liquidity: { allowed: true, reasons: [], shadowBps: 7 },
      },
      card_b: { breaker: 'open' },
    },
    seed: 77,
  })

  it('is reproduced, bit for bit, from its record', () => {
    const record = JSON.stringify(decide(policy, inputs))
    const { inputs: recorded } = JSON.parse(record) as Decision
    expect(JSON.stringify(decide(policy, recorded))).toBe(record)
    expect(decide(policy, recorded)).toStrictEqual(JSON.parse(record))
  })

  it('has every route in its record, with verdicts and value, whether eligible or not', () => {
    const { candidates, policyVersion } = decide(policy, inputs)
    expect(policyVersion).toBe('v1')
    expect(candidates.map(({ route }) => route)).toEqual(policy.routes.map(({ id }) => id))
    for (const { value } of candidates) expect(Number.isFinite(value.index)).toBe(true)
    expect(candidates[2]).toMatchObject({ eligible: false, gates: { health: ['TECH_ROUTE_UNSTABLE'] } })
  })

  it('counts credit loss, shadow price and the margin of the request', () => {
    const { value } = decide(policy, inputs).candidates[0] as Decision['candidates'][0]
    expect(value).toMatchObject({ margin: 8_000, shadowPrice: 70, cost: 500 })
    expect(value.expectedLoss).toBeCloseTo(0.021 * 0.6 * 100_000, 9)
  })

  it('changes nothing that it is given', () => {
    const before = JSON.stringify(inputs)
    decide(policy, inputs)
    expect(JSON.stringify(inputs)).toBe(before)
  })
})

describe('the payer decides between tenders, the gateway within one', () => {
  const policy = samplePolicy([cardA, cardB, wallet])
  const cascade = (
    funding: DecisionInputs['context']['funding'],
    preference?: 'payer_order' | 'best_value',
  ) =>
    decide(
      policy,
      sampleInputs(policy, { context: { funding: { ...funding, ...(preference && { preference }) } } }),
    ).cascade

  it("tries tenders in the payer's order, whatever they are worth", () => {
    expect(cascade(accepting('card', 'wallet'))).toEqual(['card_a', 'card_b', 'wallet'])
    expect(cascade(accepting('wallet', 'card'))).toEqual(['wallet', 'card_a', 'card_b'])
  })

  it('orders across everything accepted when the payer leaves it to the gateway', () => {
    const free = sampleRoute('wallet', { tender: 'wallet', cost: { percentBps: 0, fixed: 0, perAttempt: 0 } })
    const generous = samplePolicy([cardA, cardB, free])
    const funding = { ...accepting('card', 'wallet'), preference: 'best_value' } as const
    expect(decide(generous, sampleInputs(generous, { context: { funding } })).cascade[0]).toBe('wallet')
  })

  it('uses no tender that was not accepted', () => {
    expect(cascade(accepting('wallet'), 'best_value')).toEqual(['wallet'])
  })
})

describe('where a payment may go after a refusal', () => {
  const policy = samplePolicy([cardA, cardB, credit, wallet], { attemptsMax: 5 })
  const after = (...refusals: [route: 'card_a' | 'card_b' | 'baitiao', category: string][]) =>
    decide(
      policy,
      sampleInputs(policy, {
        context: { funding: EVERYTHING },
        routes: { baitiao: { facts } },
        prior: refusals.map(([route, category]) => ({
          route,
          tender: route === 'baitiao' ? 'credit' : 'card',
          category: category as never,
        })),
      }),
    ).cascade

  it.each([
    ['not_sent', ['baitiao', 'card_b', 'wallet']],
    ['upstream_unavailable', ['baitiao', 'card_b', 'wallet']],
    ['insufficient_funds', ['baitiao', 'card_b', 'wallet']],
    ['limit_exceeded', ['baitiao', 'card_b', 'wallet']],
    ['authentication_required', ['baitiao', 'card_b', 'wallet']],
    ['not_permitted', ['baitiao', 'card_b', 'wallet']],
    ['funding_unavailable', ['baitiao', 'card_b', 'wallet']],
    ['issuer_declined', ['baitiao', 'card_b', 'wallet']],
    ['credential_invalid', ['baitiao', 'wallet']],
    ['instrument_blocked', ['baitiao', 'wallet']],
    ['suspected_fraud', []],
    ['invalid_request', []],
    ['outcome_unknown', []],
  ])('card: %s', (category, expected) => {
    expect(after(['card_a', category])).toEqual(expected)
  })

  it('credit_refused: to no other lender, only to own money', () => {
    const other = sampleRoute('other_lender', { tender: 'credit', capability: { instalments: [3] } })
    const lenders = samplePolicy([credit, other, cardA])
    const untried = sampleInputs(lenders, {
      context: { funding: EVERYTHING },
      routes: { baitiao: { facts } },
    })
    expect(decide(lenders, untried).cascade).toContain('other_lender')
    const decision = decide(
      lenders,
      sampleInputs(lenders, {
        context: { funding: EVERYTHING },
        prior: [{ route: 'baitiao', tender: 'credit', category: 'credit_refused' }],
      }),
    )
    expect(decision.cascade).toEqual(['card_a'])
  })

  it('issuer_declined: once more, then it stands', () => {
    expect(after(['card_a', 'issuer_declined'], ['card_b', 'upstream_unavailable'])).toEqual([])
  })

  it('an early refusal that bars goes on barring after later ones that do not', () => {
    expect(after(['card_a', 'instrument_blocked'], ['baitiao', 'funding_unavailable'])).toEqual(['wallet'])
    expect(after(['card_a', 'suspected_fraud'], ['baitiao', 'not_sent'])).toEqual([])
  })

  it('never to a route that was tried, and says why each one is closed', () => {
    const decision = decide(
      policy,
      sampleInputs(policy, {
        context: { funding: EVERYTHING },
        prior: [{ route: 'card_a', tender: 'card', category: 'instrument_blocked' }],
      }),
    )
    const [a, b] = decision.candidates
    expect(a).toMatchObject({ closed: 'tried', eligible: false, reasons: ['SEC_CANNOT_PROCESS'] })
    expect(b).toMatchObject({ closed: 'failover', eligible: false, reasons: ['SEC_CANNOT_PROCESS'] })
  })

  it('never further than the number of attempts that the whole payment may have', () => {
    const three = samplePolicy([cardA, cardB, cardC, wallet], { attemptsMax: 3 })
    const funding = accepting('card', 'wallet')
    const left = (...tried: string[]) =>
      decide(
        three,
        sampleInputs(three, {
          context: { funding },
          prior: tried.map(route => ({ route, tender: 'card', category: 'not_sent' })),
        }),
      ).cascade.length
    expect([left(), left('card_a'), left('card_a', 'card_b'), left('card_a', 'card_b', 'card_c')]).toEqual([
      3, 2, 1, 0,
    ])
  })

  it('ranks the rest anew by what the refusal has taught', () => {
    const funding = accepting('card')
    const cards = samplePolicy([cardA, cardB, cardC])
    const prior = [{ route: 'card_a', tender: 'card', category: 'insufficient_funds' }] as const
    const taught = { card_b: { estimate: { approval: 0.1, unknown: 0, latencyMs: 900 } } }
    const cascade = (routes: object) =>
      decide(cards, sampleInputs(cards, { context: { funding }, prior, routes: routes as never })).cascade
    expect(cascade({})).toEqual(['card_b', 'card_c'])
    expect(cascade(taught)).toEqual(['card_c', 'card_b'])
  })
})

describe('rules that steer', () => {
  const routes = [cardA, cardB, cardC, wallet]
  const run = (rules: PolicyRule[], change: Parameters<typeof sampleInputs>[1] = {}) => {
    const policy = samplePolicy(routes, { rules })
    return decide(
      policy,
      sampleInputs(policy, {
        ...change,
        context: { funding: accepting('card', 'wallet'), ...change.context },
      }),
    )
  }
  const split: PolicyRule = { id: 's', kind: 'split', when: 'true', weights: { card_a: 20, card_c: 80 } }

  it('order puts the listed routes first, as listed', () => {
    const order: PolicyRule = {
      id: 'o',
      kind: 'order',
      when: 'channel == "app"',
      routes: ['card_c', 'card_b'],
    }
    expect(run([order]).cascade).toEqual(['card_c', 'card_b', 'card_a'])
    expect(run([order], { context: { channel: 'web' } }).cascade[0]).toBe('card_a')
  })

  it("order does not overturn the payer's order of tenders", () => {
    expect(run([{ id: 'o', kind: 'order', when: 'true', routes: ['wallet'] }]).cascade[0]).toBe('card_a')
  })

  it('split draws the head by its weights and tells the propensity', () => {
    const policy = samplePolicy(routes, { rules: [split] })
    const heads = Array.from({ length: 2_000 }, (_, seed) => decide(policy, sampleInputs(policy, { seed })))
    const share = heads.filter(({ cascade }) => cascade[0] === 'card_c').length / heads.length
    // Four standard deviations of 2,000 draws at 0.8.
    expect(Math.abs(share - 0.8)).toBeLessThan(4 * Math.sqrt((0.8 * 0.2) / heads.length))
    for (const { cascade, propensity } of heads) expect(propensity).toBe(cascade[0] === 'card_c' ? 0.8 : 0.2)
  })

  it('split gives the share of a route that is out to the others', () => {
    for (let seed = 0; seed < 50; seed++) {
      const decision = run([split], { seed, routes: { card_c: { breaker: 'open' } } })
      expect(decision).toMatchObject({ propensity: 1 })
      expect(decision.cascade[0]).toBe('card_a')
    }
  })

  it('split leaves the order alone where none of its routes is eligible', () => {
    const out = { card_a: { breaker: 'open' }, card_c: { breaker: 'open' } } as const
    expect(run([split], { routes: out })).toMatchObject({ cascade: ['card_b', 'wallet'], propensity: 1 })
  })

  const sticky: PolicyRule = { id: 'k', kind: 'sticky', when: 'true', routes: ['card_a', 'card_b', 'card_c'] }
  const homeOf = (payer: string, change: Parameters<typeof sampleInputs>[1] = {}) =>
    run([sticky], { ...change, context: { payer: { id: payer } } }).cascade[0]

  it('sticky keeps a payer on one route, whatever the seed, and spreads payers', () => {
    const homes = Array.from({ length: 300 }, (_, i) => homeOf(`u-${i}`, { seed: i }))
    expect(homes).toEqual(Array.from({ length: 300 }, (_, i) => homeOf(`u-${i}`, { seed: 999 - i })))
    for (const route of ['card_a', 'card_b', 'card_c']) {
      expect(homes.filter(home => home === route).length).toBeGreaterThan(60)
    }
  })

  it('sticky moves only the payers of a route that goes', () => {
    for (let i = 0; i < 100; i++) {
      const home = homeOf(`u-${i}`)
      const without = homeOf(`u-${i}`, { routes: { card_b: { breaker: 'open' } } })
      if (home !== 'card_b') expect(without).toBe(home)
      else expect(['card_a', 'card_c']).toContain(without)
    }
  })

  it('fallback keeps a route for last, also when losing routes are left out', () => {
    const losing = sampleRoute('card_a', { cost: { percentBps: 5_000, fixed: 0, perAttempt: 0 } })
    const policy = samplePolicy([losing, cardB, cardC], { fallback: ['card_a'], leaveOutLosing: true })
    expect(decide(policy, sampleInputs(policy)).cascade).toEqual(['card_b', 'card_c', 'card_a'])
  })
})

describe('alternatives', () => {
  const after = (category: DeclineCategory, tries: number) => {
    const policy = samplePolicy([cardA, cardB, cardC, wallet])
    const prior = ['card_a', 'card_b']
      .slice(0, tries)
      .map(route => ({ route, tender: 'card', category }) as const)
    return alternatives(decide(policy, sampleInputs(policy, { prior })), policy.routes).map(
      ({ tender }) => tender,
    )
  }

  it('include another tender where only the number of automatic tries is used up', () => {
    expect(after('issuer_declined', 2)).toEqual(['wallet'])
    expect(after('credential_invalid', 1)).toEqual(['wallet'])
  })

  it.each(['suspected_fraud', 'invalid_request'] as const)('offer no way round %s', category => {
    expect(after(category, 1)).toEqual([])
  })

  it('are tenders that only want consent, each by its best route that was not tried', () => {
    const policy = samplePolicy([
      cardA,
      cardB,
      wallet,
      sampleRoute('balance', { tender: 'balance', enabled: false }),
    ])
    const decision = decide(
      policy,
      sampleInputs(policy, {
        context: { funding: accepting('credit') },
        prior: [{ route: 'card_a', tender: 'card', category: 'not_sent' }],
      }),
    )
    expect(decision.cascade).toEqual([])
    expect(alternatives(decision, policy.routes)).toEqual([
      { tender: 'wallet', route: 'wallet' },
      { tender: 'card', route: 'card_b' },
    ])
  })
})
