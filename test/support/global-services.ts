import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './services/postgres.ts'
import { startRedis } from './services/redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A real Redis, shared by all test files of this run. */
    redisUrl: string
    /** A real PostgreSQL, shared by all test files of this run; its user may create databases. */
    databaseUrl: string
    /** Begins the name of every database and key that this run makes. */
    runPrefix: string
  }
}

interface TestService {
  readonly url: string
  /** Ends our own server, or removes from a given one what this run has made there. */
  release(): Promise<void>
}

/**
 * Gives every test run a Redis and a PostgreSQL: those of `REDIS_URL` and `DATABASE_URL` when they are set, else
 * servers of its own. A service that is missing fails the run with a sentence that says what to do.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runPrefix = `fundroute_test_${randomBytes(4).toString('hex')}_`
  const started = await Promise.allSettled([redisService(runPrefix), postgresService(runPrefix)])
  const services = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const release = async () => {
    await Promise.all(services.map(service => service.release()))
  }
  const [redis, postgres] = started
  if (redis.status === 'rejected' || postgres.status === 'rejected') {
    await release()
    throw redis.status === 'rejected' ? redis.reason : (postgres as PromiseRejectedResult).reason
  }
  project.provide('redisUrl', redis.value.url)
  project.provide('databaseUrl', postgres.value.url)
  project.provide('runPrefix', runPrefix)
  return release
}

async function redisService(runPrefix: string): Promise<TestService> {
  const url = process.env.REDIS_URL
  if (!url) {
    const server = await startRedis()
    return { url: server.url, release: () => server.stop() }
  }
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  redis.on('error', () => {})
  await redis.connect().catch((error: Error) => {
    throw new Error(
      `REDIS_URL is set but that Redis does not answer (${error.message}). Start it or unset REDIS_URL.`,
    )
  })
  const release = async () => {
    for await (const keys of redis.scanStream({ match: `${runPrefix}*`, count: 1000 })) {
      if ((keys as string[]).length > 0) await redis.del(keys as string[])
    }
    redis.disconnect()
  }
  return { url, release }
}

async function postgresService(runPrefix: string): Promise<TestService> {
  const url = process.env.DATABASE_URL
  if (!url) {
    const server = await startPostgres()
    return { url: server.url, release: () => server.stop() }
  }
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect().catch((error: Error) => {
    throw new Error(
      `DATABASE_URL is set but that PostgreSQL does not answer (${error.message}). Start it or unset DATABASE_URL.`,
    )
  })
  const release = async () => {
    const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
      runPrefix,
    ])
    for (const { datname } of rows as { datname: string }[]) {
      await client.query(`drop database ${client.escapeIdentifier(datname)} with (force)`)
    }
    await client.end()
  }
  return { url, release }
}
