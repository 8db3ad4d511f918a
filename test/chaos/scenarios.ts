import type { Cluster } from './cluster.ts'
import { redisCommand } from './redis-pair.ts'
import { sleep } from './gateway.ts'

/** One promise that was put to the test: what was measured, and what of it does not hold. */
export interface Finding {
  readonly name: string
  readonly measured: string
  readonly violations: readonly string[]
}

interface Told {
  readonly status: number
  readonly ms: number
  readonly body: { readonly id?: string; readonly status?: unknown }
}

/** Promises with a figure, each brought about on purpose on a cluster that is well. */
export async function runScenarios(cluster: Cluster, say: (line: string) => void): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const scenario of [withoutRedis, withoutJournal, killedInstance]) {
    const finding = await scenario(cluster)
    findings.push(finding)
    say(`  ${finding.name}: ${finding.measured}`)
  }
  return findings
}

const REDIS_LOAD_MS = 10_000
/** How long gateways may take to work with the Redis that took over. */
const REDIS_BACK_WITHIN_MS = 15_000

/** Redis flushed, killed, started again and failed over with loss of what was acknowledged: no payment fails for it. */
async function withoutRedis(cluster: Cluster): Promise<Finding> {
  const { redis } = cluster
  if (redis === undefined) throw new Error('this scenario needs Redis')
  const answers: Promise<Told>[] = []
  const trouble = (async () => {
    await sleep(1_000)
    await redisCommand(redis.server.port, 'FLUSHALL')
    await sleep(1_000)
    await redis.server.kill()
    await sleep(2_000)
    await redis.server.restart()
    await sleep(1_000)
    await redis.failOver()
  })()
  for (let sent = 0, until = Date.now() + REDIS_LOAD_MS; Date.now() < until; sent++) {
    answers.push(pay(cluster, `redis-${sent}`, sent))
    await sleep(40)
  }
  await trouble
  const told = await Promise.all(answers)
  const failed = told.filter(({ status, body }) => status !== 201 || body.status !== 'succeeded')
  const backAfter = await untilTrue(() => allAtRedis(cluster), REDIS_BACK_WITHIN_MS)
  return {
    name: 'Redis flushed, killed and failed over under load',
    measured:
      `${told.length} payments, ${failed.length} failed, slowest ${slowest(told)} ms; ` +
      `${redis.losses} of ${redis.failovers} failovers lost writes; all gateways at the new one ${backAfter ?? '>15000'} ms after`,
    violations: [
      ...failed.map(
        ({ status, body }) => `without Redis a payment ended as ${status} ${String(body.status)}`,
      ),
      ...(redis.failovers === 0 ? ['the run is void: Redis was not failed over'] : []),
      ...(redis.losses === 0 ? ['the run is void: the failover of Redis lost nothing'] : []),
      ...(backAfter === undefined ? ['not all gateways came to the Redis that took over'] : []),
    ],
  }
}

/** Whether every gateway has a connection that the Redis in charge knows, and says so itself. */
async function allAtRedis({ gateways, redis }: Cluster): Promise<boolean> {
  const role = await redisCommand(redis?.server.port ?? 0, 'ROLE').catch(() => '')
  const clients = await redisCommand(redis?.server.port ?? 0, 'CLIENT LIST').catch(() => '')
  const up = await Promise.all(gateways.map(gateway => metricOf(gateway.adminUrl, 'fundroute_redis_up')))
  const connected = clients.split('\n').filter(line => line.includes('name=fundroute')).length
  return role.includes('master') && connected >= gateways.length && up.every(value => value === 1)
}

