import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'
import { call, clientOf, cny, order } from './client.ts'

let sandbox: Sandbox
let card: ReturnType<typeof clientOf>

beforeEach(async () => {
  sandbox = await startSandbox({ ports: 0, dials: { card_a: { settleMs: 250 } } })
  card = clientOf(sandbox, 'card_a')
})
afterEach(() => sandbox.close())

describe('a request sent twice', () => {
  it('is refused again under the same key, though it would be approved by now', async () => {
    await card.turn({ approvalRate: 0 })
    const request = order()
    const first = await card.pay(request)
    expect(first.body.status).toBe('declined')
    await card.turn({ approvalRate: 1 })
    expect((await card.pay(request)).body).toEqual(first.body)
    expect(await card.ledger(request.reference)).toEqual([])
  })

  it('gets the same answer for the same key, also when the state has moved on', async () => {
    const request = order({ metadata: { sandbox: 'processing_approved' } })
    const first = await card.pay(request)
    await expect.poll(async () => (await card.query(request.reference)).body.status).toBe('approved')
    expect((await card.pay(request)).body).toEqual(first.body)
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })

  it('is refused with 422 when the body differs', async () => {
    const request = order()
    await card.pay(request)
    expect((await card.pay({ ...request, amount: cny(5) })).status).toBe(422)
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })

  it('is charged again by an upstream without idempotency, and by one that has forgotten the key', async () => {
    await card.turn({ idempotency: 'none' })
    const once = order()
    await card.pay(once)
    await card.pay(once)
    expect(await card.ledger(once.reference)).toEqual(['charged 129900', 'charged 129900'])
    await card.turn({ idempotency: 'key', keyMemoryMs: 20 })
    const forgotten = order()
    await card.pay(forgotten)
    await new Promise(resolve => setTimeout(resolve, 40))
    await card.pay(forgotten)
    expect(await card.ledger(forgotten.reference)).toHaveLength(2)
  })

  it('is refused with 409 by an upstream that only knows references', async () => {
    await card.turn({ idempotency: 'reference' })
    const request = order()
    await card.pay(request)
    expect((await card.pay(request)).status).toBe(409)
    expect(await card.ledger(request.reference)).toHaveLength(1)
  })

  it('replays an error when the upstream says that it replays errors', async () => {
    await card.turn({ replaysErrors: true })
    for (const sandboxed of ['error_before', 'error_after']) {
      const request = order({ metadata: { sandbox: sandboxed } })
      expect([(await card.pay(request)).status, (await card.pay(request)).status]).toEqual([500, 500])
    }
  })
})

describe('expiry', () => {
  it('refuses what arrives after it, in Unix ms and in RFC 3339, unless the upstream does not honour it', async () => {
    const past = Date.now() - 1
    for (const expiresAt of [past, new Date(past).toISOString()]) {
      expect((await card.pay(order({ expiresAt }))).body).toMatchObject({
        status: 'declined',
        declineCode: 'expired',
      })
    }
    await card.turn({ honoursExpiry: false })
    expect((await card.pay(order({ expiresAt: past }))).body.status).toBe('approved')
  })
})

describe('cancel', () => {
  it('close ends what is unpaid and leaves what is paid', async () => {
    const open = order({ metadata: { sandbox: 'processing_approved' } })
    await card.pay(open)
    expect((await card.cancel(open.reference, 'close')).body.status).toBe('canceled')
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(await card.ledger(open.reference)).toEqual([])
    expect((await card.query(open.reference)).body).toMatchObject({
      status: 'declined',
      declineCode: 'canceled',
    })
    const paid = order()
    await card.pay(paid)
    expect((await card.cancel(paid.reference, 'close')).body.status).toBe('already_paid')
    expect(await card.ledger(paid.reference)).toEqual(['charged 129900'])
  })

  it.each(['void', 'reverse'])('%s gives back what was taken, once', async verb => {
    const request = order()
    await card.pay(request)
    expect((await card.cancel(request.reference, verb)).body.status).toBe('canceled')
    expect((await card.cancel(request.reference, verb)).body.status).toBe('canceled')
    expect(await card.ledger(request.reference)).toEqual(['charged 129900', 'voided 129900'])
  })

  it('stops a decline that was about to turn into a charge', async () => {
    const request = order({ metadata: { sandbox: 'declined_then_approved' } })
    await card.pay(request)
    expect((await card.cancel(request.reference, 'reverse')).body.status).toBe('canceled')
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(await card.ledger(request.reference)).toEqual([])
  })

  it('of an unseen reference promises nothing without tombstones', async () => {
    await card.turn({ tombstones: false })
    const request = order()
    expect((await card.cancel(request.reference, 'reverse')).body.status).toBe('not_found')
    expect((await card.pay(request)).body.status).toBe('approved')
  })
})

