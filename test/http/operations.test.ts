import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
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
  type PaymentView,
  type ProblemView,
} from './payments.ts'
import type { Target } from './target.ts'

interface RefundView {
  readonly id: string
  readonly payment: string
  readonly status: string
  readonly amount: object
}

let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      inFixedOrder(config)
      for (const { connector } of config.routes) connector.timeoutMs = 700
    },
  })
})
afterAll(() => target.stop())

const paid = async (): Promise<PaymentView> => (await pay(target, contextOf())).body
const authorized = async (): Promise<PaymentView> =>
  (await pay(target, contextOf({ capture: 'manual' }))).body
const refund = (id: string, value?: number, currency = 'CNY') =>
  operate<RefundView & ProblemView>(
    target,
    id,
    'refunds',
    value === undefined ? {} : { amount: { currency, value } },
  )

async function refundOnce(answer: { headers: Headers }, status: string): Promise<RefundView> {
  const location = answer.headers.get('location') ?? ''
  const read = async () => (await target.api<RefundView>('GET', location)).body
  await expect.poll(async () => (await read()).status, { timeout: 10_000 }).toBe(status)
  return read()
}

describe('a refund', () => {
  it('gives back everything when no amount is named', async () => {
    const { id, orderId } = await paid()
    const { status, body, headers } = await refund(id)
    expect([status, body.status, body.payment, body.amount]).toEqual([201, 'succeeded', id, cny(129_900)])
    expect(await refundOnce({ headers }, 'succeeded')).toMatchObject({ id: body.id, status: 'succeeded' })
    expect(await target.sandbox.ledger(orderId)).toEqual(['card_a charged 129900', 'card_a refunded 129900'])
    expect((await paymentNow(target, id)).status).toBe('succeeded')
  })

  it('may be made in parts, up to what was taken and never more', async () => {
    const { id, orderId } = await paid()
    expect((await refund(id, 100_000)).status).toBe(201)
    const tooMuch = await refund(id, 29_901)
    expect([tooMuch.status, tooMuch.body.code]).toEqual([422, 'amount_too_high'])
    expect(tooMuch.body.detail).toBe('At most 29900 in minor units of CNY is left to refund.')
    expect((await refund(id, 29_900)).status).toBe(201)
    const nothingLeft = await refund(id)
    expect([nothingLeft.status, nothingLeft.body.code]).toEqual([409, 'state_conflict'])
    expect(nothingLeft.body.detail).toBe('It is succeeded: nothing is left to refund.')
    expect(await target.sandbox.ledger(orderId)).toEqual([
      'card_a charged 129900',
      'card_a refunded 100000',
      'card_a refunded 29900',
    ])
  })

  it('requested ten times at once under ten keys gives back no more than was taken', async () => {
    const { id, orderId } = await paid()
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(id, 50_000)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2)
    expect(answers.filter(({ status }) => ![201, 409, 422].includes(status))).toEqual([])
    const records = await target.sandbox.ledger(orderId)
    expect(records.filter(record => record.includes('refunded'))).toHaveLength(2)
  })

  it.each([
    ['in another currency', { amount: { currency: 'USD', value: 100 } }, 422, 'currency_mismatch'],
    ['of more than was taken', { amount: cny(129_901) }, 422, 'amount_too_high'],
    ['of nothing', { amount: cny(0) }, 400, 'invalid_request'],
    ['of a negative amount', { amount: cny(-1) }, 400, 'invalid_request'],
    ['with an unknown field', { amount: cny(1), why: 'x' }, 400, 'invalid_request'],
    [
      'that is the last one, which only a capture can be',
      { amount: cny(1), final: true },
      400,
      'invalid_request',
    ],
  ])('%s is refused and changes nothing', async (_name, body, status, code) => {
    const { id, orderId } = await paid()
    const answer = await operate<ProblemView>(target, id, 'refunds', body)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(await target.sandbox.ledger(orderId)).toEqual(['card_a charged 129900'])
  })

  it.each([
    ['pending', 'processing_approved'],
    ['declined', 'suspected_fraud'],
  ])('of a %s payment is refused', async (state, behaviour) => {
    const { body } = await pay(target, behaving(behaviour))
    expect(body.status).toBe(state)
    const answer = await refund(body.id)
    expect([answer.status, answer.body.code, answer.body.payment]).toEqual([409, 'state_conflict', body.id])
    expect(answer.body.detail).toMatch(new RegExp(`^It is ${state}: `))
  })

  it('of a payment that does not exist is 404', async () => {
    expect((await refund('pay_nobody')).status).toBe(404)
  })

  it('refused by the upstream failed, and its amount is free again', async () => {
    const { body } = await pay(target, behaving('refund_declined'))
    const first = await refund(body.id)
    expect([first.status, first.body.status]).toEqual([201, 'failed'])
    expect((await refund(body.id)).status).toBe(201)
  })

  it('that takes its time is pending, then done', async () => {
    const { body } = await pay(target, behaving('refund_processing'))
    const answer = await refund(body.id, 1_000)
    expect([answer.status, answer.body.status]).toEqual([202, 'pending'])
    await refundOnce(answer, 'succeeded')
  })

  it('without an answer is told as it is when the upstream has told of it meanwhile', async () => {
    const { body } = await pay(target, behaving('refund_timeout'))
    const answer = await refund(body.id, 129_900)
    expect([answer.status, answer.body.status]).toEqual([201, 'succeeded'])
  })

  it('without an answer is pending, keeps its amount reserved, and is made once', async () => {
    const { body } = await pay(target, behaving('refund_timeout'))
    // The upstream tells of nothing by itself.
    await target.sandbox.tell(null)
    onTestFinished(() => target.sandbox.tell(target.url))
    const answer = await refund(body.id, 129_900)
    expect([answer.status, answer.body.status]).toEqual([202, 'pending'])
    expect((await refund(body.id, 1)).status).not.toBe(201)
    await refundOnce(answer, 'succeeded')
    expect(await target.sandbox.ledger(body.orderId)).toEqual([
      'card_a charged 129900',
      'card_a refunded 129900',
    ])
  })
})

