import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PaymentView } from '../http/payments.ts'
import { orderOf, type Proxied, speak, startProxied } from '../http/proxied.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied(undefined, { env: { SHARDS_PER_TENANT: '4' } })
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

async function paymentsOf(order: string | number): Promise<PaymentView[]> {
  const path = `/v1/payments?orderId=${order}`
  return (await proxied.target.api<{ payments: PaymentView[] }>('GET', path)).body.payments
}

describe('the proxy on Workers', () => {
  it('tries no other upstream when one takes no connection: nothing proves that nothing was sent', async () => {
    await proxied.a.kill()
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.body.code]).toEqual([502, 'upstream_failed'])
    expect(await paymentsOf(order.order.id)).toMatchObject([
      { id: reply.body.payment, status: 'pending', attempts: [{ route: 'card_a', status: 'unknown' }] },
    ])
    expect((await proxied.pay(order)).body.code).toBe('order_in_progress')
    expect(proxied.b.received).toEqual([])
    await proxied.a.start()
  })

  it('finds an order again on whichever shard it is', async () => {
    const orders = Array.from({ length: 12 }, () => orderOf())
    await Promise.all(orders.map(order => proxied.pay(order)))
    const shards = new Set<string>()
    for (const order of orders) {
      const again = await proxied.pay({ ...order, amount: 1 })
      expect([again.status, again.body.code]).toEqual([409, 'order_already_paid'])
      const [payment] = await paymentsOf(order.order.id)
      expect(again.body.payment).toBe(payment?.id)
      shards.add(payment?.id.slice(-2) ?? '')
    }
    expect(shards.size).toBeGreaterThan(1)
    expect(proxied.a.charged).toHaveLength(orders.length)
  })

  /** Cloudflare refuses both before a Worker sees them. The runtime alone reads them in one way, and so do we. */
  it.each([
    ['a target that names a host', 'GET http://evil.example/proxy/plain/x HTTP/1.1', []],
    [
      'length and chunks at once',
      'POST /proxy/plain/x HTTP/1.1',
      ['content-length: 5', 'transfer-encoding: chunked'],
    ],
  ])('reaches its own upstream and no other by %s', async (_, start, lines) => {
    const bearer = `authorization: Bearer ${proxied.target.secret('checkout')}`
    const head = [start, 'host: a', 'connection: close', bearer, ...lines].join('\r\n')
    const smuggled = `GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`
    await speak(proxied.target.url, `${head}\r\n\r\n${lines.length > 0 ? '0\r\n\r\n' : ''}${smuggled}`)
    expect(proxied.a.received.map(({ url, body }) => [url, body.length])).toEqual([['/x', 0]])
    expect(proxied.b.received).toEqual([])
  })
})
