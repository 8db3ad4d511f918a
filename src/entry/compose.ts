import { dirname } from 'node:path'
import { MemoryCache } from '../adapters/memory/cache.ts'
import { opossumBreaker } from '../adapters/opossum/breaker.ts'
import { RedisCache } from '../adapters/redis/cache.ts'
import { RedisLearning } from '../adapters/redis/learning.ts'
import { RedisLink } from '../adapters/redis/link.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import { fanOut } from '../adapters/telemetry/fan-out.ts'
import { Log } from '../adapters/telemetry/log.ts'
import type { LogLevel } from '../adapters/telemetry/log-lines.ts'
import { Metrics } from '../adapters/telemetry/metrics.ts'
import { WebhookSender } from '../adapters/webhooks/deliver.ts'
import type { Config } from '../config/schema.ts'
import type { Secrets } from '../config/secrets.ts'
import type { Route } from '../core/payment/route.ts'
import { Estimates } from '../gateway/estimates.ts'
import { Facts } from '../gateway/facts.ts'
import { fireNotices, NOTICE_TIMER } from '../gateway/notices.ts'
import { recoverRunning } from '../gateway/recover.ts'
import { Hold } from '../gateway/recovery.ts'
import { resolveDue } from '../gateway/resolve.ts'
import { RestoreWatch, WriteCount } from '../gateway/restore-watch.ts'
import { RetryBudget } from '../gateway/retry-budget.ts'
import type { Gateway } from '../gateway/runtime.ts'
import { LocalService } from '../gateway/service.ts'
import type { AdminRecovery } from '../http/admin-recovery.ts'
import type { AdminPolicies } from '../http/admin-policies.ts'
import type { Breaker } from '../ports/breaker.ts'
import type { Cache } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { LearningExchange } from '../ports/learning-exchange.ts'
import type { Random } from '../ports/random.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { Background } from './background.ts'
import { faultHooks } from './fault-hooks.ts'
import { heldWarnings } from './held-warnings.ts'
import { openJournal } from './journal.ts'
import { composeLending, type Lending, runLending } from './lending.ts'
import { keepLearning, type LearningParts, runLearning } from './learning.ts'
import { LiveConfig } from './live-config.ts'
import { markStores } from './marks.ts'
import { adminPolicies, followPolicies, PolicyVersions } from './policies.ts'
import { NodeOutside } from './node-outside.ts'
import { breakerSettings } from './outside.ts'
import { isProduction } from './production.ts'
import { buildGeneration, type Generation } from './runtime.ts'
import { composeWebhooks, type Webhooks } from './webhooks.ts'

export interface NodeOptions {
  readonly config: Config
  readonly version: string
  readonly secrets: Secrets
  /** Where a later configuration takes its secrets from. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Embedded journal, used without `databaseUrl`. */
  readonly journalFile: string
  readonly databaseUrl?: string
  readonly redisUrl?: string
  readonly logLevel?: LogLevel
  readonly logFormat?: 'json' | 'text'
}

/** A composed gateway: the use cases, what the listeners need, and how to stop it. */
export interface NodeGateway {
  readonly service: LocalService
  /** For what operators do by hand. */
  readonly gateway: Gateway
  readonly facts: Facts
  /** Writes a copy of the embedded journal; absent where the server of the journal makes them. */
  readonly backup?: (file: string) => Promise<void>
  /** One step of a recovery after a restore. */
  readonly recovery: AdminRecovery
  readonly breaker: Breaker
  readonly clock: Clock
  readonly warnings: readonly string[]
  /** Settings of the journal that can lose acknowledged writes. */
  readonly journalWarnings: readonly string[]
  generation(): Generation
  readonly live: LiveConfig
  ready(): boolean
  metrics(): Promise<{ contentType: string; text: string }>
  readonly lending: Lending
  readonly webhooks: Webhooks
  /** Keeps work in view that outlives its request, so that draining waits for it. */
  readonly policies: AdminPolicies
  track(work: Promise<unknown>): void
  stopAccepting(): void
  drain(withinMs: number): Promise<void>
  close(): Promise<void>
}

/** Rest of the resolver between rounds that found nothing due, ms. */
const RESOLVE_REST_MS = 250

/** How often it is read whether sends are held, ms. */
const HOLD_READ_MS = 1_000

/** How often buffered lines of the log are written out while it is quiet, and gauges are brought up to date, ms. */
const HOUSEKEEPING_MS = 1_000

/** How long the log may take to be written out at the end, ms. */
const LOG_MS = 1_000

/** Open payments counted for the gauge of unknown attempts; beyond it the gauge says "at least". */
const OPEN_COUNTED_MAX = 1_000