describe('a capture', () => {
  it('takes what was authorized', async () => {
    const { id, orderId } = await authorized()
    const { status, body } = await operate(target, id, 'capture')
    expect([status, body.status]).toEqual([201, 'succeeded'])
    expect(await target.sandbox.ledger(orderId)).toEqual([
      'card_a authorized 129900',
      'card_a captured 129900',
    ])
  })

  it('may take less, and then no refund can be more than that', async () => {
    const { id } = await authorized()
    expect((await operate(target, id, 'capture', { amount: cny(100_000) })).status).toBe(201)
    expect((await refund(id, 100_001)).body.code).toBe('amount_too_high')
    expect((await refund(id, 100_000)).status).toBe(201)
  })

  it('that is the last one releases the rest, and nothing more can be captured', async () => {
    const { id, orderId } = await authorized()
    await operate(target, id, 'capture', { amount: cny(50_000) })
    const last = await operate(target, id, 'capture', { amount: cny(50_000), final: true })
    expect([last.status, last.body.status]).toEqual([201, 'succeeded'])
    expect(await target.sandbox.ledger(orderId)).toEqual([
      'card_a authorized 129900',
      'card_a captured 50000',
      'card_a captured 50000',
      'card_a released 29900',
    ])
    const more = await operate<ProblemView>(target, id, 'capture', { amount: cny(1) })
    expect([more.status, more.body.code]).toEqual([409, 'state_conflict'])
    expect((await refund(id, 100_001)).body.code).toBe('amount_too_high')
    expect((await refund(id, 100_000)).status).toBe(201)
    const { body: now } = await target.api('GET', `/v1/payments/${id}`)
    expect(now).toMatchObject({ captured: cny(100_000), refunded: cny(100_000) })
  })

  it.each([
    ['more than was authorized', { amount: cny(129_901) }, 422, 'amount_too_high'],
    ['another currency', { amount: { currency: 'USD', value: 1 } }, 422, 'currency_mismatch'],
  ])('of %s is refused', async (_name, body, status, code) => {
    const { id } = await authorized()
    const answer = await operate<ProblemView>(target, id, 'capture', body)
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })

  it('of a payment that has taken its money already is refused', async () => {
    const { id } = await paid()
    const answer = await operate<ProblemView>(target, id, 'capture')
    expect([answer.status, answer.body.code]).toEqual([409, 'state_conflict'])
  })

  it('refused by the upstream leaves the payment authorized', async () => {
    const { body } = await pay(target, { ...behaving('capture_declined'), capture: 'manual' })
    const answer = await operate(target, body.id, 'capture')
    expect(answer.body.status).toBe('authorized')
    expect(answer.body.capture).toMatchObject({ kind: 'capture', status: 'failed', amount: cny(129_900) })
    const { body: now } = await target.api('GET', `/v1/payments/${body.id}`)
    expect(now).toMatchObject({ captured: cny(0), operations: [{ kind: 'capture', status: 'failed' }] })
    expect(await target.sandbox.ledger(body.orderId)).toEqual(['card_a authorized 129900'])
  })
})

