/**
 * Net value per attempt on a log of card payments over several acquirers: what the gateway's router would have made of
 * it, against the log, simple rules and tables of means.
 *
 *     npm run bench:psp -- transactions.csv [fees.csv beside it] [--seeds 20] [--no-stream]
 *
 * The first three weeks are learned from, the rest is judged; nothing of the rest is looked at before. Attempts of the
 * same country and amount within a minute are one payment.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'csv-parse/sync'
import type { DecisionPolicy } from '../src/core/decision.ts'
import { compareOffPolicy, evaluateOffPolicy, type Interval } from '../src/core/evaluation/off-policy.ts'
import { burstOf } from '../src/core/learning/exploration.ts'
import type { Route } from '../src/core/payment/route.ts'
import { Estimates } from '../src/gateway/estimates.ts'
import { logColumnsSchema, readLog } from '../src/simulation/logged/read-log.ts'
import {
  choicesOf,
  type JudgeOptions,
  learnFrom,
  type LoggedAttempt,
  routerOf,
  sharesOf,
} from '../src/simulation/logged/study.ts'
import { Progress } from './progress.ts'
import { fitEnvironment, runStream, type StreamResult } from './psp-environment.ts'

const MARGINS_BPS = [500, 1_000, 2_000]
const LEARN_DAYS = 21
const DAY_MS = 86_400_000
/**
 * What the model of the context looks at beside issuer, amount and time. The country is left out: in the weeks to learn
 * from it makes held-out attempts no easier to predict.
 */
const METADATA = ['3D_secured']
const RESAMPLES = 2_000
const GAP_TARGET = 0.88
/** The rates of this log hardly move, so that less need be tried than by default. */
const EXPLORED_SHARE = 0.02

const COLUMNS = logColumnsSchema.parse({
  at: 'tmsp',
  route: 'PSP',
  approved: 'success',
  amount: 'amount',
  amountUnit: 'major',
  currency: 'EUR',
  issuer: 'card',
  metadata: METADATA,
  payment: { same: ['country', 'amount'], withinSeconds: 60 },
})

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seeds: { type: 'string', default: '20' }, 'no-stream': { type: 'boolean' } },
  })
  const [logFile] = positionals
  if (logFile === undefined) throw new Error('name the file of transactions')
  const feesFile = positionals[1] ?? join(dirname(logFile), 'fees.csv')
  const attempts = readLog(readFileSync(logFile, 'utf8'), COLUMNS)
  const routes = readRoutes(readFileSync(feesFile, 'utf8'))
  const start = Math.floor((attempts[0] as LoggedAttempt).at / DAY_MS) * DAY_MS
  const judgedFrom = start + LEARN_DAYS * DAY_MS
  const learned = attempts.filter(({ at }) => at < judgedFrom)
  const judged = attempts.filter(({ at }) => at >= judgedFrom)
  console.log(`${attempts.length} attempts; ${learned.length} learned from, ${judged.length} judged`)
  const ahead = MARGINS_BPS.map(marginBps => judge(routes, learned, judged, marginBps)).every(Boolean)
  console.log(`\nahead of every other at every margin: ${ahead ? 'yes' : 'NO'}`)
  const enough = values['no-stream'] || stream(attempts, routes, Number(values.seeds), judgedFrom)
  if (!ahead || !enough) process.exitCode = 1
}

function readRoutes(text: string): Route[] {
  const rows = parse(text, { columns: true, skip_empty_lines: true }) as Record<string, string>[]
  return rows.map(row => {
    const cents = (column: string): number => Math.round(Number(row[column]) * 100)
    const [success, failure] = [cents('fee_success_eur'), cents('fee_failure_eur')]
    return {
      id: row['PSP'] as string,
      tender: 'card',
      capability: {
        channels: ['web'],
        currencies: ['EUR'],
        amount: { min: 1, max: 100_000_000 },
        instalments: [],
        excludedCategories: [],
        capture: ['automatic'],
        idempotency: { mode: 'key', retentionHours: 24, replaysErrors: true },
        queryable: true,
        cancel: [],
        honoursExpiry: false,
        cancelTombstones: false,
      },
      cost: { percentBps: 0, fixed: success - failure, perAttempt: failure },
      priors: { approval: 0.5, unknown: 0, latencyMs: 1_000, strength: 2 },
      timeoutMs: 3_000,
      needsFacts: false,
      enabled: true,
      maintenance: [],
    }
  })
}

