import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import type { Target } from './target.ts'
import { behaving, cny, codes, contextOf, pay, paymentNow, type PaymentView } from './payments.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())

describe('paying', () => {
  it('answers the request that the start prints: paid, by which route, and why that one', async () => {
    const context = contextOf({
      payer: { id: 'u-1', locale: 'en' },
      funding: { accept: [{ tender: 'card' }, { tender: 'wallet' }] },
    })
    const { status, headers, body } = await pay(target, context)
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/v1/payments/${body.id}`)
    expect(headers.get('idempotency-replayed')).toBeNull()
    expect(body).toMatchObject({
      status: 'succeeded',
      orderId: context.orderId,
      amount: cny(129_900),
      route: 'card_a',
      tender: 'card',
      attempts: [{ route: 'card_a', status: 'approved', reference: expect.stringMatching(/^[0-9a-f]{32}$/) }],
      reasons: [],
    })
    expect(body.explanation.map(({ route, eligible }) => [route, eligible])).toEqual([
      ['card_a', true],
      ['card_b', true],
      ['wallet', true],
    ])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
  })

  it('is found again by its id and by its order', async () => {
    const { body } = await pay(target, contextOf())
    expect(await paymentNow(target, body.id)).toEqual(body)
    const listed = await target.api<{ payments: PaymentView[] }>(
      'GET',
      `/v1/payments?orderId=${body.orderId}`,
    )
    expect(listed.body.payments).toEqual([body])
  })

  it('tries the tenders in the payer’s order', async () => {
    const accept = [{ tender: 'wallet' }, { tender: 'card' }]
    expect((await pay(target, contextOf({ funding: { accept } }))).body.route).toBe('wallet')
  })

  it('tries what is worth most first when the payer leaves it to the gateway', async () => {
    const funding = { accept: [{ tender: 'wallet' }, { tender: 'card' }], preference: 'best_value' }
    expect((await pay(target, contextOf({ funding }))).body.route).toBe('card_a')
  })

  it('authorizes without taking money when the capture is manual', async () => {
    const context = contextOf({ capture: 'manual' })
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([201, 'authorized'])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_a authorized 129900'])
  })

  it('charges each of many concurrent orders once', async () => {
    const contexts = Array.from({ length: 40 }, () => contextOf())
    const answers = await Promise.all(contexts.map(context => pay(target, context)))
    expect(answers.map(({ body }) => body.status)).toEqual(contexts.map(() => 'succeeded'))
    const ledgers = await Promise.all(contexts.map(({ orderId }) => target.sandbox.ledger(orderId)))
    expect(ledgers.every(records => records.length === 1)).toBe(true)
  })

  it('offers what would work instead when nothing accepted does, and charges nothing', async () => {
    const context = contextOf({ channel: 'nfc', funding: { accept: [{ tender: 'wallet' }] } })
    const { status, body } = await pay(target, context)
    expect([status, body.status, body.attempts]).toEqual([201, 'declined', []])
    expect(codes(body.reasons)).toEqual(['TECH_CHANNEL_UNSUPPORTED'])
    expect(body.alternatives?.map(({ tender }) => tender).sort()).toEqual(['card', 'flash_pay'])
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })
})

describe('a payment that its payer has to act on', () => {
  it('names the action, and succeeds once the payer has done it', async () => {
    const context = behaving('action_waits', ['wallet'])
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([201, 'requires_action'])
    expect(body.nextAction).toMatchObject({ type: 'redirect', url: expect.stringContaining('/redirect/') })
    expect(Date.parse(body.nextAction?.expiresAt ?? '')).toBeGreaterThan(Date.now())
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])

    await target.sandbox.complete('wallet', body.attempts[0]?.reference ?? '', 'approved')
    await expect
      .poll(async () => (await paymentNow(target, body.id)).status, { timeout: 5_000 })
      .toBe('succeeded')
    expect(await paymentNow(target, body.id)).not.toHaveProperty('nextAction')
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['wallet charged 129900'])
  })

  it('tries no other tender while the payer may still pay', async () => {
    const context = behaving('action_waits', ['wallet', 'card'], 'wallet')
    const { body } = await pay(target, context)
    expect([body.status, body.attempts.length]).toEqual(['requires_action', 1])
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })
})