describe('authorize, capture, refund', () => {
  async function heldPayment() {
    const request = order({ capture: 'manual' })
    await card.pay(request)
    return request
  }

  it('captures in parts, no more than was authorized, and releases the rest', async () => {
    const request = order({ capture: 'manual' })
    expect((await card.pay(request)).body.status).toBe('authorized')
    expect((await card.capture(request.reference, 100_000)).body.status).toBe('approved')
    expect((await card.capture(request.reference, 29_901)).body).toMatchObject({
      declineCode: 'exceeds_authorized',
    })
    expect((await card.cancel(request.reference, 'void')).body.status).toBe('canceled')
    expect(await card.ledger(request.reference)).toEqual([
      'authorized 129900',
      'captured 100000',
      'voided 100000',
      'released 29900',
    ])
  })

  it('releases the rest with the last capture, and captures nothing more', async () => {
    const { reference } = await heldPayment()
    const last = { amount: cny(900), captureReference: 'c1', final: true }
    for (let again = 0; again < 2; again += 1) {
      expect((await call('POST', `${card.baseUrl}/payments/${reference}/capture`, last)).body.status).toBe(
        'approved',
      )
    }
    expect((await card.capture(reference, 1)).body.declineCode).toBe('not_authorized')
    expect((await card.refund(reference, 'r1', 901)).body.declineCode).toBe('exceeds_captured')
    await card.cancel(reference, 'void')
    expect(await card.ledger(reference)).toEqual([
      'authorized 129900',
      'captured 900',
      'released 129000',
      'voided 900',
    ])
  })

  it('refunds in parts, no more than was captured, each reference once', async () => {
    const request = order()
    await card.pay(request)
    expect((await card.refund(request.reference, 'r1', 100_000)).body.status).toBe('approved')
    expect((await card.refund(request.reference, 'r1', 100_000)).body.status).toBe('approved')
    expect((await card.refund(request.reference, 'r1', 99)).status).toBe(422)
    expect((await card.refund(request.reference, 'r2', 29_901)).body).toMatchObject({
      declineCode: 'exceeds_captured',
    })
    expect((await card.cancel(request.reference, 'void')).body.status).toBe('already_paid')
    expect(await card.ledger(request.reference)).toEqual(['charged 129900', 'refunded 100000'])
    expect((await card.queryRefund(request.reference, 'r1')).body.status).toBe('approved')
    expect((await card.queryRefund(request.reference, 'r9')).status).toBe(404)
  })

  it.each(['refund_processing', 'refund_timeout'])(
    '%s makes the refund, but does not say so at once',
    async id => {
      const request = order({ metadata: { sandbox: id } })
      await card.pay(request)
      const answer = card.refund(request.reference, 'r1', 500, 200)
      if (id === 'refund_timeout') await expect(answer).rejects.toThrow('timeout')
      else expect((await answer).body.status).toBe('processing')
      await expect
        .poll(async () => (await card.queryRefund(request.reference, 'r1')).body.status)
        .toBe('approved')
      expect(await card.ledger(request.reference)).toEqual(['charged 129900', 'refunded 500'])
    },
  )

  it('declines captures and refunds when told to', async () => {
    const hold = order({ capture: 'manual', metadata: { sandbox: 'capture_declined' } })
    await card.pay(hold)
    expect((await card.capture(hold.reference, 1)).body.status).toBe('declined')
    const paid = order({ metadata: { sandbox: 'refund_declined' } })
    await card.pay(paid)
    expect((await card.refund(paid.reference, 'r1', 1)).body.status).toBe('declined')
  })
})

describe('the referee', () => {
  it('tells totals per route and orders that were paid twice', async () => {
    const wallet = clientOf(sandbox, 'wallet')
    const twice = order({ orderId: 'o-twice' })
    await card.pay(twice)
    await wallet.pay(order({ orderId: 'o-twice' }))
    const undone = order({ orderId: 'o-undone' })
    await card.pay(undone)
    await card.cancel(undone.reference, 'void')
    await wallet.pay(order({ orderId: 'o-undone' }))
    await card.refund(twice.reference, 'r1', 900)
    const { body } = await call('GET', `${sandbox.control}/ledger/summary`)
    expect(body.ordersPaidTwice).toEqual(['o-twice'])
    expect((body.totals as Record<string, unknown>).card_a).toEqual({
      records: 4,
      charged: 259_800,
      captured: 0,
      voided: 129_900,
      refunded: 900,
      net: 129_000,
    })
  })

  it('keeps its memory within the limit and its totals complete', async () => {
    await sandbox.close()
    sandbox = await startSandbox({ ports: 0, ledgerRecordsMax: 8, paymentsMax: 5 })
    card = clientOf(sandbox, 'card_a')
    const requests = Array.from({ length: 40 }, () => order())
    for (const request of requests) await card.pay(request)
    const { body } = await call('GET', `${sandbox.control}/ledger`)
    expect((body.records as unknown[]).length).toBeLessThanOrEqual(10)
    expect((body.records as unknown[]).length + Number(body.dropped)).toBe(40)
    const summary = await call('GET', `${sandbox.control}/ledger/summary`)
    expect((summary.body.totals as Record<string, { net: number }>).card_a?.net).toBe(40 * 129_900)
    expect((await card.query(requests[0]?.reference ?? '')).status).toBe(404)
    expect((await card.query(requests[39]?.reference ?? '')).status).toBe(200)
  })
})

describe('bad requests', () => {
  it.each([
    ['a reference that is not 32 hex digits', { reference: 'X' }],
    ['a float', { amount: cny(1.5) }],
    ['nothing to pay', { amount: cny(0) }],
    ['no order', { orderId: '' }],
  ])('are refused with 400 for %s', async (_, fields) => {
    expect((await card.pay(order(fields))).status).toBe(400)
  })

  it('are refused for what is not JSON, too large, or sent with a key that is not the reference', async () => {
    expect((await call('POST', `${card.baseUrl}/payments`, '{')).status).toBe(400)
    expect((await call('POST', `${card.baseUrl}/payments`, 'x'.repeat(70_000))).status).toBe(413)
    const response = await fetch(`${card.baseUrl}/payments`, {
      method: 'POST',
      headers: { 'idempotency-key': 'other' },
      body: JSON.stringify(order()),
    })
    expect(response.status).toBe(400)
  })
})
