/**
 * Keeps the gateway under load and watches its memory. The heap grows for minutes to the size that V8 likes to collect
 * at, so that the resident set alone says little: memory is flat when neither what a full collection leaves in the heap
 * nor what is resident beside the heap grows over the second half, by least squares. Exits with 1 when one of them does
 * or a request fails.
 *
 *     npm run bench:soak [-- --minutes N] [--journal sqlite|memory]     10 minutes, SQLite; at least 2 minutes
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { leaveMeasuredCore, MEASURED_CORE, OTHER_CORE, startSide } from './process.ts'

const KEY = 'bench_key_of_at_least_32_characters_long'
const CONNECTIONS = 32
const PAYERS = 10_000
/** What caches still move by when nothing leaks, MiB a minute. */
const TREND_MAX = 1
const side = (name: string): string => join(import.meta.dirname, 'sides', `${name}.ts`)

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, journal: { type: 'string', default: 'sqlite' } },
})
const minutes = Number(values.minutes)
if (!(minutes >= 2 && minutes <= 24 * 60)) throw new RangeError('--minutes must be between 2 and 1440')

/** A reading that the gateway's side has printed; MiB. */
interface Reading {
  readonly at: number
  readonly resident: number
  /** What V8 has taken from the system for the heap of the main thread. */
  readonly heap: number
  /** Only just after a full collection: what is left in that heap. */
  readonly left?: number
}

function body(i: number): string {
  const order = `soak-${process.pid}-${i}`
  return JSON.stringify({
    orderId: order,
    amount: { currency: 'CNY', value: 10_000 + (i % 5_000) },
    channel: 'app',
    payer: { id: `u-${i % PAYERS}` },
    funding: { accept: [{ tender: 'card' }] },
  })
}

async function load(
  url: string,
  until: number,
): Promise<{ payments: number; decisions: number; failed: number }> {
  const pool = new Pool(url, { connections: CONNECTIONS })
  const tally = { payments: 0, decisions: 0, failed: 0 }
  let next = 0
  const worker = async (): Promise<void> => {
    while (Date.now() < until) {
      const i = next++
      const paying = i % 2 === 0
      const { statusCode, body: answer } = await pool.request({
        method: 'POST',
        path: paying ? '/v1/payments' : '/v1/decisions',
        headers: {
          authorization: `Bearer ${KEY}`,
          'content-type': 'application/json',
          'idempotency-key': `soak-${process.pid}-${i}`,
        },
        body: body(i),
      })
      await answer.dump()
      if (statusCode >= 300) tally.failed++
      else if (paying) tally.payments++
      else tally.decisions++
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  await pool.close()
  return tally
}

/** Slope by least squares, MiB a minute; NaN of less than two readings. */
function trend(readings: readonly Reading[], valueOf: (reading: Reading) => number): number {
  const mean = (of: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length
  const middle = mean(({ at }) => at)
  const level = mean(valueOf)
  let above = 0
  let below = 0
  for (const reading of readings) {
    above += (reading.at - middle) * (valueOf(reading) - level)
    below += (reading.at - middle) ** 2
  }
  return (above / below) * 60_000
}

const readings: Reading[] = []
let minute = 0
const startedAt = Date.now()
function hear(line: string): void {
  if (!line.startsWith('{"resident"')) return
  const reading = JSON.parse(line) as Reading
  readings.push(reading)
  if (reading.at < startedAt + (minute + 1) * 60_000) return
  minute += 1
  const left = readings.findLast(earlier => earlier.left !== undefined)?.left
  const heap = `heap ${reading.heap.toFixed(0)}, ${left?.toFixed(0) ?? '?'} left by the last full collection`
  console.log(`minute ${minute}: ${reading.resident.toFixed(0)} MiB resident; ${heap}`)
}

leaveMeasuredCore()
const upstream = await startSide(side('upstream'), OTHER_CORE)
const env = {
  UPSTREAM: upstream.url,
  BENCH_KEY: KEY,
  ROUTES: '4',
  WATCH_MEMORY: '1',
  ...(values.journal === 'memory' ? { JOURNAL: 'memory:' } : {}),
}
const gateway = await startSide(side('gateway'), MEASURED_CORE, env, hear)
try {
  const { payments, decisions, failed } = await load(gateway.url, startedAt + minutes * 60_000)
  const half = readings.filter(({ at }) => at > startedAt + minutes * 30_000)
  const collected = half.filter(({ left }) => left !== undefined)
  const trends = {
    'left after a full collection': trend(collected, ({ left }) => left ?? 0),
    'resident beside the heap': trend(half, ({ resident, heap }) => resident - heap),
  }
  console.log(`${payments} payments and ${decisions} decisions in ${minutes} minutes, ${failed} failed`)
  console.log(`trends over the second half, with ${collected.length} full collections:`)
  for (const [name, slope] of Object.entries(trends))
    console.log(`  ${name}: ${slope.toFixed(2)} MiB a minute, at most ${TREND_MAX} allowed`)
  const flat = Object.values(trends).every(slope => slope <= TREND_MAX)
  console.log(flat ? 'Memory is flat.' : 'MEMORY GROWS.')
  if (!flat || failed > 0) process.exitCode = 1
} finally {
  await gateway.stop()
  await upstream.stop()
}
