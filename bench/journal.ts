import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryJournal } from '../src/adapters/memory/journal.ts'
import { PostgresJournal } from '../src/adapters/postgres/journal.ts'
import { SqliteJournal } from '../src/adapters/sqlite/journal.ts'
import type { Payment } from '../src/core/payment/payment.ts'
import type { Journal } from '../src/ports/journal.ts'

/**
 * How many payments a second a journal takes: one `begin` with its decision and one `save` that ends it, for several
 * numbers of callers at once. `cpu` is what the calling thread spends on one payment; SQLite works in a thread of its
 * own, PostgreSQL in processes of its own.
 *
 *   node bench/journal.ts [SECONDS]          PostgreSQL with DATABASE_URL (an empty database)
 */
const seconds = Number(process.argv[2] ?? 3)
const decisionBody = JSON.stringify({ note: 'x'.repeat(3_600) })
const run = Date.now().toString(36)
let serial = 0

function payment(): Payment {
  serial += 1
  const id = `${run}${serial.toString(16)}`
  const amount = { currency: 'CNY', value: 129_900 }
  return {
    id: `pay_${id}`,
    tenant: 'demo',
    context: {
      orderId: `o-${id}`,
      amount,
      channel: 'app',
      payer: { id: `u-${serial % 1000}`, locale: 'zh-CN' },
      merchant: { id: 'm-1', mcc: '5732' },
      items: [{ id: 'sku-1', category: 'electronics', amount }],
      funding: {
        accept: [{ tender: 'card' }, { tender: 'wallet' }],
        instruments: { card: { token: 'tok_1', bin: '622202', issuer: 'ICBC' } },
      },
    },
    createdAt: 1,
    deadlineAt: 2,
    configVersion: 'v1',
    attemptsMax: 3,
    attempts: [
      {
        reference: id.padStart(32, '0'),
        route: 'card_a',
        tender: 'card',
        amount,
        status: 'intent',
        contract: {
          idempotency: { mode: 'key', retentionHours: 24, replaysErrors: true },
          queryable: true,
          cancel: ['close', 'void', 'reverse'],
          settleWindowMs: 60_000,
          honoursExpiry: true,
          cancelTombstones: true,
        },
        timeoutMs: 3000,
        openedAt: 1,
        sendableUntil: 2,
        expiresAt: 3,
        keyWindowEndsAt: 4,
      },
    ],
    operations: [],
    obligations: [],
    considered: ['card_a', 'card_b', 'wallet', 'balance'].map(route => ({ route, reasons: [] })),
    decision: `dec_${id}`,
    reasons: [],
    sequence: 0,
    resolves: 0,
  }
}

async function pay(journal: Journal): Promise<void> {
  const begun = payment()
  const dueAt = Date.now() + 60_000
  const { id, tenant, context, attempts } = begun
  const result = await journal.begin({
    payment: begun,
    key: { key: id, fingerprint: 'f'.repeat(64), target: 'payment' },
    leaseMs: 30_000,
    dueAt,
    decision: { id: begun.decision, tenant, orderId: context.orderId, at: dueAt, body: decisionBody },
  })
  const ended = {
    ...begun,
    result: 'succeeded' as const,
    winner: attempts[0]?.reference ?? '',
    attempts: attempts.map(attempt => ({ ...attempt, status: 'approved' as const, latencyMs: 12 })),
  }
  const saved = await journal.save({ payment: ended, version: 1, epoch: 1, leaseMs: 0, dueAt: null })
  if (result.kind !== 'begun' || saved.kind !== 'saved') throw new Error(`${result.kind}, ${saved.kind}`)
}

async function measure(
  journal: Journal,
  callers: number,
  ms: number,
): Promise<{ rate: number; cpu: number }> {
  const started = performance.now()
  const cpu = process.threadCpuUsage()
  let done = 0
  const caller = async () => {
    while (performance.now() - started < ms) {
      await pay(journal)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const spent = process.threadCpuUsage(cpu)
  const rate = (done * 1000) / (performance.now() - started)
  return { rate, cpu: (spent.user + spent.system) / done }
}

async function bench(name: string, journal: Journal): Promise<void> {
  await measure(journal, 64, 500)
  for (const callers of [1, 32, 256]) {
    const { rate, cpu } = await measure(journal, callers, seconds * 1000)
    console.log(
      `${name.padEnd(10)} callers ${`${callers}`.padStart(3)}  ${rate.toFixed(0).padStart(7)} payments/s  cpu ${cpu.toFixed(1).padStart(6)} us`,
    )
  }
  await journal.close()
}

await bench('memory', new MemoryJournal({ now: Date.now }))
const folder = mkdtempSync(join(tmpdir(), 'fundroute-bench-'))
await bench('sqlite', await SqliteJournal.open({ file: join(folder, 'journal.db'), now: Date.now }))
rmSync(folder, { recursive: true })
const url = process.env['DATABASE_URL']
if (url !== undefined) await bench('postgres', await PostgresJournal.open({ url }))
