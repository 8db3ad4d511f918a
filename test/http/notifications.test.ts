import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import {
  behaving,
  cny,
  contextOf,
  inFixedOrder,
  operate,
  pay,
  paymentNow,
  paymentOnce,
  quotes,
} from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      inFixedOrder(config)
      const flashPay = config.routes.find(({ id }) => id === 'flash_pay')
      if (flashPay !== undefined)
        Object.assign(flashPay.capability, { channels: ['app'], capture: ['manual'] })
    },
  })
})
afterAll(() => target.stop())

interface Told {
  readonly route?: string
  readonly secretOf?: string
  readonly id?: string
  readonly at?: Date
  /** How long before now it was signed, ms. */
  readonly late?: number
  /** Sent in place of what was signed. */
  readonly body?: string
  readonly headers?: Record<string, string | undefined>
}

/** Tells the gateway as the upstream of a route would, signed with that route's secret unless told otherwise. */
async function tell(data: object, told: Told = {}): Promise<number> {
  const { route = 'wallet', secretOf = route, id = `msg_${crypto.randomUUID()}`, late = 0 } = told
  const { at = new Date(Date.now() - late) } = told
  const body = JSON.stringify({ type: 'payment.updated', timestamp: at.toISOString(), data })
  const signature = new Webhook(target.notificationSecret(secretOf)).sign(id, at, body)
  const { status } = await target.api('POST', `/v1/notifications/${route}`, {
    key: null,
    raw: told.body ?? body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signature,
      ...told.headers,
    },
  })
  return status
}

/** A wallet payment that waits for its payer, and what its upstream would tell of it. */
async function waiting() {
  const context = behaving('action_waits', ['wallet'])
  const { body } = await pay(target, context)
  const reference = body.attempts[0]?.reference ?? ''
  return { ...body, reference, approval: { reference, status: 'approved', amount: body.amount } }
}

