import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { cny, contextOf, type ContextBody, pay, type PaymentView, type ProblemView } from './payments.ts'
import type { Call, Target } from './target.ts'

/** Stands in every value that must not be told back. */
const CANARY = 'zq9canary'
const CARD = '4111111111111111'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())

const MONEY_PATHS = ['/v1/payments', '/v1/decisions', '/v1/quotes']

const textOf = (change: Record<string, unknown> = {}) => JSON.stringify({ ...contextOf(), ...change })
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
/** The valid body with one part of its text replaced. */
const edited = (from: string, to: string) => textOf().replace(from, to)
const amountOf = (value: string) => edited('129900', value)

/** Sends raw text to a path and holds that nothing came of it: no journal row, nothing sent to any upstream. */
async function refused(path: string, raw: string | Uint8Array, call: Call = {}) {
  const before = await target.sandbox.requestsSeen()
  const answer = await target.api<ProblemView>('POST', path, {
    raw,
    ...call,
    headers: { 'idempotency-key': crypto.randomUUID(), ...call.headers },
  })
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.body).toMatchObject({
    type: expect.stringMatching(/^\/docs#/),
    title: expect.any(String),
    status: answer.status,
    code: expect.any(String),
  })
  expect(answer.text).not.toContain(CANARY)
  expect(answer.text).not.toContain(CARD)
  expect(await target.sandbox.requestsSeen()).toBe(before)
  return answer
}

