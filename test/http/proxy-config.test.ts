import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pays, refuses } from './legacy-upstream.ts'
import type { PaymentView } from './payments.ts'
import { orderOf, type Proxied, startProxied } from './proxied.ts'
import type { RawConfig } from './target.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied((legacy, config) => {
    config.routes.push(appOnly(config))
    config.checkouts = VARIANTS.map(variant => ({ ...structuredClone(legacy), ...variant }))
  })
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

const PAID = { pointer: '/state', equals: 'PAID' }

/** Each differs from the checkout `legacy` in the keys of one test. */
const VARIANTS: readonly Record<string, unknown>[] = [
  { id: 'of_other', tenant: 'other', auth: { apiKey: 'stranger' } },
  { id: 'only_b', routes: ['card_b'] },
  {
    id: 'pointers',
    order: '/a~1b/0',
    context: { amount: '/m~0n', currency: '/cur', payer: '/who' },
  },
  { id: 'approval', outcome: { approved: { pointer: '/result/0/ok', equals: 'true' } } },
  {
    id: 'refusal',
    outcome: {
      approved: PAID,
      declined: [{ pointer: '/why', equals: 'no-money', category: 'limit_exceeded' }],
    },
  },
  { id: 'in_app', routes: ['card_app'], channel: 'app' },
  { id: 'paths', paymentPaths: ['/pay'] },
  { id: 'headers', headers: { request: ['x-merchant'], response: ['x-receipt'] } },
  { id: 'small', outcome: undefined, bodyBytesMax: 1_000 },
]

/** A route like `card_a` that serves apps alone. */
function appOnly({ routes }: RawConfig): RawConfig['routes'][number] {
  const like = structuredClone(routes.find(({ id }) => id === 'card_a')) as RawConfig['routes'][number]
  return { ...like, id: 'card_app', capability: { ...like.capability, channels: ['app'] } }
}

async function paymentOf(order: string): Promise<PaymentView | undefined> {
  const path = `/v1/payments?orderId=${order}`
  return (await proxied.target.api<{ payments: PaymentView[] }>('GET', path)).body.payments[0]
}

const payAt = (checkout: string, order: object, options: object = {}) =>
  proxied.call('POST', `/proxy/${checkout}/pay`, { body: order, ...options })

describe('a checkout of the configuration', () => {
  // config-key: checkouts.id, checkouts.auth.apiKey, checkouts.tenant
  it('has its own name and key, and pays for its tenant', async () => {
    const order = orderOf({ order: { id: 'of-the-other-tenant' } })
    expect((await payAt('of_another', order, { key: 'stranger' })).status).toBe(404)
    expect((await payAt('of_other', order)).status).toBe(404)
    expect((await payAt('of_other', order, { key: 'stranger' })).status).toBe(200)
    const path = '/v1/payments?orderId=of-the-other-tenant'
    const own = await proxied.target.api<{ payments: object[] }>('GET', path, { key: 'stranger' })
    const foreign = await proxied.target.api<{ payments: object[] }>('GET', path)
    expect([own.body.payments.length, foreign.body.payments.length]).toEqual([1, 0])
  })

  // config-key: checkouts.routes
  it('uses its own routes only, though others of the tenant could take the payment', async () => {
    proxied.b.behaviour = refuses('51')
    expect((await payAt('only_b', orderOf())).status).toBe(402)
    expect([proxied.a.received.length, proxied.b.received.length]).toEqual([0, 1])
  })

  // config-key: checkouts.order, checkouts.context.amount, checkouts.context.currency, checkouts.context.payer
  it('is read at its own pointers', async () => {
    const refused = await payAt('pointers', { 'a/b': ['o-1'] })
    const named = (refused.body.errors as { pointer: string }[]).map(({ pointer }) => pointer)
    expect(named).toEqual(['/m~0n', '/cur', '/who'])
    proxied.a.behaviour = (_, response) => void response.end('{"state":"PAID"}')
    await payAt('pointers', { 'a/b': ['o-77'], 'm~n': 77, cur: 'CNY', who: 'u-77' })
    expect(await paymentOf('o-77')).toMatchObject({ amount: { currency: 'CNY', value: 77 } })
  })

  // config-key: checkouts.outcome.approved.pointer, checkouts.outcome.approved.equals
  it('has its own sign of approval', async () => {
    proxied.a.behaviour = (_, response) => void response.end('{"result":[{"ok":true}]}')
    await payAt('approval', orderOf({ order: { id: 'o-1' } }))
    proxied.a.behaviour = pays
    await payAt('approval', orderOf({ order: { id: 'o-2' } }))
    expect((await paymentOf('o-1'))?.status).toBe('succeeded')
    expect((await paymentOf('o-2'))?.status).toBe('pending')
  })

  // config-key: checkouts.outcome.declined.pointer, checkouts.outcome.declined.equals, checkouts.outcome.declined.category
  it('has its own signs of refusal, each of a kind', async () => {
    proxied.a.behaviour = (_, response) => void response.end('{"why":"no-money"}')
    await payAt('refusal', orderOf({ order: { id: 'o-3' } }))
    expect((await paymentOf('o-3'))?.attempts).toMatchObject([
      { route: 'card_a', declineCategory: 'limit_exceeded' },
      { route: 'card_b', status: 'approved' },
    ])
    proxied.a.behaviour = refuses('51')
    await payAt('refusal', orderOf({ order: { id: 'o-4' } }))
    expect((await paymentOf('o-4'))?.attempts).toHaveLength(1)
  })

  // config-key: checkouts.channel
  it('pays in its channel', async () => {
    expect((await payAt('in_app', orderOf())).status).toBe(200)
  })

  // config-key: checkouts.paymentPaths
  it('pays on its paths only; on others an order is followed', async () => {
    const order = orderOf({ order: { id: 'o-5' } })
    proxied.a.behaviour = refuses('51')
    expect((await proxied.call('POST', '/proxy/paths/refund', { body: order })).status).toBe(402)
    expect(proxied.b.received).toEqual([])
    expect(await paymentOf('o-5')).toBeUndefined()
    expect((await payAt('paths', order)).headers.get('fundroute-route')).toBe('card_b')
  })

  // config-key: checkouts.headers.request, checkouts.headers.response
  it('has further headers passed on and back', async () => {
    proxied.a.behaviour = (request, response, upstream) => {
      response.setHeader('x-receipt', 'r-1')
      pays(request, response, upstream)
    }
    const reply = await payAt('headers', orderOf(), { headers: { 'x-merchant': 'm-1', 'x-other': '1' } })
    expect(reply.headers.get('x-receipt')).toBe('r-1')
    expect(proxied.a.received[0]?.headers).toMatchObject({ 'x-merchant': 'm-1' })
    expect(proxied.a.received[0]?.headers['x-other']).toBeUndefined()
  })

  // config-key: checkouts.bodyBytesMax
  it('limits what is streamed, whether its length is told or not', async () => {
    const post = (raw: string | ReadableStream<Uint8Array>) => proxied.call('POST', '/proxy/small/x', { raw })
    const stream = new Blob(['x'.repeat(1_001)]).stream()
    const replies = [await post('x'.repeat(1_000)), await post('x'.repeat(1_001)), await post(stream)]
    expect(replies.map(({ status }) => status)).toEqual([200, 413, 413])
  })
})
