/**
 * How fast old checkouts are proxied, beside the proxies that one would take instead. All sides in one run, in turn
 * within each round, the measured one on a core of its own; upstream and load share the other. Medians over the rounds.
 * The CPU time per request is read from the kernel and holds on a busy machine too.
 *
 *     npm run bench:proxy [-- --rounds N] [--seconds N] [--only TEXT]
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  cpuSeconds,
  drive,
  leaveMeasuredCore,
  MEASURED_CORE,
  median,
  OTHER_CORE,
  type Side,
  startSide,
  WARM_SECONDS,
} from './process.ts'

const KEY = 'bench_key_of_at_least_32_characters_long'
const CONNECTIONS = 64
const LOAD = join(import.meta.dirname, 'proxy-load.ts')

interface Contestant {
  readonly name: string
  readonly script: string
  readonly path?: string
  readonly env?: Record<string, string>
}

interface Load {
  readonly perSecond: number
  readonly answered: number
  /** How often each status other than 2xx came. */
  readonly failures: Readonly<Record<string, number>>
  readonly p50: number
  readonly p99: number
}

interface Reading extends Load {
  /** Of the measured process. */
  readonly cpuMicroseconds: number
}

const CONTESTANTS: readonly Contestant[] = [
  { name: 'node:http and undici, nothing looked at', script: 'proxy-raw' },
  { name: 'fundroute, passed through', script: 'proxy-gateway' },
  { name: '@fastify/http-proxy', script: 'proxy-fastify' },
  { name: 'http-proxy-3', script: 'proxy-http-proxy-3' },
  { name: 'Hono’s proxy helper', script: 'proxy-hono' },
  {
    name: 'fundroute, payments, memory journal',
    script: 'proxy-gateway',
    path: '/proxy/safe/pay',
    env: { JOURNAL: 'memory:' },
  },
  { name: 'fundroute, payments, SQLite', script: 'proxy-gateway', path: '/proxy/safe/pay' },
]

interface Started {
  readonly contestant: Contestant
  readonly side: Side
  readonly readings: Reading[]
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

async function measure({ contestant, side }: Started, forSeconds: number): Promise<Reading> {
  const before = cpuSeconds(side.pid)
  const url = `${side.url}${contestant.path ?? '/proxy/plain/pay'}`
  const load = await drive<Load>(LOAD, [url, String(forSeconds), String(CONNECTIONS)], { BENCH_KEY: KEY })
  return { ...load, cpuMicroseconds: ((cpuSeconds(side.pid) - before) * 1_000_000) / load.answered }
}

leaveMeasuredCore()
const upstream = await startSide(join(import.meta.dirname, 'sides', 'proxy-upstream.ts'), OTHER_CORE)
const started: Started[] = []
try {
  for (const contestant of CONTESTANTS) {
    if (values.only !== undefined && !contestant.name.includes(values.only)) continue
    const script = join(import.meta.dirname, 'sides', `${contestant.script}.ts`)
    const env = { UPSTREAM: upstream.url, BENCH_KEY: KEY, ...contestant.env }
    started.push({ contestant, side: await startSide(script, MEASURED_CORE, env), readings: [] })
  }
  for (const each of started) await measure(each, WARM_SECONDS)
  for (let round = 0; round < rounds; round++) {
    for (const each of started) {
      process.stderr.write(`\rround ${round + 1} of ${rounds}: ${each.contestant.name.padEnd(40)}`)
      each.readings.push(await measure(each, seconds))
    }
  }
  process.stderr.write('\n')
} finally {
  for (const { side } of started) await side.stop()
  await upstream.stop()
}
const readingsOf = (script: string): readonly Reading[] =>
  started.find(({ contestant }) => contestant.script === script)?.readings ?? []

function failuresOf(readings: readonly Reading[]): string {
  const told = readings.flatMap(({ failures }) => Object.entries(failures))
  const statuses = [...new Set(told.map(([status]) => status))]
  const timesOf = (wanted: string): number =>
    told.reduce((sum, [status, times]) => (status === wanted ? sum + times : sum), 0)
  return statuses.map(status => `${timesOf(status)} x ${status}`).join(', ') || '-'
}

/** Median over the rounds of the ratio within each round. */
function ratioTo(script: string, readings: readonly Reading[]): number {
  const others = readingsOf(script)
  const ratios = readings.map(({ perSecond }, i) => perSecond / (others[i]?.perSecond ?? Number.NaN))
  return Number(median(ratios).toFixed(2))
}

console.table(
  Object.fromEntries(
    started.map(({ contestant, readings }) => [
      contestant.name,
      {
        'per second': Math.round(median(readings.map(({ perSecond }) => perSecond))),
        'to @fastify/http-proxy': ratioTo('proxy-fastify', readings),
        'to http-proxy-3': ratioTo('proxy-http-proxy-3', readings),
        'CPU us per request': Math.round(median(readings.map(({ cpuMicroseconds }) => cpuMicroseconds))),
        'p50 ms': median(readings.map(({ p50 }) => p50)),
        'p99 ms': median(readings.map(({ p99 }) => p99)),
        failed: failuresOf(readings),
      },
    ]),
  ),
)
