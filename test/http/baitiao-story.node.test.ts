import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type LendingServer, startLending, until } from '../support/lending-server.ts'

interface Told {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

interface Story {
  readonly reason: string
  readonly remedy: string
}

/** The words of the story, as a shopper reads them. */
const WORDS: Readonly<Record<'en' | 'zh-CN', Readonly<Record<string, Story>>>> = {
  en: {
    channel: {
      reason: 'This payment channel does not support Baitiao at present.',
      remedy: 'Pay in the app or on the web, or choose another way to pay.',
    },
    term: {
      reason: 'This instalment term is paused. This is not about your credit.',
      remedy: 'Choose a shorter term, or pay in one sum.',
    },
    capacity: {
      reason: 'Baitiao funding for today is used up. This is not about your credit.',
      remedy: 'Choose another way to pay, or see tomorrow what is on offer.',
    },
    overdue: {
      reason: 'You have an overdue bill; we can reassess after it is repaid.',
      remedy: 'Look at your bill and repay it.',
    },
  },
  'zh-CN': {
    channel: {
      reason: '当前付款渠道暂不支持白条',
      remedy: '请改用 App 或网页收银台，或选择其他付款方式',
    },
    term: { reason: '该分期期数暂停提供，与您的信用无关', remedy: '请选择较短期数或全额付款' },
    capacity: {
      reason: '今日白条可用资金已达上限，与您的信用无关',
      remedy: '请用其他方式付款，次日可再查看',
    },
    overdue: { reason: '您有逾期未还账单，还清后可再次评估', remedy: '请查看账单并还款' },
  },
}

let server: LendingServer
let orders = 0

beforeAll(async () => {
  server = await startLending()
})
afterAll(() => server.close())

const context = (payer: string, locale: string, channel: string, change: object = {}) => ({
  orderId: `story-${++orders}`,
  amount: { currency: 'CNY', value: 129_900 },
  channel,
  payer: { id: payer, locale },
  funding: { accept: [{ tender: 'credit' }, { tender: 'card' }] },
  ...change,
})

/** Why Baitiao is not offered, and what works now, by the decision's own explanation. */
async function explain(body: object) {
  const decision = await server.lender('POST', '/v1/decisions', body)
  const { body: told } = await server.lender('GET', `/v1/decisions/${decision.body.id}/explanation`)
  const baitiao = told.routes.find((route: { tender: string }) => route.tender === 'credit')
  return {
    offered: baitiao.offered as boolean,
    reasons: (baitiao.reasons as Told[]).map(({ code }) => code),
    words: (baitiao.reasons as Told[]).map(({ message, remedy }) => ({ reason: message, remedy })),
    credit: baitiao.credit as { lender: string; rights: string } | undefined,
    others: (told.alternatives as { tender: string }[]).map(({ tender }) => tender),
  }
}

/** Fills or empties the pool to a share of its cap, and waits until the level is as expected. */
async function poolAt(share: number, level: string): Promise<void> {
  const { body } = await server.admin('GET', '/admin/v1/pools')
  const wanted = Math.round(share * 10_000_000)
  const [{ used }] = body.pools[0].sources
  const kind = wanted > used ? 'drawdown' : 'repayment'
  const movement = { id: `story-${++orders}`, source: 'own', kind, value: Math.abs(wanted - used) }
  expect((await server.admin('POST', '/admin/v1/pools/baitiao/movements', movement)).status).toBe(201)
  const reached = await until(
    () => server.admin('GET', '/admin/v1/pools'),
    (answer: Answer) => answer.body.pools[0].level === level,
  )
  expect(reached.body.pools[0].level).toBe(level)
}

/**
 * The question that this project exists to answer - why can I not use Baitiao? - from the till to the overdue bill, with
 * nothing between the shopper and the answer but the API.
 */
describe.each(['en', 'zh-CN'] as const)('why can I not use Baitiao? (%s)', locale => {
  const words = WORDS[locale]
  const payer = `sbx-shopper-${locale}`

  it('at the till: Flash Pay over NFC cannot carry it, and own money works', {
    timeout: 30_000,
  }, async () => {
    const accept = [{ tender: 'credit' }, { tender: 'flash_pay' }]
    const told = await explain(context(payer, locale, 'nfc', { funding: { accept } }))
    expect(told).toMatchObject({
      offered: false,
      reasons: ['TECH_CHANNEL_UNSUPPORTED'],
      words: [words['channel']],
    })
    expect(told.credit).toBeUndefined()
    expect(told.others.sort()).toEqual(['card', 'flash_pay'])
  })

  it('in the app: it is offered, over every term, with its whole price', async () => {
    const told = await explain(context(payer, locale, 'app'))
    expect(told).toMatchObject({ offered: true, reasons: [] })
    const { body } = await server.lender('POST', '/v1/quotes', context(payer, locale, 'app'))
    const option = body.options.find(({ tender }: { tender: string }) => tender === 'credit')
    expect(option.plans.map(({ instalments }: { instalments: number }) => instalments)).toEqual([
      1, 3, 12, 24,
    ])
    expect(option.plans[2]).toMatchObject({ totalFee: 9_348, totalPayable: 139_248 })
  })

  it('and pays, out of the pool, by the quote that was accepted', async () => {
    const asked = context(payer, locale, 'app')
    const { body } = await server.lender('POST', '/v1/quotes', asked)
    const option = body.options.find(({ tender }: { tender: string }) => tender === 'credit')
    const { quote } = option.plans[1]
    const before = (await server.admin('GET', '/admin/v1/pools')).body.pools[0].sources[0].used
    const paid = await server.lender('POST', '/v1/payments', {
      ...asked,
      funding: { accept: [{ tender: 'credit', instalments: 3, quote }] },
    })
    expect(paid).toMatchObject({ status: 201, body: { status: 'succeeded', tender: 'credit' } })
    const funded = await until(
      () => server.admin('GET', '/admin/v1/pools'),
      (answer: Answer) => answer.body.pools[0].sources[0].used === before + 129_900,
    )
    expect(funded.body.pools[0].sources[0].used).toBe(before + 129_900)
  })

  it('when the pool tightens: long terms go first, and it is not about the shopper', {
    timeout: 30_000,
  }, async () => {
    await poolAt(0.82, 'amber')
    const { body } = await server.lender('POST', '/v1/quotes', context(payer, locale, 'app'))
    const option = body.options.find(({ tender }: { tender: string }) => tender === 'credit')
    expect(option).toMatchObject({ available: true, suspendedTerms: [24] })
    expect(option.plans.map(({ instalments }: { instalments: number }) => instalments)).toEqual([1, 3, 12])
    expect(option.reasons).toMatchObject([{ code: 'LIQ_TERM_SUSPENDED', message: words['term']?.reason }])
    const long = { funding: { accept: [{ tender: 'credit', instalments: 24 }, { tender: 'card' }] } }
    const told = await explain(context(payer, locale, 'app', long))
    expect(told).toMatchObject({ offered: false, reasons: ['LIQ_TERM_SUSPENDED'], words: [words['term']] })
    expect(told.others).toEqual(['card'])
  })

  it('when the pool is red: the reason is liquidity, without a word about credit', {
    timeout: 30_000,
  }, async () => {
    await poolAt(0.95, 'red')
    const told = await explain(context(payer, locale, 'app'))
    expect(told).toMatchObject({
      offered: false,
      reasons: ['LIQ_DAILY_CAPACITY'],
      words: [words['capacity']],
    })
    expect(told.credit).toBeUndefined()
    expect(told.others).toEqual(['card'])
    await poolAt(0.1, 'green')
  })

  it('when a bill is overdue: the reason is credit, with the way to a person', {
    timeout: 30_000,
  }, async () => {
    const overdue = `sbx-overdue-${locale}`
    const told = await explain(context(overdue, locale, 'app'))
    expect(told).toMatchObject({ offered: false, reasons: ['CRD_OVERDUE'], words: [words['overdue']] })
    expect(told.credit?.lender).toBe('Sandbox Micro-credit Co.')
    expect(told.credit?.rights).toContain(locale === 'en' ? 'person review' : '人工复核')
    expect(told.others).toEqual(['card'])
  })

  it('to another shop: an overdue bill is nobody else’s business', async () => {
    const body = context(`sbx-overdue-shop-${locale}`, locale, 'app')
    const decision = await server.shop('POST', '/v1/decisions', body)
    const { body: told } = await server.shop('GET', `/v1/decisions/${decision.body.id}/explanation`)
    const baitiao = told.routes.find(({ tender }: { tender: string }) => tender === 'credit')
    expect(baitiao.reasons.map(({ code }: Told) => code)).toEqual(['CRD_UNAVAILABLE'])
    expect(JSON.stringify(told)).not.toMatch(/OVERDUE|overdue bill|逾期/)
  })
})
