import { describe, expect, it } from 'vitest'
import type { Mapping } from '../../../src/adapters/connectors/http/dialect.ts'
import { valueAt } from '../../../src/adapters/connectors/http/json-pointer.ts'
import { answered } from '../../support/fake-http-client.ts'
import { amount, connect, own, reference, request, unknown } from '../../support/http-connector.ts'

describe('what is sent', () => {
  it('is the protocol, with key, token and trace', async () => {
    const { client, connector } = connect()
    await connector.pay(
      { ...request, instrument: { token: 'tok_1' }, instalments: 3, metadata: { a: 'b' } },
      { timeoutMs: 1_000, traceparent: '00-aa-bb-01' },
    )
    const [sent] = client.requests
    expect(sent).toMatchObject({
      method: 'POST',
      url: 'http://upstream.example/api/payments',
      timeoutMs: 1_000,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': reference,
        authorization: 'Bearer secret-token',
        traceparent: '00-aa-bb-01',
      },
    })
    expect(JSON.parse(sent?.body as string)).toEqual({
      ...request,
      instrument: { token: 'tok_1' },
      instalments: 3,
      metadata: { a: 'b' },
    })
  })

  it('names queries, cancels, captures and refunds as the protocol does', async () => {
    const { client, connector } = connect()
    const options = { timeoutMs: 1_000 }
    await connector.query(reference, amount, options)
    await connector.cancel(reference, 'void', options)
    await connector.capture(reference, 'c/1', amount, options)
    await connector.refund(reference, 'r/1', amount, options)
    await connector.queryRefund(reference, 'r/1', amount, options)
    const base = `http://upstream.example/api/payments/${reference}`
    expect(client.requests.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', base, undefined],
      ['POST', `${base}/cancel`, '{"verb":"void"}'],
      ['POST', `${base}/capture`, JSON.stringify({ captureReference: 'c/1', amount })],
      ['POST', `${base}/refunds`, JSON.stringify({ refundReference: 'r/1', amount })],
      ['GET', `${base}/refunds/r%2F1`, undefined],
    ])
    expect(client.requests[2]?.headers['idempotency-key']).toBe('c/1')
    expect(client.requests[3]?.headers['idempotency-key']).toBe('r/1')
  })

  it('says of the last capture that it is the last', async () => {
    const { client, connector } = connect()
    await connector.capture(reference, 'c/1', amount, { timeoutMs: 1_000, final: true })
    expect(client.requests[0]?.body).toBe(JSON.stringify({ captureReference: 'c/1', amount, final: true }))
  })

  it('puts renamed fields where the mapping says, and leaves the others', async () => {
    const { client, connector } = connect({
      request: {
        reference: '/trade/no',
        amountValue: '/trade/total',
        amountCurrency: '/trade/currency',
        payer: '/buyer~1id',
      },
    })
    await connector.pay(request, { timeoutMs: 1_000 })
    expect(JSON.parse(client.requests[0]?.body as string)).toEqual({
      trade: { no: reference, total: 12_900, currency: 'CNY' },
      orderId: 'o-1',
      capture: 'automatic',
      'buyer/id': 'u-1',
      expiresAt: 1_800_000_000_000,
    })
  })

  it.each(['/__proto__/x', '/a/constructor', 'a', ''])('does not compile the pointer %j', text => {
    expect(() => connect({ request: { payer: text } })).toThrow(TypeError)
    expect(() => connect({ response: { status: text } })).toThrow(TypeError)
  })
})

describe('the reason of a refusal', () => {
  const reason = async (body: object, declineCodes: Mapping['declineCodes'] = {}) =>
    connect({ declineCodes }).pay(answered(200, { ...own, status: 'declined', ...body }))

  it('is the category of the route’s own table before what the upstream says', async () => {
    const table = { '51': 'limit_exceeded' } as const
    const said = { declineCode: '51', declineCategory: 'insufficient_funds' }
    expect(await reason(said, table)).toEqual({ kind: 'declined', category: 'limit_exceeded', code: '51' })
    expect(await reason(said)).toEqual({ kind: 'declined', category: 'insufficient_funds', code: '51' })
  })

  it('is issuer_declined for a definite refusal that nothing explains', async () => {
    expect(await reason({ declineCode: '99' })).toEqual({
      kind: 'declined',
      category: 'issuer_declined',
      code: '99',
    })
    expect(await reason({ declineCategory: 'because' })).toEqual({
      kind: 'declined',
      category: 'issuer_declined',
    })
    expect(await reason({ declineCategory: 'toString' })).toMatchObject({ category: 'issuer_declined' })
  })

  it('is not a refusal when the upstream calls the outcome unknown, or claims what only we can know', async () => {
    expect(await reason({ declineCategory: 'outcome_unknown' })).toEqual(unknown('upstream_error'))
    expect(await reason({ declineCategory: 'not_sent' })).toEqual(unknown('upstream_error'))
  })

  it('keeps codes that are words, and nothing that could be somebody’s data', async () => {
    expect(await reason({ declineCode: 51 })).toMatchObject({ code: '51' })
    for (const declineCode of ['x'.repeat(65), 'card 6222 refused', { a: 1 }, '', '拒绝']) {
      expect(await reason({ declineCode })).toEqual({ kind: 'declined', category: 'issuer_declined' })
    }
  })
})

