import { describe, expect, it } from 'vitest'
import {
  compileRules,
  policyReasons,
  type PolicyRule,
  policyVariables,
  preferenceBps,
} from '../../../src/core/eligibility/policy.ts'
import type { PaymentContext } from '../../../src/core/payment/context.ts'
import { accepting, CNY, NOON, sampleContext, sampleRoute } from '../../support/samples.ts'

const cardA = sampleRoute('card_a')
const cardB = sampleRoute('card_b')
const wallet = sampleRoute('wallet', { tender: 'wallet' })

const deny = (when: string, scope: object = {}): PolicyRule => ({
  id: 'r1',
  kind: 'deny',
  when,
  reason: 'MER_NOT_ENABLED',
  ...scope,
})

function denies(when: string, context: Partial<PaymentContext> = {}, now = NOON): boolean {
  const variables = policyVariables(sampleContext(context), now)
  return policyReasons(compileRules([deny(when)]), cardA, variables).length > 0
}

describe('what an expression can look at', () => {
  it.each<[string, Partial<PaymentContext>, boolean]>([
    ['amount.value > 99999', {}, true],
    ['amount.value > 100000', {}, false],
    ['amount.value == 9007199254740991', { amount: CNY(Number.MAX_SAFE_INTEGER) }, true],
    ['amount.currency == "CNY"', {}, true],
    ['channel == "app"', {}, true],
    ['payer.id.startsWith("u-")', {}, true],
    ['merchant.mcc == "5732"', { merchant: { id: 'm-1', mcc: '5732' } }, true],
    ['merchant.id == ""', {}, true],
    ['"gift_card" in categories', { items: [{ id: '1', category: 'gift_card', amount: CNY(1) }] }, true],
    ['"gift_card" in categories', {}, false],
    ['tenders[0] == "wallet"', { funding: accepting('wallet', 'card') }, true],
    ['metadata.store == "flagship"', { metadata: { store: 'flagship' } }, true],
    ['time.hour == 12 && time.weekday == 1', {}, true],
    ['route.id == "card_a" && route.tender == "card"', {}, true],
  ])('%s', (when, context, expected) => {
    expect(denies(when, context)).toBe(expected)
  })

  it('counts weekdays from Monday 1 to Sunday 7, in UTC', () => {
    const day = 86_400_000
    for (let n = 0; n < 7; n++) expect(denies(`time.weekday == ${n + 1}`, {}, NOON + n * day)).toBe(true)
    expect(denies('time.weekday == 4 && time.hour == 0', {}, 0)).toBe(true)
  })

  it('is false where it looks at a metadata key that the request lacks', () => {
    expect(denies('metadata.store == "flagship"')).toBe(false)
    expect(denies('metadata.store != "flagship"')).toBe(false)
    expect(denies('!(metadata.store == "flagship")')).toBe(false)
  })
})

describe('an expression that is wrong is refused when it is loaded, by the name of its rule', () => {
  it.each([
    ['does not parse', 'amount.value >'],
    ['knows no such variable', 'amout.value > 1'],
    ['knows no such field', 'amount.vale > 1'],
    ['compares what cannot be compared', 'amount.value > "1"'],
    ['gives no truth value', 'amount.value + 1'],
    ['is too long', `channel == "${'x'.repeat(1_000)}"`],
    ['is too deep', `${'!('.repeat(40)}true${')'.repeat(40)}`],
    ['has too many parts', Array.from({ length: 80 }, () => 'channel == "app"').join(' && ')],
    ['has too long a list', `channel in [${Array.from({ length: 101 }, (_, i) => `"c${i}"`).join(',')}]`],
  ])('%s', (_fault, when) => {
    expect(() => compileRules([deny(when)])).toThrow(/rule r1/)
    expect(() => compileRules([deny(when)])).toThrow(TypeError)
  })
})

describe('each kind of rule that judges a route by itself', () => {
  const variables = policyVariables(sampleContext(), NOON)
  const reasons = (rule: PolicyRule) =>
    [cardA, cardB, wallet].map(route => policyReasons(compileRules([rule]), route, variables).length > 0)

  it('deny refuses the routes and tenders that it names, or all', () => {
    expect(reasons(deny('true', { routes: ['card_a'] }))).toEqual([true, false, false])
    expect(reasons(deny('true', { tenders: ['card'] }))).toEqual([true, true, false])
    expect(reasons(deny('channel == "app"'))).toEqual([true, true, true])
    expect(reasons(deny('channel == "web"', { routes: ['card_a'] }))).toEqual([false, false, false])
  })

  it('require refuses all others', () => {
    const require = { id: 'r1', kind: 'require', when: 'true', reason: 'MER_NOT_ENABLED' } as const
    expect(reasons({ ...require, routes: ['card_a'] })).toEqual([false, true, true])
    expect(reasons({ ...require, tenders: ['card'] })).toEqual([false, false, true])
  })

  it('prefer and avoid add up in basis points', () => {
    const rules = compileRules([
      { id: 'p', kind: 'prefer', when: 'true', tenders: ['card'], bps: 50 },
      { id: 'a', kind: 'avoid', when: 'channel == "app"', routes: ['card_b'], bps: 80 },
      { id: 'n', kind: 'avoid', when: 'channel == "web"', routes: ['card_a'], bps: 1 },
    ])
    expect(
      [cardA, cardB, wallet].map(route => preferenceBps(rules, route, variables, NOON, undefined)),
    ).toEqual([50, -30, 0])
  })
})
