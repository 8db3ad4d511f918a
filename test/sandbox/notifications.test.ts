import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'
import { call, clientOf, order } from './client.ts'

const secret = `whsec_${Buffer.from('sandbox secret of thirty-two byte').toString('base64')}`

interface Arrival {
  path: string
  headers: IncomingHttpHeaders
  body: string
  at: number
}

let gateway: Server
let arrivals: Arrival[]
let answers: number[]
let sandbox: Sandbox
let card: ReturnType<typeof clientOf>

beforeEach(async () => {
  arrivals = []
  answers = []
  gateway = createServer((request, response) => {
    const at = performance.now()
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      arrivals.push({ path: request.url ?? '', headers: request.headers, body, at })
      response.writeHead(answers.shift() ?? 204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const { port } = gateway.address() as AddressInfo
  sandbox = await startSandbox({
    ports: 0,
    gatewayUrl: `http://127.0.0.1:${port}`,
    notificationSecrets: { card_a: secret },
    dials: { card_a: { settleMs: 60 } },
  })
  card = clientOf(sandbox, 'card_a')
})
afterEach(async () => {
  await sandbox.close()
  gateway.close()
  gateway.closeAllConnections()
})

function verified({ body, headers }: Arrival): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

async function arrived(count: number): Promise<Arrival[]> {
  await expect.poll(() => arrivals.length, { timeout: 5_000 }).toBe(count)
  return arrivals
}

describe('notifications', () => {
  it('tell the final state of a payment, signed, at the address of the route', async () => {
    const request = order({ metadata: { sandbox: 'processing_approved' } })
    await card.pay(request)
    const [first] = await arrived(1)
    expect(first?.path).toBe('/v1/notifications/card_a')
    expect(verified(first as Arrival)).toMatchObject({
      type: 'payment.updated',
      data: { reference: request.reference, status: 'approved', amount: request.amount },
    })
  })

  it('tell of refunds, captures and what became of them', async () => {
    await call('PUT', `${sandbox.control}/gateway`, { url: null })
    const slow = order({ metadata: { sandbox: 'refund_processing' } })
    const none = order({ metadata: { sandbox: 'refund_declined' } })
    const held = order({ capture: 'manual' })
    for (const request of [slow, none, held]) await card.pay(request)
    const { port } = gateway.address() as AddressInfo
    await new Promise(resolve => setTimeout(resolve, 100))
    sandbox.setGateway(`http://127.0.0.1:${port}`)
    await card.refund(slow.reference, 'r1', slow.amount.value)
    await card.refund(none.reference, 'r2', none.amount.value)
    const part = { ...held.amount, value: 500 }
    await call('POST', `${card.baseUrl}/payments/${held.reference}/capture`, {
      amount: part,
      captureReference: 'c1',
    })
    const told = (await arrived(3)).map(arrival => (verified(arrival) as { data: object }).data)
    expect(told).toContainEqual(
      expect.objectContaining({
        reference: slow.reference,
        refundReference: 'r1',
        status: 'approved',
        amount: slow.amount,
      }),
    )
    expect(told).toContainEqual(
      expect.objectContaining({
        reference: none.reference,
        refundReference: 'r2',
        status: 'declined',
        declineCode: '05',
      }),
    )
    expect(told).toContainEqual(
      expect.objectContaining({
        reference: held.reference,
        captureReference: 'c1',
        status: 'approved',
        amount: part,
      }),
    )
  })

  it('are repeated under one id until they are taken', async () => {
    answers = [503, 500]
    await card.pay(order())
    const [first, second, third] = await arrived(3)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(third?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    await expect
      .poll(async () => (await call('GET', `${sandbox.control}/requests`)).body.card_a)
      .toMatchObject({ notifications: { sent: 3, delivered: 1, failed: 0 } })
  })

  it('come five times with one id when asked to', async () => {
    await card.pay(order({ metadata: { sandbox: 'repeated_notification' } }))
    const ids = (await arrived(5)).map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids).size).toBe(1)
  })

  it('come before the answer when asked to', async () => {
    await card.pay(order({ metadata: { sandbox: 'early_notification' } }))
    const answeredAt = performance.now()
    expect((await arrived(1))[0]?.at).toBeLessThan(answeredAt)
  })

  it('tell of a decline that turned into a charge', async () => {
    await card.pay(order({ metadata: { sandbox: 'declined_then_approved' } }))
    const told = (await arrived(2)).map(
      arrival => (verified(arrival) as { data: { status: string } }).data.status,
    )
    expect(told).toEqual(['declined', 'approved'])
  })

  it('can be sent again, and are not sent by a route without a secret', async () => {
    await clientOf(sandbox, 'card_b').pay(order())
    const request = order()
    await card.pay(request)
    await arrived(1)
    await call('POST', `${sandbox.control}/routes/card_a/payments/${request.reference}/notify`)
    await arrived(2)
  })

  it('stop when the gateway is taken away', async () => {
    await call('PUT', `${sandbox.control}/gateway`, { url: null })
    await card.pay(order())
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(arrivals).toEqual([])
  })
})
