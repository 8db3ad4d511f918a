import type { BreakerSnapshot, GuardedBreaker } from '../adapters/breaker/guarded-breaker.ts'
import { DurableObjectJournal } from '../adapters/durable-object/journal.ts'
import { MemoryCache } from '../adapters/memory/cache.ts'
import { opossumBreaker } from '../adapters/opossum/breaker.ts'
import { RedisCache } from '../adapters/redis/cache.ts'
import { RedisLearning } from '../adapters/redis/learning.ts'
import { RedisLink } from '../adapters/redis/link.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import { ConsoleLog } from '../adapters/telemetry/console-log.ts'
import { fanOut } from '../adapters/telemetry/fan-out.ts'
import { Metrics } from '../adapters/telemetry/metrics.ts'
import { FetchSender } from '../adapters/webhooks/deliver-fetch.ts'
import { Estimates } from '../gateway/estimates.ts'
import { Facts } from '../gateway/facts.ts'
import { fireNotices, NOTICE_TIMER } from '../gateway/notices.ts'
import { type ShardPlace, SlicedBooks } from '../gateway/fund-books.ts'
import { localCore, type PaymentCore } from '../gateway/pay.ts'
import { recoverRunning } from '../gateway/recover.ts'
import { Hold } from '../gateway/recovery.ts'
import { RestoreWatch, WriteCount } from '../gateway/restore-watch.ts'
import { RetryBudget } from '../gateway/retry-budget.ts'
import { resolveDue } from '../gateway/resolve.ts'
import type { Gateway, Runtime } from '../gateway/runtime.ts'
import { LocalService } from '../gateway/service.ts'
import type { AdminRecovery } from '../http/admin-recovery.ts'
import type { OperatorRing } from '../http/auth.ts'
import type { BreakerState } from '../ports/breaker.ts'
import type { Cache } from '../ports/cache.ts'
import type { FundSlices } from '../ports/fund-slices.ts'
import type { LearningExchange } from '../ports/learning-exchange.ts'
import type { MarkStore } from '../ports/mark-store.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { Background } from './background.ts'
import type { EdgeConfig } from './edge-config.ts'
import { composeLending, type Lending, runLending } from './lending.ts'
import { keepLearning, type LearningParts, runLearning } from './learning.ts'
import { breakerSettings } from './outside.ts'
import { composeWebhooks, type Webhooks } from './webhooks.ts'

/** A gateway whose state is in one Durable Object. */
export interface StateGateway {
  readonly gateway: Gateway
  readonly facts: Facts
  readonly operators: OperatorRing
  readonly journal: DurableObjectJournal
  readonly service: LocalService
  readonly core: PaymentCore
  readonly breaker: GuardedBreaker
  /** Writes how the circuits stand: they do so themselves when one changes, but not when an operator holds one. */
  keepBreaker(): void
  readonly lending: Lending
  readonly webhooks: Webhooks
  readonly recovery: AdminRecovery
  metrics(): Promise<{ contentType: string; text: string }>
  /** What a process does in its background, while the object is awake. */
  startRounds(): Promise<Background>
  /** Ends the rounds and keeps what would be lost when the object is dropped from memory. */
  stopRounds(background: Background): Promise<void>
}

export interface StateOptions {
  readonly storage: DurableObjectStorage
  readonly config: EdgeConfig
  /** The coordinator that parts the caps of funding pools among the objects. */
  readonly slices: FundSlices
  readonly place: ShardPlace
  /** Where it is noted how far the journal has come. */
  readonly marks: MarkStore
  /** Told when there is something to do, Unix ms, in the turn of the write that makes it so. */
  readonly onDue: (at: number) => void
}

/** Rest of the resolver between rounds that found nothing due, ms. */
const RESOLVE_REST_MS = 250
/** How often it is noted how far the journal has come, ms: each time is a call of another object. */
const BEAT_MS = 5_000
/** How long the last round may take once the object is to rest. */
const STOP_MS = 10_000
/** Open payments counted for the gauge of unknown attempts; beyond it the gauge says "at least". */
const OPEN_COUNTED_MAX = 1_000

const clock = systemClock

