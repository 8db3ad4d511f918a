/**
 * Sends a month of recorded card attempts as payments through a running gateway over HTTP, and holds the answers, the
 * journal, the metrics and the upstreams' ledgers against each other.
 *
 *     npm run bench:replay -- FILE [--limit N] [--concurrency N]
 *
 * FILE is CSV with the columns id, tmsp, country, amount, success, PSP, 3D_secured, card. Every attempt goes to the
 * route that stands for its acquirer, and the upstream answers as it was recorded.
 */
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'csv-parse'
import { Pool } from 'undici'
import { startGateway } from '../src/entry/node.ts'
import { startSandbox } from '../src/sandbox/start.ts'
import { Progress } from './progress.ts'

const KEY = 'bench_key_of_at_least_32_characters_long'
/** The acquirers of the recording, and the sandbox upstream that plays each one. */
const ACQUIRERS = {
  Moneycard: 'card_a',
  Goldcard: 'card_b',
  UK_Card: 'wallet',
  Simplecard: 'balance',
} as const
type Acquirer = keyof typeof ACQUIRERS

interface Row {
  readonly id: string
  readonly amount: string
  readonly success: string
  readonly PSP: Acquirer
}

const routeOf = (acquirer: Acquirer): string => acquirer.toLowerCase()

function config(baseUrls: Readonly<Record<string, string>>): string {
  const acquirers = Object.keys(ACQUIRERS) as Acquirer[]
  const routes = acquirers.map(
    name => `
  - id: ${routeOf(name)}
    tender: card
    connector: { type: http, baseUrl: "${baseUrls[ACQUIRERS[name]]}", timeoutMs: 5000 }
    capability: { channels: [web], currencies: [EUR], amount: { max: 10000000 }, queryable: true,
                  idempotency: { mode: key, replaysErrors: true } }
    cost: { fixed: ${{ Moneycard: 500, Goldcard: 1000, UK_Card: 300, Simplecard: 100 }[name]} }`,
  )
  const rules = acquirers.map(
    name => `
    - { id: to-${routeOf(name).replace('_', '-')}, kind: require, when: 'metadata.acquirer == "${name}"', routes: [${routeOf(name)}] }`,
  )
  return `version: 1
tenants: [{ id: bench, apiKeys: [{ id: bench, secretEnv: BENCH_KEY, scopes: [pay, read] }] }]
routes:${routes.join('')}
policy:
  rules:${rules.join('')}
`
}

interface Tally {
  payments: number
  succeeded: number
  declined: number
  other: number
  charged: number
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { limit: { type: 'string' }, concurrency: { type: 'string', default: '64' } },
    allowPositionals: true,
  })
  const file = positionals[0]
  if (file === undefined) {
    console.error('Usage: npm run bench:replay -- FILE [--limit N] [--concurrency N]')
    return 2
  }
  const rows = await readRows(file, Number(values.limit ?? Number.MAX_SAFE_INTEGER))
  const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-replay-'))
  const sandbox = await startSandbox({
    ports: 0,
    paymentsMax: rows.length + 1,
    ledgerRecordsMax: 4 * rows.length,
  })
  const gateway = await startGateway({
    configText: config(Object.fromEntries(sandbox.routes.map(({ id, baseUrl }) => [id, baseUrl]))),
    configFile: 'replay.yaml',
    host: '127.0.0.1',
    port: 0,
    adminHost: '127.0.0.1',
    adminPort: 0,
    dataDir,
    env: { BENCH_KEY: KEY },
    logLevel: 'silent',
  })
  try {
    const started = performance.now()
    const tally = await send(gateway.url, rows, Number(values.concurrency))
    const seconds = (performance.now() - started) / 1_000
    return await report(rows, tally, seconds, gateway.adminUrl, gateway.url, sandbox.control)
  } finally {
    await gateway.stop()
    await sandbox.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function readRows(file: string, limit: number): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of createReadStream(file).pipe(parse({ columns: true }))) {
    if (rows.length >= limit) break
    rows.push(row as Row)
  }
  return rows
}

