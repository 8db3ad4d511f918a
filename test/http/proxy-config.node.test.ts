import { afterEach, describe, expect, it } from 'vitest'
import { pays, refuses } from './legacy-upstream.ts'
import type { PaymentView } from './payments.ts'
import { type ChangeCheckout, orderOf, type Proxied, startProxied } from './proxied.ts'

let proxied: Proxied | undefined
afterEach(() => proxied?.stop())

async function started(change: ChangeCheckout): Promise<Proxied> {
  proxied = await startProxied(change)
  return proxied
}

async function paymentOf({ target }: Proxied, order: string): Promise<PaymentView | undefined> {
  const { body } = await target.api<{ payments: PaymentView[] }>('GET', `/v1/payments?orderId=${order}`)
  return body.payments[0]
}

describe('a checkout of the configuration', () => {
  // config-key: checkouts.id, checkouts.auth.apiKey, checkouts.tenant
  it('has its own name and key, and pays for its tenant', async () => {
    const gateway = await started(legacy => {
      Object.assign(legacy, { id: 'renamed', tenant: 'other', auth: { apiKey: 'stranger' } })
    })
    const order = orderOf({ order: { id: 'of-the-other-tenant' } })
    expect((await gateway.pay(order)).status).toBe(404)
    expect((await gateway.call('POST', '/proxy/renamed/pay', { body: order })).status).toBe(404)
    const reply = await gateway.call('POST', '/proxy/renamed/pay', { body: order, key: 'stranger' })
    expect(reply.status).toBe(200)
    const path = '/v1/payments?orderId=of-the-other-tenant'
    const own = await gateway.target.api<{ payments: object[] }>('GET', path, { key: 'stranger' })
    const foreign = await gateway.target.api<{ payments: object[] }>('GET', path)
    expect([own.body.payments.length, foreign.body.payments.length]).toEqual([1, 0])
  })

  // config-key: checkouts.routes
  it('uses its own routes only, though others of the tenant could take the payment', async () => {
    const gateway = await started(legacy => {
      legacy.routes = ['card_b']
    })
    gateway.b.behaviour = refuses('51')
    expect((await gateway.pay(orderOf())).status).toBe(402)
    expect([gateway.a.received.length, gateway.b.received.length]).toEqual([0, 1])
  })

  // config-key: checkouts.order, checkouts.context.amount, checkouts.context.currency, checkouts.context.payer
  it('is read at its own pointers', async () => {
    const gateway = await started(legacy => {
      legacy.order = '/a~1b/0'
      legacy.context = { amount: '/m~0n', currency: '/cur', payer: '/who' }
    })
    const refused = await gateway.call('POST', '/proxy/legacy/pay', { body: { 'a/b': ['o-1'] } })
    const named = (refused.body.errors as { pointer: string }[]).map(({ pointer }) => pointer)
    expect(named).toEqual(['/m~0n', '/cur', '/who'])
    const body = { 'a/b': ['o-77'], 'm~n': 77, cur: 'CNY', who: 'u-77' }
    await gateway.call('POST', '/proxy/legacy/charge', { body })
    expect(await paymentOf(gateway, 'o-77')).toMatchObject({ amount: { currency: 'CNY', value: 77 } })
  })

  // config-key: checkouts.outcome.approved.pointer, checkouts.outcome.approved.equals
  it('has its own sign of approval', async () => {
    const gateway = await started(legacy => {
      legacy.outcome = { approved: { pointer: '/result/0/ok', equals: 'true' } }
    })
    gateway.a.behaviour = (_, response) => void response.end('{"result":[{"ok":true}]}')
    await gateway.pay(orderOf({ order: { id: 'o-1' } }))
    gateway.a.behaviour = pays
    await gateway.pay(orderOf({ order: { id: 'o-2' } }))
    expect((await paymentOf(gateway, 'o-1'))?.status).toBe('succeeded')
    expect((await paymentOf(gateway, 'o-2'))?.status).toBe('pending')
  })

  // config-key: checkouts.outcome.declined.pointer, checkouts.outcome.declined.equals, checkouts.outcome.declined.category
  it('has its own signs of refusal, each of a kind', async () => {
    const gateway = await started(legacy => {
      legacy.outcome = {
        approved: { pointer: '/state', equals: 'PAID' },
        declined: [{ pointer: '/why', equals: 'no-money', category: 'limit_exceeded' }],
      }
    })
    gateway.a.behaviour = (_, response) => void response.end('{"why":"no-money"}')
    await gateway.pay(orderOf({ order: { id: 'o-3' } }))
    expect((await paymentOf(gateway, 'o-3'))?.attempts).toMatchObject([
      { route: 'card_a', declineCategory: 'limit_exceeded' },
      { route: 'card_b', status: 'approved' },
    ])
    gateway.a.behaviour = refuses('51')
    await gateway.pay(orderOf({ order: { id: 'o-4' } }))
    expect((await paymentOf(gateway, 'o-4'))?.attempts).toHaveLength(1)
  })

  // config-key: checkouts.channel
  it('pays in its channel', async () => {
    const gateway = await started((legacy, config) => {
      legacy.channel = 'app'
      for (const route of config.routes) {
        if (route.id.startsWith('card')) route.capability.channels = ['app']
      }
    })
    expect((await gateway.pay(orderOf())).status).toBe(200)
  })

  // config-key: checkouts.paymentPaths
  it('pays on its paths only; on others an order is followed', async () => {
    const gateway = await started(legacy => {
      legacy.paymentPaths = ['/pay']
    })
    const order = orderOf({ order: { id: 'o-5' } })
    gateway.a.behaviour = refuses('51')
    expect((await gateway.call('POST', '/proxy/legacy/refund', { body: order })).status).toBe(402)
    expect(gateway.b.received).toEqual([])
    expect(await paymentOf(gateway, 'o-5')).toBeUndefined()
    expect((await gateway.pay(order)).headers.get('fundroute-route')).toBe('card_b')
  })

  // config-key: checkouts.headers.request, checkouts.headers.response
  it('has further headers passed on and back', async () => {
    const gateway = await started(legacy => {
      legacy.headers = { request: ['x-merchant'], response: ['x-receipt'] }
    })
    gateway.a.behaviour = (request, response, upstream) => {
      response.setHeader('x-receipt', 'r-1')
      pays(request, response, upstream)
    }
    const reply = await gateway.pay(orderOf(), { headers: { 'x-merchant': 'm-1', 'x-other': '1' } })
    expect(reply.headers.get('x-receipt')).toBe('r-1')
    expect(gateway.a.received[0]?.headers).toMatchObject({ 'x-merchant': 'm-1' })
    expect(gateway.a.received[0]?.headers['x-other']).toBeUndefined()
  })

  // config-key: checkouts.bodyBytesMax
  it('limits what is streamed, whether its length is told or not', async () => {
    const gateway = await started(legacy => {
      delete legacy.outcome
      legacy.bodyBytesMax = 1_000
    })
    const fits = await gateway.call('POST', '/proxy/legacy/x', { raw: 'x'.repeat(1_000) })
    const told = await gateway.call('POST', '/proxy/legacy/x', { raw: 'x'.repeat(1_001) })
    const stream = new Blob(['x'.repeat(1_001)]).stream()
    const untold = await gateway.call('POST', '/proxy/legacy/x', { raw: stream })
    expect([fits.status, told.status, untold.status]).toEqual([200, 413, 413])
  })
})