const cases: [string, string, string, string][] = [
  ['an unknown field', textOf({ [`x-${CANARY.slice(0, 3)}`]: CANARY }), 'invalid_request', '/x-zq9'],
  [
    'an unknown field below',
    edited('"id":"u-1"', `"id":"u-1","vip":"${CANARY}"`),
    'invalid_request',
    '/payer/vip',
  ],
  ['a fractional amount', amountOf('1299.5'), 'invalid_request', '/amount/value'],
  ['a negative amount', amountOf('-129900'), 'invalid_request', '/amount/value'],
  ['an amount of nothing', amountOf('0'), 'invalid_request', '/amount/value'],
  ['an amount beyond exact integers', amountOf('9007199254740993'), 'invalid_request', '/amount/value'],
  ['an amount beyond any number', amountOf('1e400'), 'invalid_request', '/amount/value'],
  ['an amount beyond reason', amountOf('99999999999999'), 'invalid_request', '/amount/value'],
  ['an amount as text', amountOf(`"${CANARY}"`), 'invalid_request', '/amount/value'],
  ['an unknown currency', edited('CNY', 'ZQ9'), 'invalid_request', '/amount/currency'],
  ['a currency in small letters', edited('CNY', 'cny'), 'invalid_request', '/amount/currency'],
  ['an unknown channel', edited('"app"', `"${CANARY}"`), 'invalid_request', '/channel'],
  ['an unknown tender', edited('"card"', `"${CANARY}"`), 'invalid_request', '/funding/accept/0/tender'],
  [
    'a tender twice',
    edited('{"tender":"card"}', '{"tender":"card"},{"tender":"card"}'),
    'invalid_request',
    '/funding/accept/1/tender',
  ],
  ['nothing accepted', edited('{"tender":"card"}', ''), 'invalid_request', '/funding/accept'],
  ['a missing payer', textOf({ payer: undefined }), 'invalid_request', '/payer'],
  [
    'an order with a control character',
    textOf({ orderId: `${CANARY}\u001e` }),
    'invalid_request',
    '/orderId',
  ],
  ['an empty payer', edited('"u-1"', '""'), 'invalid_request', '/payer/id'],
  ['a payer of 129 characters', edited('u-1', CANARY.repeat(15)), 'invalid_request', '/payer/id'],
  ['null for an object', textOf({ amount: null }), 'invalid_request', '/amount'],
  ['a list for an object', textOf({ amount: [CANARY] }), 'invalid_request', '/amount'],
  [
    'an item in another currency',
    textOf({ items: [{ id: 'a', category: 'b', amount: { currency: 'USD', value: 1 } }] }),
    'invalid_request',
    '/items/0/amount/currency',
  ],
  [
    'a return address that is no web page',
    textOf({ returnUrl: `javascript:${CANARY}` }),
    'invalid_request',
    '/returnUrl',
  ],
  ['metadata that is no text', textOf({ metadata: { a: { b: CANARY } } }), 'invalid_request', '/metadata/a'],
  [
    'too much metadata',
    textOf({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [i, CANARY])) }),
    'invalid_request',
    '/metadata',
  ],
  ['a key given twice', edited('"app"', `"app","channel":"${CANARY}"`), 'invalid_request', '/channel'],
  ['a key given twice below', edited('"value":', '"value":1,"value":'), 'invalid_request', '/amount/value'],
  [
    'a key given twice in disguise',
    edited('"value":', '"v\\u0061lue":1,"value":'),
    'invalid_request',
    '/amount/value',
  ],
  [
    '__proto__',
    edited('"orderId":', `"__proto__":{"admin":"${CANARY}"},"orderId":`),
    'invalid_request',
    '/__proto__',
  ],
  [
    '__proto__ in disguise',
    edited('"orderId":', '"__pr\\u006fto__":{},"orderId":'),
    'invalid_request',
    '/__proto__',
  ],
  [
    'nesting of 17',
    textOf().slice(0, -1) + `,"metadata":${nested(16)}}`,
    'invalid_request',
    `/metadata${'/0'.repeat(15)}`,
  ],
  ['nesting of 20,000', `{"metadata":${nested(20_000)}}`, 'invalid_request', `/metadata${'/0'.repeat(15)}`],
  [
    'a list of 3,000',
    textOf({ items: Array.from({ length: 3_000 }, () => 1) }),
    'invalid_request',
    '/items/1987',
  ],
  [
    'a text of 5,000 characters',
    textOf({ metadata: { note: CANARY.repeat(600) } }),
    'invalid_request',
    '/metadata/note',
  ],
  ['a card number', textOf({ metadata: { note: CARD } }), 'card_number_refused', '/metadata/note'],
  [
    'a card number in a sentence',
    textOf({ metadata: { note: `card ${CARD}, thanks` } }),
    'card_number_refused',
    '/metadata/note',
  ],
  [
    'a card number in groups',
    textOf({ metadata: { note: '4111 1111-1111 1111 12/27' } }),
    'card_number_refused',
    '/metadata/note',
  ],
  [
    'a card number with letters around it',
    textOf({ metadata: { note: `PAN${CARD}x` } }),
    'card_number_refused',
    '/metadata/note',
  ],
  [
    'a card number escaped',
    textOf({ metadata: { note: 'N' } }).replace('"N"', '"\\u0034111111111111111"'),
    'card_number_refused',
    '/metadata/note',
  ],
  ...[
    '４１１１１１１１１１１１１１１１',
    '4111　1111　1111　1111',
    '4111\u00a01111\u00a01111\u00a01111',
    '4111\u200b1111\u200b1111\u200b1111',
    '4111\u00ad1111\u20601111\u200d1111',
    '4111.1111.1111.1111',
    '1234.4111.1111.1111.1111',
    '4111_1111_1111_1111',
    '4111 / 1111 / 1111 / 1111',
    '3782  822463  10005',
  ].map((note): [string, string, string, string] => [
    `a card number written as ${note}`,
    textOf({ metadata: { note } }),
    'card_number_refused',
    '/metadata/note',
  ]),
  ['NUL in a text', edited('u-1', 'u\\u0000'), 'invalid_request', '/payer/id'],
  ['half a character in a text', edited('u-1', 'u\\ud800'), 'invalid_request', '/payer/id'],
  ['the wrong half in a text', edited('u-1', '\\udc00'), 'invalid_request', '/payer/id'],
  [
    'half a character in a name',
    textOf({ metadata: { N: 'x' } }).replace('"N"', '"\\ud83d"'),
    'invalid_request',
    '/metadata/\ud83d',
  ],
  ['a card number as a number', amountOf(CARD), 'card_number_refused', '/amount/value'],
  ['a card number as the order', textOf({ orderId: CARD }), 'card_number_refused', '/orderId'],
  [
    'a card number as a token',
    textOf({ funding: { accept: [{ tender: 'card' }], instruments: { card: { token: CARD } } } }),
    'card_number_refused',
    '/funding/instruments/card/token',
  ],
  [
    'a card number as a key',
    textOf({ metadata: { [CARD]: 'x' } }),
    'card_number_refused',
    '/metadata/(name withheld)',
  ],
]

