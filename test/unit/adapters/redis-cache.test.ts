import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RedisCache } from '../../../src/adapters/redis/cache.ts'
import { RedisLink } from '../../../src/adapters/redis/link.ts'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import { systemRandom } from '../../../src/adapters/system/random.ts'
import { cacheContract } from '../../contract/cache.contract.ts'
import { locateRedis, type RedisOptions, startRedis } from '../../support/services/redis.ts'
import { type ServiceHandle, startServer } from '../../support/services/server-process.ts'
import { unusedPort } from '../../support/raw-server.ts'
import { redisNamespace } from '../../support/shared-services.ts'

/** The deadline, and what a busy machine may add to it. */
const WAIT_MAX_MS = 60 + 60

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

function link(url: string, changes: boolean[] = []): RedisLink {
  const made = new RedisLink({
    url,
    clock: systemClock,
    random: systemRandom(),
    onChange: up => changes.push(up),
  })
  open.push(() => made.close())
  return made
}

async function server(options?: RedisOptions): Promise<ServiceHandle> {
  const started = await startRedis(options)
  open.push(() => started.stop())
  return started
}

/** A plain client, to look at the server or to change it. */
function operator(url: string): Redis {
  const made = new Redis(url)
  made.on('error', () => {})
  open.push(() => made.disconnect())
  return made
}

async function connected(url: string, changes: boolean[] = []): Promise<RedisCache> {
  const made = link(url, changes)
  expect(await made.connect()).toBe(true)
  return new RedisCache(made)
}

/** Uses the cache all the time and gives back the longest that any call took. */
async function longestWait(cache: RedisCache, forMs: number): Promise<number> {
  const until = performance.now() + forMs
  let longest = 0
  while (performance.now() < until) {
    const started = performance.now()
    await Promise.all([
      cache.getMany(['{t}:a', '{t}:b']),
      cache.set('{t}:a', '1', 60),
      cache.delete(['{t}:c']),
    ])
    longest = Math.max(longest, performance.now() - started)
    await sleep(2)
  }
  return longest
}

describe('the cache in Redis', () => {
  let shared: RedisLink
  const namespace = { url: '', prefix: '' }
  beforeAll(async () => {
    Object.assign(namespace, redisNamespace())
    shared = new RedisLink({ url: namespace.url, clock: systemClock, random: systemRandom() })
    await shared.connect()
  })
  afterAll(() => shared.close())

  cacheContract(() => ({ cache: new RedisCache(shared), prefix: namespace.prefix, pass: ms => sleep(ms) }))

  it('asks for any number of keys in one command', async () => {
    const { url } = await server()
    const cache = await connected(url)
    const watch = operator(url)
    const before = commandCalls(await watch.info('commandstats'))
    await cache.getMany(Array.from({ length: 50 }, (_, n) => `{t}:${n}`))
    const after = commandCalls(await watch.info('commandstats'))
    expect(after.mget).toBe((before.mget ?? 0) + 1)
    expect(after.get).toBeUndefined()
  })
})

function commandCalls(info: string): Record<string, number> {
  return Object.fromEntries(
    [...info.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, calls]) => [name, Number(calls)]),
  )
}

