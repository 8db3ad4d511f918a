import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pays } from './legacy-upstream.ts'
import { orderOf, type Proxied, speak, startProxied } from './proxied.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied()
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

function nothingSent(): boolean {
  return proxied.a.received.length + proxied.b.received.length === 0
}

describe('who may use a checkout', () => {
  it.each([
    ['no checkout of that name', '/proxy/nobody/pay', 'checkout', 404, 'not_found'],
    ['no name', '/proxy/', 'checkout', 404, 'not_found'],
    ['a name with more behind it', '/proxy/plain2/pay', 'checkout', 404, 'not_found'],
    ['a key of another tenant', '/proxy/legacy/pay', 'stranger', 404, 'not_found'],
    ['another key of the tenant', '/proxy/legacy/pay', 'shop', 403, 'forbidden'],
    ['no key', '/proxy/legacy/pay', null, 401, 'unauthorized'],
    ['no key, passed through', '/proxy/plain/pay', null, 401, 'unauthorized'],
    ['a key of another tenant, passed through', '/proxy/plain/pay', 'stranger', 404, 'not_found'],
  ] as const)('%s', async (_, path, key, status, code) => {
    const reply = await proxied.call('POST', path, { key, body: orderOf() })
    expect([reply.status, reply.body.code]).toEqual([status, code])
    expect(nothingSent()).toBe(true)
  })

  it('two keys at once are no key', async () => {
    const key = `authorization: Bearer ${proxied.target.secret('checkout')}\r\n`
    const head = `GET /proxy/plain/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${key}${key}\r\n`
    expect(await speak(proxied.target.url, head)).toMatch(/^HTTP\/1.1 40[01] /)
    expect(nothingSent()).toBe(true)
  })
})

describe('a request that pays and cannot be read', () => {
  const bad: [string, Record<string, unknown>, string][] = [
    ['no order', { order: {} }, '/order/id'],
    ['an empty order', { order: { id: '' } }, '/order/id'],
    ['an order that is no name', { order: { id: { a: 1 } } }, '/order/id'],
    ['an order too long', { order: { id: 'x'.repeat(129) } }, '/order/id'],
    // oxlint-disable-next-line no-loss-of-precision -- the loss is what is tried
    ['an order that is rounded', { order: { id: 9_007_199_254_740_993 } }, '/order/id'],
    ['no amount', { amount: undefined }, '/amount'],
    ['a broken amount', { amount: 12.5 }, '/amount'],
    ['a negative amount', { amount: -1 }, '/amount'],
    ['an amount in words', { amount: '12.50' }, '/amount'],
    ['an unknown currency', { currency: 'XXY' }, '/currency'],
    ['no payer', { user: null }, '/user/id'],
  ]
  it.each(bad)('%s: the pointer is named', async (_, change, pointer) => {
    const reply = await proxied.pay(orderOf(change))
    expect([reply.status, reply.body.code]).toEqual([400, 'invalid_request'])
    expect(reply.body.errors).toEqual([{ pointer, message: expect.any(String) }])
    expect(nothingSent()).toBe(true)
  })

  it('names every pointer that finds nothing', async () => {
    const reply = await proxied.call('POST', '/proxy/legacy/pay', { body: { order: { id: 'o' } } })
    expect((reply.body.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
      '/amount',
      '/currency',
      '/user/id',
    ])
  })

  it.each([
    ['what is no JSON', '{"order":', {}, 400, 'invalid_json'],
    [
      'a key twice',
      '{"order":{"id":"1"},"amount":1,"amount":2,"currency":"CNY","user":{"id":"u"}}',
      {},
      400,
      'invalid_request',
    ],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0x7d]), {}, 400, 'invalid_json'],
    [
      'a form',
      'order=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    [
      'a compressed body',
      gzipSync('{"order":{"id":"1"}}'),
      { 'content-encoding': 'gzip' },
      415,
      'unsupported_media_type',
    ],
    [
      'a body over the limit',
      JSON.stringify({ order: { id: '1' }, pad: 'x'.repeat(65_536) }),
      {},
      413,
      'body_too_large',
    ],
    [
      'an order that is a card number',
      JSON.stringify(orderOf({ order: { id: '4111111111111111' } })),
      {},
      400,
      'card_number_refused',
    ],
  ] as const)('%s', async (_, raw, headers, status, code) => {
    const reply = await proxied.call('POST', '/proxy/legacy/pay', { raw, headers })
    expect([reply.status, reply.body.code]).toEqual([status, code])
    expect(nothingSent()).toBe(true)
  })

  it('is over the limit without saying so', async () => {
    const stream = new Blob(['x'.repeat(70_000)]).stream()
    const reply = await proxied.call('POST', '/proxy/legacy/pay', { raw: stream })
    expect([reply.status, reply.body.code]).toEqual([413, 'body_too_large'])
    expect(nothingSent()).toBe(true)
  })

  it('may hold a card number where only the upstream sees it, and it is kept nowhere', async () => {
    const order = orderOf({ card: { number: '4111111111111111' } })
    const reply = await proxied.pay(order)
    expect(reply.status).toBe(200)
    expect(proxied.a.received[0]?.body.toString()).toContain('4111111111111111')
    const kept = await proxied.target.api('GET', `/v1/payments/${reply.headers.get('fundroute-payment')}`)
    expect(kept.text).not.toContain('4111')
  })
})

