import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  answers,
  breaksOff,
  isSilent,
  json,
  pays,
  paysAfter,
  refuses,
  talksGarbage,
} from './legacy-upstream.ts'
import { type PaymentView, paymentOnce } from './payments.ts'
import { orderOf, type Proxied, startProxied, TOKEN_A, until } from './proxied.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied()
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

async function paymentOf(order: string | number): Promise<PaymentView | undefined> {
  const { body } = await proxied.target.api<{ payments: PaymentView[] }>(
    'GET',
    `/v1/payments?orderId=${order}`,
  )
  return body.payments[0]
}

describe('a payment through the proxy', () => {
  it('reaches the upstream as it was sent, and the answer comes back as it was given', async () => {
    const raw = `{ "currency":"CNY",\n "amount": 129900, "order": {"id": "bytes-${crypto.randomUUID()}"}, "user":{"id":"u-1"}, "张": "三" }`
    proxied.a.behaviour = (_, response) => {
      response.writeHead(201, { 'content-type': 'application/json; charset=utf-8', etag: '"1"' })
      response.end('{ "state" : "PAID" }')
    }
    const reply = await proxied.call('POST', '/proxy/legacy/pay?via=app', { raw })
    expect(reply.status).toBe(201)
    expect(reply.text).toBe('{ "state" : "PAID" }')
    expect(reply.headers.get('etag')).toBe('"1"')
    expect(reply.headers.get('fundroute-route')).toBe('card_a')
    expect(proxied.a.received.map(({ method, url, body }) => [method, url, body.toString()])).toEqual([
      ['POST', '/pay?via=app', raw],
    ])
    expect(proxied.b.received).toEqual([])
  })

  it('is a payment like every other: by its order, with its route and its outcome', async () => {
    const order = orderOf()
    const reply = await proxied.pay(order)
    const payment = await paymentOf(order.order.id)
    expect(payment).toMatchObject({
      id: reply.headers.get('fundroute-payment'),
      status: 'succeeded',
      route: 'card_a',
      amount: { currency: 'CNY', value: 129_900 },
      attempts: [{ route: 'card_a', status: 'approved' }],
    })
  })

  it('carries the credentials of the upstream in place of those of the checkout', async () => {
    await proxied.pay(orderOf(), { headers: { cookie: 'session=1', 'proxy-authorization': 'Basic eA==' } })
    const [received] = proxied.a.received
    expect(received?.headers.authorization).toBe(`Bearer ${TOKEN_A}`)
    expect(received?.headers.cookie).toBeUndefined()
    expect(received?.headers['proxy-authorization']).toBeUndefined()
    expect(JSON.stringify(received?.rawHeaders)).not.toContain(proxied.target.secret('checkout'))
  })

  it('is durable before the upstream hears of it', async () => {
    const order = orderOf()
    let seen: PaymentView | undefined
    proxied.a.behaviour = (request, response, upstream) =>
      void paymentOf(order.order.id).then(payment => {
        seen = payment
        pays(request, response, upstream)
      })
    await proxied.pay(order)
    expect(seen).toMatchObject({ status: 'pending', attempts: [{ route: 'card_a', status: 'unknown' }] })
  })

  it('is read from numbers as well as from text', async () => {
    const id = Math.floor(Math.random() * 1e12)
    expect((await proxied.pay(orderOf({ order: { id }, amount: '250' }))).status).toBe(200)
    expect(await paymentOf(id)).toMatchObject({ amount: { currency: 'CNY', value: 250 } })
  })

  it('runs to its end when the client goes away', async () => {
    proxied.a.behaviour = paysAfter(250)
    const order = orderOf()
    const leaving = new AbortController()
    const gone = proxied.pay(order, { signal: leaving.signal }).catch((error: Error) => error.name)
    await until(() => proxied.a.received.length === 1)
    leaving.abort()
    expect(await gone).toBe('AbortError')
    await until(async () => (await paymentOf(order.order.id))?.status === 'succeeded')
    expect(proxied.a.charged).toEqual([order.order.id])
  })
})