describe('whatever happens to Redis, nobody waits longer than the deadline', () => {
  it('frozen: misses, then nothing is even tried, and it comes back by itself', async () => {
    const redis = await server()
    const changes: boolean[] = []
    const cache = await connected(redis.url, changes)
    await cache.set('{t}:kept', 'x', 60)
    await redis.kill('SIGSTOP')
    expect(await longestWait(cache, 600)).toBeLessThan(WAIT_MAX_MS)
    expect(cache.healthy()).toBe(false)
    expect(await cache.getMany(['{t}:kept'])).toEqual([undefined])
    const started = performance.now()
    for (let n = 0; n < 100; n++) await cache.getMany(['{t}:kept'])
    expect(performance.now() - started).toBeLessThan(50)
    await redis.kill('SIGCONT')
    await expect.poll(() => cache.getMany(['{t}:kept']), { timeout: 8_000 }).toEqual(['x'])
    expect(cache.healthy()).toBe(true)
    expect(changes).toEqual([true, false, true])
  })

  it('killed and started again', async () => {
    const redis = await server()
    const changes: boolean[] = []
    const cache = await connected(redis.url, changes)
    await redis.kill()
    expect(await longestWait(cache, 400)).toBeLessThan(WAIT_MAX_MS)
    expect(cache.healthy()).toBe(false)
    await redis.restart()
    await cache.set('{t}:a', '1', 60)
    await expect
      .poll(() => cache.healthy() || cache.getMany(['{t}:a']).then(() => false), { timeout: 8_000 })
      .toBe(true)
    await cache.set('{t}:a', '1', 60)
    expect(await cache.getMany(['{t}:a'])).toEqual(['1'])
    expect(changes).toEqual([true, false, true])
  })

  it('flushed: everything is a miss, nothing is down', async () => {
    const redis = await server()
    const cache = await connected(redis.url)
    await cache.set('{t}:a', '1', 60)
    const admin = operator(redis.url)
    await admin.flushall()
    expect(await cache.getMany(['{t}:a'])).toEqual([undefined])
    expect(cache.healthy()).toBe(true)
  })

  it('not there at the start, and there later', async () => {
    const redis = await server()
    await redis.kill()
    const waiting = link(redis.url)
    expect(await waiting.connect(300)).toBe(false)
    const cache = new RedisCache(waiting)
    expect(await longestWait(cache, 300)).toBeLessThan(WAIT_MAX_MS)
    await redis.restart()
    await expect
      .poll(() => cache.getMany(['{t}:a']).then(() => cache.healthy()), { timeout: 8_000 })
      .toBe(true)
  })

  it('nobody listens', async () => {
    const nowhere = link(`redis://127.0.0.1:${await unusedPort()}`)
    expect(await nowhere.connect(100)).toBe(false)
    expect(await longestWait(new RedisCache(nowhere), 300)).toBeLessThan(WAIT_MAX_MS)
  })

  it('a black hole that takes connections and says nothing', async () => {
    const hole = await speaking(() => undefined)
    const lost = link(hole)
    expect(await lost.connect(200)).toBe(false)
    expect(await longestWait(new RedisCache(lost), 600)).toBeLessThan(WAIT_MAX_MS)
  })

  it('loading its data: every command is refused', async () => {
    const loading = await speaking(() => '-LOADING Redis is loading the dataset in memory\r\n')
    const waiting = link(loading)
    await waiting.connect(200)
    const cache = new RedisCache(waiting)
    expect(await longestWait(cache, 400)).toBeLessThan(WAIT_MAX_MS)
    expect(await cache.getMany(['{t}:a'])).toEqual([undefined])
    expect(cache.healthy()).toBe(false)
  })

  it('read-only after a failover: what can be read is read', async () => {
    const redis = await server()
    const cache = await connected(redis.url)
    await cache.set('{t}:a', '1', 60)
    const admin = operator(redis.url)
    await admin.replicaof('127.0.0.1', await unusedPort())
    expect(await longestWait(cache, 400)).toBeLessThan(WAIT_MAX_MS)
    await admin.replicaof('NO', 'ONE')
    await expect
      .poll(() => cache.set('{t}:b', '2', 60).then(() => cache.getMany(['{t}:b'])), { timeout: 8_000 })
      .toEqual(['2'])
  })

  it('does not send later what its caller was told has failed', async () => {
    const redis = await server()
    const changes: boolean[] = []
    const cache = await connected(redis.url, changes)
    await redis.kill()
    for (let n = 0; n < 20; n++) await cache.set(`{t}:${n}`, 'x', 60)
    await redis.restart()
    await expect
      .poll(() => cache.getMany(['{t}:0']).then(() => cache.healthy()), { timeout: 8_000 })
      .toBe(true)
    const keys = Array.from({ length: 20 }, (_, n) => `{t}:${n}`)
    expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined))
  })
})

/** A server that answers every command line with the same words, or with nothing. */
async function speaking(reply: () => string | undefined): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', data => {
      const words = reply()
      const commands = data.toString().match(/^\*\d+\r\n/gm)?.length ?? 0
      if (words !== undefined) socket.write(words.repeat(commands))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** A Sentinel that watches this one master. */
async function sentinelOf(master: ServiceHandle): Promise<ServiceHandle> {
  const { file, libraries } = await locateRedis()
  const sentinel = await startServer({
    name: 'sentinel',
    prepare: async folder => {
      await writeFile(join(folder, 'sentinel.conf'), `sentinel monitor main 127.0.0.1 ${master.port} 1\n`)
    },
    command: (port, folder) => ({
      file,
      args: [join(folder, 'sentinel.conf'), '--sentinel', '--bind', '127.0.0.1', '--port', String(port)],
      env: libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries },
    }),
    url: port => `redis-sentinel://127.0.0.1:${port}/main`,
    readyLine: /\+monitor master main/,
    stopSignal: 'SIGTERM',
  })
  open.push(() => sentinel.stop())
  return sentinel
}

describe('other ways to run Redis', () => {
  it('Sentinel: finds the master that it names', async () => {
    const master = await server()
    const sentinel = await sentinelOf(master)
    const cache = await connected(sentinel.url)
    await cache.set('{t}:a', '1', 60)
    const admin = operator(master.url)
    expect(await admin.get('{t}:a')).toBe('1')
    await sentinel.kill()
    await master.kill()
    expect(await longestWait(cache, 400)).toBeLessThan(WAIT_MAX_MS)
  })

  it('Cluster: one round trip for keys of one hash tag', async () => {
    const redis = await server({
      args: '--cluster-enabled yes --cluster-config-file nodes.conf --cluster-announce-ip 127.0.0.1'.split(
        ' ',
      ),
    })
    const admin = operator(redis.url)
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await expect.poll(() => admin.call('CLUSTER', 'INFO'), { timeout: 8_000 }).toMatch(/cluster_state:ok/)
    const cache = await connected(`redis-cluster://127.0.0.1:${redis.port}`)
    await cache.set('{u-1}:a', '1', 60)
    await cache.set('{u-1}:b', '2', 60)
    expect(await cache.getMany(['{u-1}:a', '{u-1}:b', '{u-1}:c'])).toEqual(['1', '2', undefined])
    expect(await cache.getMany(['{u-1}:a', '{u-2}:b'])).toEqual([undefined, undefined])
    await redis.kill('SIGSTOP')
    expect(await longestWait(cache, 400)).toBeLessThan(WAIT_MAX_MS)
  })
})
