import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isSilent } from './legacy-upstream.ts'
import { type PaymentView, paymentOnce } from './payments.ts'
import { orderOf, type Proxied, startProxied, until } from './proxied.ts'

/** Only Node can tell that nothing has left: on Workers a refused connection is an unknown outcome. */
describe('on Node', () => {
  let proxied: Proxied
  beforeAll(async () => {
    proxied = await startProxied()
  })
  afterAll(() => proxied.stop())
  beforeEach(() => {
    proxied.a.reset()
    proxied.b.reset()
  })

  it('another upstream is tried when the first takes no connection', async () => {
    await proxied.a.kill()
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.headers.get('fundroute-route')]).toEqual([200, 'card_b'])
    expect(proxied.b.charged).toEqual([order.order.id])
    await proxied.a.start()
  })

  it('an order stays where it was sent when that upstream dies under it', async () => {
    proxied.a.behaviour = isSilent
    const order = orderOf()
    const paying = proxied.pay(order)
    await until(() => proxied.a.charged.length === 1)
    await proxied.a.kill()
    const reply = await paying
    expect([reply.status, reply.body.code]).toEqual([502, 'upstream_failed'])
    const again = await proxied.pay(order)
    expect([again.status, again.body.code]).toEqual([409, 'order_in_progress'])
    await proxied.a.start()
    expect((await proxied.pay(order)).status).toBe(409)
    expect(proxied.a.charged).toEqual([order.order.id])
    expect(proxied.b.received).toEqual([])
  })

  it('nothing reached: the checkout is told so and may try again', async () => {
    await proxied.a.kill()
    await proxied.b.kill()
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.body.code]).toEqual([502, 'upstream_unreachable'])
    await proxied.a.start()
    await proxied.b.start()
    expect((await proxied.pay(order)).status).toBe(200)
    expect([...proxied.a.charged, ...proxied.b.charged]).toEqual([order.order.id])
  })
})

describe('a gateway that starts again', () => {
  it('still knows where an order is, and what was asked', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-proxy-'))
    const before = await startProxied(undefined, { dataDir })
    before.a.behaviour = isSilent
    const order = orderOf()
    const { body } = await before.pay(order)
    await before.stop({ keepData: true })
    const after = await startProxied(undefined, { dataDir, a: before.a, b: before.b })
    try {
      before.a.reset()
      const replies = [await after.pay(order), await after.pay({ ...order, amount: 1 })]
      expect(replies.map(({ status }) => status)).toEqual([409, 409])
      await after.call('GET', `/proxy/legacy/orders/${order.order.id}`)
      expect([before.a.received.length, before.b.received.length]).toEqual([1, 0])
      const payment = await paymentOnce(after.target, String(body.payment), 'pending')
      expect((payment as PaymentView).attempts).toMatchObject([{ route: 'card_a', status: 'unknown' }])
    } finally {
      await after.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
