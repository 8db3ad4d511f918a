import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { exchange } from '../http/exchange.ts'
import {
  contextOf,
  decide,
  inFixedOrder,
  operate,
  pay,
  paymentNow,
  paymentOnce,
  type ProblemView,
} from '../http/payments.ts'
import type { Target } from '../http/target.ts'
import { startWorkerTarget } from '../http/worker-target.ts'
import { startWorker } from './workerd.ts'

const OBJECTS = { STATE: 'StateCore', DIRECTORY: 'Directory', TREASURY: 'Treasury' }

const shardIn = (id: string): string => id.slice(-2)

describe('a tenant with four shards', () => {
  let target: Target
  beforeAll(async () => {
    target = await startWorkerTarget({ env: { SHARDS_PER_TENANT: '4' } })
  })
  afterAll(() => target.stop())

  it('spreads orders, and finds payments, decisions and refunds by their ids', async () => {
    const paid = await Promise.all(Array.from({ length: 16 }, () => pay(target, contextOf())))
    const shards = new Set<string>()
    for (const { body } of paid) {
      shards.add(shardIn(body.id))
      expect(
        new Set([body.decision, ...body.attempts.map(({ reference }) => reference)].map(shardIn)),
      ).toEqual(new Set([shardIn(body.id)]))
      expect((await paymentNow(target, body.id)).status).toBe('succeeded')
      expect((await target.api('GET', `/v1/decisions/${body.decision}`)).status).toBe(200)
      const { payments } = (
        await target.api<{ payments: object[] }>('GET', `/v1/payments?orderId=${body.orderId}`)
      ).body
      expect(payments).toHaveLength(1)
      const refund = await operate<{ id: string; status: string }>(target, body.id, 'refunds')
      expect(refund.body.status).toBe('succeeded')
      expect((await target.api('GET', `/v1/payments/${body.id}/refunds/${refund.body.id}`)).status).toBe(200)
    }
    expect([...shards].every(shard => ['00', '01', '02', '03'].includes(shard))).toBe(true)
    expect(shards.size).toBeGreaterThan(1)
  })

  it('keeps one live payment per order and one request per key over all of them', async () => {
    const context = contextOf()
    const key = { headers: { 'idempotency-key': crypto.randomUUID() } }
    const first = await pay(target, context, key)
    const again = await pay(target, context, key)
    expect([again.headers.get('idempotency-replayed'), again.body.id]).toEqual(['true', first.body.id])
    // Sixteen other orders fall on every shard: none of them may act under the key.
    for (let i = 0; i < 16; i++) {
      const other = await pay<ProblemView>(target, contextOf(), key)
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
    }
    const refund = await operate<ProblemView>(target, first.body.id, 'refunds', {}, key)
    expect([refund.status, refund.body.code]).toEqual([422, 'idempotency_key_reused'])
    expect(await target.sandbox.ledger(context.orderId)).toHaveLength(1)
  })

  it('takes in notifications wherever their payment is', async () => {
    const waiting = await Promise.all(
      Array.from({ length: 8 }, () =>
        pay(
          target,
          contextOf({ funding: { accept: [{ tender: 'wallet' }] }, metadata: { sandbox: 'action_waits' } }),
        ),
      ),
    )
    for (const { body } of waiting) {
      await target.sandbox.complete('wallet', body.attempts[0]?.reference ?? '', 'approved')
    }
    for (const { body } of waiting) await paymentOnce(target, body.id, 'succeeded', 10_000)
  })

  it('knows no id of a shard that it does not have', async () => {
    for (const id of ['pay_x', `pay_${'f'.repeat(32)}`, 'pay_0']) {
      expect((await target.api('GET', `/v1/payments/${id}`)).status).toBe(404)
      expect((await operate(target, id, 'cancel')).status).toBe(404)
      expect((await target.api('GET', `/v1/decisions/${id}`)).status).toBe(404)
    }
  })
})

describe('funding pools of several objects', () => {
  const CAP = 100_000
  let target: Target
  beforeAll(async () => {
    target = await startWorkerTarget({
      env: { SHARDS_PER_TENANT: '4' },
      change: config => {
        inFixedOrder(config)
        config.pools = [
          { id: 'baitiao', currency: 'CNY', sources: [{ id: 'own', kind: 'own_funds', cap: CAP }] },
        ]
        const cards = config.routes.find(({ id }) => id === 'card_a')
        if (cards !== undefined) {
          cards.pool = 'baitiao'
          cards.capability.currencies = ['CNY']
        }
      },
    })
  })
  afterAll(() => target.stop())

  it('lend no more than the cap between them, and tell one level', { timeout: 60_000 }, async () => {
    const amount = { currency: 'CNY', value: 5_000 }
    const lent = { payments: 0, shards: new Set<string>() }
    for (let round = 0; round < 6; round++) {
      const paid = await Promise.all(Array.from({ length: 12 }, () => pay(target, contextOf({ amount }))))
      for (const { body } of paid) {
        if (body.route !== 'card_a') continue
        lent.payments++
        lent.shards.add(shardIn(body.id))
      }
    }
    expect(lent.shards.size).toBeGreaterThan(1)
    expect(lent.payments).toBeGreaterThanOrEqual(10)
    expect(lent.payments * amount.value).toBeLessThanOrEqual(CAP)
    // Every object sees what all of them have lent.
    for (const shard of [0, 1, 2, 3]) {
      const until = Date.now() + 20_000
      let used = -1
      while (used !== lent.payments * amount.value && Date.now() < until) {
        const { body } = await target.admin<{ pools: { sources: { used: number }[] }[] }>(
          'GET',
          `/admin/v1/pools?shard=${shard}`,
        )
        used = body.pools[0]?.sources[0]?.used ?? -1
      }
      expect(used).toBe(lent.payments * amount.value)
    }
  })
})

