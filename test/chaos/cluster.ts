import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { PostgresJournal } from '../../src/adapters/postgres/journal.ts'
import { SqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { type LedgerRecord } from '../../src/sandbox/ledger.ts'
import { SANDBOX_ROUTES, type SandboxRoute } from '../../src/sandbox/protocol.ts'
import { SandboxControl } from '../http/sandbox-control.ts'
import { type HookReceiver, startHookReceiver } from '../support/hook-receiver.ts'
import { unusedPort } from '../support/raw-server.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { type ServiceHandle, startServer } from '../support/services/server-process.ts'
import { GatewayProcess, Timeline } from './gateway.ts'
import { Link } from './link.ts'
import { RedisPair } from './redis-pair.ts'

/** How the routes of a run behave; the configuration promises exactly this. */
const SETTLE_WINDOW_MS = 30_000
const ROUTE_TIMEOUT_MS = 1_500
const DIALS = {
  card_b: { idempotency: 'reference' },
  balance: { idempotency: 'none' },
} as const
/** Less apart from each other than the gateway's allowance for clocks, and jumping back and forth. */
const SKEWS_MS = { postgres: ['0', '900,-900', '-900,900'], sqlite: ['900,-900'] }

export interface Cluster {
  readonly gateways: readonly GatewayProcess[]
  readonly upstreams: ServiceHandle
  readonly sandbox: SandboxControl
  /** Sets how the upstreams behave, which a restart of theirs forgets. */
  dial(): Promise<void>
  readonly upstreamLinks: readonly Link[]
  readonly postgres?: { readonly server: ServiceHandle; readonly link: Link }
  readonly redis?: RedisPair
  readonly hooks: HookReceiver
  readonly apiKey: string
  readonly timeline: Timeline
  /** Times that a process died where it was told to, by point. */
  readonly crashes: Map<string, number>
  /** Gateways that have ended though nobody told them to. */
  readonly ended: readonly string[]
  ledger(): LedgerRecord[]
  /** Opens the journal for reading. Embedded ones only after `stopGateways`. */
  journal(): Promise<Journal>
  stopGateways(): Promise<void>
  stop(): Promise<void>
}

export interface ClusterOptions {
  readonly kind: 'postgres' | 'sqlite'
  /** The compiled `fundroute` command. */
  readonly program: string
  /** An empty folder of this run's own. */
  readonly folder: string
}

/** Starts everything: services, upstreams and gateways as processes of their own, with a link before each. */
export async function startCluster({ kind, program, folder }: ClusterOptions): Promise<Cluster> {
  mkdirSync(folder, { recursive: true })
  const stops: (() => Promise<void>)[] = []
  const owned = <T>(thing: T, stop: () => Promise<void>): T => {
    stops.unshift(stop)
    return thing
  }
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0)) await each()
  }
  try {
    const secrets = makeSecrets()
    const hooks = await startHookReceiver(secrets['HOOK_SECRET'] ?? '')
    owned(hooks, () => hooks.close())
    const ledgerFile = join(folder, 'ledger.jsonl')
    const { handle: upstreams, sandbox } = await startUpstreams(ledgerFile, secrets)
    owned(upstreams, () => upstreams.stop())
    const links = new Map<SandboxRoute, Link>()
    for (const { id, baseUrl } of sandbox.routes) {
      links.set(id, await openLink(Number(new URL(baseUrl).port), owned))
    }
    const service = async (server: ServiceHandle) => {
      owned(server, () => server.stop())
      return { server, link: await openLink(server.port, owned) }
    }
    const postgres = kind === 'postgres' ? await service(await startPostgres()) : undefined
    const redis = kind === 'postgres' ? await RedisPair.start() : undefined
    if (redis !== undefined) owned(redis, () => redis.stop())
    const configFile = join(folder, 'config.json')
    writeFileSync(configFile, JSON.stringify(configOf(links, hooks.url)))
    const throughLink = (url: string, link: Link): string => url.replace(/:\d+(\/|$)/, `:${link.port}$1`)
    const env = {
      ...secrets,
      ...(postgres === undefined ? {} : { DATABASE_URL: throughLink(postgres.server.url, postgres.link) }),
      ...(redis === undefined ? {} : { REDIS_URL: throughLink(redis.server.url, redis.link) }),
    }
    const timeline = new Timeline(join(folder, 'timeline.log'))
    const crashes = new Map<string, number>()
    const ended: string[] = []
    const onEnd = (name: string, point: string | undefined): void => {
      timeline.note(`${name} ${point === undefined ? 'has ended by itself' : `died at ${point}`}`)
      if (point === undefined) ended.push(name)
      const [where = ''] = point?.split(':') ?? []
      if (where !== '') crashes.set(where, (crashes.get(where) ?? 0) + 1)
    }
    const gateways: GatewayProcess[] = []
    for (const [index, skewMs] of SKEWS_MS[kind].entries()) {
      const dataDir = join(folder, `data-${index}`)
      const options = { name: `gateway-${index}`, program, configFile, dataDir, env, skewMs }
      const gateway = await GatewayProcess.start(options, point => onEnd(options.name, point))
      gateways.push(owned(gateway, () => gateway.stop()))
    }
    const dial = async (): Promise<void> => {
      for (const id of SANDBOX_ROUTES) {
        await sandbox.dial(id, {
          latencyMs: 40,
          latencyJitterMs: 40,
          ...(DIALS as Record<string, object>)[id],
        })
      }
      await sandbox.tell(gateways[0]?.url ?? '')
    }
    await dial()
    return {
      gateways,
      upstreams,
      sandbox,
      dial,
      upstreamLinks: [...links.values()],
      ...(postgres === undefined ? {} : { postgres }),
      ...(redis === undefined ? {} : { redis }),
      hooks,
      apiKey: secrets['API_KEY'] ?? '',
      timeline,
      crashes,
      ended,
      ledger: () => readLedger(ledgerFile),
      journal: () => {
        if (postgres !== undefined) return PostgresJournal.open({ url: postgres.server.url })
        return SqliteJournal.open({ file: join(folder, 'data-0/journal.sqlite'), now: () => Date.now() })
      },
      stopGateways: async () => {
        await Promise.all(gateways.map(gateway => gateway.stop()))
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function openLink(target: number, owned: <T>(thing: T, stop: () => Promise<void>) => T): Promise<Link> {
  const link = await Link.open(target)
  return owned(link, () => link.close())
}

async function startUpstreams(
  ledgerFile: string,
  secrets: Readonly<Record<string, string>>,
): Promise<{ handle: ServiceHandle; sandbox: SandboxControl }> {
  const ports: number[] = []
  while (ports.length < SANDBOX_ROUTES.length + 1) {
    const port = await unusedPort()
    if (!ports.includes(port)) ports.push(port)
  }
  const program = join(import.meta.dirname, '../../src/cli/main.ts')
  const handle = await startServer({
    name: 'upstreams',
    command: () => ({
      file: process.execPath,
      args: [program, 'sandbox', '--ports', ports.join(','), '--ledger', ledgerFile],
      env: { SANDBOX_HOOK_SECRET: secrets['UPSTREAM_HOOK_SECRET'] ?? '' },
    }),
    url: () => `http://127.0.0.1:${ports.at(-1)}`,
    readyLine: /"ready":true/,
    stopSignal: 'SIGTERM',
  })
  const routes = SANDBOX_ROUTES.map((id, i) => ({ id, baseUrl: `http://127.0.0.1:${ports[i]}` }))
  return { handle, sandbox: new SandboxControl(handle.url, routes) }
}

type Raw = Record<string, unknown> & {
  routes: (Record<string, unknown> & {
    id: SandboxRoute
    connector: Record<string, unknown>
    capability: Record<string, unknown>
  })[]
}

/** The bundled configuration without credit, every upstream behind its link, honest about how they behave. */
function configOf(links: ReadonlyMap<SandboxRoute, Link>, hookUrl: string): object {
  const bundled = parse(
    readFileSync(join(import.meta.dirname, '../../src/config/sandbox.yaml'), 'utf8'),
  ) as Raw
  const routes = bundled.routes.filter(({ id }) => id !== 'jd_baitiao' && id !== 'flash_pay')
  for (const route of routes) {
    Object.assign(route.connector, {
      baseUrl: `http://127.0.0.1:${links.get(route.id)?.port}`,
      timeoutMs: ROUTE_TIMEOUT_MS,
      notificationSecretEnvs: ['UPSTREAM_HOOK_SECRET'],
    })
    route.capability['settleWindowMs'] = SETTLE_WINDOW_MS
    // A sandbox upstream that is killed finds in its ledger what it charged, and not what it has refused.
    const idempotency = route.capability['idempotency'] as { replaysErrors?: boolean }
    if (idempotency.replaysErrors === true) idempotency.replaysErrors = false
  }
  return {
    version: 1,
    tenants: [
      {
        id: 'demo',
        apiKeys: [{ id: 'checkout', secretEnv: 'API_KEY', scopes: ['pay', 'refund', 'read'] }],
        webhooks: [{ url: hookUrl, secretEnv: 'HOOK_SECRET' }],
      },
    ],
    routes,
    policy: { attemptsMax: 3 },
    server: { answerMsMax: 4_000, drainMsMax: 5_000 },
  }
}

function makeSecrets(): Record<string, string> {
  const signing = (): string => `whsec_${randomBytes(32).toString('base64')}`
  return {
    API_KEY: randomBytes(24).toString('hex'),
    HOOK_SECRET: signing(),
    UPSTREAM_HOOK_SECRET: signing(),
  }
}

function readLedger(file: string): LedgerRecord[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter(Boolean).map(line => JSON.parse(line) as LedgerRecord)
}
