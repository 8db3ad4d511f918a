import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isSilent } from './legacy-upstream.ts'
import { type PaymentView, paymentOnce } from './payments.ts'
import { orderOf, startProxied, until } from './proxied.ts'

it('an order stays where it was sent when that upstream dies under it', async () => {
  const proxied = await startProxied()
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
  await proxied.stop()
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