/** Judged attempt by attempt, so the payer is taken to leave after a decline: what follows has its own row. */
function policyOf(routes: readonly Route[], marginBps: number): DecisionPolicy {
  return {
    version: 'bench',
    routes,
    rules: [],
    economics: { marginBps, abandonmentPerSecond: 1_000, unknownCost: 0, lossGivenDefault: 0 },
    attemptsMax: 1,
    preference: 'payer_order',
    leaveOutLosing: false,
    fallback: [],
    exploration: { shareMax: EXPLORED_SHARE, burst: burstOf(EXPLORED_SHARE), valueAtRiskMax: 20_000 },
  }
}

type Choose = ((attempt: LoggedAttempt) => string | undefined) | undefined

/** Prints the table of one margin; whether ours is ahead of every other by both estimators. */
function judge(
  routes: readonly Route[],
  learned: readonly LoggedAttempt[],
  judged: readonly LoggedAttempt[],
  marginBps: number,
): boolean {
  const estimates = new Estimates(routes, () => METADATA)
  learnFrom(estimates, learned)
  const options: JudgeOptions = {
    routes,
    marginBps,
    propensity: sharesOf(learned),
    approval: (attempt, route) => estimates.estimate(route, attempt.context, 'first', attempt.at).approval,
  }
  const ours = choicesOf(judged, routerOf(policyOf(routes, marginBps), estimates), options)
  const own = evaluateOffPolicy(ours, { resamples: RESAMPLES })
  console.log(`\n### Margin ${marginBps / 100}%\n`)
  console.log('| policy | doubly robust | SNIPS | effective size | ours more by (paired) |')
  console.log('|---|---|---|---|---|')
  let ahead = own.refusal === undefined
  for (const [name, choose] of rivalsOf(routes, learned, marginBps)) {
    const choices = choicesOf(judged, choose, options)
    const rival = evaluateOffPolicy(choices, { resamples: RESAMPLES })
    const gain = compareOffPolicy(ours, choices, { resamples: RESAMPLES })
    ahead &&= own.doublyRobust.value > rival.doublyRobust.value && own.snips.value > rival.snips.value
    const size = `${Math.floor(rival.effectiveSize)}${rival.refusal === undefined ? '' : ' (no verdict)'}`
    console.log(
      `| ${name} | ${euros(rival.doublyRobust)} | ${euros(rival.snips)} | ${size} | ${euros(gain)} |`,
    )
  }
  const size = `${Math.floor(own.effectiveSize)}${own.refusal === undefined ? '' : ' (no verdict)'}`
  console.log(`| **fundroute** | ${euros(own.doublyRobust)} | ${euros(own.snips)} | ${size} | |`)
  return ahead
}

function rivalsOf(
  routes: readonly Route[],
  learned: readonly LoggedAttempt[],
  marginBps: number,
): readonly (readonly [string, Choose])[] {
  const byMean = ratesOf(learned, () => '')
  const byKind = ratesOf(learned, kindOf)
  const fee = ({ id, cost }: Route): number => cost.perAttempt + byMean('', id) * cost.fixed
  const best = routes.toSorted((a, b) => byMean('', b.id) - byMean('', a.id))[0] as Route
  const cheapest = routes.toSorted((a, b) => fee(a) - fee(b))[0] as Route
  return [
    ['as logged', undefined],
    [`cheapest (${cheapest.id})`, () => cheapest.id],
    [`best acquirer (${best.id})`, () => best.id],
    ['value-best by acquirer means', bestBy(routes, marginBps, (_, id) => byMean('', id))],
    ['value-best by card x 3DS', bestBy(routes, marginBps, (attempt, id) => byKind(kindOf(attempt), id))],
  ]
}

