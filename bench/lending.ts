/**
 * What judging payers and watching pools costs a decision: the same order and routes, once with a scorecard of 23
 * features over facts of the payer, bills, appetite and a funding pool of two sources, once with the lender's facts
 * alone. In this process, without HTTP, the journal in memory; in turn, medians over batches.
 *
 *     npm run bench:lending [-- --scorecard FILE]
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../src/config/load.ts'
import { resolveSecrets } from '../src/config/secrets.ts'
import { parseScorecard } from '../src/core/credit/parse-scorecard.ts'
import { compileScorecard } from '../src/core/credit/scorecard.ts'
import type { FactValues } from '../src/core/credit/types.ts'
import type { PaymentContext } from '../src/core/payment/context.ts'
import { composeNode, type NodeGateway } from '../src/entry/compose.ts'
import { startSandbox } from '../src/sandbox/start.ts'
import { median } from './process.ts'

const FEATURES = 23
const TARGET = 1.5
const MICROSECONDS_MAX = 5
const BATCHES = 61
const PER_BATCH = 200
const ENV = { BENCH_KEY: 'bench_key_of_at_least_32_characters_long' }

/** Every feature has six bins and weighs little; the payer is good. */
function madeUpScorecard(): object {
  const features = Array.from({ length: FEATURES }, (_, i) => ({
    name: `x${i}`,
    inputs: [{ column: `x${i}`, binning: { kind: 'numeric', edges: [0, 1, 2, 3], special: [] } }],
    dimension: 'obligations',
    reason: 'CRD_OBLIGATIONS_HIGH',
    coefficient: 1,
    woe: [0, 0, 0, 0, 0, 0],
    points: [31, 30, 29, 28, 27, 26],
  }))
  const featureCounts = features.map(() => [1, 1, 1, 1, 1, 1])
  return {
    format: 'fundroute-scorecard/1',
    version: 'bench',
    target: 'bad',
    scale: { pointsToDouble: 20, baseScore: 600, baseOdds: 50 },
    intercept: 0,
    derived: [],
    features,
    baseline: { scoreEdges: [600], scoreCounts: [1, 1], featureCounts },
  }
}

const values: FactValues = Object.fromEntries(Array.from({ length: FEATURES }, (_, i) => [`x${i}`, i % 3]))

function configText(baseUrl: string, lending: string | undefined): string {
  const credit =
    lending === undefined
      ? ''
      : `
    pool: baitiao
    credit:
      scorecard: "${lending}"
      terms: [{ instalments: 1, feePayee: L }, { instalments: 3, monthlyFeePpm: 5000, feePayee: L }]`
  const pools =
    lending === undefined
      ? ''
      : `pools:
  - { id: baitiao, currency: CNY, sources: [{ id: own, kind: own_funds, cap: 500000000, annualCostBps: 300 },
      { id: abs, kind: own_funds, cap: 900000000, annualCostBps: 350 }] }
`
  const card = (id: string): string => `
  - id: ${id}
    tender: card
    connector: { type: http, baseUrl: "${baseUrl}", timeoutMs: 3000 }
    capability: { channels: [app], currencies: [CNY], amount: { max: 10000000 } }`
  return `version: 1
tenants: [{ id: demo, apiKeys: [{ id: bench, secretEnv: BENCH_KEY, scopes: [decide] }] }]
routes:
  - id: jd_baitiao
    tender: credit
    connector: { type: http, baseUrl: "${baseUrl}", timeoutMs: 3000 }
    capability: { channels: [app], currencies: [CNY], amount: { max: 5000000 }, instalments: [1, 3] }
    eligibility: { type: http, url: "${baseUrl}/eligibility", freshSeconds: 3600, staleSeconds: 3600 }${credit}${card('card_a')}${card('card_b')}
${pools}`
}

async function open(text: string, dir: string): Promise<NodeGateway> {
  const loaded = await loadConfig(text, join(dir, 'bench.yaml'))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { config, version } = loaded
  const resolved = resolveSecrets(config, ENV)
  if (!resolved.ok) throw new Error(resolved.problems.join(', '))
  const journal = { databaseUrl: 'memory:', journalFile: join(dir, 'journal.sqlite') }
  return composeNode({ config, version, secrets: resolved.secrets, env: ENV, logLevel: 'silent', ...journal })
}

let orders = 0
const contextOf = (payer: string): PaymentContext => ({
  orderId: `o-${++orders}`,
  amount: { currency: 'CNY', value: 129_900 },
  channel: 'app',
  payer: { id: payer },
  funding: { accept: [{ tender: 'credit', instalments: 3 }, { tender: 'card' }], preference: 'best_value' },
})

/** Microseconds of one decision, and whether credit was in it. */
async function batch({ service }: NodeGateway, payer: string): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < PER_BATCH; i++) {
    const options = { requestId: 'req_bench', durable: false }
    const { decision } = await service.decide('demo', contextOf(payer), options)
    if (!decision.cascade.includes('jd_baitiao')) throw new Error('credit is not in the cascade')
  }
  const took = ((performance.now() - started) / PER_BATCH) * 1_000
  await service.drain()
  return took
}

function inference(file: string): number {
  const scorer = compileScorecard(parseScorecard(JSON.parse(readFileSync(file, 'utf8'))))
  const rounds = Array.from({ length: BATCHES }, () => {
    const started = performance.now()
    for (let i = 0; i < 10_000; i++) scorer.assess(values)
    return (performance.now() - started) / 10
  })
  return median(rounds)
}

async function main(): Promise<void> {
  const options = parseArgs({ options: { scorecard: { type: 'string' } } }).values
  const dir = mkdtempSync(join(tmpdir(), 'fundroute-bench-'))
  const file = join(dir, 'scorecard.json')
  writeFileSync(file, JSON.stringify(madeUpScorecard()))
  const sandbox = await startSandbox({ ports: 0 })
  const baseUrl = sandbox.routes.find(({ id }) => id === 'jd_baitiao')?.baseUrl ?? ''
  const facts = {
    legal: { birthDate: '1990-01-01', isStudent: false, identityVerified: true },
    monthlyIncome: 2_000_000,
    factors: [{ source: 'lender', values }],
  }
  const body = JSON.stringify(facts)
  const headers = { 'content-type': 'application/json' }
  await fetch(`${sandbox.control}/payers/judged`, { method: 'PATCH', headers, body })
  const off = await open(configText(baseUrl, undefined), dir)
  const on = await open(configText(baseUrl, file), dir)
  const rows: { readonly on: number; readonly off: number }[] = []
  for (let i = -10; i < BATCHES; i++) {
    const row = { off: await batch(off, 'known'), on: await batch(on, 'judged') }
    if (i >= 0) rows.push(row)
  }
  const ratio = median(rows.map(row => row.on / row.off))
  const micros = inference(options.scorecard ?? file)
  const told = [
    `decision without credit and liquidity  ${median(rows.map(row => row.off)).toFixed(1)} microseconds`,
    `decision with both                     ${median(rows.map(row => row.on)).toFixed(1)} microseconds`,
    `ratio, median of ${BATCHES} pairs          ${ratio.toFixed(3)} (at most ${TARGET})`,
    `inference, ${FEATURES} features               ${micros.toFixed(2)} microseconds (under ${MICROSECONDS_MAX})`,
  ]
  process.stdout.write(`${told.join('\n')}\n`)
  for (const gateway of [off, on]) {
    await gateway.drain(1_000)
    await gateway.close()
  }
  await sandbox.close()
  process.exitCode = ratio <= TARGET && micros < MICROSECONDS_MAX ? 0 : 1
}

await main()