async function metricOf(adminUrl: string, name: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${adminUrl}/metrics`, { signal: AbortSignal.timeout(2_000) })
    const line = (await answer.text()).split('\n').find(each => each.startsWith(`${name} `))
    return line === undefined ? undefined : Number(line.slice(name.length))
  } catch {
    return undefined
  }
}

const JOURNAL_REQUESTS = 60
/** What is promised, on a machine that has nothing else to do; told, because another machine may be busy. */
const REFUSED_WITHIN_MS = 50
/** Far from any timeout of a connection: longer means that somebody waited for the server. */
const REFUSED_AT_MOST_MS = 1_000

/** PostgreSQL dead: nothing is sent, and clients are told at once; afterwards payments go on. */
async function withoutJournal(cluster: Cluster): Promise<Finding> {
  const { postgres, sandbox } = cluster
  if (postgres === undefined) throw new Error('this scenario needs PostgreSQL')
  await pay(cluster, 'journal-warm', 0)
  await postgres.server.kill()
  await sleep(1_000)
  const before = (await sandbox.requests()).card_a.pay
  const told: Told[] = []
  for (let sent = 0; sent < JOURNAL_REQUESTS; sent++) told.push(await pay(cluster, `journal-${sent}`, sent))
  const sends = (await sandbox.requests()).card_a.pay - before
  await postgres.server.restart()
  const backAfter = await untilTrue(
    async () => (await pay(cluster, 'journal-back', 0)).status === 201,
    20_000,
  )
  const times = told.map(({ ms }) => ms).sort((a, b) => a - b)
  const p90 = times[Math.floor(times.length * 0.9)] ?? Number.NaN
  const quick = times.filter(ms => ms <= REFUSED_WITHIN_MS).length
  const others = told.filter(({ status }) => status !== 503)
  return {
    name: 'PostgreSQL dead',
    measured:
      `${told.length} requests, ${sends} sends, 503 after ${times[Math.floor(times.length / 2)]} ms (median), ` +
      `${p90} ms (p90), ${times.at(-1)} ms (slowest), ${quick} within ${REFUSED_WITHIN_MS} ms; payments again after ${backAfter ?? '>20000'} ms`,
    violations: [
      ...(sends > 0 ? [`${sends} sends without a journal`] : []),
      ...others.map(({ status }) => `without a journal the answer was ${status}`),
      ...(p90 > REFUSED_AT_MOST_MS ? [`503 took ${p90} ms (p90), more than ${REFUSED_AT_MOST_MS}`] : []),
      ...(backAfter === undefined ? ['payments did not come back with the journal'] : []),
    ],
  }
}

const KILLED_PAYMENTS = 20
const TERMINAL_WITHIN_MS = 30_000

/** kill -9 with payments under way on an idempotent route: others bring them to their end. */
async function killedInstance(cluster: Cluster): Promise<Finding> {
  const [victim, ...others] = cluster.gateways
  const heir = others[0]
  if (victim === undefined || heir === undefined) throw new Error('this scenario needs two gateways')
  // A notification would tell too soon; asked, the upstream knows.
  await cluster.sandbox.tell(null)
  const orders = Array.from({ length: KILLED_PAYMENTS }, (_, i) => `scenario-killed-${i}`)
  for (const orderId of orders) {
    void send(cluster, victim.url, orderId, { metadata: { sandbox_card_a: 'timeout_approved' } })
  }
  await sleep(400)
  const killedAt = Date.now()
  // It stays away for as long as the others may take, so that it is they who do it.
  const back = victim.kill(TERMINAL_WITHIN_MS)
  const started: string[] = []
  for (const orderId of orders)
    if ((await statusOf(cluster, heir.url, orderId)) !== undefined) started.push(orderId)
  const open = new Set(started)
  while (open.size > 0 && Date.now() - killedAt < TERMINAL_WITHIN_MS) {
    for (const orderId of Array.from(open)) {
      if ((await statusOf(cluster, heir.url, orderId)) === 'succeeded') open.delete(orderId)
    }
    await sleep(250)
  }
  const tookMs = Date.now() - killedAt
  await back
  await cluster.dial()
  return {
    name: 'kill -9 with payments under way',
    measured: `${started.length} payments taken over, ${started.length - open.size} terminal after ${tookMs} ms`,
    violations: [
      ...(started.length === 0 ? ['no payment was under way when the process was killed'] : []),
      ...[...open].map(orderId => `${orderId}: was not terminal ${TERMINAL_WITHIN_MS} ms after kill -9`),
    ],
  }
}

function pay(cluster: Cluster, name: string, number: number): Promise<Told> {
  const { gateways } = cluster
  return send(cluster, gateways[number % gateways.length]?.url ?? '', `scenario-${name}`)
}

async function send(cluster: Cluster, url: string, orderId: string, more: object = {}): Promise<Told> {
  const started = performance.now()
  const body = {
    orderId,
    amount: { currency: 'CNY', value: 12_000 },
    channel: 'app',
    payer: { id: 'u-scenario' },
    funding: { accept: [{ tender: 'card' }] },
    ...more,
  }
  try {
    const answer = await fetch(`${url}/v1/payments`, {
      method: 'POST',
      signal: AbortSignal.timeout(10_000),
      headers: {
        authorization: `Bearer ${cluster.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': orderId,
      },
      body: JSON.stringify(body),
    })
    const told = (await answer.json()) as Told['body']
    return { status: answer.status, body: told, ms: Math.round(performance.now() - started) }
  } catch {
    return { status: 0, body: {}, ms: Math.round(performance.now() - started) }
  }
}

async function statusOf(cluster: Cluster, url: string, orderId: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/v1/payments?orderId=${orderId}`, {
      signal: AbortSignal.timeout(5_000),
      headers: { authorization: `Bearer ${cluster.apiKey}` },
    })
    const { payments } = (await answer.json()) as { payments?: { status: string }[] }
    return payments?.[0]?.status
  } catch {
    return undefined
  }
}

async function untilTrue(check: () => Promise<boolean>, withinMs: number): Promise<number | undefined> {
  const started = Date.now()
  while (Date.now() - started < withinMs) {
    if (await check()) return Date.now() - started
    await sleep(50)
  }
  return undefined
}

function slowest(told: readonly Told[]): number {
  return Math.max(...told.map(({ ms }) => ms))
}
