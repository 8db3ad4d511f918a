/** The gateway before an old checkout: `plain` is passed through, `safe` has its orders and outcomes mapped. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from '../../src/entry/node.ts'

const upstream = process.env['UPSTREAM'] as string
const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-bench-'))
const running = await startGateway({
  configText: `version: 1
tenants: [{ id: bench, apiKeys: [{ id: bench, secretEnv: BENCH_KEY, scopes: [pay, read] }] }]
routes:
  - id: old
    tender: card
    connector: { type: http, baseUrl: "${upstream}", timeoutMs: 3000, connectionsMax: 128 }
    capability: { channels: [web], currencies: [CNY], amount: { max: 10000000 } }
checkouts:
  - { id: plain, tenant: bench, auth: { apiKey: bench }, routes: [old] }
  - { id: safe, tenant: bench, auth: { apiKey: bench }, routes: [old], order: /order/id,
      context: { amount: /amount, currency: /currency, payer: /user/id }, outcome: { approved: { pointer: /state, equals: PAID } } }
server: { inFlightMax: 2000 }
`,
  configFile: 'bench.yaml',
  host: '127.0.0.1',
  port: 0,
  adminHost: '127.0.0.1',
  adminPort: 0,
  dataDir,
  env: { BENCH_KEY: process.env['BENCH_KEY'] },
  logLevel: 'info',
  ...(process.env['JOURNAL'] === undefined ? {} : { databaseUrl: process.env['JOURNAL'] }),
})
console.log(JSON.stringify({ url: running.url }))
process.once('SIGTERM', () => {
  void running.stop().then(() => rmSync(dataDir, { recursive: true, force: true }))
})