async function send(url: string, rows: readonly Row[], concurrency: number): Promise<Tally> {
  const pool = new Pool(url, { connections: concurrency })
  const progress = new Progress('payments', rows.length)
  const tally: Tally = { payments: 0, succeeded: 0, declined: 0, other: 0, charged: 0 }
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const row = rows[next++] as Row
      const cents = Math.round(Number(row.amount) * 100)
      const { body } = await pool.request({
        method: 'POST',
        path: '/v1/payments',
        headers: {
          authorization: `Bearer ${KEY}`,
          'content-type': 'application/json',
          'idempotency-key': `replay-${row.id}`,
        },
        body: JSON.stringify({
          orderId: `attempt-${row.id}`,
          amount: { currency: 'EUR', value: cents },
          channel: 'web',
          payer: { id: `payer-${row.id}` },
          funding: { accept: [{ tender: 'card' }] },
          metadata: { acquirer: row.PSP, sandbox: row.success === '1' ? 'approved' : 'issuer_declined' },
        }),
      })
      const { status } = (await body.json()) as { status: string }
      tally.payments++
      if (status === 'succeeded') {
        tally.succeeded++
        tally.charged += cents
      } else if (status === 'declined') tally.declined++
      else tally.other++
      progress.step()
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  progress.end()
  await pool.close()
  return tally
}

interface Count {
  readonly what: string
  readonly succeeded: number
  readonly declined: number
  readonly chargedCents?: number
}

/** Four accounts of the same month, kept by four different parts. */
async function report(
  rows: readonly Row[],
  tally: Tally,
  seconds: number,
  adminUrl: string,
  url: string,
  control: string,
): Promise<number> {
  const recorded = rows.filter(({ success }) => success === '1').length
  const counts: Count[] = [
    { what: 'recording', succeeded: recorded, declined: rows.length - recorded },
    { what: 'answers', succeeded: tally.succeeded, declined: tally.declined, chargedCents: tally.charged },
    await fromMetrics(adminUrl),
    await fromJournal(url, rows),
    await fromLedgers(control, rows.length),
  ]
  console.log(
    `${rows.length} payments in ${seconds.toFixed(1)} s, ${(rows.length / seconds).toFixed(0)} per second\n`,
  )
  console.table(Object.fromEntries(counts.map(({ what, ...rest }) => [what, rest])))
  const [first] = counts
  const agree =
    tally.other === 0 &&
    counts.every(
      ({ succeeded, declined }) => succeeded === first?.succeeded && declined === first.declined,
    ) &&
    new Set(counts.flatMap(({ chargedCents }) => chargedCents ?? [])).size === 1
  console.log(agree ? 'All accounts agree to the last payment.' : 'THE ACCOUNTS DIFFER.')
  return agree ? 0 : 1
}

async function fromMetrics(adminUrl: string): Promise<Count> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const sum = (status: string): number =>
    [...text.matchAll(/^fundroute_payments_total\{([^}]*)\} (\d+)/gm)]
      .filter(([, labels]) => labels?.includes(`status="${status}"`))
      .reduce((total, [, , value]) => total + Number(value), 0)
  return { what: 'metrics', succeeded: sum('succeeded'), declined: sum('declined') }
}

async function fromJournal(url: string, rows: readonly Row[]): Promise<Count> {
  const pool = new Pool(url, { connections: 32 })
  const progress = new Progress('journal', rows.length)
  const count = { succeeded: 0, declined: 0, chargedCents: 0 }
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const row = rows[next++] as Row
      const { body } = await pool.request({
        method: 'GET',
        path: `/v1/payments?orderId=attempt-${row.id}`,
        headers: { authorization: `Bearer ${KEY}` },
      })
      const { payments } = (await body.json()) as {
        payments: { status: string; amount: { value: number } }[]
      }
      for (const { status, amount } of payments) {
        if (status === 'succeeded') {
          count.succeeded++
          count.chargedCents += amount.value
        } else if (status === 'declined') count.declined++
      }
      progress.step()
    }
  }
  await Promise.all(Array.from({ length: 32 }, worker))
  progress.end()
  await pool.close()
  return { what: 'journal', ...count }
}

/** The upstreams count what they charged, whoever asked them to. */
async function fromLedgers(control: string, payments: number): Promise<Count> {
  const pages: LedgerLine[] = []
  for (let after: number | null = 0; after !== null; ) {
    const answer = await fetch(`${control}/ledger?after=${after}&limit=1000`)
    const page = (await answer.json()) as { records: LedgerLine[]; next: number | null }
    pages.push(...page.records.filter(({ kind }) => kind === 'charged'))
    after = page.next
  }
  return {
    what: 'ledgers',
    succeeded: new Set(pages.map(({ reference }) => reference)).size,
    declined: payments - pages.length,
    chargedCents: pages.reduce((sum, { value }) => sum + value, 0),
  }
}

interface LedgerLine {
  readonly kind: string
  readonly reference: string
  readonly value: number
}

process.exitCode = await main()