describe.each(MONEY_PATHS)('POST %s', path => {
  it.each(cases)(
    'with %s is refused, with the place and without the value',
    async (_name, raw, code, pointer) => {
      const { status, body } = await refused(path, raw)
      expect([status, body.code]).toEqual([400, code])
      expect(body.errors?.map(error => error.pointer)).toContain(pointer)
    },
  )

  it.each([
    ['nothing', ''],
    ['half an object', textOf().slice(0, -1)],
    ['something after the object', `${textOf()} ${CANARY}`],
    ['a comment', edited('{', `{/* ${CANARY} */`)],
    // A random order would be read as a number now and then: without quotes its digits are no text.
    ['single quotes', textOf({ orderId: CANARY }).replaceAll('"', "'")],
    ['NaN', amountOf('NaN')],
    ['a number with a leading zero', amountOf('0129900')],
    ['a control character in a text', edited('u-1', 'u\u0001-1')],
    ['a lone escape', edited('u-1', '\\x')],
  ])('with %s is refused as no JSON', async (_name, raw) => {
    const { status, body } = await refused(path, raw)
    expect([status, body.code]).toEqual([400, 'invalid_json'])
  })

  it.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['a number', '7'],
  ])('with %s instead of an object is refused', async (_name, raw) => {
    expect((await refused(path, raw)).status).toBe(400)
  })

  it('with bytes that are not UTF-8 is refused', async () => {
    const raw = new TextEncoder().encode(edited('u-1', 'u?1'))
    raw[raw.indexOf('?'.charCodeAt(0))] = 0xff
    const { status, body } = await refused(path, raw)
    expect([status, body.code]).toEqual([400, 'invalid_json'])
  })

  it('over 64 KB is refused unread, just below is not', async () => {
    const { status, body } = await refused(path, textOf().padEnd(65_537))
    expect([status, body.code]).toEqual([413, 'body_too_large'])
    const fits = await target.api('POST', path, {
      raw: textOf().padEnd(65_536),
      headers: { 'idempotency-key': crypto.randomUUID() },
    })
    expect(fits.status).toBeLessThan(300)
  })

  it.each([
    [undefined],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/jsonp'],
    ['multipart/form-data'],
  ])('as %s is refused', async type => {
    const { status, body } = await refused(path, textOf(), { headers: { 'content-type': type ?? '' } })
    expect([status, body.code]).toEqual([415, 'unsupported_media_type'])
  })

  it('as application/json with a charset is taken', async () => {
    const answer = await target.api('POST', path, {
      body: contextOf(),
      headers: { 'content-type': 'Application/JSON; charset=utf-8', 'idempotency-key': crypto.randomUUID() },
    })
    expect(answer.status).toBeLessThan(300)
  })
})

it.each([
  ['text for an amount', edited('129900', '"15"'), '/amount/value', 'must be a number'],
  ['a fraction of an amount', edited('129900', '1.5'), '/amount/value', 'must be an integer'],
  ['a number for an order', textOf({ orderId: 5 }), '/orderId', 'must be a string'],
  ['no order', textOf({ orderId: undefined }), '/orderId', 'is required'],
])('%s is told by what is expected', async (_name, raw, pointer, message) => {
  const { body } = await refused('/v1/decisions', raw)
  expect(body.errors).toEqual([{ pointer, message }])
})

