import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HookReceiver, startHookReceiver } from '../support/hook-receiver.ts'
import { startTarget } from './harness.ts'
import { behaving, contextOf, operate, pay } from './payments.ts'
import type { Target } from './target.ts'

const secretOf = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`

let target: Target
let everything: HookReceiver
let refunds: HookReceiver

beforeAll(async () => {
  everything = await startHookReceiver(secretOf(1))
  refunds = await startHookReceiver(secretOf(2))
  target = await startTarget({
    env: { HOOK_NEW: secretOf(3), HOOK_OLD: secretOf(1), HOOK_REFUNDS: secretOf(2) },
    change: config => {
      Object.assign(config.tenants[0] ?? {}, {
        webhooks: [
          // config-key: tenants.webhooks.url, tenants.webhooks.secretEnv, tenants.webhooks.previousSecretEnv
          { url: everything.url, secretEnv: 'HOOK_NEW', previousSecretEnv: 'HOOK_OLD' },
          // config-key: tenants.webhooks.events
          { url: refunds.url, secretEnv: 'HOOK_REFUNDS', events: ['refund.succeeded', 'refund.failed'] },
        ],
      })
    },
  })
})
afterAll(async () => {
  await target.stop()
  await Promise.all([everything.close(), refunds.close()])
})

const about = (payment: string) =>
  everything.events.filter(({ data }) => data['id'] === payment || data['payment'] === payment)

describe('webhooks', () => {
  it('tell of a payment and its refunds, in a sequence without gaps', async () => {
    const { body: payment } = await pay(target, contextOf())
    await operate(target, payment.id, 'refunds', { amount: { currency: 'CNY', value: 900 } })
    await everything.until(() => about(payment.id).length === 2)
    expect(
      about(payment.id).sort((a, b) => Number(a.data['sequence']) - Number(b.data['sequence'])),
    ).toMatchObject([
      {
        type: 'payment.succeeded',
        data: {
          id: payment.id,
          orderId: payment.orderId,
          status: 'succeeded',
          amount: payment.amount,
          sequence: 1,
        },
      },
      {
        type: 'refund.succeeded',
        data: { payment: payment.id, status: 'succeeded', amount: { value: 900 }, sequence: 2 },
      },
    ])
  })

  it('go to each endpoint with its own secret and only when it asked for them', async () => {
    const { body: payment } = await pay(target, behaving('refund_declined'))
    await operate(target, payment.id, 'refunds')
    await refunds.until(events => events.some(({ data }) => data['payment'] === payment.id))
    expect(refunds.events.map(({ type }) => type)).not.toContain('payment.succeeded')
    expect(refunds.events.at(-1)).toMatchObject({ type: 'refund.failed', data: { status: 'failed' } })
    expect([everything.forged(), refunds.forged()]).toEqual([0, 0])
  })

  it('carry the signatures of the new and the old secret', async () => {
    const { body: payment } = await pay(target, contextOf())
    await everything.until(() => about(payment.id).length === 1)
    const signatures = String(everything.headers.at(-1)?.['webhook-signature']).split(' ')
    expect(signatures).toHaveLength(2)
    // The receiver verifies with the old one; the new one must differ and be a signature too.
    expect(new Set(signatures).size).toBe(2)
    expect(signatures.every(signature => /^v1,[A-Za-z0-9+/]{43}=$/.test(signature))).toBe(true)
    expect(() => new Webhook(secretOf(9)).verify('{}', {})).toThrow()
  })

  it('stop at 410, are shown to operators, and go on when they say so', async () => {
    const views = async () => {
      const { body } = await target.admin<{ endpoints: { endpoint: string; url: string; state: string }[] }>(
        'GET',
        '/admin/v1/webhooks',
      )
      return body.endpoints.find(({ url }) => url === refunds.url)
    }
    refunds.answer(410)
    const { body: payment } = await pay(target, contextOf())
    await operate(target, payment.id, 'refunds')
    const mine = () => refunds.events.filter(({ data }) => data['payment'] === payment.id)
    await refunds.until(() => mine().length === 1)
    await expect.poll(async () => (await views())?.state).toBe('disabled')
    const { endpoint } = (await views()) ?? { endpoint: '' }
    refunds.answer(200)
    expect(await target.admin('POST', `/admin/v1/webhooks/${endpoint}/enable`)).toMatchObject({ status: 200 })
    expect((await views())?.state).toBe('ok')
    const day = new Date().toISOString().slice(0, 10)
    const redelivered = await target.admin('POST', `/admin/v1/webhooks/${endpoint}/redeliver`, { day })
    expect(redelivered.body).toMatchObject({ count: 1, more: false })
    await refunds.until(() => mine().length === 2)
    expect(mine()[0]?.id).toBe(mine()[1]?.id)
    const unknown = await target.admin('POST', '/admin/v1/webhooks/demo/nothing/redeliver', { day })
    expect(unknown.status).toBe(404)
    const bad = await target.admin('POST', `/admin/v1/webhooks/${endpoint}/redeliver`, { day: 'today' })
    expect(bad.status).toBe(400)
  })

  it('tell of a circuit that opens and closes', async () => {
    await target.admin('POST', '/admin/v1/routes/wallet/breaker', { state: 'open', reason: 'a test' })
    await everything.until(events => events.some(({ type }) => type === 'route.opened'))
    await target.admin('POST', '/admin/v1/routes/wallet/breaker', { state: 'closed', reason: 'a test' })
    await everything.until(events => events.some(({ type }) => type === 'route.closed'))
    expect(everything.events.find(({ type }) => type === 'route.opened')?.data).toEqual({
      route: 'wallet',
      text: {
        en: 'The route wallet is paused: it is not working reliably.',
        'zh-CN': '付款路线 wallet 当前不稳定，已暂停。',
      },
    })
  })
})
