/**
 * Keeps the gateway under load and watches its memory: resident set and heap after each minute, and the trend over the
 * second half, by least squares. Exits with 1 when memory grows or a request fails.
 *
 *     npm run bench:soak [-- --minutes N] [--journal sqlite|memory]     10 minutes, SQLite; at least 1 minute
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { MEASURED_CORE, OTHER_CORE, startSide } from './process.ts'

const KEY = 'bench_key_of_at_least_32_characters_long'
const CONNECTIONS = 32
const PAYERS = 10_000
const SAMPLE_MS = 10_000
/** What heap and caches still move by when nothing leaks, MiB a minute. */
const TREND_MAX = 1
const side = (name: string): string => join(import.meta.dirname, 'sides', `${name}.ts`)

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, journal: { type: 'string', default: 'sqlite' } },
})
const minutes = Number(values.minutes)
if (!(minutes >= 1 && minutes <= 24 * 60)) throw new RangeError('--minutes must be between 1 and 1440')

/** Of the process that listens, in MiB: the pinning wrapper has replaced itself by it. */
function residentMiB(pid: number): number {
  const kib = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]
  return Number(kib) / 1_024
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

/** Slope of a series by least squares, per sample. */
function slope(series: readonly number[]): number {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length
  const middle = (series.length - 1) / 2
  let above = 0
  let below = 0
  series.forEach((value, i) => {
    above += (i - middle) * (value - mean)
    below += (i - middle) ** 2
  })
  return above / below
}

const upstream = await startSide(side('upstream'), OTHER_CORE)
const gateway = await startSide(side('gateway'), MEASURED_CORE, {
  UPSTREAM: upstream.url,
  BENCH_KEY: KEY,
  ROUTES: '4',
  ...(values.journal === 'memory' ? { JOURNAL: 'memory:' } : {}),
})
try {
  const until = Date.now() + minutes * 60_000
  const samples: number[] = []
  const loading = load(gateway.url, until)
  while (Date.now() < until) {
    await sleep(SAMPLE_MS)
    samples.push(residentMiB(gateway.pid))
    if (samples.length % 6 === 0)
      console.log(`minute ${samples.length / 6}: ${samples.at(-1)?.toFixed(0)} MiB resident`)
  }
  const { payments, decisions, failed } = await loading
  const half = samples.slice(Math.floor(samples.length / 2))
  console.log(`${payments} payments and ${decisions} decisions in ${minutes} minutes, ${failed} failed`)
  const trend = slope(half) * 6
  const flat = trend <= TREND_MAX
  console.log(`trend over the second half: ${trend.toFixed(2)} MiB a minute, at most ${TREND_MAX} allowed`)
  console.log(flat ? 'Memory is flat.' : 'MEMORY GROWS.')
  if (!flat || failed > 0) process.exitCode = 1
} finally {
  await gateway.stop()
  await upstream.stop()
}
