import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresJournal } from '../adapters/postgres/journal.ts'
import { RedisLink } from '../adapters/redis/link.ts'
import { SqliteJournal } from '../adapters/sqlite/journal.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import type { Config } from '../config/schema.ts'
import type { Secrets } from '../config/secrets.ts'
import { NodeOutside } from './node-outside.ts'
import { buildGeneration } from './runtime.ts'

/** One thing that was looked at. A finding that is not `ok` says what to do. */
export interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warning' | 'error'
  readonly detail: string
  readonly fix?: string
}

const PING_MS = 2_000
const NODE_MAJOR_MIN = 22
const REDIS_SLOW_MS = 20
const REDIS_SAMPLES = 5
/** Clocks further apart than this make leases and signatures unsafe. */
const CLOCK_APART_MS = 2_000

/** Dials every upstream and eligibility service that the configuration names. Sends nothing that could charge. */
export async function probeUpstreams(config: Config, version: string, secrets: Secrets): Promise<Finding[]> {
  const outside = new NodeOutside(systemClock)
  try {
    const { runtime } = buildGeneration(config, version, secrets, outside)
    const probes = [...runtime.routes.values()].map(async ({ route, connector, facts }) => {
      const found = [await probe(`upstream of ${route.id}`, () => connector.ping({ timeoutMs: PING_MS }))]
      if (facts !== undefined) {
        found.push(
          await probe(`eligibility of ${route.id}`, async () => {
            const answer = await facts.provider.facts('fundroute-doctor', 'CNY', { timeoutMs: PING_MS })
            return {
              ok: answer.kind !== 'unavailable',
              detail: answer.kind === 'unavailable' ? answer.cause : 'answers',
            }
          }),
        )
      }
      return found
    })
    return (await Promise.all(probes)).flat()
  } finally {
    await outside.close()
  }
}

async function probe(what: string, dial: () => Promise<{ ok: boolean; detail: string }>): Promise<Finding> {
  const started = performance.now()
  const { ok, detail } = await dial()
  const ms = Math.round(performance.now() - started)
  return ok
    ? { what, state: 'ok', detail: `${detail}, ${ms} ms` }
    : { what, state: 'error', detail, fix: 'look at its address, its token and whether it is up' }
}

export function probeNode(version = process.versions.node): Finding {
  const major = Number(version.split('.')[0])
  return major >= NODE_MAJOR_MIN
    ? { what: 'Node', state: 'ok', detail: version }
    : { what: 'Node', state: 'error', detail: version, fix: `use Node ${NODE_MAJOR_MIN} or newer` }
}

/** Latency, and whether Redis would throw away what it is asked to keep in the right order. */
export async function probeRedis(url: string): Promise<Finding[]> {
  const link = new RedisLink({ url, clock: systemClock, random: systemRandom() })
  try {
    if (!(await link.connect())) {
      return [
        {
          what: 'Redis',
          state: 'error',
          detail: 'does not answer',
          fix: 'look at REDIS_URL; decisions go on without it',
        },
      ]
    }
    return [await latency(link), await evictionPolicy(link), await redisClock(link)]
  } finally {
    link.close()
  }
}

async function latency(link: RedisLink): Promise<Finding> {
  let worst = 0
  for (let i = 0; i < REDIS_SAMPLES; i++) {
    const started = performance.now()
    await link.call(redis => redis.ping())
    worst = Math.max(worst, performance.now() - started)
    await sleep(5)
  }
  const detail = `slowest of ${REDIS_SAMPLES} round trips ${worst.toFixed(1)} ms`
  return worst <= REDIS_SLOW_MS
    ? { what: 'Redis latency', state: 'ok', detail }
    : {
        what: 'Redis latency',
        state: 'warning',
        detail,
        fix: 'put it nearer: a decision waits at most 60 ms for it',
      }
}

async function evictionPolicy(link: RedisLink): Promise<Finding> {
  const what = 'Redis maxmemory-policy'
  const answer = await link.call(redis => redis.call('CONFIG', 'GET', 'maxmemory-policy'))
  const policy = Array.isArray(answer) ? String(answer[1]) : undefined
  if (policy === undefined)
    return { what, state: 'warning', detail: 'cannot be read', fix: 'check it by hand' }
  const evicts = policy.startsWith('allkeys-') || policy.startsWith('volatile-')
  return evicts
    ? { what, state: 'ok', detail: policy }
    : {
        what,
        state: 'warning',
        detail: policy,
        fix: 'use volatile-lru or allkeys-lru: hints may go, but writes must not fail',
      }
}

async function redisClock(link: RedisLink): Promise<Finding> {
  const answer = await link.call(redis => redis.time())
  const at = answer === undefined ? Number.NaN : Number(answer[0]) * 1_000 + Number(answer[1]) / 1_000
  return clockFinding('clock against Redis', at)
}

function clockFinding(what: string, at: number): Finding {
  const apart = Math.round(Math.abs(systemClock.now() - at))
  if (Number.isNaN(apart)) return { what, state: 'warning', detail: 'cannot be read' }
  return apart <= CLOCK_APART_MS
    ? { what, state: 'ok', detail: `${apart} ms apart` }
    : {
        what,
        state: 'error',
        detail: `${apart} ms apart`,
        fix: 'synchronise the clocks (NTP): leases and signatures depend on them',
      }
}

/** Writes and reads, and names settings that would lose acknowledged writes. In PostgreSQL when a URL is given. */
export async function probeJournal(file: string, databaseUrl?: string): Promise<Finding[]> {
  const what = 'journal'
  try {
    const journal = await (databaseUrl === undefined
      ? SqliteJournal.open({ file, now: () => systemClock.now() })
      : PostgresJournal.open({ url: databaseUrl }))
    const { warnings } = await journal.check()
    await journal.close()
    const found: Finding[] = [{ what, state: 'ok', detail: 'writes and reads' }]
    return [...found, ...warnings.map((detail): Finding => ({ what, state: 'warning', detail }))]
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'cannot be opened'
    return [
      {
        what,
        state: 'error',
        detail,
        fix: 'stop the other process, or look at the folder and its permissions',
      },
    ]
  }
}
