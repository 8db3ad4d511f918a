import { describe, expect, it } from 'vitest'
import { DECLINE_CATEGORIES } from '../../../src/core/payment/decline.ts'
import { isReasonCode } from '../../../src/core/explain/codes.ts'
import { reasonOfDecline } from '../../../src/core/explain/decline-reason.ts'
import { type ExplainOptions, explainReasons } from '../../../src/core/explain/explain.ts'
import { labelOf, negotiateLocale } from '../../../src/core/explain/locale.ts'

const baitiao: ExplainOptions = { locale: 'en', tender: 'Baitiao', reader: 'shopper', creditReasons: true }

function codes(given: readonly string[], options: Partial<ExplainOptions> = {}): string[] {
  return explainReasons(given, { ...baitiao, ...options }).map(reason => reason.code)
}

describe('explaining the reasons of one route', () => {
  it('names the route at hand, in the language asked for', () => {
    expect(explainReasons(['TECH_CHANNEL_UNSUPPORTED'], baitiao)).toEqual([
      {
        code: 'TECH_CHANNEL_UNSUPPORTED',
        message: 'This payment channel does not support Baitiao at present.',
        remedy: 'Pay in the app or on the web, or choose another way to pay.',
      },
    ])
    const [reason] = explainReasons(['TECH_CHANNEL_UNSUPPORTED'], {
      ...baitiao,
      locale: 'zh-CN',
      tender: '白条',
    })
    expect(reason?.message).toBe('当前付款渠道暂不支持白条')
  })

  it('starts an English sentence with a capital, whatever the name of the tender', () => {
    const [reason] = explainReasons(['LIQ_DAILY_CAPACITY'], { ...baitiao, tender: 'pay later' })
    expect(reason?.message).toBe('Pay later funding for today is used up. This is not about your credit.')
  })

  it('leaves out sections whose facts are not known, and fills in those that are', () => {
    expect(explainReasons(['MER_GOODS_EXCLUDED'], baitiao)[0]?.message).toBe(
      'An item in the order cannot be paid with Baitiao.',
    )
    expect(
      explainReasons(['MER_GOODS_EXCLUDED'], { ...baitiao, items: ['gold', 'gift card'] })[0]?.message,
    ).toBe('An item in the order cannot be paid with Baitiao: gold, gift card.')
    const until = Date.UTC(2026, 0, 2, 18, 30)
    const zh = { ...baitiao, locale: 'zh-CN', until, timeZone: 'Asia/Shanghai' } as const
    expect(explainReasons(['TECH_ROUTE_MAINTENANCE'], zh)[0]?.message).toBe(
      '该付款方式正在维护，预计 2026年1月3日 02:30 恢复',
    )
  })

  it('tells a value with placeholders or sections in it as it is', () => {
    const [reason] = explainReasons(['MER_GOODS_EXCLUDED'], { ...baitiao, items: ['{tender} [[until|x]]'] })
    expect(reason?.message).toContain('{tender} [[until|x]]')
  })

  it('orders by influence, tells each reason once and at most four', () => {
    expect(
      codes([
        'TENDER_NOT_ACCEPTED',
        'LIQ_DAILY_CAPACITY',
        'CRD_OVERDUE',
        'CRD_OVERDUE',
        'TECH_ROUTE_UNSTABLE',
      ]),
    ).toEqual(['TECH_ROUTE_UNSTABLE', 'CRD_OVERDUE', 'LIQ_DAILY_CAPACITY', 'TENDER_NOT_ACCEPTED'])
    expect(codes(['CRD_OBLIGATIONS_HIGH', 'CRD_HISTORY_INSUFFICIENT'])).toEqual([
      'CRD_OBLIGATIONS_HIGH',
      'CRD_HISTORY_INSUFFICIENT',
    ])
    const many = [
      'CRD_OVERDUE',
      'CRD_OBLIGATIONS_HIGH',
      'CRD_INFO_UNVERIFIED',
      'CRD_FROZEN_BY_USER',
      'CRD_NOT_ACTIVATED',
    ]
    expect(codes(many)).toHaveLength(4)
    expect(codes(many, { reader: 'operator' })).toHaveLength(5)
  })

  it('says that liquidity is not about credit only when no credit reason stands beside it', () => {
    const together = explainReasons(['LIQ_DAILY_CAPACITY', 'CRD_OVERDUE'], baitiao)
    expect(together.map(reason => reason.message).join(' ')).not.toContain('not about your credit')
  })

  it('announces factors only when factors follow', () => {
    expect(explainReasons(['CRD_ASSESSMENT_NOT_MET'], baitiao)[0]?.message).toBe(
      'This assessment was not passed.',
    )
    const [first, second] = explainReasons(['CRD_OBLIGATIONS_HIGH', 'CRD_ASSESSMENT_NOT_MET'], baitiao)
    expect(first?.message).toBe('This assessment was not passed; the main factors are listed below.')
    expect(second?.code).toBe('CRD_OBLIGATIONS_HIGH')
  })

  it('tells every credit reason as one neutral code without the scope', () => {
    const without = { creditReasons: false }
    expect(codes(['CRD_OVERDUE', 'CRD_LIMIT_INSUFFICIENT', 'TECH_ROUTE_UNSTABLE'], without)).toEqual([
      'TECH_ROUTE_UNSTABLE',
      'CRD_UNAVAILABLE',
    ])
    const told = ['CRD_OVERDUE', 'CRD_FROZEN_BY_USER', 'CRD_NOT_ELIGIBLE_BY_RULE'].map(code =>
      JSON.stringify(explainReasons([code], { ...baitiao, ...without })),
    )
    expect(new Set(told).size).toBe(1)
    expect(codes(['CRD_OVERDUE'], { creditReasons: false, reader: 'operator' })).toEqual(['CRD_UNAVAILABLE'])
  })

  it('collapses anything that smells of fraud to one neutral reason for shoppers', () => {
    expect(codes(['CRD_OVERDUE', 'SEC_CANNOT_PROCESS', 'TECH_ROUTE_UNSTABLE'])).toEqual([
      'SEC_CANNOT_PROCESS',
    ])
    expect(codes(['CRD_OVERDUE', 'SEC_CANNOT_PROCESS'], { reader: 'operator' })).toEqual([
      'SEC_CANNOT_PROCESS',
      'CRD_OVERDUE',
    ])
  })

  it('never repeats a code that it does not know', () => {
    expect(codes(['FRD_LIST_77'])).toEqual(['SEC_CANNOT_PROCESS'])
    expect(codes(['FRD_LIST_77', 'CRD_OVERDUE'])).toEqual(['CRD_OVERDUE'])
    expect(codes(['toString', '__proto__'])).toEqual(['SEC_CANNOT_PROCESS'])
    expect(codes([])).toEqual([])
  })
})