describe('what the payer has to do', () => {
  const action = async (nextAction: unknown) =>
    connect().pay(answered(200, { ...own, status: 'requires_action', nextAction }))
  const expiresAt = 1_800_000_000_000

  it.each([
    { type: 'redirect', url: 'https://bank.example/3ds?x=1', expiresAt },
    { type: 'app_link', url: 'weixin://pay?x=1', expiresAt },
    { type: 'qr_code', payload: '00020101', expiresAt },
    { type: 'form', url: 'https://bank.example/f', payload: '{"a":1}', expiresAt },
  ])('is handed on: $type', async nextAction => {
    expect(await action(nextAction)).toEqual({
      kind: 'requires_action',
      nextAction,
      providerReference: 'p-1',
    })
  })

  it.each([
    undefined,
    'redirect',
    { type: 'call_us', url: 'https://bank.example', expiresAt },
    { type: 'redirect', expiresAt },
    { type: 'redirect', url: 'https://bank.example' },
    { type: 'redirect', url: 'https://bank.example', expiresAt: 'tomorrow' },
    { type: 'redirect', url: 'javascript:alert(1)', expiresAt },
    { type: 'app_link', url: 'JavaScript:alert(1)', expiresAt },
    { type: 'redirect', url: 'weixin://pay', expiresAt },
    { type: 'redirect', url: `https://bank.example/${'x'.repeat(2_048)}`, expiresAt },
    { type: 'redirect', url: 7, payload: 'x', expiresAt },
  ])('is not handed on when it is not whole or not safe: %j', async nextAction => {
    expect(await action(nextAction)).toEqual(unknown('unreadable'))
  })
})

describe('a dialect', () => {
  const mapping: Partial<Mapping> = {
    response: {
      status: '/result/state',
      reference: '/trade/no',
      amountValue: '/trade/fee',
      amountCurrency: '/trade/currency',
      declineCode: '/result/code',
    },
    statuses: { PAID: 'approved', FAIL: 'declined' },
    declineCodes: { NOTENOUGH: 'insufficient_funds' },
  }
  const trade = { no: reference, fee: 12_900, currency: 'CNY' }

  it('is read by its pointers and words', async () => {
    const { pay } = connect(mapping)
    expect(await pay(answered(200, { trade, result: { state: 'PAID' } }))).toMatchObject({
      kind: 'approved',
      amount,
    })
    expect(await pay(answered(200, { trade, result: { state: 'FAIL', code: 'NOTENOUGH' } }))).toEqual({
      kind: 'declined',
      category: 'insufficient_funds',
      code: 'NOTENOUGH',
    })
  })

  it('makes our own words unknown once it has words of its own', async () => {
    const { pay } = connect(mapping)
    expect(await pay(answered(200, { trade, result: { state: 'approved' } }))).toEqual(unknown('unreadable'))
    expect(await pay(answered(200, { trade, result: { state: 'CLOSING' } }))).toEqual(unknown('unreadable'))
  })

  it('follows its pointers through own properties only', () => {
    expect(valueAt({ a: { b: 7 } }, ['a', 'b'])).toBe(7)
    expect(valueAt(Object.create({ a: 7 }), ['a'])).toBeUndefined()
  })

  it('checks the amount that it splits in two', async () => {
    const { pay } = connect(mapping)
    const other = { ...trade, fee: 1 }
    expect(await pay(answered(200, { trade: other, result: { state: 'PAID' } }))).toEqual(unknown('mismatch'))
  })
})

describe('what the other answers prove', () => {
  const options = { timeoutMs: 1_000 }

  it.each<[number, unknown, object]>([
    [404, { error: 'not_found' }, { kind: 'not_found' }],
    [404, '', { kind: 'not_found' }],
    [404, 'default backend - 404', unknown('upstream_error')],
    [404, '<html>nginx</html>', unknown('upstream_error')],
    [200, { ...own, status: 'approved' }, { kind: 'approved' }],
    [500, '', unknown('upstream_error')],
  ])('query: %s %j', async (status, body, expected) => {
    const { client, connector } = connect()
    client.next = answered(status, body)
    expect(await connector.query(reference, amount, options)).toMatchObject(expected)
  })

  it.each<[number, unknown, object]>([
    [200, { status: 'canceled' }, { kind: 'canceled' }],
    [200, { status: 'already_paid', reference }, { kind: 'already_paid' }],
    [200, { status: 'not_found' }, { kind: 'not_found' }],
    [200, { status: 'canceled', reference: 'x' }, unknown('mismatch')],
    [200, { status: 'approved' }, unknown('unreadable')],
    [200, 'done', unknown('unreadable')],
    [404, 'page', unknown('upstream_error')],
    [409, { status: 'canceled' }, unknown('upstream_error')],
  ])('cancel: %s %j', async (status, body, expected) => {
    const { client, connector } = connect()
    client.next = answered(status, body)
    expect(await connector.cancel(reference, 'reverse', options)).toMatchObject(expected)
  })

  it.each<[number, unknown, object]>([
    [200, { status: 'approved' }, { kind: 'approved' }],
    [200, { status: 'approved', reference, refundReference: 'r1', amount }, { kind: 'approved' }],
    [200, { status: 'processing' }, { kind: 'processing' }],
    [200, { status: 'declined', declineCode: 'late' }, { kind: 'declined', code: 'late' }],
    [200, { status: 'approved', refundReference: 'r2' }, unknown('mismatch')],
    [200, { status: 'approved', reference: 'x' }, unknown('mismatch')],
    [200, { status: 'approved', amount: { ...amount, value: 1 } }, unknown('mismatch')],
    [200, { status: 'canceled' }, unknown('unreadable')],
    [400, { error: 'x' }, unknown('upstream_error')],
    [500, '', unknown('upstream_error')],
  ])('refund: %s %j', async (status, body, expected) => {
    const { client, connector } = connect()
    client.next = answered(status, body)
    expect(await connector.refund(reference, 'r1', amount, options)).toMatchObject(expected)
  })
})
