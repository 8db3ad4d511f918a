import { describe, expect, it } from 'vitest'
import type { FactState, PayerFacts } from '../../../src/core/eligibility/facts.ts'
import { evaluateGates, type GateInput, reasonsOf } from '../../../src/core/eligibility/gates.ts'
import { compileRules, policyVariables } from '../../../src/core/eligibility/policy.ts'
import type { Route } from '../../../src/core/payment/route.ts'
import { isReasonCode } from '../../../src/core/explain/codes.ts'
import { accepting, CNY, NOON, sampleContext, sampleRoute } from '../../support/samples.ts'

function ask(change: Partial<GateInput>): Record<string, readonly string[]> {
  const context = change.context ?? sampleContext()
  return {
    ...evaluateGates({
      context,
      route: sampleRoute('card_a'),
      now: NOON,
      breaker: 'closed',
      paying: true,
      rules: [],
      variables: policyVariables(context, change.now ?? NOON),
      ...change,
    }),
  }
}

const card = (change: Parameters<typeof sampleRoute>[1]) => ({ route: sampleRoute('card_a', change) })

describe('each gate alone', () => {
  it('lets a route through that nothing speaks against', () => {
    expect(ask({})).toEqual({})
  })

  it.each<[string, Partial<GateInput>, Record<string, string[]>]>([
    [
      'another channel',
      { context: sampleContext({ channel: 'nfc' }) },
      { capability: ['TECH_CHANNEL_UNSUPPORTED'] },
    ],
    [
      "a merchant's terminal",
      { ...card({ capability: { channels: ['app'] } }), context: sampleContext({ channel: 'qr_merchant' }) },
      { capability: ['TECH_TERMINAL_UNSUPPORTED'] },
    ],
    ['another currency', card({ capability: { currencies: ['USD'] } }), { capability: ['MER_NOT_ENABLED'] }],
    [
      'less than the least amount',
      card({ capability: { amount: { min: 100_001, max: 200_000 } } }),
      { capability: ['MER_AMOUNT_OUT_OF_RANGE'] },
    ],
    [
      'more than the largest amount',
      card({ capability: { amount: { min: 1, max: 99_999 } } }),
      { capability: ['MER_AMOUNT_OUT_OF_RANGE'] },
    ],
    [
      'manual capture',
      { ...card({ capability: { capture: ['automatic'] } }), context: sampleContext({ capture: 'manual' }) },
      { capability: ['MER_NOT_ENABLED'] },
    ],
    [
      'excluded goods',
      {
        ...card({ capability: { excludedCategories: ['gift_card'] } }),
        context: sampleContext({
          items: [
            { id: '1', category: 'books', amount: CNY(1) },
            { id: '2', category: 'gift_card', amount: CNY(1) },
          ],
        }),
      },
      { capability: ['MER_GOODS_EXCLUDED'] },
    ],
    ['a kill switch', card({ enabled: false }), { operation: ['TECH_ROUTE_MAINTENANCE'] }],
    ['an open breaker', { breaker: 'open' }, { health: ['TECH_ROUTE_UNSTABLE'] }],
    [
      'a tender without consent',
      { context: sampleContext({ funding: accepting('balance') }) },
      { consent: ['TENDER_NOT_ACCEPTED'] },
    ],
    [
      'an empty pool',
      { liquidity: { allowed: false, reasons: ['LIQ_DAILY_CAPACITY'] } },
      { liquidity: ['LIQ_DAILY_CAPACITY'] },
    ],
    [
      'a rule',
      {
        rules: compileRules([
          { id: 'r', kind: 'deny', when: 'true', routes: ['card_a'], reason: 'MER_NOT_ENABLED' },
        ]),
      },
      { policy: ['MER_NOT_ENABLED'] },
    ],
  ])('refuses for %s', (_name, change, expected) => {
    expect(ask(change)).toEqual(expected)
  })

  it('includes both ends of the amount range', () => {
    expect(ask(card({ capability: { amount: { min: 100_000, max: 100_000 } } }))).toEqual({})
  })

  it('lets a half-open breaker be probed', () => {
    expect(ask({ breaker: 'half_open' })).toEqual({})
  })

  it('closes for maintenance from its first to before its last moment', () => {
    const route = card({ maintenance: [{ from: NOON, to: NOON + 1_000 }] })
    expect(ask({ ...route, now: NOON - 1 })).toEqual({})
    expect(ask({ ...route, now: NOON })).toEqual({ operation: ['TECH_ROUTE_MAINTENANCE'] })
    expect(ask({ ...route, now: NOON + 999 })).toEqual({ operation: ['TECH_ROUTE_MAINTENANCE'] })
    expect(ask({ ...route, now: NOON + 1_000 })).toEqual({})
  })
})