describe('a notification', () => {
  it('ends a payment that was waiting', async () => {
    const { id, orderId, reference } = await waiting()
    await target.sandbox.complete('wallet', reference, 'approved')
    expect((await paymentOnce(target, id, 'succeeded', 3_000)).status).toBe('succeeded')
    expect(await target.sandbox.ledger(orderId)).toEqual(['wallet charged 129900'])
  })

  it('of a refusal ends it too', async () => {
    const { id, reference } = await waiting()
    await target.sandbox.complete('wallet', reference, 'declined')
    expect((await paymentOnce(target, id, 'declined', 3_000)).status).toBe('declined')
  })

  it('of an approval is believed only once the upstream confirms it when asked', async () => {
    const { id, approval } = await waiting()
    // Genuine by its signature: a stolen secret must not be enough to make an order look paid.
    expect(await tell(approval)).toBe(204)
    expect((await paymentNow(target, id)).status).toBe('requires_action')
  })

  it('of a refusal is believed only then too: the order is not freed to be charged again', async () => {
    const { id, reference } = await waiting()
    expect(await tell({ reference, status: 'declined', declineCode: '05', amount: cny(129_900) })).toBe(204)
    const now = await paymentNow(target, id)
    expect([now.status, now.attempts.length]).toEqual(['requires_action', 1])
  })

  it.each(['repeated_notification', 'early_notification'])('%s: counts once', async behaviour => {
    const context = behaving(behaviour)
    const { body } = await pay(target, context)
    await expect.poll(async () => (await target.sandbox.requests()).card_a.pay).toBeGreaterThan(0)
    await new Promise(resolve => setTimeout(resolve, 400))
    const now = await paymentNow(target, body.id)
    expect([now.status, now.attempts.length]).toEqual(['succeeded', 1])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it('replayed under its id is accepted and changes nothing', async () => {
    const { id, reference } = await waiting()
    const message = { id: 'msg_replayed', at: new Date() }
    await target.sandbox.tell(null)
    await target.sandbox.complete('wallet', reference, 'declined')
    await target.sandbox.tell(target.url)
    const refusal = { reference, status: 'declined', declineCode: '05', amount: cny(129_900) }
    expect(await tell(refusal, message)).toBe(204)
    const ended = await paymentOnce(target, id, 'declined', 3_000)
    expect(ended.status).toBe('declined')
    expect(await tell(refusal, message)).toBe(204)
    expect(await paymentNow(target, id)).toEqual(ended)
  })
})

describe('a notification about a refund or a capture', () => {
  const paid = async (tender: string, capture = 'automatic') => {
    const { body } = await pay(target, contextOf({ capture, funding: { accept: [{ tender }] } }))
    return { id: body.id, reference: body.attempts[0]?.reference ?? '' }
  }

  it('is taken when the upstream sends it', async () => {
    // Nothing else here is paid so.
    const { id } = await paid('flash_pay', 'manual')
    const delivered = async () => (await target.sandbox.requests()).flash_pay.notifications.delivered
    await expect.poll(delivered).toBe(1)
    await operate(target, id, 'capture', { amount: cny(1_000) })
    await expect.poll(delivered).toBe(2)
    await operate(target, id, 'refunds', { amount: cny(1_000) })
    await expect.poll(delivered).toBe(3)
  })

  it('counts as the upstream says when it is asked, once, and changes nothing that has ended', async () => {
    const { id, reference } = await paid('wallet')
    const { body, headers } = await operate<{ id: string }>(target, id, 'refunds', { amount: cny(1_000) })
    const now = () => target.api('GET', headers.get('location') ?? '')
    const before = await now()
    const refundReference = body.id.replace('ref_', '')
    const told = { reference, refundReference, status: 'declined', declineCode: '05', amount: cny(1_000) }
    const message = { id: `msg_${crypto.randomUUID()}`, at: new Date() }
    expect([await tell(told, message), await tell(told, message)]).toEqual([204, 204])
    expect((await now()).body).toEqual(before.body)
  })

  it('is 404 on another route, beside another payment, and about a refund that nobody has asked for', async () => {
    const { id, reference } = await paid('wallet')
    const { body } = await operate<{ id: string }>(target, id, 'refunds', { amount: cny(1_000) })
    const refundReference = body.id.replace('ref_', '')
    const told = { reference, refundReference, status: 'approved', amount: cny(1_000) }
    expect(await tell(told, { route: 'card_a' })).toBe(404)
    expect(await tell({ ...told, reference: (await paid('wallet')).reference })).toBe(404)
    expect(await tell({ ...told, refundReference: `${'0'.repeat(30)}${refundReference.slice(-2)}` })).toBe(
      404,
    )
    expect(await tell(told, { secretOf: 'card_a' })).toBe(401)
  })
})

describe('a notification that is not what it says', () => {
  const forged: [string, Told][] = [
    ['is not signed', { headers: { 'webhook-signature': undefined } }],
    ['is signed with the secret of another route', { secretOf: 'card_a' }],
    ['was changed after it was signed', { body: '{"type":"payment.updated","data":{}}' }],
    ['was cut short', { body: '{"type":"payment.upd' }],
    ['carries another id than was signed', { headers: { 'webhook-id': 'msg_other' } }],
    ['carries another time than was signed', { headers: { 'webhook-timestamp': '1' } }],
    ['is six minutes old', { late: 360_000 }],
    ['comes from the future', { late: -360_000 }],
  ]
  it.each(forged)('because it %s, is refused and changes nothing', async (_name, told) => {
    const { id, approval, reference } = await waiting()
    // The upstream would confirm it: only the signature stands in the way.
    await target.sandbox.tell(null)
    await target.sandbox.complete('wallet', reference, 'approved')
    expect(await tell(approval, told)).toBe(401)
    // Had the upstream been asked for it, the payment would be paid by now.
    expect((await paymentNow(target, id)).status).toBe('requires_action')
    await target.sandbox.tell(target.url)
  })

  it('because it is about a payment of another route is 404, and changes nothing', async () => {
    const { id, approval } = await waiting()
    expect(await tell({ ...approval, status: 'declined' }, { route: 'card_a' })).toBe(404)
    expect((await paymentNow(target, id)).status).toBe('requires_action')
  })

  it('because it is about nothing we know is 404', async () => {
    const unknown = { reference: '0'.repeat(32), status: 'declined', amount: cny(1) }
    expect(await tell(unknown)).toBe(404)
    expect(await tell(unknown, { route: 'nobody', secretOf: 'wallet' })).toBe(404)
  })

  it('because its amount is another one makes nothing look paid', async () => {
    const { id, approval } = await waiting()
    expect(await tell({ ...approval, amount: cny(1) })).toBe(204)
    expect((await paymentNow(target, id)).status).not.toBe('succeeded')
  })

  it('because it is no payment at all is ignored', async () => {
    expect(await tell({})).toBe(204)
    expect(await tell({ reference: 'x', status: 'declined' })).toBe(204)
  })

  it('because it is too large is refused unread', async () => {
    expect(await tell({ padding: 'x'.repeat(70_000) })).toBe(413)
  })
})

describe('the lender', () => {
  it('tells that a payer has changed, and the next quote knows', async () => {
    const payer = { id: `u-${crypto.randomUUID().slice(0, 8)}` }
    const credit = async () => {
      const { body } = await quotes(target, contextOf({ payer }))
      return body.options.find(({ tender }) => tender === 'credit')?.available
    }
    expect(await credit()).toBe(true)
    await target.sandbox.payer(payer.id, { frozen: true })
    expect(await credit()).toBe(true)
    const body = JSON.stringify({ type: 'payer.updated', data: { payer: payer.id, currency: 'CNY' } })
    const at = new Date()
    const signature = new Webhook(target.notificationSecret('jd_baitiao')).sign('msg_payer', at, body)
    await target.api('POST', '/v1/notifications/jd_baitiao', {
      key: null,
      raw: body,
      headers: {
        'webhook-id': 'msg_payer',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signature,
      },
    })
    expect(await credit()).toBe(false)
  })
})
