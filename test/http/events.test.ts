import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WEBHOOK_EVENTS } from '../../src/config/schema-tenant.ts'
import { isoDateAt } from '../../src/core/credit/calendar.ts'
import { type HookReceiver, startHookReceiver } from '../support/hook-receiver.ts'
import { startTarget } from './harness.ts'
import { behaving, cny, contextOf, inFixedOrder, operate, pay, quoteFor } from './payments.ts'
import type { Target } from './target.ts'

const SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`
let target: Target
let named: HookReceiver
let everything: HookReceiver
beforeAll(async () => {
  named = await startHookReceiver(SECRET)
  everything = await startHookReceiver(SECRET)
  target = await startTarget({
    env: { EVENT_HOOK: SECRET },
    change: config => {
      inFixedOrder(config)
      const hook = { secretEnv: 'EVENT_HOOK', allowPrivate: true }
      const events = WEBHOOK_EVENTS.filter(type => type !== '*')
      Object.assign(config.tenants[0] ?? {}, {
        webhooks: [
          { ...hook, url: named.url, events },
          { ...hook, url: everything.url, events: ['*'] },
        ],
      })
      for (const pool of config['pools'] as { evaluateSeconds?: number }[]) pool.evaluateSeconds = 1
    },
  })
})
afterAll(async () => {
  await target.stop()
  await named.close()
  await everything.close()
})

const newPayer = (prefix = 'u') => `${prefix}-${crypto.randomUUID().slice(0, 8)}`
const key = () => ({ headers: { 'idempotency-key': crypto.randomUUID() } })
const day = (offset: number): string => isoDateAt(Date.now() + offset * 86_400_000, 480)

async function bill(dueDate: string): Promise<string> {
  const payer = newPayer()
  const route = 'jd_baitiao'
  const wish = { route, channels: ['push'], locale: 'en', quietHoursConsent: true }
  await target.api('PUT', `/v1/payers/${payer}/contact-preference`, { body: wish })
  const body = { route, amount: cny(42_000), dueDate }
  await target.api('PUT', `/v1/payers/${payer}/bills/b-1`, { body })
  return payer
}

async function payByCredit(payer: string): Promise<string> {
  const context = contextOf({ payer: { id: payer } })
  const quote = await quoteFor(target, context, 3)
  const { body } = await pay(target, { ...context, funding: { accept: [{ tender: 'credit', quote }] } })
  expect(body.status).toBe('succeeded')
  return payer
}

/** A quote of the day before the payer fell behind, as it were: the refusal comes when it is paid with. */
async function refusedCredit(): Promise<string> {
  const payer = newPayer()
  const context = contextOf({ payer: { id: payer } })
  const quote = await quoteFor(target, context, 3)
  await target.api('POST', `/v1/payers/${payer}/credit/freeze`, { body: { route: 'jd_baitiao' }, ...key() })
  await pay(target, { ...context, funding: { accept: [{ tender: 'credit', quote }, { tender: 'card' }] } })
  return payer
}

/** Draws all that a pool has left, from elsewhere. */
async function drain(): Promise<string | undefined> {
  const { body } = await target.admin<{
    pools: { id: string; sources: { id: string; cap: number; used: number }[] }[]
  }>('GET', '/admin/v1/pools')
  const [pool] = body.pools
  for (const { id, cap, used } of pool?.sources ?? []) {
    if (cap === used) continue
    const movement = { id: crypto.randomUUID(), source: id, kind: 'drawdown', value: cap - used }
    const { status } = await target.admin('POST', `/admin/v1/pools/${pool?.id}/movements`, movement)
    expect(status).toBe(201)
  }
  return pool?.id
}

/** Brings each event about, and gives what its data must hold. */
const CAUSES: Readonly<Record<string, () => Promise<object>>> = {
  'payment.succeeded': async () => ({ id: (await pay(target, contextOf())).body.id, status: 'succeeded' }),
  'payment.declined': async () => {
    const { body } = await pay(target, behaving('insufficient_funds'))
    return { id: body.id, status: 'declined' }
  },
  'payment.pending': async () => {
    const { body } = await pay(target, behaving('outcome_unknown', ['balance']))
    return { id: body.id, status: 'pending' }
  },
  'payment.canceled': async () => {
    const { body } = await pay(target, { ...contextOf(), capture: 'manual' })
    await operate(target, body.id, 'cancel')
    return { id: body.id, status: 'canceled' }
  },
  'refund.succeeded': async () => {
    const { body } = await pay(target, contextOf())
    await operate(target, body.id, 'refunds')
    return { payment: body.id }
  },
  'refund.failed': async () => {
    const { body } = await pay(target, behaving('refund_declined'))
    await operate(target, body.id, 'refunds')
    return { payment: body.id }
  },
  'route.opened': async () => {
    await target.admin('POST', '/admin/v1/routes/wallet/breaker', { state: 'open', reason: 'a test' })
    return { route: 'wallet' }
  },
  'route.closed': async () => {
    await target.admin('POST', '/admin/v1/routes/wallet/breaker', { state: 'open', reason: 'a test' })
    await target.admin('POST', '/admin/v1/routes/wallet/breaker', { state: 'closed', reason: 'a test' })
    return { route: 'wallet' }
  },
  'liquidity.level_changed': async () => ({ pool: await drain() }),
  'liquidity.indicator_changed': async () => ({ pool: await drain(), indicator: 'utilization' }),
  'credit.decision': async () => ({
    payer: await payByCredit(newPayer()),
    about: 'payment',
    decision: 'accepted',
    instalments: 3,
    reasons: [],
    delivery: { channels: ['push', 'sms'] },
  }),
  'credit.limit_changed': async () => {
    const payer = newPayer()
    const body = { route: 'jd_baitiao', limit: cny(100_000) }
    await target.api('POST', `/v1/payers/${payer}/credit/limit`, { body, ...key() })
    return { payer, change: 'lowered' }
  },
  'credit.repayment_due': async () => ({ payer: await bill(day(3)), notice: 'due_soon' }),
  'credit.overdue': async () => ({ payer: await bill(day(-1)), notice: 'overdue_reminder' }),
}

/** What drains the pool comes last. */
const TYPES = WEBHOOK_EVENTS.filter(type => type !== '*').toSorted(
  (a, b) => Number(a.startsWith('liquidity')) - Number(b.startsWith('liquidity')),
)

describe('every event that the configuration knows', () => {
  it('credit that is refused when it is to be paid with is a decision too, with reasons', async () => {
    const payer = await refusedCredit()
    const refused = () =>
      named.events.find(({ type, data }) => type === 'credit.decision' && data['payer'] === payer)
    await named.until(() => refused() !== undefined)
    expect(refused()?.data).toMatchObject({
      decision: 'refused',
      reasons: ['CRD_FROZEN_BY_USER'],
      humanReview: true,
      lender: 'Sandbox Micro-credit Co.',
    })
  })

  it.each(TYPES)('%s is sent, with its text in both languages', async type => {
    const wanted = await (CAUSES[type]?.() ?? Promise.reject(new Error('nothing brings it about')))
    const found = () => named.events.find(event => event.type === type && contains(event.data, wanted))
    await named.until(() => found() !== undefined, 10_000)
    expect(found()?.data['text']).toEqual({
      en: expect.stringMatching(/^[^{}]{8,}$/),
      'zh-CN': expect.stringMatching(/^[^{}]{6,}$/),
    })
  })

  it('about credit goes to nobody who has asked for everything only', () => {
    const told = new Set(everything.events.map(({ type }) => type))
    expect([...told].filter(type => type.startsWith('credit.'))).toEqual([])
    expect(told.has('payment.succeeded')).toBe(true)
  })
})

function contains(data: Readonly<Record<string, unknown>>, wanted: object): boolean {
  try {
    expect(data).toMatchObject(wanted)
    return true
  } catch {
    return false
  }
}