/** Chooses the adapters for a Durable Object and puts the gateway together. */
export async function composeState(options: StateOptions): Promise<StateGateway> {
  const { storage, config, onDue } = options
  const random = systemRandom()
  const { generation } = config
  const { runtime } = generation
  const metrics = new Metrics({ clock })
  metrics.declare({
    routes: [...runtime.routes.keys()],
    pools: generation.config.pools.map(({ id }) => id),
  })
  const writes = new WriteCount()
  const telemetry = fanOut(metrics, new ConsoleLog({ clock, level: config.logLevel }), writes)
  const journal = new DurableObjectJournal({ storage, now: () => clock.now(), onDue })
  const hints = openHints(config, random, telemetry)
  const { breaker, keep: keepBreaker } = await keptBreaker(
    config,
    journal,
    random,
    telemetry,
    (route, state) => {
      webhooks.tellBreaker(route, state).catch((error: unknown) => service.fault('webhooks', error))
    },
  )
  const estimator = new Estimates(
    [...runtime.routes.values()].map(({ route }) => route),
    () => generation.config.learning.metadata,
  )
  const ports = { clock, random, journal, cache: hints.cache, breaker, telemetry, estimator }
  const webhooks = composeWebhooks(
    ports,
    () => generation,
    new FetchSender({ clock, targets: () => generation.targets }),
    { [NOTICE_TIMER]: item => fireNotices(gateway, lending.credit, item) },
  )
  const lending = composeLending(ports, () => runtime, new SlicedBooks(ports, options.slices, options.place))
  const gateway: Gateway = {
    ports: { ...ports, pools: lending.pools, credit: lending.credit },
    retries: new RetryBudget(clock),
    settings: generation.settings,
    runtime: () => runtime,
    held: () => hold.held,
  }
  const hold = new Hold(journal)
  const watch = new RestoreWatch(gateway, [options.marks], writes)
  await watch.start()
  await hold.read()
  const facts = new Facts(gateway.ports)
  const service = new LocalService(gateway, lending.credit)
  const learning = learningOf({ estimates: estimator, journal, clock, telemetry }, runtime, hints)
  return {
    gateway,
    facts,
    operators: generation.operators,
    journal,
    service,
    core: localCore(gateway, facts),
    breaker,
    keepBreaker,
    lending,
    webhooks,
    recovery: command => recoverRunning(gateway, hold, command),
    metrics: async () => {
      telemetry.record({ kind: 'unknown_attempts', count: await unknownAttempts(journal) })
      return metrics.scrape()
    },
    ...rounds({ gateway, facts, service, webhooks, lending, learning, watch, hold }),
  }
}

function learningOf(
  parts: Pick<LearningParts, 'estimates' | 'journal' | 'clock' | 'telemetry'>,
  { routes }: Runtime,
  { learning }: Hints,
): LearningParts {
  return {
    ...parts,
    routes: () => routes.keys(),
    ...(learning === undefined ? {} : { exchange: learning }),
  }
}

interface RoundsParts {
  readonly gateway: Gateway
  readonly facts: Facts
  readonly service: LocalService
  readonly webhooks: Webhooks
  readonly lending: Lending
  readonly learning: LearningParts
  readonly watch: RestoreWatch
  readonly hold: Hold
}

function rounds({
  gateway,
  facts,
  service,
  webhooks,
  lending,
  learning,
  watch,
  hold,
}: RoundsParts): Pick<StateGateway, 'startRounds' | 'stopRounds'> {
  const fault = (area: string, error: unknown): void => service.fault(area, error)
  return {
    startRounds: async () => {
      const background = new Background(fault)
      background.loop('resolver', RESOLVE_REST_MS, async () =>
        !hold.held && (await resolveDue(gateway, facts)) > 0 ? 'busy' : 'idle',
      )
      background.loop('recovery', BEAT_MS, () => watch.round(hold))
      webhooks.run(background)
      await runLending(lending, background, fault)
      await runLearning(learning, background)
      return background
    },
    stopRounds: async background => {
      await background.stop(STOP_MS)
      await watch.beat().catch((error: unknown) => fault('recovery', error))
      await lending.pools.rest().catch((error: unknown) => fault('lending', error))
      await keepLearning(learning).catch((error: unknown) => fault('learning', error))
    },
  }
}

async function unknownAttempts(journal: DurableObjectJournal): Promise<number> {
  const open = await journal.listOpen(undefined, OPEN_COUNTED_MAX)
  return open.flatMap(({ payment }) => payment.attempts).filter(({ status }) => status === 'unknown').length
}

interface Hints {
  readonly cache: Cache
  readonly learning?: LearningExchange
}

/** Redis when there is one, else this object. Nothing waits for the connection. */
function openHints(config: EdgeConfig, random: ReturnType<typeof systemRandom>, telemetry: Telemetry): Hints {
  if (config.redisUrl === undefined) return { cache: new MemoryCache({ clock }) }
  const onChange = (up: boolean): void => telemetry.record({ kind: 'redis', up })
  const link = new RedisLink({ url: config.redisUrl, clock, random, onChange })
  void link.connect()
  return { cache: new RedisCache(link), learning: new RedisLearning({ link, instance: random.hex(16) }) }
}

const KEPT = { collection: 'kept', key: 'breakers' }

/**
 * Circuits that stay open for as long as they were to, though the object is dropped from memory in between: every change
 * is written, with the time at which it came about.
 */
async function keptBreaker(
  config: EdgeConfig,
  journal: DurableObjectJournal,
  random: ReturnType<typeof systemRandom>,
  telemetry: Telemetry,
  onChange: (route: string, state: BreakerState) => void,
): Promise<{ readonly breaker: GuardedBreaker; readonly keep: () => void }> {
  const kept = await journal.getRecord(KEPT.collection, KEPT.key)
  const routes = config.generation.runtime.routes
  const restored =
    kept === undefined
      ? []
      : (JSON.parse(kept.body) as BreakerSnapshot[]).filter(({ route }) => routes.has(route))
  let version = kept?.version ?? 0
  const keep = (): void => {
    const body = JSON.stringify(breaker.snapshot())
    void journal.putRecord({ ...KEPT, at: clock.now(), body }, version++)
  }
  const breaker = opossumBreaker({
    clock,
    random,
    settings: route => breakerSettings(config.generation.config, route),
    restored,
    onChange: (route, state) => {
      telemetry.record({ kind: 'breaker', route, state })
      // Once the change is complete: within it the snapshot would be of the state before.
      queueMicrotask(keep)
      onChange(route, state)
    },
  })
  for (const { route, state } of breaker.views()) telemetry.record({ kind: 'breaker', route, state })
  return { breaker, keep }
}
