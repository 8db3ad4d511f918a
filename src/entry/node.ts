import { timingSafeEqual } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LogLevel } from '../adapters/telemetry/log-lines.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { createAdminApp } from '../http/admin.ts'
import type { Stress } from '../http/admin-lending.ts'
import { createApp } from '../http/app.ts'
import { composeNode, type NodeGateway } from './compose.ts'
import { adminCredit } from './lending.ts'
import type { Applied } from './live-config.ts'
import { type Listener, listen, stopListening } from './listener.ts'
import { isProduction, unsafeInProduction } from './production.ts'
import { rawProxy } from './raw-proxy.ts'
import { guardTarget } from './target.ts'

export { LOG_LEVELS, type LogLevel } from '../adapters/telemetry/log-lines.ts'

export interface StartOptions {
  readonly configText: string
  /** Named in messages. */
  readonly configFile: string
  readonly host: string
  readonly port: number
  readonly adminPort: number
  readonly adminHost: string
  /** Folder of the embedded journal. */
  readonly dataDir: string
  readonly redisUrl?: string
  readonly databaseUrl?: string
  /** Where secrets are taken from. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Runs stress scenarios for operators; handed in, because the simulator is built on top of the gateway. */
  readonly stress?: Stress
  readonly logLevel?: LogLevel
  readonly logFormat?: 'json' | 'text'
}

export interface RunningGateway {
  readonly url: string
  readonly adminUrl: string
  readonly warnings: readonly string[]
  /** Replaces the configuration while it runs; a bad one leaves the old one running. */
  reload(text: string, file: string): Promise<Applied>
  /** Drains: not ready, work in flight ends and is recorded, everything is closed. */
  stop(): Promise<void>
}

/** A configuration that cannot be started with: each line says what is wrong and where. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Starts the gateway on Node: config, secrets, adapters, both listeners. Throws `StartRefused`. */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const loaded = await loadConfig(options.configText, options.configFile)
  if (!loaded.ok) throw new StartRefused(loaded.problems.map(formatProblem))
  const resolved = resolveSecrets(loaded.config, options.env)
  if (!resolved.ok) throw new StartRefused(resolved.problems)
  const { config, version } = loaded
  const adminToken =
    config.server.adminTokenEnv === undefined ? undefined : resolved.secrets.get(config.server.adminTokenEnv)
  if (adminToken === undefined && !isLoopback(options.adminHost)) {
    throw new StartRefused([
      `the admin listener is on ${options.adminHost}, which is not loopback: name its token in server.adminTokenEnv`,
    ])
  }
  const production = isProduction(config, options.env)
  const unsafe = production ? unsafeInProduction(config) : []
  if (unsafe.length > 0) throw new StartRefused(unsafe)
  mkdirSync(options.dataDir, { recursive: true })
  const gateway = await composeNode({
    config,
    version,
    secrets: resolved.secrets,
    env: options.env,
    journalFile: join(options.dataDir, 'journal.sqlite'),
    ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel }),
    ...(options.logFormat === undefined ? {} : { logFormat: options.logFormat }),
  })
  try {
    if (production && gateway.journalWarnings.length > 0) throw new StartRefused(gateway.journalWarnings)
    const listeners = await openListeners(options, gateway, adminToken)
    return {
      url: listeners.api.url,
      adminUrl: listeners.admin.url,
      warnings: [...loaded.warnings.map(formatProblem), ...gateway.warnings, ...gateway.journalWarnings],
      reload: (text, file) => gateway.live.apply(text, file),
      stop: () => stop(gateway, listeners, config.server.drainMsMax),
    }
  } catch (error) {
    await gateway.drain(STOP_MS)
    await gateway.close()
    throw error
  }
}

/** How long what was started may take to end when the start fails after all. */
const STOP_MS = 1_000

interface Listeners {
  readonly api: Listener
  readonly admin: Listener
}

async function openListeners(
  options: StartOptions,
  gateway: NodeGateway,
  adminToken: string | undefined,
): Promise<Listeners> {
  const app = createApp({
    service: gateway.service,
    keys: () => gateway.generation().keys,
    settings: () => gateway.generation().config.server,
    monotonic: () => gateway.clock.monotonic(),
    ready: () => gateway.ready(),
    proxy: { checkouts: () => gateway.generation().checkouts },
    background: work => gateway.track(work),
  })
  const raw = rawProxy({
    checkouts: () => gateway.generation().checkouts,
    keys: () => gateway.generation().keys,
    inFlightMax: () => gateway.generation().config.server.inFlightMax,
    newRequestId: () => gateway.service.newRequestId(),
  })
  const adminApp = createAdminApp({
    runtime: () => gateway.generation().runtime,
    breaker: gateway.breaker,
    clock: gateway.clock,
    limits: () => gateway.generation().config.server,
    metrics: () => gateway.metrics(),
    pools: gateway.lending.pools,
    credit: adminCredit(gateway.lending, () => gateway.clock.now()),
    stress: options.stress,
    webhooks: gateway.webhooks.admin,
    config: gateway.live,
    payments: {
      gateway: gateway.gateway,
      facts: gateway.facts,
      operatorOf: header => gateway.generation().operators.nameOf(header),
    },
    recovery: gateway.recovery,
    ...(gateway.backup === undefined ? {} : { backup: backupInto(options.dataDir, gateway.backup) }),
    authorized: header =>
      adminToken === undefined ||
      sameToken(header, adminToken) ||
      gateway.generation().operators.nameOf(header) !== undefined,
    policies: gateway.policies,
    fault: error => gateway.service.fault('admin', error),
  })
  const api = await listen(guardTarget(app.fetch), options.host, options.port, raw)
  try {
    const admin = await listen(guardTarget(adminApp.fetch), options.adminHost, options.adminPort)
    return { api, admin }
  } catch (error) {
    await stopListening(api, 0)
    throw error
  }
}

/** Copies lie beside the journal, named by their time; somebody has to carry them to another disk. */
function backupInto(dataDir: string, backup: (file: string) => Promise<void>): () => Promise<string> {
  return async () => {
    const folder = join(dataDir, 'backups')
    mkdirSync(folder, { recursive: true })
    const at = new Date().toISOString().replaceAll(/[-:]/g, '')
    const file = join(folder, `journal-${at}.sqlite`)
    await backup(file)
    return file
  }
}

async function stop(gateway: NodeGateway, listeners: Listeners, drainMs: number): Promise<void> {
  gateway.stopAccepting()
  await stopListening(listeners.api, drainMs)
  await gateway.drain(drainMs)
  await stopListening(listeners.admin, 1_000)
  await gateway.close()
}

function sameToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