describe('a cancellation', () => {
  it('gives an authorization back', async () => {
    const { id, orderId } = await authorized()
    const { status, body } = await operate(target, id, 'cancel')
    expect([status, body.status]).toEqual([201, 'canceled'])
    expect(await target.sandbox.ledger(orderId)).toEqual([
      'card_a authorized 129900',
      'card_a released 129900',
    ])
    expect((await operate<ProblemView>(target, id, 'capture')).body.code).toBe('state_conflict')
  })

  it('closes what the payer has not paid, and the order may be paid otherwise', async () => {
    const context = behaving('action_waits', ['wallet'])
    const { body } = await pay(target, context)
    const { status, body: after } = await operate(target, body.id, 'cancel')
    expect([status, after.status, after.reasons]).toEqual([201, 'canceled', []])
    const again = await pay(target, { ...contextOf(), orderId: context.orderId })
    expect(again.body.status).toBe('succeeded')
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it('repeated is answered the same', async () => {
    const { id } = await authorized()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const first = await operate(target, id, 'cancel', {}, { headers })
    const again = await operate(target, id, 'cancel', {}, { headers })
    expect([again.status, again.text]).toEqual([first.status, first.text])
  })

  it('of a payment that has taken money is refused: that is a refund', async () => {
    const { id, orderId } = await paid()
    const answer = await operate<ProblemView>(target, id, 'cancel')
    expect([answer.status, answer.body.code]).toEqual([409, 'state_conflict'])
    expect(answer.body.detail).toMatch(/given back by POST .*refunds/)
    expect(await target.sandbox.ledger(orderId)).toEqual(['card_a charged 129900'])
  })

  it('of an unknown outcome that was a charge ends without the money', async () => {
    // The upstream tells of nothing by itself.
    await target.sandbox.tell(null)
    const context = behaving('timeout_approved', ['card'], 'card_a')
    const { body } = await pay(target, context)
    await target.sandbox.tell(target.url)
    expect(body.status).toBe('pending')
    await operate(target, body.id, 'cancel')
    const ended = await paymentOnce(target, body.id, 'canceled')
    expect(ended.status).toBe('canceled')
    expect(await target.sandbox.ledger(context.orderId)).toEqual([
      'card_a charged 129900',
      'card_a voided 129900',
    ])
  })
})

describe('a payment of another tenant', () => {
  it('is not there: neither to be seen nor to be moved', async () => {
    const { id, orderId } = await authorized()
    const refunded = await paid()
    const made = await refund(refunded.id, 1)
    const key = 'stranger'
    const answers = await Promise.all([
      target.api<ProblemView>('GET', `/v1/payments/${id}`, { key }),
      target.api<ProblemView>('GET', `/v1/payments/${refunded.id}/refunds/${made.body.id}`, { key }),
      operate<ProblemView>(target, id, 'capture', {}, { key }),
      operate<ProblemView>(target, id, 'cancel', {}, { key }),
      operate<ProblemView>(target, refunded.id, 'refunds', {}, { key }),
      target.api<ProblemView>('POST', `/v1/payments/${id}/switch`, {
        key,
        body: { tender: 'wallet' },
        headers: { 'idempotency-key': crypto.randomUUID() },
      }),
    ])
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [404, 'not_found']),
    )
    expect(await target.sandbox.ledger(orderId)).toEqual(['card_a authorized 129900'])
    expect((await paymentNow(target, id)).status).toBe('authorized')
  })
})