describe('the reason of a decline', () => {
  it('is a code of the catalogue for every category', () => {
    for (const category of DECLINE_CATEGORIES)
      expect(isReasonCode(reasonOfDecline(category, 'card'))).toBe(true)
  })

  it('tells a refused card from a risk check by nothing', () => {
    expect(reasonOfDecline('issuer_declined', 'card')).toBe(reasonOfDecline('suspected_fraud', 'card'))
  })

  it('tells a credit refusal as a credit reason, so that it falls under the scope', () => {
    expect(reasonOfDecline('credit_refused', 'credit')).toMatch(/^CRD_/)
    expect(reasonOfDecline('insufficient_funds', 'credit')).toMatch(/^CRD_/)
    expect(reasonOfDecline('insufficient_funds', 'card')).not.toMatch(/^CRD_/)
  })
})

describe('the language of an answer', () => {
  it.each([
    ['zh-CN', 'en', 'zh-CN'],
    ['zh-Hant-TW', undefined, 'zh-CN'],
    ['en_US', 'zh', 'en'],
    ['fr', 'zh;q=0.5, en;q=0.4', 'zh-CN'],
    [undefined, 'fr, en;q=0.8, zh-CN;q=0.9', 'zh-CN'],
    [undefined, 'zh;q=0, en;q=0.1', 'en'],
    [undefined, '*', 'en'],
    [undefined, undefined, 'en'],
    [undefined, ';;;q=x,,zh;q=9', 'en'],
    ['', `${'x,'.repeat(10_000)}zh`, 'en'],
  ])('of payer %j with Accept-Language %j is %s', (payer, header, expected) => {
    expect(negotiateLocale(payer, header)).toBe(expected)
  })

  // config-key: routes.label.zh-CN
  // config-key: routes.label.en
  it('calls a route by its own label, else by its tender', () => {
    const label = { 'zh-CN': '白条', en: 'Baitiao' }
    expect(labelOf({ tender: 'credit', label }, 'zh-CN')).toBe('白条')
    expect(labelOf({ tender: 'credit', label }, 'en')).toBe('Baitiao')
    expect(labelOf({ tender: 'card' }, 'en')).toBe('this card')
  })
})
