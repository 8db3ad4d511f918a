import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkOut } from '../../examples/checkout/checkout.ts'
import { createReceiver } from '../../examples/webhook-receiver/receiver.ts'
import { startTarget } from '../http/harness.ts'
import type { Target } from '../http/target.ts'

let target: Target

beforeAll(async () => {
  target = await startTarget()
})

afterAll(() => target.stop())

describe('the example checkout', () => {
  it('shows what can be used and why not, and pays', async () => {
    const lines = await checkOut(target.url, target.secret('checkout'), 'example-1')
    expect(lines).toContain('card: yes')
    expect(lines.find(line => line.startsWith('flash_pay'))).toMatch(/^flash_pay: no - .*channel/)
    expect(lines.at(-1)).toMatch(/^succeeded by card_/)
  })
})

describe('the example receiver of webhooks', () => {
  it('believes only what is signed, and tells a repeated delivery once', async () => {
    const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
    const events: unknown[] = []
    const server = createReceiver(secret, event => events.push(event)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const body = JSON.stringify({ type: 'payment.succeeded', data: { id: 'pay_1' } })
    const at = new Date()
    const send = (signature: string) =>
      fetch(url, {
        method: 'POST',
        body,
        headers: {
          'webhook-id': 'evt_1',
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': signature,
        },
      })
    const genuine = new Webhook(secret).sign('evt_1', at, body)
    expect((await send('v1,forged')).status).toBe(401)
    expect((await send(genuine)).status).toBe(204)
    expect((await send(genuine)).status).toBe(204)
    expect(events).toHaveLength(1)
    server.close()
  })
})
