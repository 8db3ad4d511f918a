import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import {
  behaving,
  type CandidateView,
  cny,
  codes,
  contextOf,
  type ContextBody,
  decide,
  type DecisionView,
  inFixedOrder,
  pay,
  quotes,
} from './payments.ts'
import type { Call, Target } from './target.ts'

const hour = 3_600_000
let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      inFixedOrder(config)
      config.policy.rules.push({
        id: 'no-books-by-wallet',
        kind: 'deny',
        when: "'books' in categories",
        tenders: ['wallet'],
        reason: 'MER_NOT_ENABLED',
      })
      for (const route of config.routes) {
        if (route.id === 'card_b') {
          const [from, to] = [-hour, hour].map(ms => new Date(Date.now() + ms).toISOString())
          route.maintenance = [{ from, to }]
        }
        if (route.id === 'balance')
          Object.assign(route, { enabled: false, disabledReason: 'settlement file missing' })
      }
    },
  })
})
afterAll(() => target.stop())

async function candidate(
  route: string,
  change: Partial<ContextBody>,
  call: Call = {},
): Promise<CandidateView> {
  const { body } = await decide(target, contextOf(change), call)
  const found = body.candidates.find(other => other.route === route)
  if (found === undefined) throw new Error(`${route} is not a candidate: ${JSON.stringify(body)}`)
  return found
}

const accepting = (...tenders: string[]) => ({ funding: { accept: tenders.map(tender => ({ tender })) } })
const item = (category: string) => [{ id: 'sku-7', category, amount: cny(129_900) }]

describe('why a route is not offered', () => {
  const cases: [string, string, Partial<ContextBody>, string][] = [
    ['the channel', 'wallet', { ...accepting('wallet'), channel: 'nfc' }, 'TECH_CHANNEL_UNSUPPORTED'],
    [
      'the terminal',
      'jd_baitiao',
      { ...accepting('credit'), channel: 'qr_merchant' },
      'TECH_TERMINAL_UNSUPPORTED',
    ],
    [
      'the currency',
      'wallet',
      { ...accepting('wallet'), amount: { currency: 'USD', value: 5_000 } },
      'MER_NOT_ENABLED',
    ],
    ['the amount', 'wallet', { ...accepting('wallet'), amount: cny(5_000_001) }, 'MER_AMOUNT_OUT_OF_RANGE'],
    ['how it is captured', 'wallet', { ...accepting('wallet'), capture: 'manual' }, 'MER_NOT_ENABLED'],
    ['the goods', 'jd_baitiao', { ...accepting('credit'), items: item('gold') }, 'MER_GOODS_EXCLUDED'],
    ['a maintenance window', 'card_b', {}, 'TECH_ROUTE_MAINTENANCE'],
    ['the kill switch', 'balance', accepting('balance'), 'TECH_ROUTE_MAINTENANCE'],
    ['consent', 'wallet', accepting('card'), 'TENDER_NOT_ACCEPTED'],
    ['a rule of the policy', 'wallet', { ...accepting('wallet'), items: item('books') }, 'MER_NOT_ENABLED'],
    [
      'facts about the payer',
      'jd_baitiao',
      { ...accepting('credit'), payer: { id: 'sbx-overdue-1' } },
      'CRD_OVERDUE',
    ],
    [
      'the lender’s limit',
      'jd_baitiao',
      { ...accepting('credit'), payer: { id: 'sbx-low-credit-1' } },
      'CRD_LIMIT_INSUFFICIENT',
    ],
  ]
  it.each(cases)('%s: with what to do about it, in both languages', async (_name, route, change, code) => {
    const english = await candidate(route, {
      ...change,
      payer: { id: 'u-1', ...change.payer, locale: 'en-GB' },
    })
    expect(english.eligible).toBe(false)
    expect(codes(english.reasons)).toEqual([code])
    const chinese = await candidate(route, {
      ...change,
      payer: { id: 'u-1', ...change.payer, locale: 'zh-Hans-CN' },
    })
    expect(codes(chinese.reasons)).toEqual([code])
    for (const { message, remedy } of english.reasons) expect(message + remedy).toMatch(/^[\x20-\x7e]+$/)
    for (const { message, remedy } of chinese.reasons) {
      expect(message).toMatch(/\p{Script=Han}/u)
      expect(remedy).toMatch(/\p{Script=Han}/u)
    }
  })

  it('tells all of them at once, not only the first', async () => {
    const { reasons } = await candidate('wallet', {
      ...accepting('card'),
      channel: 'nfc',
      amount: cny(5_000_001),
    })
    expect(codes(reasons)).toEqual([
      'TECH_CHANNEL_UNSUPPORTED',
      'MER_AMOUNT_OUT_OF_RANGE',
      'TENDER_NOT_ACCEPTED',
    ])
  })

  it('names the goods that stand in the way, and the route by its own name', async () => {
    const goods = await candidate('jd_baitiao', { ...accepting('credit'), items: item('gold') })
    expect(goods.reasons[0]?.message).toBe('An item in the order cannot be paid with Baitiao: sku-7.')
    const channel = await candidate('jd_baitiao', {
      ...accepting('credit'),
      channel: 'nfc',
      payer: { id: 'u', locale: 'zh' },
    })
    expect(channel.reasons[0]?.message).toContain('白条')
  })

  it('never tries a route that a gate has closed', async () => {
    const before = await target.sandbox.requests()
    const context = contextOf({
      ...accepting('balance', 'card'),
      metadata: { sandbox_card_a: 'limit_exceeded' },
    })
    const { body } = await pay(target, context)
    expect(body.attempts.map(({ route }) => route)).toEqual(['card_a'])
    const after = await target.sandbox.requests()
    expect([after.balance.pay, after.card_b.pay]).toEqual([before.balance.pay, before.card_b.pay])
  })
})

