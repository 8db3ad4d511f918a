import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import {
  behaving,
  type ContextBody,
  pay,
  paymentNow,
  type PaymentView,
  type ProblemView,
} from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())

function switchTo<T = PaymentView>(id: string, body: object, key: string = crypto.randomUUID()) {
  return target.api<T>('POST', `/v1/payments/${id}/switch`, { body, headers: { 'idempotency-key': key } })
}

/** Tells of a refusal by notification, as the wallet's upstream would. */
async function tellRefusal(reference: string, amount: object): Promise<number> {
  const at = new Date()
  const data = { reference, status: 'declined', declineCode: '05', amount }
  const raw = JSON.stringify({ type: 'payment.updated', timestamp: at.toISOString(), data })
  const id = `msg_${crypto.randomUUID()}`
  const { status } = await target.api('POST', '/v1/notifications/wallet', {
    key: null,
    raw,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(target.notificationSecret('wallet')).sign(id, at, raw),
    },
  })
  return status
}

/** A payment by wallet whose payer is on the wallet's page. */
async function waiting(change: Partial<ContextBody> = {}) {
  const { body } = await pay(target, { ...behaving('action_waits', ['wallet'], 'wallet'), ...change })
  expect(body).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } })
  return body
}

describe('a payer who goes on with another tender', () => {
  it('pays with it, after what was open is closed', async () => {
    const before = await waiting()
    const { status, body } = await switchTo(before.id, { tender: 'card' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ id: before.id, status: 'succeeded', tender: 'card' })
    expect(body.attempts.map(({ route, status }) => `${route} ${status}`)).toEqual([
      'wallet voided',
      expect.stringMatching(/^card_. approved$/),
    ])
    expect(body).not.toHaveProperty('nextAction')
    expect(await target.sandbox.ledger(before.orderId)).toEqual([
      expect.stringMatching(/^card_. charged 129900$/),
    ])
  })

  it('can come back to the tender that was left, and gets what there is to do', async () => {
    const before = await waiting({ metadata: { sandbox: 'action_waits' } })
    const { body } = await switchTo(before.id, { tender: 'wallet' })
    expect(body).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } })
    expect(body.attempts.map(({ status }) => status)).toEqual(['voided', 'requires_action'])
  })

  it('has paid with the old tender when that was quicker, and is charged once', async () => {
    const before = await waiting()
    await target.sandbox.complete('wallet', before.attempts[0]?.reference ?? '', 'approved')
    const { body } = await switchTo(before.id, { tender: 'card' })
    await expect
      .poll(async () => (await target.api<PaymentView>('GET', `/v1/payments/${before.id}`)).body.status)
      .toBe('succeeded')
    const { body: now } = await target.api<PaymentView>('GET', `/v1/payments/${before.id}`)
    expect(now).toMatchObject({ tender: 'wallet', attempts: [{ route: 'wallet', status: 'approved' }] })
    expect(body.id).toBe(before.id)
    expect(await target.sandbox.ledger(before.orderId)).toEqual(['wallet charged 129900'])
  })

  it('gets the same answer for the same key, and another request with it is refused', async () => {
    const before = await waiting()
    const key = crypto.randomUUID()
    await target.sandbox.tell(null)
    const first = await switchTo(before.id, { tender: 'card' }, key)
    // What the upstream tells of the closed attempt comes late, and is kept.
    await target.sandbox.tell(target.url)
    const { reference = '' } = before.attempts[0] ?? {}
    expect(await tellRefusal(reference, before.amount)).toBe(204)
    expect((await paymentNow(target, before.id)).attempts[0]?.declineCategory).toBe('issuer_declined')
    const again = await switchTo(before.id, { tender: 'card' }, key)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    const other = await switchTo<ProblemView>(before.id, { tender: 'balance' }, key)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
  })

  it('needs a quote for credit, and a payment that has not ended', async () => {
    const before = await waiting()
    const credit = await switchTo<ProblemView>(before.id, { tender: 'credit', instalments: 3 })
    expect(credit).toMatchObject({ status: 422, body: { code: 'quote_required' } })
    const stale = await switchTo<ProblemView>(before.id, { tender: 'credit', quote: 'quo_none' })
    expect(stale).toMatchObject({ status: 409, body: { code: 'quote_changed' } })
    await switchTo(before.id, { tender: 'card' })
    const ended = await switchTo<ProblemView>(before.id, { tender: 'balance' })
    expect(ended).toMatchObject({ status: 409, body: { code: 'state_conflict', payment: before.id } })
    const unknown = await switchTo<ProblemView>('pay_00000000000000000000000000000000', { tender: 'card' })
    expect(unknown.status).toBe(404)
    const strange = await switchTo<ProblemView>(before.id, { tender: 'gold' })
    expect(strange).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  it('is told what would work when the new tender is refused', async () => {
    const before = await waiting({
      metadata: { sandbox_wallet: 'action_waits', sandbox: 'issuer_declined' },
    })
    const { body } = await switchTo(before.id, { tender: 'balance' })
    expect(body).toMatchObject({ status: 'declined' })
    expect(body.attempts.at(-1)).toMatchObject({ route: 'balance', status: 'declined' })
  })
})
