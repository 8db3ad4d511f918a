import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isSilent, json, paysOnce, refuses } from './legacy-upstream.ts'
import type { PaymentView } from './payments.ts'
import { orderOf, type Proxied, startProxied } from './proxied.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied((_, config) => {
    const idempotency = { mode: 'key', retentionHours: 24, replaysErrors: true }
    for (const route of config.routes) route.capability.idempotency = idempotency
  })
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

async function statusOf(order: string | number): Promise<string | undefined> {
  const { body } = await proxied.target.api<{ payments: PaymentView[] }>(
    'GET',
    `/v1/payments?orderId=${order}`,
  )
  return body.payments[0]?.status
}

// config-key: routes.capability.idempotency.mode
describe('an upstream that knows a request again', () => {
  it('is asked again by the checkout, and nobody else is: the unknown becomes known', async () => {
    proxied.a.behaviour = isSilent
    const order = orderOf()
    const first = await proxied.pay(order)
    expect([first.status, await statusOf(order.order.id)]).toEqual([504, 'pending'])
    proxied.a.behaviour = paysOnce
    const again = await proxied.pay(order)
    expect([again.status, again.body.state]).toEqual([200, 'PAID'])
    expect(again.headers.get('fundroute-payment')).toBe(first.body.payment)
    expect(await statusOf(order.order.id)).toBe('succeeded')
    expect(proxied.a.charged).toEqual([order.order.id])
    expect(proxied.b.received).toEqual([])
  })

  it('gives its answer again when the order is paid', async () => {
    proxied.a.behaviour = paysOnce
    const order = orderOf()
    const first = await proxied.pay(order)
    const again = await proxied.pay(order)
    expect([again.status, again.text]).toEqual([200, first.text])
    expect(proxied.a.received.map(({ body }) => body)).toEqual([
      proxied.a.received[0]?.body,
      proxied.a.received[0]?.body,
    ])
    expect(proxied.a.charged).toEqual([order.order.id])
  })

  it('still never gets another request for the order', async () => {
    proxied.a.behaviour = paysOnce
    const order = orderOf()
    await proxied.pay(order)
    const other = await proxied.pay({ ...order, amount: 1 })
    expect([other.status, other.body.code]).toEqual([409, 'order_already_paid'])
    expect(proxied.a.received).toHaveLength(1)
  })

  it('keeps the order when a repetition does not reach it, though that one was not sent', async () => {
    proxied.a.behaviour = isSilent
    const order = orderOf()
    await proxied.pay(order)
    await proxied.a.kill()
    const again = await proxied.pay(order)
    expect(again.status).toBe(502)
    expect(await statusOf(order.order.id)).toBe('pending')
    expect(proxied.b.received).toEqual([])
    await proxied.a.start()
  })

  it('refuses a repetition for certain: then, and only then, another one is tried', async () => {
    proxied.a.behaviour = (_, response) =>
      void setTimeout(() => json(response, 402, { code: '51' }), 30_000).unref()
    const order = orderOf()
    expect((await proxied.pay(order)).status).toBe(504)
    proxied.a.behaviour = refuses('51')
    const again = await proxied.pay(order)
    expect([again.status, again.headers.get('fundroute-route')]).toEqual([200, 'card_b'])
    expect(proxied.b.charged).toEqual([order.order.id])
  })

  it('is asked by one repetition at a time', async () => {
    proxied.a.behaviour = isSilent
    const order = orderOf()
    await proxied.pay(order)
    proxied.a.reset()
    proxied.a.behaviour = (request, response, upstream) =>
      void setTimeout(() => paysOnce(request, response, upstream), 100)
    const replies = await Promise.all(Array.from({ length: 10 }, () => proxied.pay(order)))
    const told = new Set(replies.map(({ status }) => status))
    expect([...told].sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([200, 409])
    expect(proxied.a.charged).toEqual([order.order.id])
    expect(proxied.b.received).toEqual([])
  })
})
