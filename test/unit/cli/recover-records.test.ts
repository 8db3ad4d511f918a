import { describe, expect, it } from 'vitest'
import { parseRecords } from '../../../src/cli/recover-records.ts'

const reference = 'a'.repeat(32)
const record = {
  route: 'card_a',
  reference,
  orderId: 'o-1',
  status: 'approved',
  amount: { currency: 'CNY', value: 129_900 },
}

describe('records of an upstream', () => {
  it('are read from CSV with a header, whatever the order of its columns', () => {
    const text = `orderId,route,status,value,currency,reference,operationReference,tenant
o-1,card_a,approved,129900,CNY,${reference},,
o-2,card_a,refunded,5,CNY,${reference},${'b'.repeat(32)},demo`
    expect(parseRecords(text, 'f.csv')).toEqual([
      record,
      {
        ...record,
        orderId: 'o-2',
        status: 'refunded',
        amount: { currency: 'CNY', value: 5 },
        operationReference: 'b'.repeat(32),
        tenant: 'demo',
      },
    ])
  })

  it('are read from JSON lines, with the amount whole or in parts', () => {
    const { amount, ...rest } = record
    const text = [record, { ...rest, ...amount }].map(row => JSON.stringify(row)).join('\n')
    expect(parseRecords(text, 'f.jsonl')).toEqual([record, record])
  })

  it.each([
    ['true', { final: true }],
    ['false', { final: false }],
    ['', {}],
  ])('say whether a capture was the last one: %j', (written, read) => {
    const text = `route,reference,orderId,status,currency,value,final
card_a,${reference},o-1,captured,CNY,129900,${written}`
    expect(parseRecords(text, 'f.csv')).toEqual([{ ...record, status: 'captured', ...read }])
    expect(() => parseRecords(text.replace(/[^,]*$/, 'yes'), 'f')).toThrow('f:2: final')
  })

  it('may be none', () => {
    expect(parseRecords('route,reference,orderId,status,currency,value\n', 'f.csv')).toEqual([])
  })

  it.each([
    ['{"route":"card_a"', 'f:1: is not JSON'],
    ['route,reference,orderId,status,currency,value\ncard_a,xyz,o,approved,CNY,1', 'f:2: reference'],
    [`route,reference,orderId,status,currency,value\ncard_a,${reference},o,approved,CNY,1.5`, 'f:2: value'],
    [`route,reference,orderId,status,currency,value\ncard_a,${reference},o,paid,CNY,1`, 'f:2: status'],
    [JSON.stringify({ ...record, note: 'x' }), 'f:1:'],
    ['route,reference\na,b,c', 'f is not CSV'],
  ])('are refused as a whole with the place of a mistake: %j', (text, told) => {
    expect(() => parseRecords(text, 'f')).toThrow(told)
  })
})
