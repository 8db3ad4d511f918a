import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

/** The URL of a new, empty database on the shared PostgreSQL; it is gone after the run. One per test file is usual. */
export async function freshDatabase(): Promise<string> {
  const url = new URL(inject('databaseUrl'))
  const name = uniqueName()
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  url.pathname = `/${name}`
  return url.href
}

/**
 * The shared Redis with a key prefix of the caller's own. Never flush it, other files use it at the same time: a test
 * that flushes, freezes or kills starts its own with `startRedis()`.
 */
export function redisNamespace(): { url: string; prefix: string } {
  return { url: inject('redisUrl'), prefix: `${uniqueName()}:` }
}

function uniqueName(): string {
  return inject('runPrefix') + randomBytes(6).toString('hex')
}
