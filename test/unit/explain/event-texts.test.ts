import { describe, expect, it } from 'vitest'
import { EVENT_NOTES, type EventParams, eventText } from '../../../src/core/explain/event-texts.ts'

const GIVEN: EventParams = {
  subject: 'Lender',
  amount: { currency: 'CNY', value: 129_900 },
  date: '2027-01-08',
  level: 'amber',
  indicator: 'utilization',
}

describe('the text of an event', () => {
  it.each(EVENT_NOTES)('%s is there in both languages, filled in', note => {
    const { en, 'zh-CN': zh } = eventText(note, GIVEN)
    expect(en).toMatch(/^[A-Z][^{}\u4e00-\u9fff]{8,}\.$/)
    expect(zh).toMatch(/^[^{}]*[\u4e00-\u9fff][^{}]*。$/)
    // Both say the same things about the case at hand.
    for (const value of ['Lender', 'CNY 1,299.00', '2027-01-08', 'utilization']) {
      expect([note, value, zh.includes(value)]).toEqual([note, value, en.includes(value)])
    }
    expect([note, zh.includes('黄色')]).toEqual([note, en.includes('amber')])
  })

  it('writes amounts by the digits of their currency', () => {
    const text = (currency: string, value: number) =>
      eventText('refund_succeeded', { amount: { currency, value } }).en
    expect(text('CNY', 5)).toBe('CNY 0.05 was refunded.')
    expect(text('JPY', 1_234_567)).toBe('JPY 1,234,567 was refunded.')
    expect(text('KWD', 1_234)).toBe('KWD 1.234 was refunded.')
  })
})