describe('headers and targets that two readers would take differently', () => {
  const head = (lines: readonly string[]): string =>
    [
      ...lines,
      `authorization: Bearer ${proxied.target.secret('checkout')}`,
      'connection: close',
      '',
      '',
    ].join('\r\n')

  it.each(['plain', 'legacy'])(
    'drops hop-by-hop headers and those that Connection names: %s',
    async checkout => {
      const heard = await speak(
        proxied.target.url,
        [
          `GET /proxy/${checkout}/x HTTP/1.1`,
          'host: a',
          'connection: close, accept-language, x-request-id',
          'keep-alive: timeout=9',
          'te: trailers',
          'accept-language: zh',
          'x-request-id: request-0001',
          'accept: text/plain',
          `authorization: Bearer ${proxied.target.secret('checkout')}`,
          '',
          '',
        ].join('\r\n'),
      )
      expect(heard).toMatch(/^HTTP\/1.1 200 /)
      const { headers } = proxied.a.received[0] as { headers: Record<string, string> }
      expect(headers.accept).toBe('text/plain')
      for (const name of ['keep-alive', 'te', 'accept-language', 'x-request-id']) {
        expect(headers[name]).toBeUndefined()
      }
    },
  )

  it.each(['content-type', 'idempotency-key', 'traceparent'])('refuses %s sent twice', async name => {
    const twice = [`${name}: a/b`, `${name}: c/d`]
    const heard = await speak(proxied.target.url, head(['GET /proxy/plain/x HTTP/1.1', 'host: a', ...twice]))
    expect(heard).toMatch(/^HTTP\/1.1 400 /)
    expect(nothingSent()).toBe(true)
  })

  it.each(['/proxy/plain/../../v1/x', '/proxy/plain/%2e%2e/x', '/proxy/plain/..%5cx'])(
    'lets no path out of the checkout: %s',
    async path => {
      const heard = await speak(proxied.target.url, head([`GET ${path} HTTP/1.1`, 'host: a']))
      expect(heard).toMatch(/^HTTP\/1.1 40[04] /)
      expect(nothingSent()).toBe(true)
    },
  )

  it('resolves steps that stay within the checkout, so that the upstream sees none', async () => {
    const heard = await speak(proxied.target.url, head(['GET /proxy/plain/a/%2E./b HTTP/1.1', 'host: a']))
    expect(heard).toMatch(/^HTTP\/1.1 (200|400) /)
    expect(proxied.a.received.map(({ url }) => url).filter(url => url !== '/b')).toEqual([])
  })

  it('refuses two lengths', async () => {
    const text = head(['POST /proxy/plain/x HTTP/1.1', 'host: a', 'content-length: 5', 'content-length: 6'])
    expect(await speak(proxied.target.url, `${text}0\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /)
    expect(nothingSent()).toBe(true)
  })

  it('refuses two hosts', async () => {
    const heard = await speak(proxied.target.url, head(['GET /proxy/plain/x HTTP/1.1', 'host: a', 'host: b']))
    expect(heard).toMatch(/^HTTP\/1.1 400 /)
    expect(nothingSent()).toBe(true)
  })

  it.each(['plain', 'legacy'])('refuses to upgrade: %s', async checkout => {
    const heard = await speak(
      proxied.target.url,
      [
        `GET /proxy/${checkout}/socket HTTP/1.1`,
        'host: a',
        'connection: upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
        `authorization: Bearer ${proxied.target.secret('checkout')}`,
        '',
        '',
      ].join('\r\n'),
    )
    expect(heard).toMatch(/^HTTP\/1.1 501 /)
    expect(heard).toContain('upgrade_refused')
    expect(nothingSent()).toBe(true)
  })

  it('refuses CONNECT', async () => {
    const heard = await speak(proxied.target.url, head(['CONNECT 127.0.0.1:1 HTTP/1.1', 'host: 127.0.0.1:1']))
    expect(heard).not.toMatch(/^HTTP\/1.1 2/)
    expect(nothingSent()).toBe(true)
  })

  it('serves the next request after every refusal', async () => {
    proxied.a.behaviour = pays
    expect((await proxied.pay(orderOf())).status).toBe(200)
    expect((await proxied.call('GET', '/proxy/plain/x')).status).toBe(200)
  })
})
