/**
 * Real processes, real services, real faults: `npm run chaos -- [--minutes N] [--seed S]`. Loads a cluster with
 * payments while processes are killed, paused and cut off, heals it, waits until it is quiet, and compares what the
 * upstreams did with what the journal says and the clients were told. Exit status 1 when anything differs, or when the
 * faults did not happen.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { randomStream } from '../../src/core/random.ts'
import { isOpenPayment } from '../../src/core/payment/trail.ts'
import { publicStatus } from '../../src/core/payment/view.ts'
import { CRASH_POINTS } from '../../src/entry/fault-hooks.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { Driver } from './driver.ts'
import { Chaos } from './faults.ts'
import { sleep } from './gateway.ts'
import { type Evidence, isForgotten, isForgottenAttempt, judge, type JournalEntry } from './oracle.ts'
import { runScenarios } from './scenarios.ts'

const PROGRAM = join(import.meta.dirname, '../../dist/package/dist/cli/main.js')
/** Share of the time for the cluster; the rest is for one process on SQLite. */
const CLUSTER_SHARE = 0.75
const PACE = { postgres: 12, sqlite: 8 }
/**
 * How long the payments may take to end once everything is well again, beside as long as it was not. Liveness: the settle
 * window, and backoff, which doubles - what was asked in vain all the time is asked again after about as long as it is old.
 */
const QUIET_WITHIN_MS = 180_000
const EVENTS_WITHIN_MS = 75_000
/** How long one question may take while it is waited for quiet. */
const ASK_MS = 5_000
/** What a run may take beside twice the disturbance: start, scenarios, and two waits for quiet. Then it has failed. */
const SPARE_MS = 12 * 60_000
const SHOWN_MAX = 20
/** A clock is off by so much for certain: far more than a write takes on a machine that is well, ms. */
const SKEW_SEEN_MS = 500

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    program: { type: 'string', default: PROGRAM },
    keep: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
if (!(minutes > 0 && minutes <= 600) || !Number.isSafeInteger(seed)) {
  console.error('Usage: npm run chaos -- [--minutes 0..600] [--seed N] [--keep]')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'fundroute-chaos-'))
console.log(`chaos: seed ${seed}, ${minutes} min, logs in ${folder}`)
// Every process that was started ends with this one.
setTimeout(
  () => {
    console.log(`chaos: did not end within ${SPARE_MS / 60_000} min beside its own time; logs in ${folder}`)
    process.exit(1)
  },
  2 * minutes * 60_000 + SPARE_MS,
).unref()
let disruptions = 0
const violations = [
  ...(await runOn('postgres', minutes * CLUSTER_SHARE)),
  ...(await runOn('sqlite', minutes * (1 - CLUSTER_SHARE))),
]
// Ten minutes are for a claim; a shorter run has to be possible on a machine that is busy with other things.
const wanted = Math.floor(minutes * (minutes >= 10 ? 20 : 10))
console.log(`${disruptions} kills, pauses and cuts in ${minutes} min`)
if (disruptions < wanted) violations.push(`the run is void: fewer than ${wanted} kills, pauses and cuts`)
if (violations.length === 0) {
  console.log('chaos: nothing was charged twice, lost, or told otherwise than it is')
  if (!values.keep) rmSync(folder, { recursive: true, force: true })
} else {
  for (const violation of violations.slice(0, SHOWN_MAX)) console.log(`VIOLATION ${violation}`)
  if (violations.length > SHOWN_MAX) console.log(`... and ${violations.length - SHOWN_MAX} more`)
  console.log(`chaos: ${violations.length} violation(s); again with --seed ${seed}; logs in ${folder}`)
}
// At once: a connection to something that was killed may still have a write under way, and a runtime that tidies up
// waits for it without end.
process.exit(violations.length === 0 ? 0 : 1)

async function runOn(kind: 'postgres' | 'sqlite', forMinutes: number): Promise<string[]> {
  const own = join(folder, kind)
  console.log(kind === 'postgres' ? '3 gateways on PostgreSQL and Redis' : '1 gateway on SQLite')
  const cluster = await startCluster({ kind, program: values.program, folder: own })
  try {
    const findings = kind === 'postgres' ? await runScenarios(cluster, line => console.log(line)) : []
    const driver = new Driver({
      seed,
      urls: () => cluster.gateways.map(({ url }) => url),
      apiKey: cluster.apiKey,
      logFile: join(own, 'answers.jsonl'),
      paymentsPerSecond: PACE[kind],
    })
    const chaos = new Chaos(cluster, randomStream(seed, 1))
    await disturb(cluster, driver, chaos, forMinutes * 60_000)
    const evidence = await settle(cluster, driver, chaos, forMinutes * 60_000 + QUIET_WITHIN_MS)
    writeFileSync(join(own, 'evidence.json'), JSON.stringify(evidence))
    report(cluster, chaos, evidence)
    disruptions += chaos.disruptions
    return [
      ...findings.flatMap(finding => finding.violations),
      ...judge(evidence),
      ...cluster.ended.map(name => `${name} has ended by itself; see ${own}`),
      ...missingFaults(cluster, chaos, evidence, forMinutes),
    ].map(violation => `${kind}: ${violation}`)
  } finally {
    await cluster.stop()
  }
}

