import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../support/services/redis.ts'
import { startTarget } from './harness.ts'
import { contextOf, decide, pay } from './payments.ts'
import type { Target } from './target.ts'

/**
 * A Redis that does not answer would hold a decision up for ever; its deadline is 60 ms. What is more than that is
 * what a busy machine may add.
 */
const NOT_HELD_UP_MS = 1_500

let redis: Awaited<ReturnType<typeof startRedis>>
let target: Target
beforeAll(async () => {
  redis = await startRedis()
  target = await startTarget({ redisUrl: redis.url })
})
afterAll(async () => {
  await target.stop()
  await redis.stop()
})
afterEach(async () => {
  await redis.kill('SIGCONT').catch(() => undefined)
  await expect.poll(redisUp, { timeout: 10_000 }).toBe(1)
})

const redisUp = async (): Promise<number> => {
  const { text } = await target.admin('GET', '/metrics')
  return Number(/^fundroute_redis_up(?:\{[^}]*\})? (\d)/m.exec(text)?.[1])
}
const asked = async (): Promise<number> => (await target.sandbox.requests()).jd_baitiao.eligibility

/** Decides for a payer whose facts are known to the cache, or are not, and says how long it took. */
async function decideFor(payer: string): Promise<number> {
  const started = performance.now()
  const { status, body } = await decide(
    target,
    contextOf({ payer: { id: payer }, funding: { accept: [{ tender: 'credit' }] } }),
  )
  expect([status, body.cascade]).toEqual([200, ['jd_baitiao']])
  return performance.now() - started
}

async function medianOf(times: number, work: () => Promise<number>): Promise<number> {
  const durations: number[] = []
  for (let i = 0; i < times; i++) durations.push(await work())
  return durations.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0
}

describe('hints in Redis', () => {
  it('spare the lender the second question, and are shared by gateways', async () => {
    await decideFor('u-cached')
    const before = await asked()
    await expect
      .poll(async () => {
        await decideFor('u-cached')
        return asked()
      })
      .toBe(before)
    const second = await startTarget({ redisUrl: redis.url, sandbox: target.sandbox })
    const { body } = await decide(
      second,
      contextOf({ payer: { id: 'u-cached' }, funding: { accept: [{ tender: 'credit' }] } }),
    )
    expect(body.cascade).toEqual(['jd_baitiao'])
    await second.stop()
    await target.sandbox.tell(target.url)
    expect(await redisUp()).toBe(1)
  })

  it('that are flushed change nothing but who is asked', async () => {
    await decideFor('u-flushed')
    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()
    const before = await asked()
    await decideFor('u-flushed')
    expect(await asked()).toBe(before + 1)
    expect((await pay(target, contextOf())).body.status).toBe('succeeded')
  })

  it('that are poisoned are not believed', async () => {
    await decideFor('u-poisoned')
    const client = new Redis(redis.url)
    const keys = await client.keys('*u-poisoned*')
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) await client.set(key, '{"at":1e99,"facts":{"activated":"yes"}}')
    client.disconnect()
    await decideFor('u-poisoned')
  })

  it('of a frozen Redis hold no decision up, and the gauge says so', async () => {
    await medianOf(10, () => decideFor('u-warm'))
    await redis.kill('SIGSTOP')
    const first = await decideFor('u-frozen')
    const frozen = await medianOf(15, () => decideFor('u-frozen'))
    expect(Math.max(first, frozen)).toBeLessThan(NOT_HELD_UP_MS)
    await expect.poll(redisUp, { timeout: 5_000 }).toBe(0)
    const context = contextOf()
    expect((await pay(target, context)).body.status).toBe('succeeded')
  })

  it('of a Redis that has died hold no decision up, and come back with it', async () => {
    await redis.kill('SIGKILL')
    const dead = await medianOf(15, () => decideFor('u-dead'))
    expect(dead).toBeLessThan(NOT_HELD_UP_MS)
    await expect.poll(redisUp, { timeout: 5_000 }).toBe(0)
    expect((await pay(target, contextOf())).body.status).toBe('succeeded')
    await redis.restart()
    await expect.poll(redisUp, { timeout: 10_000 }).toBe(1)
  })
})

describe('a gateway whose Redis is not there yet', () => {
  it('starts, says so, and decides', async () => {
    const other = await startRedis()
    await other.kill('SIGKILL')
    const alone = await startTarget({ redisUrl: other.url, sandbox: target.sandbox })
    expect((await decide(alone, contextOf())).status).toBe(200)
    await alone.stop()
    await other.stop()
    await target.sandbox.tell(target.url)
  })
})