describe('another upstream', () => {
  it('is tried after a refusal that the mapping names, with the same bytes and its own credentials', async () => {
    proxied.a.behaviour = refuses('51')
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('fundroute-route')).toBe('card_b')
    expect(proxied.b.received[0]?.body).toEqual(proxied.a.received[0]?.body)
    expect(proxied.b.received[0]?.headers.authorization).toBeUndefined()
    expect(await paymentOf(order.order.id)).toMatchObject({
      status: 'succeeded',
      attempts: [
        { route: 'card_a', status: 'declined', declineCategory: 'insufficient_funds' },
        { route: 'card_b', status: 'approved' },
      ],
    })
  })

  it('is not tried after a refusal whose category forbids it, and the checkout gets that refusal', async () => {
    proxied.a.behaviour = refuses('59')
    const reply = await proxied.pay(orderOf())
    expect([reply.status, reply.body]).toEqual([402, { state: 'REFUSED', code: '59' }])
    expect(proxied.b.received).toEqual([])
  })

  it('refuses too: the checkout gets the last refusal, and may try the order again', async () => {
    proxied.a.behaviour = refuses('51')
    proxied.b.behaviour = refuses('51', 422)
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.headers.get('fundroute-route')]).toEqual([422, 'card_b'])
    proxied.a.behaviour = pays
    expect((await proxied.pay({ ...order, card: 'tok_other' })).status).toBe(200)
    expect(proxied.a.charged).toEqual([order.order.id])
  })

  it.each([
    ['says nothing within its time', isSilent, 504, 'upstream_timeout'],
    ['breaks the connection', breaksOff, 502, 'upstream_failed'],
    ['answers what is no HTTP', talksGarbage, 502, 'upstream_failed'],
  ])('is not tried when the first %s', async (_, behaviour, status, code) => {
    proxied.a.behaviour = behaviour
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.body.code]).toEqual([status, code])
    expect(proxied.b.received).toEqual([])
    const payment = await paymentOf(order.order.id)
    expect(payment).toMatchObject({ status: 'pending', attempts: [{ route: 'card_a', status: 'unknown' }] })
    expect(reply.body.payment).toBe(payment?.id)
  })

  it.each([
    ['an answer that the mapping does not know', 200, { state: 'QUEUED' }],
    ['a refusal that the mapping does not know', 400, { code: '99' }],
    ['a mapped refusal with a status that says the upstream is broken', 500, { code: '51' }],
    ['an answer that says both', 200, { state: 'PAID', code: '51' }],
  ])('is not tried after %s; it is passed on and the outcome stays open', async (_, status, body) => {
    proxied.a.behaviour = answers(status, body)
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.body]).toEqual([status, body])
    expect(proxied.b.received).toEqual([])
    expect((await paymentOf(order.order.id))?.status).toBe('pending')
  })

  it('is not tried after an answer that names the outcome twice', async () => {
    proxied.a.behaviour = (_, response) => void response.end('{"code":"51","code":"00"}')
    const order = orderOf()
    await proxied.pay(order)
    expect(proxied.b.received).toEqual([])
    expect((await paymentOf(order.order.id))?.status).toBe('pending')
  })
})

