import { describe, expect, it } from 'vitest'
import { DEFAULT_STAGES } from '../../../src/core/credit/delinquency.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { complaints } from '../../support/sample-config.ts'

type Change = (input: ConfigInput) => void
type RouteInput = ConfigInput['routes'][number]
type RuleInput = NonNullable<NonNullable<ConfigInput['policy']>['rules']>[number]

function route(id: string, change: (route: RouteInput) => void): Change {
  return input => {
    const found = input.routes.find(candidate => candidate.id === id)
    if (found === undefined) throw new Error(id)
    change(found)
  }
}

function rule(...rules: RuleInput[]): Change {
  return input => {
    input.policy = { rules }
  }
}

const checkout = { id: 'legacy', tenant: 'demo', auth: { apiKey: 'checkout' }, routes: ['card_a'] }

const TERMS = [{ instalments: 1, feePayee: 'Lender' }]

/** What a schema cannot see must still be told before it does harm: each row is refused, with its place. */
const REFUSED: [name: string, change: Change, message: string][] = [
  [
    'a route twice',
    i => i.routes.push(structuredClone(i.routes[1] as RouteInput)),
    'routes[3].id: is used twice',
  ],
  [
    'a tenant twice',
    i => i.tenants.push({ id: 'demo', apiKeys: [{ id: 'x', secretEnv: 'X', scopes: ['pay'] }] }),
    'tenants[1].id: is used twice',
  ],
  [
    'a pool twice',
    i => i.pools?.push(structuredClone(i.pools[0] as NonNullable<ConfigInput['pools']>[0])),
    'pools[1].id: is used twice',
  ],
  [
    'a source twice',
    i => i.pools?.[0]?.sources.push({ id: 'own', kind: 'own_funds', cap: 1 }),
    'pools[0].sources[1].id: is used twice',
  ],
  [
    'a key twice',
    i => i.tenants[0]?.apiKeys.push({ id: 'checkout', secretEnv: 'OTHER', scopes: ['pay'] }),
    'tenants[0].apiKeys[1].id: is used twice',
  ],
  [
    'one secret for two keys',
    i => i.tenants.push({ id: 'b', apiKeys: [{ id: 'k', secretEnv: 'DEMO_API_KEY', scopes: ['pay'] }] }),
    'tenants[1].apiKeys[0].secretEnv: is the secret of another key; every key needs its own',
  ],
  [
    'stages of overdue bills with a gap',
    route('credit_a', r => {
      const [first] = DEFAULT_STAGES.map(stage => structuredClone(stage))
      const late = { id: 'late', daysFrom: 3, daysTo: null, blocks: [], step: 'reminder' }
      Object.assign(r, { credit: { terms: TERMS, stages: [first, late] } })
    }),
    'routes[0].credit.stages: late must begin on day 1',
  ],
  [
    'a day of contact that closes before it opens',
    route('credit_a', r => {
      Object.assign(r, { credit: { terms: TERMS, contact: { openMinute: 900, closeMinute: 600 } } })
    }),
    'routes[0].credit.contact: contact opens before it closes',
  ],
  [
    'min above max',
    route('card_a', r => (r.capability.amount = { min: 5, max: 4 })),
    'routes[1].capability.amount.min: is above max',
  ],
  [
    'instalments on a card',
    route('card_a', r => (r.capability.instalments = [3])),
    'routes[1].capability.instalments: only a route of tender credit offers instalments',
  ],
  [
    'tombstones without cancel',
    route('card_a', r => (r.capability.cancelTombstones = true)),
    'routes[1].capability.cancelTombstones: needs at least one verb in cancel',
  ],
  [
    'fresh above stale',
    route('credit_a', r => Object.assign(r.eligibility ?? {}, { freshSeconds: 400 })),
    'routes[0].eligibility.freshSeconds: is above staleSeconds',
  ],
  [
    'a silent kill switch',
    route('card_a', r => (r.enabled = false)),
    'routes[1].enabled: needs disabledReason beside it, so that operators know why',
  ],
  [
    'a window that ends first',
    route(
      'card_a',
      r => (r.maintenance = [{ from: '2026-01-02T00:00:00Z', to: '2026-01-02T08:00:00+08:00' }]),
    ),
    'routes[1].maintenance[0].to: is not after from',
  ],
  [
    'an unknown pool',
    route('credit_a', r => (r.pool = 'nowhere')),
    'routes[0].pool: names a pool that does not exist',
  ],
  [
    'a pool of another currency',
    i => Object.assign(i.pools?.[0] ?? {}, { currency: 'USD' }),
    'routes[0].pool: holds another currency than the route charges',
  ],
  [
    'a joint loan on nothing',
    i => i.pools?.[0]?.sources.push({ id: 'j', kind: 'joint_loan', cap: 1, ownSource: 'j' }),
    'pools[0].sources[1].ownSource: names no source of own funds of this pool',
  ],
  [
    'a joint loan with less of our own money than the law asks',
    i =>
      i.pools?.[0]?.sources.push({
        id: 'j',
        kind: 'joint_loan',
        cap: 1,
        ownSource: 'own',
        ownShareBps: 2_999,
      }),
    'pools[0].sources[1].ownShareBps: is less than the 3000 that the law asks of a joint lender',
  ],
  [
    'a checkout of nobody',
    i => (i.checkouts = [{ ...checkout, tenant: 'nobody' }]),
    'checkouts[0].tenant: names a tenant that does not exist',
  ],
  [
    'a checkout without its key',
    i => (i.checkouts = [{ ...checkout, auth: { apiKey: 'other' } }]),
    'checkouts[0].auth.apiKey: names a key that the tenant does not have',
  ],
  [
    'a checkout to nowhere',
    i => (i.checkouts = [{ ...checkout, routes: ['zz'] }]),
    'checkouts[0].routes[0]: names a route that does not exist',
  ],
  [
    'a checkout with a route twice',
    i => (i.checkouts = [{ ...checkout, routes: ['card_a', 'card_a'] }]),
    'checkouts[0].routes[1]: is listed twice',
  ],
  [
    'a checkout of two tenders',
    i => (i.checkouts = [{ ...checkout, routes: ['card_a', 'credit_a'] }]),
    'checkouts[0].routes: mixes tenders; the payer has consented to one, and it is not changed silently',
  ],
  [
    'an outcome without an order',
    i =>
      (i.checkouts = [
        {
          ...checkout,
          context: { amount: '/amount', currency: '/currency' },
          outcome: { approved: { pointer: '/s', equals: 'PAID' } },
        },
      ]),
    'checkouts[0].outcome: needs order: without an order id there is no failover',
  ],
  [
    'an unknown fallback',
    i => (i.policy = { fallback: ['zz'] }),
    'policy.fallback[0]: names a route that does not exist',
  ],
  [
    'a rule for an unknown route',
    rule({ id: 'r', kind: 'order', routes: ['card_a', 'zz'] }),
    'policy.rules[0].routes[1]: names a route that does not exist',
  ],
  [
    'a rule that denies everything',
    rule({ id: 'r', kind: 'deny' }),
    'policy.rules[0]: speaks about every route, always; it needs routes, tenders or when',
  ],
  [
    'a rule that requires nothing',
    rule({ id: 'r', kind: 'require' }),
    'policy.rules[0]: requires nothing; it needs routes or tenders',
  ],
  [
    'weights that do not add up',
    rule({ id: 'r', kind: 'split', weights: { card_a: 60, card_b: 30 } }),
    'policy.rules[0].weights: must sum to 100, and sums to 90',
  ],
  [
    'goals that do not add up',
    i => (i.policy = { objective: { value: 60, approval: 20, cost: 0 } }),
    'policy.objective: must sum to 100, and sums to 80',
  ],
  [
    'a rule that is never true',
    rule({ id: 'r', kind: 'order', when: ' false ', routes: ['card_a'] }),
    'policy.rules[0]: is unreachable: its condition is never true',
  ],
  [
    'a rule about routes that are always denied',
    rule({ id: 'd', kind: 'deny', routes: ['card_a'] }, { id: 'r', kind: 'order', routes: ['card_a'] }),
    'policy.rules[1]: is unreachable: rule d always takes its routes away',
  ],
  [
    'a rule about routes that are never among the required ones',
    rule(
      { id: 'c', kind: 'commit', route: 'card_a', payments: 1, period: 'day', bps: 1 },
      { id: 'd', kind: 'require', routes: ['card_b'] },
    ),
    'policy.rules[0]: is unreachable: rule d always takes its routes away',
  ],
  [
    'a split that a later rule always replaces',
    rule(
      { id: 's', kind: 'split', weights: { card_a: 50, card_b: 50 } },
      { id: 'l', kind: 'least_cost', tenders: ['card'] },
    ),
    'policy.rules[0]: is unreachable: rule l always decides after it',
  ],
  [
    'a commitment of an unknown route',
    rule({ id: 'r', kind: 'commit', route: 'zz', payments: 1, period: 'day', bps: 1 }),
    'policy.rules[0].route: names a route that does not exist',
  ],
  [
    'a mistake in a policy that only watches',
    i => (i.policy = { shadows: [{ id: 's', policy: { fallback: ['zz'] } }] }),
    'policy.shadows[0].policy.fallback[0]: names a route that does not exist',
  ],
  [
    'a mistake in an expression of an experiment',
    i =>
      (i.policy = {
        experiments: [
          {
            id: 'e',
            percent: 5,
            policy: { rules: [{ id: 'r', kind: 'deny', when: 'amount.value', routes: ['card_a'] }] },
          },
        ],
      }),
    'policy.experiments[0].policy.rules[0].when: rule r: the expression gives int, not bool',
  ],
  [
    'experiments that leave nobody to compare with',
    i => (i.policy = { experiments: ['a', 'b'].map(id => ({ id, percent: 30, policy: {} })) }),
    'policy.experiments: take 60% of the payers; at most 50 leave enough to compare with',
  ],
  [
    'a shadow and an experiment of one name',
    i =>
      (i.policy = {
        shadows: [{ id: 'x', policy: {} }],
        experiments: [{ id: 'x', percent: 5, policy: {} }],
      }),
    'policy.experiments[0].id: is used twice',
  ],
  [
    'a split over an unknown route',
    rule({ id: 'r', kind: 'split', weights: { card_a: 60, zz: 40 } }),
    'policy.rules[0].weights.zz: names a route that does not exist',
  ],
  [
    'a split across tenders',
    rule({ id: 'r', kind: 'split', weights: { card_a: 60, credit_a: 40 } }),
    'policy.rules[0].weights: mixes tenders; only routes of one tender can stand in for each other',
  ],
  [
    'a sticky rule across tenders',
    rule({ id: 'r', kind: 'sticky', routes: ['card_a', 'credit_a'] }),
    'policy.rules[0].routes: mixes tenders; only routes of one tender can stand in for each other',
  ],
  [
    'a rule twice',
    rule({ id: 'r', kind: 'order', routes: ['card_a'] }, { id: 'r', kind: 'order', routes: ['card_b'] }),
    'policy.rules[1].id: is used twice',
  ],
  [
    'an expression that is not one',
    rule({ id: 'r', kind: 'deny', when: 'amount.value >' }),
    'policy.rules[0].when: rule r: Unexpected token: EOF',
  ],
  [
    'an expression of the wrong type',
    rule({ id: 'r', kind: 'deny', when: 'amount.value' }),
    'policy.rules[0].when: rule r: the expression gives int, not bool',
  ],
  [
    'an expression over nothing known',
    rule({ id: 'r', kind: 'deny', when: 'payer.age > 18' }),
    'policy.rules[0].when: rule r: No such key: age',
  ],
  [
    'a tenant rule for an unknown route',
    i => Object.assign(i.tenants[0] ?? {}, { policy: { fallback: ['zz'] } }),
    'tenants[0].policy.fallback[0]: names a route that does not exist',
  ],
]