describe('the language', () => {
  const message = async (locale: string | undefined, header: string | undefined): Promise<string> => {
    const payer = locale === undefined ? { id: 'u-1' } : { id: 'u-1', locale }
    const { reasons } = await candidate(
      'wallet',
      { ...accepting('card'), payer },
      { headers: { 'accept-language': header } },
    )
    return /\p{Script=Han}/u.test(reasons[0]?.message ?? '') ? 'zh' : 'en'
  }

  it.each([
    ['zh-CN', 'en', 'zh'],
    ['en', 'zh-CN', 'en'],
    [undefined, 'zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    [undefined, 'fr, en;q=0.5, zh;q=0.4', 'en'],
    ['fr', 'zh-TW', 'zh'],
    [undefined, 'de', 'en'],
    [undefined, ';;q=x,,', 'en'],
  ])('payer %s, Accept-Language %s: %s', async (locale, header, expected) => {
    expect(await message(locale, header)).toBe(expected)
  })

  it('of a refused payment is the payer’s too', async () => {
    const { body } = await pay(target, {
      ...behaving('credential_invalid'),
      payer: { id: 'u-1', locale: 'zh-CN' },
    })
    expect(body.reasons[0]?.remedy).toMatch(/\p{Script=Han}/u)
  })
})

describe('what a key may see', () => {
  const overdue = { ...accepting('credit'), payer: { id: 'sbx-overdue-3' } }

  it('without creditReasons, every credit reason is the same one', async () => {
    for (const payer of ['sbx-overdue-3', 'sbx-student-3', 'sbx-frozen-3', 'sbx-unknown-3']) {
      const found = await candidate(
        'jd_baitiao',
        { ...accepting('credit'), payer: { id: payer } },
        { key: 'only-decide' },
      )
      expect(codes(found.reasons)).toEqual(['CRD_UNAVAILABLE'])
    }
  })

  it('without explain, neither values nor gates nor chances', async () => {
    const { body, text } = await decide(target, contextOf(overdue), { key: 'only-decide' })
    for (const found of body.candidates) {
      expect(Object.keys(found).sort()).toEqual(['eligible', 'reasons', 'route', 'tender'])
    }
    expect(Object.keys(body).sort()).toEqual(['candidates', 'cascade', 'id', 'policyVersion', 'seed'])
    expect(text).not.toMatch(/CRD_(?!UNAVAILABLE)|availableCredit|daysPastDue|propensity/)
  })

  it('with explain, every term of the value', async () => {
    const { body } = await decide(target, contextOf())
    expect(body.candidates[0]?.value).toMatchObject({
      index: expect.any(Number),
      gain: expect.any(Number),
      approval: expect.any(Number),
      unknown: expect.any(Number),
    })
  })

  it('reads a decision again with no more than it could see at first', async () => {
    const { body } = await decide(target, contextOf(overdue))
    const narrow = await target.api<DecisionView>('GET', `/v1/decisions/${body.id}`, { key: 'only-read' })
    expect(narrow.status).toBe(200)
    expect(narrow.text).not.toMatch(/CRD_(?!UNAVAILABLE)|availableCredit|daysPastDue|"value"|"gates"/)
    const whole = await target.api<{ inputs: object }>('GET', `/v1/decisions/${body.id}`)
    expect(whole.text).toMatch(/CRD_OVERDUE/)
    expect(whole.body.inputs).toBeDefined()
  })

  it('of a payment tells no credit reason to another shop', async () => {
    const { body } = await quotes(target, contextOf({ payer: { id: 'sbx-overdue-3' } }), { key: 'shop' })
    expect(JSON.stringify(body)).not.toMatch(/CRD_(?!UNAVAILABLE)/)
  })
})