describe('the same order again', () => {
  it('pays once, however many ask at once', async () => {
    proxied.a.behaviour = paysAfter(150)
    const order = orderOf()
    const replies = await Promise.all(Array.from({ length: 20 }, () => proxied.pay(order)))
    expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    // Whoever comes when it is done is told so; on a busy machine the upstream may be too late for the one that pays.
    const told = replies.filter(({ status }) => status !== 200).map(({ body }) => String(body.code))
    const expected = ['request_in_progress', 'order_already_paid', 'upstream_timeout', 'order_in_progress']
    expect(told.filter(code => !expected.includes(code))).toEqual([])
    expect(told.filter(code => code === 'upstream_timeout').length).toBeLessThanOrEqual(1)
    expect(proxied.a.charged).toEqual([order.order.id])
    expect(proxied.b.charged).toEqual([])
  })

  it.each([
    ['paid', pays, 'order_already_paid'],
    ['of unknown outcome', isSilent, 'order_in_progress'],
  ])('is refused with another body when it is %s', async (_, behaviour, code) => {
    proxied.a.behaviour = behaviour
    const order = orderOf()
    await proxied.pay(order)
    const again = await proxied.pay({ ...order, note: 'changed' })
    expect([again.status, again.body.code]).toEqual([409, code])
    expect(again.body.payment).toBe((await paymentOf(order.order.id))?.id)
    expect(proxied.a.charged).toHaveLength(1)
    expect(proxied.b.charged).toEqual([])
  })

  it.each([
    ['paid', pays, 'order_already_paid'],
    ['of unknown outcome', isSilent, 'order_in_progress'],
  ])(
    'is never sent again to an upstream that would charge again, when it is %s',
    async (_, behaviour, code) => {
      proxied.a.behaviour = behaviour
      const order = orderOf()
      await proxied.pay(order)
      const again = await proxied.pay(order)
      expect([again.status, again.body.code]).toEqual([409, code])
      expect(proxied.a.charged).toHaveLength(1)
      expect(proxied.b.charged).toEqual([])
    },
  )

  it('is known to another checkout only as taken, and not at all to another tenant', async () => {
    const order = orderOf()
    await proxied.pay(order)
    const stranger = await proxied.pay(order, { key: 'stranger' })
    expect([stranger.status, stranger.body.code, stranger.body.payment]).toEqual([
      404,
      'not_found',
      undefined,
    ])
  })

  it('waits for a person when nobody can tell, and is not asked about in a protocol of ours', async () => {
    proxied.a.behaviour = breaksOff
    const order = orderOf()
    const reply = await proxied.pay(order)
    const payment = await paymentOnce(proxied.target, String(reply.body.payment), 'pending')
    const refund = await proxied.target.api('POST', `/v1/payments/${payment.id}/refunds`, {
      body: {},
      headers: { 'idempotency-key': crypto.randomUUID() },
    })
    const cancel = await proxied.target.api('POST', `/v1/payments/${payment.id}/cancel`, {
      body: {},
      headers: { 'idempotency-key': crypto.randomUUID() },
    })
    expect([refund.status, cancel.status]).toEqual([409, 409])
    await new Promise(resolve => setTimeout(resolve, 1_500))
    expect(proxied.a.received).toHaveLength(1)
    expect(proxied.b.received).toHaveLength(0)
  })
})

describe('what follows a payment', () => {
  it.each([
    ['GET', '/proxy/legacy/orders/ORDER', undefined],
    ['GET', '/proxy/legacy/status?order=ORDER&x=1', undefined],
    ['HEAD', '/proxy/legacy/orders/ORDER', undefined],
    ['POST', '/proxy/legacy/refund', { order: { id: 'ORDER' }, amount: 100, currency: 'CNY' }],
    ['POST', '/proxy/legacy/orders/ORDER/refund', { amount: 100 }],
    ['DELETE', '/proxy/legacy/orders/ORDER', undefined],
  ])('goes to the upstream that has the order: %s %s', async (method, path, body) => {
    proxied.a.behaviour = refuses('51')
    const order = orderOf()
    const id = String(order.order.id)
    await proxied.pay(order)
    proxied.a.reset()
    const sent = body === undefined ? {} : { raw: JSON.stringify(body).replaceAll('ORDER', id) }
    const reply = await proxied.call(method, path.replace('ORDER', id), sent)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('fundroute-route')).toBe('card_b')
    expect(proxied.a.received).toEqual([])
    expect(proxied.b.received.at(-1)).toMatchObject({
      method,
      url: path.replace('/proxy/legacy', '').replace('ORDER', id),
    })
  })

  it('is never tried elsewhere, whatever comes of it', async () => {
    const order = orderOf()
    await proxied.pay(order)
    proxied.a.behaviour = refuses('51')
    const refund = { order: order.order, amount: 100, currency: 'CNY' }
    expect((await proxied.call('POST', '/proxy/legacy/refund', { body: refund })).status).toBe(402)
    expect(proxied.b.received).toEqual([])
    expect(proxied.a.at('/refund')).toHaveLength(1)
  })

  it('about an order that is not known goes to the first upstream', async () => {
    proxied.b.behaviour = (_, response) => json(response, 200, {})
    const reply = await proxied.call('GET', '/proxy/legacy/orders/never-heard-of')
    expect([reply.status, reply.headers.get('fundroute-route')]).toEqual([200, 'card_a'])
  })
})
