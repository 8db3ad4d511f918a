import { describe, expect, it } from 'vitest'
import { CATALOGUES } from '../../../src/core/explain/catalogue.ts'
import { REASON_CODES, REASON_DIMENSIONS } from '../../../src/core/explain/codes.ts'
import { explainReasons } from '../../../src/core/explain/explain.ts'
import { LOCALES } from '../../../src/core/explain/locale.ts'

/** What the published interface promises; a code that disappears breaks checkouts. */
const PROMISED = [
  ...['CHANNEL_UNSUPPORTED', 'DEVICE_UNSUPPORTED', 'TERMINAL_UNSUPPORTED', 'ROUTE_MAINTENANCE'].map(tech),
  ...['ROUTE_UNSTABLE', 'OUTCOME_CONFIRMING', 'SESSION_EXPIRED', 'AUTH_REQUIRED', 'CREDENTIAL_INVALID'].map(
    tech,
  ),
  'LIQ_DAILY_CAPACITY',
  'LIQ_TERM_SUSPENDED',
  'LIQ_PARTNER_UNAVAILABLE',
  'LIQ_AMOUNT_RESTRICTED',
  'CRD_NOT_ACTIVATED',
  'CRD_LIMIT_INSUFFICIENT',
  'CRD_OVERDUE',
  'CRD_HISTORY_INSUFFICIENT',
  'CRD_OBLIGATIONS_HIGH',
  'CRD_ASSESSMENT_NOT_MET',
  'CRD_INFO_UNVERIFIED',
  'CRD_NOT_ELIGIBLE_BY_RULE',
  'CRD_FROZEN_BY_USER',
  'CRD_UNAVAILABLE',
  'MER_NOT_ENABLED',
  'MER_GOODS_EXCLUDED',
  'MER_AMOUNT_OUT_OF_RANGE',
  'SEC_CANNOT_PROCESS',
  'TENDER_NOT_ACCEPTED',
]

function tech(name: string): string {
  return `TECH_${name}`
}

function texts(code: (typeof REASON_CODES)[number]): string[] {
  return LOCALES.flatMap(locale => [CATALOGUES[locale][code].message, CATALOGUES[locale][code].remedy])
}

describe('the catalogue of reasons', () => {
  it('holds exactly the promised codes', () => {
    expect([...REASON_CODES].sort()).toEqual([...PROMISED].sort())
  })

  it.each(LOCALES)('has a message and a remedy for every code in %s, and no other code', locale => {
    expect(Object.keys(CATALOGUES[locale]).sort()).toEqual([...REASON_CODES].sort())
    for (const { message, remedy } of Object.values(CATALOGUES[locale])) {
      expect(message.length).toBeGreaterThan(3)
      expect(remedy.length).toBeGreaterThan(3)
    }
  })

  it('uses the same placeholders and sections in both languages', () => {
    const names = (text: string) =>
      [...text.matchAll(/\{(\w+)\}|\[\[(\w+)\|/g)].map(match => match[1] ?? match[2])
    for (const code of REASON_CODES) {
      const [zh, en] = LOCALES.map(locale => new Set(names(CATALOGUES[locale][code].message)))
      expect(zh, code).toEqual(en)
    }
  })

  it('writes each language in its own script', () => {
    for (const code of REASON_CODES) {
      const zh = CATALOGUES['zh-CN'][code]
      const en = CATALOGUES.en[code]
      expect(/\p{Script=Han}/u.test(zh.message) && /\p{Script=Han}/u.test(zh.remedy), code).toBe(true)
      expect(/\p{Script=Han}/u.test(en.message + en.remedy), code).toBe(false)
    }
  })

  it('never words liquidity as the fault of the customer, and says so when credit plays no part', () => {
    const liquidity = REASON_CODES.filter(code => REASON_DIMENSIONS[code] === 'liquidity')
    expect(liquidity).toHaveLength(4)
    for (const code of liquidity) {
      for (const text of texts(code))
        expect(text, code).not.toMatch(/\byou (have|are|did)\b|您(有|的负|逾期|未)|score|评估|逾期|overdue/i)
      for (const [locale, words] of [
        ['en', 'not about your credit'],
        ['zh-CN', '与您的信用无关'],
      ] as const) {
        const options = { locale, tender: 'X', reader: 'shopper', creditReasons: true } as const
        expect(explainReasons([code], options)[0]?.message).toContain(words)
      }
    }
  })

  it('speaks of one method only where it is named by a placeholder', () => {
    for (const code of REASON_CODES) for (const text of texts(code)) expect(text).not.toMatch(/白条|baitiao/i)
  })

  it('names no rule, score, model or list, and promises nothing', () => {
    const forbidden =
      /\b(score|model|rule|threshold|blacklist|fraud|risk)\b|评分|模型|规则|阈值|名单|欺诈|风控|will work|一定/i
    for (const code of REASON_CODES) for (const text of texts(code)) expect(text, code).not.toMatch(forbidden)
  })
})
