import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { behaving, contextOf, decide, pay, type ProblemView, quoteFor } from './payments.ts'
import { type KeyName, type ScopeName, SCOPES, type Target } from './target.ts'

let target: Target
let payment = ''
let refund = ''
let decision = ''
let credit: object
beforeAll(async () => {
  target = await startTarget()
  payment = (await pay(target, contextOf())).body.id
  decision = (await decide(target, contextOf())).body.id
  const refunded = await send('POST /v1/payments/:id/refunds', 'checkout')
  refund = (refunded.body as unknown as { id: string }).id
  const context = contextOf()
  credit = { ...context, funding: { accept: [{ tender: 'credit', quote: await quoteFor(target, context) }] } }
})
afterAll(() => target.stop())

/** Every endpoint that asks for a key, the scope that it needs, and a body with which that key succeeds. */
const ENDPOINTS: Readonly<Record<string, { scope: ScopeName; body?: () => unknown; status: number }>> = {
  'POST /v1/quotes': { scope: 'quote', body: contextOf, status: 200 },
  'POST /v1/decisions': { scope: 'decide', body: contextOf, status: 200 },
  'GET /v1/decisions/:decision': { scope: 'read', status: 200 },
  'GET /v1/decisions/:decision/explanation': { scope: 'read', status: 200 },
  'POST /v1/decisions/:decision/outcomes': {
    scope: 'outcome',
    body: () => ({ attempt: crypto.randomUUID(), route: 'card_a', status: 'approved', latencyMs: 9 }),
    status: 201,
  },
  'POST /v1/payments': { scope: 'pay', body: contextOf, status: 201 },
  'GET /v1/payments/:id': { scope: 'read', status: 200 },
  'GET /v1/payments?orderId=o-1': { scope: 'read', status: 200 },
  'POST /v1/payments/:id/capture': { scope: 'pay', body: () => ({}), status: 409 },
  'POST /v1/payments/:id/cancel': { scope: 'pay', body: () => ({}), status: 409 },
  'POST /v1/payments/:id/switch': { scope: 'pay', body: () => ({ tender: 'card' }), status: 409 },
  'POST /v1/payments/:id/refunds': {
    scope: 'refund',
    body: () => ({ amount: { currency: 'CNY', value: 1 } }),
    status: 201,
  },
  'GET /v1/payments/:id/refunds/:refund': { scope: 'read', status: 200 },
  'GET /v1/payers/:id/credit?route=jd_baitiao': { scope: 'credit', status: 200 },
  'POST /v1/payers/:id/credit/limit': {
    scope: 'credit',
    body: () => ({ route: 'jd_baitiao', limit: { currency: 'CNY', value: 100_000 } }),
    status: 200,
  },
  'POST /v1/payers/:id/credit/freeze': { scope: 'credit', body: onCredit, status: 200 },
  'POST /v1/payers/:id/credit/unfreeze': { scope: 'credit', body: onCredit, status: 200 },
  'PUT /v1/payers/:id/contact-preference': {
    scope: 'credit',
    body: () => ({ ...onCredit(), channels: ['sms'], locale: 'en', quietHoursConsent: false }),
    status: 200,
  },
  'GET /v1/payers/:id/bills?route=jd_baitiao': { scope: 'credit', status: 200 },
  'PUT /v1/payers/:id/bills/:bill': {
    scope: 'credit',
    body: () => ({ ...onCredit(), amount: { currency: 'CNY', value: 1 }, dueDate: '2099-01-01' }),
    status: 200,
  },
  'POST /v1/payers/:id/bills/:bill/events': {
    scope: 'credit',
    body: () => ({ ...onCredit(), kind: 'repaid' }),
    status: 200,
  },
  'POST /v1/payers/:id/contacts': {
    scope: 'credit',
    body: () => ({
      ...onCredit(),
      bill: 'none',
      recipient: 'u-1',
      notice: 'overdue_reminder',
      channel: 'call',
      actor: 'agent-1',
      scriptVersion: '1',
    }),
    status: 404,
  },
  'GET /v1/payers/:id/contacts?route=jd_baitiao': { scope: 'credit', status: 200 },
}

function onCredit() {
  return { route: 'jd_baitiao' }
}