async function disturb(cluster: Cluster, driver: Driver, chaos: Chaos, forMs: number): Promise<void> {
  const driving = driver.run()
  const faults = chaos.run()
  await sleep(forMs)
  await chaos.heal()
  await faults
  cluster.timeline.note('healed')
  await driver.stop()
  await driving
  cluster.timeline.note('the last client has gone')
  await tellAgain(cluster, driver)
}

/**
 * An upstream that charges after it has declined is known only by its notification, which upstreams repeat until it is
 * taken. The sandbox tells once, perhaps while nobody listened; so it is made to tell again.
 */
async function tellAgain(cluster: Cluster, driver: Driver): Promise<void> {
  const flips = new Set(
    driver.shoppers
      .filter(({ behaviour }) => behaviour === 'declined_then_approved')
      .map(({ orderId }) => orderId),
  )
  for (const { orderId, route, reference, kind } of cluster.ledger()) {
    if (kind === 'charged' && flips.has(orderId)) await cluster.sandbox.notify(route, reference)
  }
}

/** Waits until every payment has ended and every event is told, at most as long as is promised, and reads it all. */
async function settle(
  cluster: Cluster,
  driver: Driver,
  chaos: Chaos,
  quietWithinMs: number,
): Promise<Evidence> {
  const orders = [
    ...driver.shoppers.map(({ orderId }) => orderId),
    ...cluster.ledger().map(({ orderId }) => orderId),
  ]
  const unique = [...new Set(orders)]
  const upstreamKills = chaos.counts.get('upstreams: killed') ?? 0
  await untilQuiet(cluster, upstreamKills, quietWithinMs)
  const embedded = cluster.postgres === undefined
  const urls = cluster.gateways.map(({ url }) => url)
  if (embedded) {
    // The events of the last payments are on their way; the journal can only be read when its process has ended.
    await sleep(5_000)
    await cluster.stopGateways()
  }
  const journal = await cluster.journal()
  try {
    let entries = await readEntries(journal, unique)
    const until = Date.now() + EVENTS_WITHIN_MS
    while (!embedded && Date.now() < until && !allTold(entries, cluster)) {
      await sleep(1_000)
      entries = await readEntries(journal, unique)
    }
    cluster.timeline.note(`read ${entries.length} payments; gateways at ${urls.join(', ')}`)
    const { answers, shoppers } = driver
    const { events } = cluster.hooks
    return { ledger: cluster.ledger(), journal: entries, answers, shoppers, events, upstreamKills }
  } finally {
    await journal.close()
  }
}

/** Until nothing is left that can be driven, refunds and reversals included, as an operator sees it. */
async function untilQuiet(cluster: Cluster, upstreamKills: number, withinMs: number): Promise<void> {
  const started = Date.now()
  let open = await pendingOrders(cluster, upstreamKills)
  while (open?.length !== 0 && Date.now() - started < withinMs) {
    await sleep(1_000)
    open = await pendingOrders(cluster, upstreamKills)
  }
  const seconds = Math.round((Date.now() - started) / 1_000)
  cluster.timeline.note(`quiet after ${seconds} s but for ${open?.join(' ') ?? 'all'}`)
  console.log(`  quiet ${seconds} s after the last client has gone`)
}

interface Pending {
  readonly orderId: string
  readonly open: readonly { readonly part: string; readonly status: string; readonly reference: string }[]
}

/** Without those that their upstream has forgotten. Undefined when it could not be asked. */
async function pendingOrders(cluster: Cluster, upstreamKills: number): Promise<string[] | undefined> {
  try {
    const url = `${cluster.gateways.at(-1)?.adminUrl}/admin/v1/payments?status=pending&limit=200`
    const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) })
    const { payments } = (await answer.json()) as { payments: Pending[] }
    const known = { ledger: cluster.ledger(), upstreamKills }
    return payments
      .filter(({ open }) => !open.some(part => part.part === 'attempt' && isForgottenAttempt(part, known)))
      .map(({ orderId }) => orderId)
  } catch {
    return undefined
  }
}

async function readEntries(journal: Journal, orders: readonly string[]): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (const order of orders) {
    for (const { payment, version } of await journal.findByOrder('demo', order, 100)) {
      entries.push({ payment, version, history: await journal.history('demo', payment.id) })
    }
  }
  return entries
}

