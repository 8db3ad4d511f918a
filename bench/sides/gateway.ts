/** The gateway with as many routes as asked for, over the journal that is asked for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks'
import { startGateway } from '../../src/entry/node.ts'

const routes = Number(process.env['ROUTES'] ?? 3)
const upstream = process.env['UPSTREAM'] as string
const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-bench-'))

/** One credit route with facts, the others cards of different cost. */
function routeYaml(i: number): string {
  const credit = i === 0
  return `
  - id: r${i}
    tender: ${credit ? 'credit' : 'card'}
    connector: { type: http, baseUrl: "${upstream}", timeoutMs: 3000, connectionsMax: 128 }
    capability: { channels: [app], currencies: [CNY], amount: { max: 10000000 }, queryable: true${credit ? ', instalments: [1, 3]' : ''} }
    cost: { percentBps: ${40 + i} }
    ${credit ? `eligibility: { type: http, url: "${upstream}/eligibility", freshSeconds: 3600, staleSeconds: 7200 }` : ''}`
}

const running = await startGateway({
  configText: `version: 1
tenants: [{ id: bench, apiKeys: [{ id: bench, secretEnv: BENCH_KEY, scopes: [decide, pay, read] }] }]
routes:${Array.from({ length: routes }, (_, i) => routeYaml(i)).join('')}
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
console.log(JSON.stringify({ url: running.url, adminUrl: running.adminUrl }))
if (process.env['WATCH_MEMORY'] !== undefined) watchMemory()
process.once('SIGTERM', () => {
  void running.stop().then(() => rmSync(dataDir, { recursive: true, force: true }))
})

/** Prints what is resident and in the heap every ten seconds, and also what is left after each full collection. */
function watchMemory(): void {
  const tell = (collected: boolean): void => {
    const { rss, heapTotal, heapUsed } = process.memoryUsage()
    const inMiB = (bytes: number): number => bytes / 1_048_576
    const left = collected ? { left: inMiB(heapUsed) } : {}
    console.log(JSON.stringify({ resident: inMiB(rss), heap: inMiB(heapTotal), at: Date.now(), ...left }))
  }
  setInterval(() => tell(false), 10_000).unref()
  new PerformanceObserver(list => {
    const kinds = (list.getEntries() as { detail?: NodeGCPerformanceDetail }[]).map(
      ({ detail }) => detail?.kind,
    )
    if (kinds.includes(constants.NODE_PERFORMANCE_GC_MAJOR)) tell(true)
  }).observe({ entryTypes: ['gc'] })
}
