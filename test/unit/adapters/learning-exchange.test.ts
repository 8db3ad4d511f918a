import { Redis } from 'ioredis'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MemoryLearningHub } from '../../../src/adapters/memory/learning.ts'
import { RedisLearning } from '../../../src/adapters/redis/learning.ts'
import { RedisLink } from '../../../src/adapters/redis/link.ts'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import { systemRandom } from '../../../src/adapters/system/random.ts'
import { Estimates } from '../../../src/gateway/estimates.ts'
import { shareLessons } from '../../../src/gateway/sharing.ts'
import type { LearningExchange } from '../../../src/ports/learning-exchange.ts'
import { learningExchangeContract } from '../../contract/learning-exchange.contract.ts'
import { attemptOn, believed, ROUTES } from '../../support/lessons.ts'
import { NOON } from '../../support/samples.ts'
import { startRedis } from '../../support/services/redis.ts'
import { redisNamespace } from '../../support/shared-services.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function linkTo(url: string): Promise<RedisLink> {
  const link = new RedisLink({ url, clock: systemClock, random: systemRandom() })
  open.push(() => link.close())
  await link.connect()
  return link
}

let instances = 0
function instance(link: Pick<RedisLink, 'call'>, prefix: string): LearningExchange {
  return new RedisLearning({ link, prefix, instance: `i-${instances++}` })
}

describe('the exchange in memory', () => {
  learningExchangeContract(() => {
    const hub = new MemoryLearningHub()
    return () => hub.join()
  })
})

describe('the exchange over Redis', () => {
  let shared: RedisLink
  const namespace = { url: '', prefix: '' }
  beforeAll(async () => {
    Object.assign(namespace, redisNamespace())
    shared = new RedisLink({ url: namespace.url, clock: systemClock, random: systemRandom() })
    await shared.connect()
    return () => shared.close()
  })

  let tests = 0
  learningExchangeContract(() => {
    const prefix = `${namespace.prefix}${tests++}:`
    return () => instance(shared, prefix)
  })

  it('lets two instances learn the same from different payments, in one round trip per round', async () => {
    let roundTrips = 0
    const link = await linkTo(namespace.url)
    const counted: Pick<RedisLink, 'call'> = {
      call: work => {
        roundTrips++
        return link.call(work)
      },
    }
    const prefix = `${namespace.prefix}converge:`
    const [left, right] = [new Estimates(ROUTES), new Estimates(ROUTES)]
    const [a, b] = [instance(counted, prefix), instance(counted, prefix)]
    for (let i = 0; i < 400; i++) {
      left.learn(attemptOn('card_a', i, i % 10 < 4 ? 'declined' : 'approved'))
      right.learn(attemptOn('card_b', 1_000 + i, i % 10 < 2 ? 'declined' : 'approved'))
    }
    expect(Math.abs(believed(left) - believed(right))).toBeGreaterThan(0.2)
    for (const [estimates, exchange] of [
      [left, a],
      [right, b],
      [left, a],
    ] as const) {
      expect(await shareLessons(estimates, exchange)).toBe('shared')
    }
    expect(roundTrips).toBe(3)
    for (const route of ['card_a', 'card_b']) {
      const [one, other] = [left, right].map(estimates => estimates.approvalOf(route, NOON))
      expect(Math.abs((one ?? 0) - (other ?? 1))).toBeLessThan(0.01)
    }
    expect(Math.abs(believed(left) - believed(right))).toBeLessThan(0.03)
  })

  it('leaves each alone without Redis, and hands out what was learned meanwhile', async () => {
    const server = await startRedis()
    open.push(() => server.stop())
    const link = await linkTo(server.url)
    const [left, right] = [new Estimates(ROUTES), new Estimates(ROUTES)]
    const [a, b] = [instance(link, ''), instance(link, '')]
    await server.kill('SIGSTOP')
    left.learn(attemptOn('card_a', 1, 'declined'))
    const started = performance.now()
    expect(await shareLessons(left, a)).toBe('alone')
    expect(performance.now() - started).toBeLessThan(500)
    expect(left.waiting(10)).toHaveLength(1)
    await server.kill('SIGCONT')
    // What was given out while nobody answered may arrive all the same, and then comes twice.
    for (let i = 0; i < 50 && left.waiting(10).length > 0; i++) {
      await systemClock.sleep(50)
      await shareLessons(left, a)
    }
    await shareLessons(right, b)
    expect(believed(right)).toBeCloseTo(believed(left), 10)
  })

  it('goes on after a flush', async () => {
    const server = await startRedis()
    open.push(() => server.stop())
    const link = await linkTo(server.url)
    const [a, b] = [instance(link, ''), instance(link, '')]
    await a.exchange(['before'])
    await b.exchange([])
    const operator = new Redis(server.url)
    open.push(() => operator.disconnect())
    await operator.flushall()
    expect(await b.exchange([])).toEqual([])
    await a.exchange(['after'])
    expect(await b.exchange([])).toEqual(['after'])
    // As if the clock of the server had been set back: newer entries with older ids.
    await operator.flushall()
    await operator.xadd('{learning}:lessons', '1-1', 'from', 'x', 'entry', 'old id')
    expect(await b.exchange([])).toEqual(['old id'])
  })
})