function allTold(entries: readonly JournalEntry[], { hooks }: Cluster): boolean {
  const told = new Set(
    hooks.events.map(
      ({ data }) => `${String(data['payment'] ?? data['id'])} ${String(data['sequence'] as number)}`,
    ),
  )
  return entries.every(({ payment }) => {
    const last = payment.sequence === 0 || told.has(`${payment.id} ${payment.sequence}`)
    return last && !isOpenPayment(payment)
  })
}

function unknowns({ journal }: Evidence): number {
  return journal.filter(({ history }) => history.some(({ body }) => body.includes('"unknown"'))).length
}

function takeovers({ journal }: Evidence): number {
  return journal.filter(({ history }) => history.some(({ epoch }) => epoch > 1)).length
}

/**
 * Payments that were stored before they were opened, and long after: written by clocks that were ahead and behind. Only
 * PostgreSQL has a clock of its own to compare with.
 */
function skews({ journal }: Evidence): { readonly ahead: number; readonly behind: number } {
  const offMs = journal.flatMap(({ payment, history }) => {
    const [opened, stored] = [payment.attempts[0]?.openedAt, history[0]?.at]
    return opened === undefined || stored === undefined ? [] : [opened - stored]
  })
  return {
    ahead: offMs.filter(ms => ms > SKEW_SEEN_MS).length,
    behind: offMs.filter(ms => ms < -SKEW_SEEN_MS).length,
  }
}

function report(cluster: Cluster, chaos: Chaos, evidence: Evidence): void {
  const statuses = new Map<string, number>()
  for (const { payment } of evidence.journal) {
    const status = publicStatus(payment)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const list = (counts: Iterable<[string, number]>): string =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
  const faults = new Map<string, number>()
  for (const [name, count] of chaos.counts) {
    const kind = name.replace(/ ?-?\d+(?=:)/, '')
    faults.set(kind, (faults.get(kind) ?? 0) + count)
  }
  const unanswered = evidence.answers.filter(({ status }) => status === 0).length
  const refused = evidence.answers.filter(({ status }) => status >= 500).length
  console.log(`  ${evidence.journal.length} payments: ${list(statuses)}`)
  console.log(`  ${evidence.answers.length} requests: ${unanswered} unanswered, ${refused} refused with 5xx`)
  console.log(
    `  ${unknowns(evidence)} payments were unknown for a while, ${takeovers(evidence)} were taken over`,
  )
  const forgotten = evidence.journal.filter(entry => isForgotten(entry, evidence)).length
  console.log(`  ${forgotten} wait for an upstream that was killed and has forgotten them, uncharged`)
  const { ahead, behind } = skews(evidence)
  if (cluster.postgres !== undefined)
    console.log(`  clocks: ${ahead} payments opened by one ahead, ${behind} behind`)
  const { kills, pauses, cuts } = chaos
  console.log(`  ${chaos.total} faults (kills ${kills}, pauses ${pauses}, cuts ${cuts}): ${list(faults)}`)
  console.log(`  died where told to: ${list(cluster.crashes)}`)
  console.log(`  ${evidence.events.length} events told, ${evidence.ledger.length} ledger records`)
}

/** A run in which nothing went wrong proves nothing. */
function missingFaults(cluster: Cluster, chaos: Chaos, evidence: Evidence, forMinutes: number): string[] {
  const missing: string[] = []
  const expect = (what: string, seen: number, wanted: number): void => {
    if (seen < wanted) missing.push(`the run is void: ${what}: ${seen}, fewer than ${wanted}`)
  }
  expect('faults', chaos.total, Math.floor(15 * forMinutes))
  expect('payments that were unknown', unknowns(evidence), Math.floor(5 * forMinutes))
  expect('payments that were taken over', takeovers(evidence), Math.floor(2 * forMinutes))
  const crashes = [...cluster.crashes.values()].reduce((sum, count) => sum + count, 0)
  expect('deaths at a crash point', crashes, Math.floor(2 * forMinutes))
  // Five in the seven minutes and a half that a run of ten gives to the cluster.
  for (const point of CRASH_POINTS) {
    expect(`deaths at ${point}`, cluster.crashes.get(point) ?? 0, Math.floor((2 / 3) * forMinutes))
  }
  if (cluster.postgres !== undefined) {
    const { ahead, behind } = skews(evidence)
    expect('payments opened by a clock ahead', ahead, Math.floor(5 * forMinutes))
    expect('payments opened by a clock behind', behind, Math.floor(5 * forMinutes))
    expect('failovers of Redis', cluster.redis?.failovers ?? 0, 1)
    expect('failovers of Redis that lost writes', cluster.redis?.losses ?? 0, 1)
  }
  return missing
}