/** Chooses the adapters for Node and puts the gateway together. The only place where that is done. */
// oxlint-disable-next-line max-lines-per-function -- one list of what is chosen
export async function composeNode(options: NodeOptions): Promise<NodeGateway> {
  const hooks = faultHooks(options.env, isProduction(options.config, options.env))
  const clock = hooks.clock(systemClock)
  const random = systemRandom()
  const outside = hooks.outside(new NodeOutside(clock))
  const metrics = new Metrics({ clock, process: true })
  const first = buildGeneration(options.config, options.version, options.secrets, outside)
  declareLabels(metrics, first)
  const estimator: Estimates = new Estimates(routesOf(first), () => live.current().config.learning.metadata)
  const live = new LiveConfig({
    first,
    outside,
    env: options.env,
    onSwap: generation => {
      declareLabels(metrics, generation)
      estimator.useRoutes(routesOf(generation))
    },
  })
  const log = new Log({ level: options.logLevel ?? 'info', format: options.logFormat ?? 'json' })
  const writes = new WriteCount()
  const telemetry = fanOut(metrics, log, writes)
  const hints = await openHints(options.redisUrl, clock, random, telemetry)
  const opened = await openJournal(options, clock)
  const journal = hooks.journal(opened.journal)
  const hold = new Hold(journal)
  const breaker = opossumBreaker({
    clock,
    random,
    settings: route => breakerSettings(live.current().config, route),
    onChange: (route, state) => {
      telemetry.record({ kind: 'breaker', route, state })
      background.track(webhooks.tellBreaker(route, state))
    },
  })
  const ports = { clock, random, journal, cache: hints.cache, breaker, telemetry, estimator }
  const webhooks = composeWebhooks(
    ports,
    () => live.current(),
    new WebhookSender({ clock, targets: () => live.current().targets }),
    { [NOTICE_TIMER]: item => fireNotices(gateway, lending.credit, item) },
  )
  const lending = composeLending(ports, () => live.current().runtime)
  const gateway: Gateway = {
    ports: { ...ports, pools: lending.pools, credit: lending.credit },
    retries: new RetryBudget(clock),
    get settings() {
      return live.current().settings
    },
    runtime: () => live.current().runtime,
    held: () => hold.held,
  }
  const watch = new RestoreWatch(
    gateway,
    markStores(options, dirname(options.journalFile), hints.cache),
    writes,
  )
  const found = await watch.start()
  await hold.read()
  const service = new LocalService(gateway, lending.credit)
  const facts = new Facts(gateway.ports)
  const background = startBackground(gateway, facts, service, log)
  background.loop('recovery', HOLD_READ_MS, () => watch.round(hold))
  webhooks.run(background)
  await runLending(lending, background, (area, error) => service.fault(area, error))
  const learning: LearningParts = {
    estimates: estimator,
    journal,
    clock,
    telemetry,
    routes: () => live.current().runtime.routes.keys(),
    ...(hints.learning === undefined ? {} : { exchange: hints.learning }),
  }
  await runLearning(learning, background)
  let accepting = true
  const { warnings } = await journal.check()
  const versions = new PolicyVersions({ journal, clock, live })
  await followPolicies(versions, background, telemetry)
  return {
    service,
    gateway,
    facts,
    ...(opened.backup === undefined ? {} : { backup: opened.backup }),
    recovery: command => recoverRunning(gateway, hold, command),
    breaker,
    clock,
    warnings: [...hints.warnings, ...heldWarnings(found, hold.held)],
    journalWarnings: warnings,
    generation: () => live.current(),
    live,
    lending,
    webhooks,
    policies: adminPolicies(versions, gateway, estimator),
    ready: () => accepting,
    metrics: () => metrics.scrape(),
    track: work => background.track(work),
    stopAccepting: () => {
      accepting = false
    },
    drain: async withinMs => {
      await background.stop(withinMs)
      await service.drain()
      await watch.beat().catch((error: unknown) => service.fault('recovery', error))
      await keepLearning(learning).catch((error: unknown) => service.fault('learning', error))
    },
    close: async () => {
      await webhooks.close()
      await journal.close()
      await outside.close()
      hints.close()
      await log.close(LOG_MS)
    },
  }
}

function declareLabels(metrics: Metrics, { runtime, config }: Generation): void {
  metrics.declare({ routes: [...runtime.routes.keys()], pools: config.pools.map(({ id }) => id) })
}

interface Hints {
  readonly cache: Cache
  readonly warnings: readonly string[]
  /** Where instances share what they learn; absent without Redis. */
  readonly learning?: LearningExchange
  close(): void
}

/** Redis when there is one, else this process. A Redis that is not there yet delays nothing but its hints. */
async function openHints(
  url: string | undefined,
  clock: Clock,
  random: Random,
  telemetry: Telemetry,
): Promise<Hints> {
  if (url === undefined) return { cache: new MemoryCache({ clock }), warnings: [], close: () => undefined }
  const link = new RedisLink({ url, clock, random, onChange: up => telemetry.record({ kind: 'redis', up }) })
  const up = await link.connect()
  return {
    cache: new RedisCache(link),
    learning: new RedisLearning({ link, instance: random.hex(16) }),
    warnings: up ? [] : ['Redis does not answer; decisions go on without shared hints until it does'],
    close: () => link.close(),
  }
}

/** The resolver, and what keeps log and gauges up to date. */
function startBackground(gateway: Gateway, facts: Facts, service: LocalService, log: Log): Background {
  const { journal, telemetry } = gateway.ports
  const background = new Background((area, error) => service.fault(area, error))
  background.loop('resolver', RESOLVE_REST_MS, async () =>
    gateway.held?.() !== true && (await resolveDue(gateway, facts)) > 0 ? 'busy' : 'idle',
  )
  background.loop('housekeeping', HOUSEKEEPING_MS, async () => {
    log.flush()
    const open = await journal.listOpen(undefined, OPEN_COUNTED_MAX)
    const unknown = open
      .flatMap(({ payment }) => payment.attempts)
      .filter(({ status }) => status === 'unknown')
    telemetry.record({ kind: 'unknown_attempts', count: unknown.length })
    return 'idle'
  })
  return background
}

function routesOf({ runtime }: Generation): Route[] {
  return [...runtime.routes.values()].map(({ route }) => route)
}
