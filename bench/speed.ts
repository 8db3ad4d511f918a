/**
 * How fast the gateway is beside the least that anything in its place must do. All sides in one run, in turn, on one
 * pinned core with the load from the other; ratios pair by pair, medians over the rounds. Beside the requests per
 * second stands the processor time per request, which says nearly the same on an idle machine and stays true on a
 * busy one.
 *
 *     npm run bench [-- --rounds N] [--seconds N] [--only NAME]     then `bench:proxy`, unless --only is given
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/support/services/postgres.ts'
import { decideMicroseconds } from './decide.ts'
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
const LOAD = join(import.meta.dirname, 'load.ts')
const side = (name: string): string => join(import.meta.dirname, 'sides', `${name}.ts`)

interface Contest {
  readonly name: string
  readonly target: number
  readonly load: 'decision' | 'payment'
  readonly env: Record<string, string>
  /** Of the load. */
  readonly vary?: { readonly DURABLE?: string; readonly PAYERS?: string }
}

interface Load {
  readonly perSecond: number
  readonly answered: number
  readonly failed: number
}

interface Reading extends Load {
  /** Processor time of the side per request that it answered, microseconds. */
  readonly cpuMicroseconds: number
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

function contests(databaseUrl: string): Contest[] {
  return [
    { name: 'decisions, 3 routes', target: 0.4, load: 'decision', env: { ROUTES: '3' } },
    { name: 'decisions, 8 routes', target: 0.4, load: 'decision', env: { ROUTES: '8' } },
    {
      name: 'decisions, 3 routes, durable',
      target: 0,
      load: 'decision',
      env: { ROUTES: '3' },
      vary: { DURABLE: '1' },
    },
    {
      name: 'decisions, 3 routes, 10,000 payers',
      target: 0,
      load: 'decision',
      env: { ROUTES: '3' },
      vary: { PAYERS: '10000' },
    },
    { name: 'payments, memory journal', target: 0.6, load: 'payment', env: { JOURNAL: 'memory:' } },
    { name: 'payments, SQLite', target: 0.35, load: 'payment', env: {} },
    { name: 'payments, PostgreSQL', target: 0.35, load: 'payment', env: { JOURNAL: databaseUrl } },
  ]
}

async function measure(
  load: string,
  { url, pid }: Side,
  forSeconds: number,
  vary: Record<string, string> = {},
): Promise<Reading> {
  const before = cpuSeconds(pid)
  const args = [load, url, String(forSeconds), String(CONNECTIONS)]
  const read = await drive<Load>(LOAD, args, { BENCH_KEY: KEY, ...vary })
  return { ...read, cpuMicroseconds: ((cpuSeconds(pid) - before) * 1e6) / read.answered }
}

async function run(contest: Contest, upstream: Side): Promise<Record<string, string | number>> {
  const base = { UPSTREAM: upstream.url, BENCH_KEY: KEY, LOG_LEVEL: 'info' }
  const reference = await startSide(
    side(contest.load === 'decision' ? 'bare-hono' : 'bare-proxy'),
    MEASURED_CORE,
    base,
  )
  const gateway = await startSide(side('gateway'), MEASURED_CORE, { ...base, ...contest.env })
  try {
    await measure('constant', reference, WARM_SECONDS / 4)
    await measure(contest.load, gateway, WARM_SECONDS, contest.vary)
    const readings: { readonly bare: Reading; readonly ours: Reading }[] = []
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`\r${contest.name}: round ${round} of ${rounds}   `)
      readings.push({
        bare: await measure('constant', reference, seconds),
        ours: await measure(contest.load, gateway, seconds, contest.vary),
      })
    }
    process.stderr.write('\n')
    return {
      'bare, per second': Math.round(median(readings.map(({ bare }) => bare.perSecond))),
      'gateway, per second': Math.round(median(readings.map(({ ours }) => ours.perSecond))),
      ratio: Number(median(readings.map(({ bare, ours }) => ours.perSecond / bare.perSecond)).toFixed(3)),
      'bare, us CPU': Math.round(median(readings.map(({ bare }) => bare.cpuMicroseconds))),
      'gateway, us CPU': Math.round(median(readings.map(({ ours }) => ours.cpuMicroseconds))),
      'ratio of CPU': Number(
        median(readings.map(({ bare, ours }) => bare.cpuMicroseconds / ours.cpuMicroseconds)).toFixed(3),
      ),
      target: contest.target === 0 ? '-' : contest.target,
      failed: readings.reduce((sum, { ours }) => sum + ours.failed, 0),
    }
  } finally {
    await gateway.stop()
    await reference.stop()
  }
}

console.log(`decide() with 8 routes, in process: ${decideMicroseconds(8).toFixed(2)} us median (target 15)`)
const byRoutes = [1, 2, 4, 16].map(count => `${count}: ${decideMicroseconds(count).toFixed(2)}`)
console.log(`decide() by number of routes, us median: ${byRoutes.join(', ')}`)
leaveMeasuredCore()
const postgres = await startPostgres()
const upstream = await startSide(side('upstream'), OTHER_CORE)
const table: Record<string, Record<string, string | number>> = {}
try {
  for (const contest of contests(postgres.url)) {
    if (values.only !== undefined && !contest.name.includes(values.only)) continue
    table[contest.name] = await run(contest, upstream)
  }
} finally {
  await upstream.stop()
  await postgres.stop()
}
console.table(table)
// The proxy has other sides and a table of its own; it takes the same options.
if (values.only === undefined) await import('./proxy.ts')