it('asks every gate, with no short circuit, and gives every reason once in the order of the gates', () => {
  const verdicts = ask({
    context: sampleContext({ channel: 'nfc', funding: accepting('balance'), capture: 'manual' }),
    route: sampleRoute('baitiao', {
      tender: 'credit',
      enabled: false,
      needsFacts: true,
      capability: { currencies: ['USD'], capture: ['automatic'] },
    }),
    breaker: 'open',
    facts: { kind: 'unavailable' },
    liquidity: { allowed: false, reasons: ['LIQ_DAILY_CAPACITY'] },
    rules: compileRules([
      { id: 'r', kind: 'require', when: 'true', tenders: ['card'], reason: 'MER_NOT_ENABLED' },
    ]),
  })
  expect(Object.keys(verdicts)).toEqual([
    'capability',
    'operation',
    'health',
    'consent',
    'credit',
    'liquidity',
    'policy',
  ])
  expect(reasonsOf(verdicts)).toEqual([
    'TECH_CHANNEL_UNSUPPORTED',
    'MER_NOT_ENABLED',
    'TECH_ROUTE_MAINTENANCE',
    'TECH_ROUTE_UNSTABLE',
    'TENDER_NOT_ACCEPTED',
    'LIQ_DAILY_CAPACITY',
  ])
  expect(reasonsOf(verdicts).every(isReasonCode)).toBe(true)
})

describe('consent to credit', () => {
  const credit = sampleRoute('baitiao', { tender: 'credit', capability: { instalments: [3, 6] } })
  const consenting = (accepted: object, paying = true) =>
    ask({
      route: credit,
      paying,
      context: sampleContext({ funding: { accept: [{ tender: 'credit', ...accepted }] } }),
    })

  it('needs the quote that the payer has seen, to pay but not to ask', () => {
    expect(consenting({ instalments: 3 })).toEqual({ consent: ['TENDER_NOT_ACCEPTED'] })
    expect(consenting({ instalments: 3 }, false)).toEqual({})
    expect(consenting({ instalments: 3, quote: 'quo_1' })).toEqual({})
  })

  it('holds for a term that the route offers', () => {
    expect(consenting({ instalments: 12, quote: 'quo_1' })).toEqual({ consent: ['LIQ_TERM_SUSPENDED'] })
  })
})

describe('facts about the payer', () => {
  const lender = sampleRoute('baitiao', {
    tender: 'credit',
    needsFacts: true,
    capability: { instalments: [3] },
  })
  const ownMoney = sampleRoute('wallet', { tender: 'wallet', needsFacts: true })
  const good: PayerFacts = {
    activated: true,
    frozen: false,
    availableCredit: 100_000,
    daysPastDue: 0,
    asOf: NOON,
  }
  const known = (change: Partial<PayerFacts> = {}, fresh = true): FactState => ({
    kind: 'known',
    facts: { ...good, ...change },
    fresh,
  })
  const judge = (route: Route, facts: FactState | undefined, change: Partial<GateInput> = {}) =>
    ask({
      route,
      context: sampleContext({ funding: accepting('credit', 'wallet') }),
      ...(facts === undefined ? {} : { facts }),
      ...change,
    })['credit'] ?? []

  it.each([[undefined], [{ kind: 'unavailable' } as const]])(
    'fail closed for credit and open for own money when nobody can tell',
    facts => {
      expect(judge(lender, facts)).toEqual(['TECH_ROUTE_UNSTABLE'])
      expect(judge(ownMoney, facts)).toEqual([])
    },
  )

  it('refuse credit to a payer whom the lender does not know', () => {
    expect(judge(lender, { kind: 'unknown_payer' })).toEqual(['CRD_NOT_ACTIVATED'])
    expect(judge(ownMoney, { kind: 'unknown_payer' })).toEqual([])
  })

  it('serve a quote when they are stale, never a payment', () => {
    expect(judge(lender, known({}, false), { paying: false })).toEqual([])
    expect(judge(lender, known({}, false))).toEqual(['TECH_ROUTE_UNSTABLE'])
    expect(judge(ownMoney, known({}, false))).toEqual([])
  })

  it.each([
    ['not activated', { activated: false }, ['CRD_NOT_ACTIVATED']],
    ['frozen', { frozen: true }, ['CRD_FROZEN_BY_USER']],
    ['past due', { daysPastDue: 1 }, ['CRD_OVERDUE']],
    ['one fen short', { availableCredit: 99_999 }, ['CRD_LIMIT_INSUFFICIENT']],
    [
      'restricted by the lender',
      { restrictions: ['CRD_NOT_ELIGIBLE_BY_RULE'] },
      ['CRD_NOT_ELIGIBLE_BY_RULE'],
    ],
    [
      'everything at once',
      { frozen: true, daysPastDue: 3, availableCredit: 0 },
      ['CRD_FROZEN_BY_USER', 'CRD_OVERDUE', 'CRD_LIMIT_INSUFFICIENT'],
    ],
  ])('refuse credit when %s', (_name, change, expected) => {
    expect(judge(lender, known(change))).toEqual(expected)
  })

  it('let credit through that covers the amount to the last fen', () => {
    expect(judge(lender, known())).toEqual([])
  })

  it('are joined by what the credit policy finds, each reason once', () => {
    const credit = ['CRD_OVERDUE', 'CRD_ASSESSMENT_NOT_MET']
    expect(judge(lender, known({ daysPastDue: 3 }), { credit })).toEqual(credit)
  })
})