describe('what differs from Node', () => {
  let target: Target
  const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-worker-'))
  const start = (sandbox?: Target['sandbox']): Promise<Target> =>
    startWorkerTarget({
      dataDir,
      redisUrl: inject('redisUrl'),
      change: config => {
        inFixedOrder(config)
        for (const { capability } of config.routes) capability.settleWindowMs = 0
      },
      ...(sandbox === undefined ? {} : { sandbox }),
    })
  beforeAll(async () => {
    target = await start()
  })
  afterAll(async () => {
    await target.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  afterEach(() => target.sandbox.dial('card_a', { outage: 'none' }))

  it('takes a refused connection for an unknown outcome: no other route until the upstream was asked', async () => {
    await target.sandbox.dial('card_a', { outage: 'refuse' })
    const context = contextOf()
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([202, 'pending'])
    expect(body.attempts.map(({ route, status: state }) => [route, state])).toEqual([['card_a', 'unknown']])
    await target.sandbox.dial('card_a', { outage: 'none' })
    await paymentOnce(target, body.id, 'succeeded', 20_000)
    expect(await target.sandbox.ledger(context.orderId)).toHaveLength(1)
  })

  it('opens the operators’ paths to the token alone, and shows the state of a shard', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${target.secret('checkout')}` },
    ]) {
      for (const path of ['/metrics', '/admin/v1/routes']) {
        expect((await exchange(`${target.url}${path}`, { headers })).status).toBe(404)
      }
    }
    await pay(target, contextOf())
    const { text } = await target.admin('GET', '/metrics')
    expect(text).toMatch(/^fundroute_payments_total\{status="succeeded",route="card_a"\} [1-9]/m)
    expect(text).toMatch(/^fundroute_redis_up 1$/m)
    expect((await target.admin('GET', '/metrics?tenant=other')).text).not.toContain(
      'fundroute_payments_total{',
    )
    expect((await target.admin('GET', '/metrics?tenant=nobody')).status).toBe(404)
    expect((await target.admin('GET', '/metrics?shard=1')).status).toBe(404)
  })

  it('remembers a circuit that is held open when the object is gone from memory', async () => {
    const hold = { state: 'open', reason: 'settlement file missing', seconds: 600 }
    expect((await target.admin('POST', '/admin/v1/routes/card_a/breaker', hold)).status).toBe(200)
    await target.stop({ keepData: true, keepSandbox: true })
    target = await start(target.sandbox)
    const { body } = await target.admin<{ routes: { id: string; breaker: object }[] }>(
      'GET',
      '/admin/v1/routes',
    )
    expect(body.routes.find(({ id }) => id === 'card_a')?.breaker).toMatchObject({
      state: 'open',
      forced: { reason: hold.reason },
    })
    expect((await decide(target, contextOf())).body.cascade).toEqual(['card_b'])
    await target.admin('POST', '/admin/v1/routes/card_a/breaker', { ...hold, state: 'auto' })
  })
})

describe('a Worker that cannot be configured', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-worker-'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  const OWN = `version: 1
tenants: [{ id: demo, apiKeys: [{ id: all, secretEnv: OWN_KEY, scopes: [pay] }] }]
routes:
  - id: own
    tender: card
    connector: { type: module, module: own.ts, baseUrl: "http://127.0.0.1:9" }
    capability: { channels: [app], currencies: [CNY], amount: { max: 1000 }, queryable: true }
`

  it.each([
    ['a key that is none', { DEMO_API_KEY: 'too_short_to_be_a_key' }],
    ['code in a file', { FUNDROUTE_CONFIG_TEXT: OWN, OWN_KEY: 'k'.repeat(40) }],
  ])('loads without doing anything, answers 503, and tells nobody why: %s', async (_, variables) => {
    const worker = await startWorker({
      bundle: inject('workerBundle'),
      objects: OBJECTS,
      variables,
      dataDir,
    })
    for (const path of ['/readyz', '/v1/payments', '/metrics']) {
      const answer = await exchange<ProblemView>(`${worker.url}${path}`, {})
      expect([answer.status, answer.body.code]).toEqual([503, 'not_configured'])
      expect(answer.text).not.toMatch(/DEMO_API_KEY|too_short|own\.ts/)
    }
    await worker.kill()
  })
})