const WARNED: [name: string, change: Change, message: string][] = [
  [
    'credit without facts',
    route('credit_a', r => delete r.eligibility),
    'routes[0]: a credit route without eligibility has no facts about the payer to lend on',
  ],
  [
    'a route that can neither be repeated nor asked',
    route('card_a', r => (r.capability.queryable = false)),
    'routes[1].capability: can neither be sent again nor asked: an unknown outcome waits for a notification or an operator',
  ],
  [
    'a short reset',
    route('card_a', r => (r.breaker = { resetMs: 5000 })),
    'routes[1].breaker.resetMs: should be longer than windowMs, or one old failure can open it again',
  ],
  [
    'a short window',
    route('card_a', r => (r.connector.timeoutMs = 20_000)),
    'routes[1].breaker.windowMs: should be at least three times the timeout, or slow failures never count',
  ],
  ['an idle pool', route('credit_a', r => delete r.pool), 'pools[0]: is not used by any route'],
]

describe('cross-checks', () => {
  it('find nothing in the sample', () => {
    expect(complaints(() => {})).toEqual([])
  })

  it.each(REFUSED)('refuse %s', (_, change, message) => {
    expect(complaints(change)).toEqual([`error: ${message}`])
  })

  it.each(WARNED)('warn of %s', (_, change, message) => {
    expect(complaints(change)).toEqual([`warning: ${message}`])
  })
})