describe('a card number beside the body', () => {
  it('in the idempotency key is refused', async () => {
    for (const key of [CARD, `order-${CARD}`, '4111-1111-1111-1111']) {
      const { status, body } = await refused('/v1/payments', textOf(), {
        headers: { 'idempotency-key': key },
      })
      expect([status, body.code]).toEqual([400, 'card_number_refused'])
    }
  })

  it.each([
    `/v1/payments?orderId=${CARD}`,
    '/v1/payments?orderId=4111+1111+1111+1111',
    '/v1/payments?orderId=%34111111111111111',
    `/v1/payments/${CARD}`,
    `/v1/decisions/${CARD}`,
    `/v1/payments/pay_1/refunds/${CARD}`,
  ])('in the address is refused: %s', async path => {
    const { status, body, text } = await target.api<ProblemView>('GET', path)
    expect([status, body.code]).toEqual([400, 'card_number_refused'])
    expect(text).not.toContain(CARD)
  })

  it('in the request id is replaced, never told back', async () => {
    const { headers } = await target.api('GET', '/v1/payments?orderId=o-1', {
      headers: { 'x-request-id': CARD },
    })
    expect(headers.get('x-request-id')).toMatch(/^req_/)
  })
})

describe('what only looks like a card number', () => {
  it.each([
    ['a UUID of digits', '41111111-1111-4112-8111-111111111111'],
    ['a hex id with a card number inside', 'quo_ab4111111111111111cdef0123456789'],
    ['digits that fail the check', '4111111111111112'],
    ['a time in nanoseconds', '1764000000000000000'],
    ['twenty digits', '41111111111111111111'],
    ['an amount, a date and a time', '5000.2026.11.28 10.01.27'],
    ['an emoji, escaped by its two halves', '😀'],
  ])('%s is taken', async (_name, id) => {
    const { status } = await pay(target, contextOf({ orderId: `${id}` }))
    expect(status).toBe(201)
  })
})

describe('the address', () => {
  it.each([
    ['POST', '/v1/nothing', 404, 'not_found'],
    ['GET', '/v1/payments/', 404, 'not_found'],
    ['GET', '/v1/payments/..%2f..%2fadmin', 404, 'not_found'],
    ['GET', '/v1/payments/%00', 404, 'not_found'],
    ['GET', '/v1/payments?orderId=%00', 404, 'not_found'],
    ['GET', '/v1/payments/%ff%fe', 404, 'not_found'],
    ['GET', `/v1/payments/${'x'.repeat(4_000)}`, 404, 'not_found'],
    ['DELETE', '/v1/payments/pay_1', 405, 'method_not_allowed'],
    ['PUT', '/v1/payments', 405, 'method_not_allowed'],
    ['GET', '/v1/quotes', 405, 'method_not_allowed'],
    ['GET', '/v1/payments', 400, 'invalid_request'],
    ['GET', `/v1/payments?orderId=${'x'.repeat(129)}`, 400, 'invalid_request'],
    ['GET', '/metrics', 404, 'not_found'],
    ['GET', '/admin/v1/routes', 404, 'not_found'],
    ['GET', '/console', 404, 'not_found'],
  ])('%s %s: %i %s', async (method, path, status, code) => {
    const answer = await target.api<ProblemView>(method, path)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
})

describe('a refused request', () => {
  it('leaves nothing in the journal: order and key are as free as before', async () => {
    const context: ContextBody = contextOf()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    expect((await pay(target, { ...context, extra: 1 }, { headers })).status).toBe(400)
    expect((await pay(target, { ...context, amount: cny(0) }, { headers })).status).toBe(400)
    const listed = await target.api<{ payments: PaymentView[] }>(
      'GET',
      `/v1/payments?orderId=${context.orderId}`,
    )
    expect(listed.body.payments).toEqual([])
    const paid = await pay(target, context, { headers })
    expect([paid.status, paid.headers.get('idempotency-replayed')]).toEqual([201, null])
  })
})