function kindOf({ context }: LoggedAttempt): string {
  return `${context.funding.instruments?.card?.issuer}/${context.metadata?.['3D_secured']}`
}

/** Share of approvals by kind and route. */
function ratesOf(
  learned: readonly LoggedAttempt[],
  kind: (attempt: LoggedAttempt) => string,
): (kind: string, route: string) => number {
  const counts = new Map<string, { approved: number; all: number }>()
  for (const attempt of learned) {
    const key = `${kind(attempt)}|${attempt.route}`
    const { approved, all } = counts.get(key) ?? { approved: 0, all: 0 }
    counts.set(key, { approved: approved + (attempt.approved ? 1 : 0), all: all + 1 })
  }
  return (name, route) => {
    const count = counts.get(`${name}|${route}`)
    return count === undefined ? 0 : count.approved / count.all
  }
}

function bestBy(
  routes: readonly Route[],
  marginBps: number,
  rate: (attempt: LoggedAttempt, route: string) => number,
): Choose {
  return attempt => {
    const margin = (attempt.context.amount.value * marginBps) / 10_000
    const worth = ({ id, cost }: Route): number => rate(attempt, id) * (margin - cost.fixed) - cost.perAttempt
    return routes.toSorted((a, b) => worth(b) - worth(a))[0]?.id
  }
}

/** The router in a world fitted to the whole log. Whether enough of the gap is closed in the judged week. */
function stream(
  attempts: readonly LoggedAttempt[],
  routes: readonly Route[],
  seeds: number,
  judgedFrom: number,
): boolean {
  const environment = fitEnvironment(attempts, routes)
  const starts = [
    { name: 'three weeks of the log, then the last week', decidesFrom: judgedFrom, judged: [judgedFrom] },
    { name: 'nothing, the whole month', decidesFrom: 0, judged: [0] },
    { name: 'nothing, the last week', decidesFrom: 0, judged: [judgedFrom] },
  ]
  const progress = new Progress('stream', MARGINS_BPS.length * starts.length * seeds)
  console.log(`\n### Learning online in a world fitted to the log, ${seeds} seeds\n`)
  console.log('| margin | from | logged | oracle | fundroute | gap closed | explored |')
  console.log('|---|---|---|---|---|---|---|')
  let enough = true
  for (const marginBps of MARGINS_BPS) {
    const policy = policyOf(routes, marginBps)
    for (const { name, decidesFrom, judged } of starts) {
      const runs = Array.from({ length: seeds }, (_, seed) => {
        const options = { policy, metadata: METADATA, seed: 1_000 + seed, decidesFrom, judgedFrom: judged }
        progress.step()
        return runStream(environment, options)[0] as StreamResult
      })
      const gap = streamLine(`${marginBps / 100}% | ${name}`, runs)
      if (decidesFrom === judgedFrom) enough &&= gap >= GAP_TARGET
    }
  }
  progress.end()
  console.log(
    `\ngap closed after three weeks of the log at least ${100 * GAP_TARGET}% at every margin: ${enough ? 'yes' : 'NO'}`,
  )
  return enough
}

/** Prints the means of some runs; the share of the gap closed. */
function streamLine(name: string, runs: readonly StreamResult[]): number {
  const mean = (of: (run: StreamResult) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length
  const gap = mean(run => run.gapClosed)
  const error = Math.sqrt(mean(run => (run.gapClosed - gap) ** 2) / Math.max(1, runs.length - 1))
  const money = [mean(run => run.logged), mean(run => run.oracle), mean(run => run.ours)]
  const told = money.map(cents => (cents / 100).toFixed(3)).join(' | ')
  const percent = (share: number): string => (100 * share).toFixed(1)
  console.log(
    `| ${name} | ${told} | ${percent(gap)}% ± ${percent(1.96 * error)} | ${percent(mean(run => run.exploredShare))}% |`,
  )
  return gap
}

function euros({ value, low, high }: Interval): string {
  const [mid, from, to] = [value, low, high].map(cents => (cents / 100).toFixed(2))
  return `${mid} [${from}, ${to}]`
}

main()