function send(endpoint: string, key: KeyName | null) {
  const [method = '', path = ''] = endpoint.split(' ')
  const filled = path.replace(':id', payment).replace(':refund', refund).replace(':decision', decision)
  const body = ENDPOINTS[endpoint]?.body?.()
  return target.api<ProblemView>(method, filled, {
    key,
    ...(body === undefined ? {} : { body }),
    ...(method === 'POST' ? { headers: { 'idempotency-key': crypto.randomUUID() } } : {}),
  })
}

const keyOf = (scope: ScopeName) => `only-${scope.toLowerCase()}` as KeyName
const everyPair = Object.entries(ENDPOINTS).flatMap(([endpoint, { scope }]) =>
  SCOPES.map(given => ({ endpoint, given, needed: scope })),
)

// config-key: tenants.apiKeys.scopes, tenants.apiKeys.secretEnv
describe('each endpoint with each scope', () => {
  it.each(everyPair)('$endpoint with $given', async ({ endpoint, given, needed }) => {
    const before = await target.sandbox.requestsSeen()
    const { status, body } = await send(endpoint, keyOf(given))
    if (given === needed) {
      expect(status).toBe(ENDPOINTS[endpoint]?.status)
    } else {
      expect([status, body.code]).toEqual([403, 'forbidden'])
      expect(await target.sandbox.requestsSeen()).toBe(before)
    }
  })

  it('covers every endpoint of the described API', async () => {
    const { body } = await target.api<{ paths: Record<string, object> }>('GET', '/openapi.json', {
      key: null,
    })
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]+\}/g, ':')}`),
    )
    const covered = Object.keys(ENDPOINTS).map(endpoint =>
      endpoint.replace(/\?.*/, '').replaceAll(/:\w+/g, ':'),
    )
    const open = ['GET /livez', 'GET /readyz', 'GET /openapi.json', 'GET /docs', 'POST /v1/notifications/:']
    expect(described.filter(endpoint => !covered.includes(endpoint) && !open.includes(endpoint))).toEqual([])
  })
})

describe('who is not known', () => {
  const wrong: [string, string | undefined][] = [
    ['no key', undefined],
    ['an empty key', 'Bearer '],
    ['an unknown key', `Bearer ${'x'.repeat(40)}`],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['a key of 10,000 characters', `Bearer ${'k'.repeat(6_000)}`],
  ]
  it.each(wrong)('%s: 401 from every endpoint, and nothing is sent', async (_name, authorization) => {
    const before = await target.sandbox.requestsSeen()
    for (const endpoint of Object.keys(ENDPOINTS)) {
      const [method = '', path = ''] = endpoint.split(' ')
      const { status, body, headers } = await target.api<ProblemView>(method, path, {
        key: null,
        ...(method === 'POST' ? { body: contextOf() } : {}),
        headers: { authorization },
      })
      expect([endpoint, status, body.code]).toEqual([endpoint, 401, 'unauthorized'])
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(await target.sandbox.requestsSeen()).toBe(before)
  })

  it('a key with one character less or more is another key', async () => {
    for (const secret of [target.secret('checkout').slice(0, -1), `${target.secret('checkout')}x`]) {
      const { status } = await target.api('POST', '/v1/decisions', {
        key: null,
        body: contextOf(),
        headers: { authorization: `Bearer ${secret}` },
      })
      expect(status).toBe(401)
    }
  })

  it('may look at health and docs', async () => {
    for (const path of ['/livez', '/readyz', '/openapi.json', '/docs']) {
      expect((await target.api('GET', path, { key: null })).status).toBe(200)
    }
  })
})

describe('one tenant', () => {
  it('finds nothing of another: payments, orders, decisions, refunds are 404 or empty', async () => {
    for (const endpoint of Object.keys(ENDPOINTS).filter(
      name => name.includes('/:') && !name.includes('/payers/'),
    )) {
      const { status, body } = await send(endpoint, 'stranger')
      expect([endpoint, status, body.code]).toEqual([endpoint, 404, 'not_found'])
    }
    const { body: ours } = await pay(target, contextOf())
    const listed = await target.api<{ payments: object[] }>('GET', `/v1/payments?orderId=${ours.orderId}`, {
      key: 'stranger',
    })
    expect(listed.body.payments).toEqual([])
  })

  it('cannot pay with another’s quote or learn of another’s order', async () => {
    const { status, body } = await pay<ProblemView>(target, credit, { key: 'stranger' })
    expect([status, body.code]).toEqual([409, 'quote_changed'])
    const pending = behaving('processing_approved')
    await pay(target, pending)
    expect((await pay(target, pending, { key: 'stranger' })).status).toBe(202)
  })
})
