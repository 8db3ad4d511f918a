import type { BreakerSnapshot } from '../adapters/breaker/guarded-breaker.ts'
import { DurableObjectJournal } from '../adapters/durable-object/journal.ts'
import { KeptText } from '../adapters/durable-object/kept-text.ts'
import { MemoryCache } from '../adapters/memory/cache.ts'
import { opossumBreaker } from '../adapters/opossum/breaker.ts'
import { RedisCache } from '../adapters/redis/cache.ts'
import { RedisLink } from '../adapters/redis/link.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import { ConsoleLog } from '../adapters/telemetry/console-log.ts'
import { fanOut } from '../adapters/telemetry/fan-out.ts'
import { Metrics } from '../adapters/telemetry/metrics.ts'
import { Estimates, type EstimatesSnapshot } from '../gateway/estimates.ts'
import { Facts } from '../gateway/facts.ts'
import { localCore, type PaymentCore } from '../gateway/pay.ts'
import { resolveDue } from '../gateway/resolve.ts'
import type { Gateway } from '../gateway/runtime.ts'
import { LocalService } from '../gateway/service.ts'
import type { Breaker } from '../ports/breaker.ts'
import type { Cache } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { LearnedAttempt } from '../ports/estimator.ts'
import type { Random } from '../ports/random.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import type { EdgeConfig } from './edge-config.ts'
import { breakerSettings } from './outside.ts'

/** A gateway whose state is in one Durable Object. */
export interface StateGateway {
  readonly gateway: Gateway
  readonly service: LocalService
  readonly core: PaymentCore
  readonly breaker: Breaker
  /** One round of what a process does in its background. Never rejects. */
  round(): Promise<void>
  /** When the next round has something to do, Unix ms. */
  nextRoundAt(): number | undefined
  /** Keeps what must be known again after the object was put to rest, when it has changed or in any case. */
  keepBreakers(even?: 'unchanged'): Promise<void>
  metrics(): Promise<{ contentType: string; text: string }>
}

export interface StateOptions {
  readonly storage: DurableObjectStorage
  readonly config: EdgeConfig
  /** Told when a round is wanted, Unix ms, in the turn of the write that makes it so. */
  readonly onDue: (at: number) => void
}

/** Rounds of the resolver before other calls have their turn; what is still due then makes the next alarm. */
const RESOLVE_ROUNDS_MAX = 10
/** Open payments counted for the gauge of unknown attempts; beyond it the gauge says "at least". */
const OPEN_COUNTED_MAX = 1_000
/** What was learned is kept so long after it was learned: less than the time after which an idle object is dropped. */
const KEEP_LEARNED_MS = 5_000

/** Chooses the adapters for a Durable Object and puts the gateway together. */
export async function composeState({ storage, config, onDue }: StateOptions): Promise<StateGateway> {
  const clock = systemClock
  const random = systemRandom()
  const { runtime } = config.generation
  const metrics = new Metrics({ clock })
  metrics.declare({
    routes: [...runtime.routes.keys()],
    pools: config.generation.config.pools.map(({ id }) => id),
  })
  const telemetry = fanOut(metrics, new ConsoleLog({ clock, level: config.logLevel }))
  const journal = new DurableObjectJournal({ storage, now: () => clock.now(), onDue })
  const breakers = await keptBreakers({ journal, config, clock, random, telemetry })
  const estimates = await keptEstimates({ journal, config, clock, telemetry, onDue })
  const gateway: Gateway = {
    ports: {
      clock,
      random,
      journal,
      cache: openHints(config, clock, random, telemetry),
      breaker: breakers.breaker,
      telemetry,
      estimator: estimates.estimator,
    },
    settings: config.settings,
    runtime: () => runtime,
  }
  const facts = new Facts(gateway.ports)
  const service = new LocalService(gateway)
  return {
    gateway,
    service,
    core: localCore(gateway, facts),
    breaker: breakers.breaker,
    keepBreakers: breakers.keep,
    round: async () => {
      try {
        for (let round = 0; round < RESOLVE_ROUNDS_MAX && (await resolveDue(gateway, facts)) > 0; round++);
        await estimates.keep()
        await breakers.keep()
      } catch (error) {
        service.fault('alarm', error)
      }
    },
    nextRoundAt: () => earlier(journal.nextDueAt(), estimates.keepAt()),
    metrics: async () => {
      const open = await journal.listOpen(undefined, OPEN_COUNTED_MAX)
      const unknown = open
        .flatMap(({ payment }) => payment.attempts)
        .filter(({ status }) => status === 'unknown')
      telemetry.record({ kind: 'unknown_attempts', count: unknown.length })
      return metrics.scrape()
    },
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}

/** Redis when there is one, else this object. Nothing waits for the connection. */
function openHints(config: EdgeConfig, clock: Clock, random: Random, telemetry: Telemetry): Cache {
  if (config.redisUrl === undefined) return new MemoryCache({ clock })
  const onChange = (up: boolean): void => telemetry.record({ kind: 'redis', up })
  const link = new RedisLink({ url: config.redisUrl, clock, random, onChange })
  void link.connect()
  return new RedisCache(link)
}

interface Kept {
  readonly journal: DurableObjectJournal
  readonly config: EdgeConfig
  readonly clock: Clock
  readonly telemetry: Telemetry
}

/** Circuits that stay open for as long as they were to, though the object sleeps in between. */
async function keptBreakers({
  journal,
  config,
  clock,
  random,
  telemetry,
}: Kept & { readonly random: Random }) {
  const kept = new KeptText(journal, 'breakers')
  const restored = readJson<BreakerSnapshot[]>(await kept.read(), telemetry)
  let changed = false
  const breaker = opossumBreaker({
    clock,
    random,
    settings: route => breakerSettings(config.generation.config, route),
    onChange: (route, state) => {
      telemetry.record({ kind: 'breaker', route, state })
      changed = true
    },
    ...(restored === undefined
      ? {}
      : { restored: restored.filter(({ route }) => config.generation.runtime.routes.has(route)) }),
  })
  for (const { route, state } of breaker.views()) telemetry.record({ kind: 'breaker', route, state })
  return {
    breaker,
    keep: async (even: 'unchanged' | 'changed' = 'changed'): Promise<void> => {
      if (!changed && even === 'changed') return
      changed = false
      await kept.write(JSON.stringify(breaker.snapshot()), clock.now())
    },
  }
}

/** What was learned, kept some seconds after it was learned. */
async function keptEstimates({
  journal,
  config,
  clock,
  telemetry,
  onDue,
}: Kept & { readonly onDue: (at: number) => void }) {
  const kept = new KeptText(journal, 'estimates')
  let keepAt: number | undefined
  class KeptEstimates extends Estimates {
    override learn(attempt: LearnedAttempt): void {
      super.learn(attempt)
      if (keepAt !== undefined) return
      keepAt = clock.now() + KEEP_LEARNED_MS
      onDue(keepAt)
    }
  }
  const estimates = new KeptEstimates(
    [...config.generation.runtime.routes.values()].map(({ route }) => route),
    () => config.generation.config.learning.metadata,
  )
  const snapshot = readJson<EstimatesSnapshot>(await kept.read(), telemetry)
  try {
    if (snapshot !== undefined) estimates.restore(snapshot)
  } catch {
    telemetry.record({ kind: 'fault', area: 'kept_estimates', cause: 'unreadable' })
  }
  return {
    estimator: estimates,
    keepAt: () => keepAt,
    keep: async (): Promise<void> => {
      if (keepAt === undefined || clock.now() < keepAt) return
      keepAt = undefined
      await kept.write(JSON.stringify(estimates.snapshot()), clock.now())
    },
  }
}

/** What was kept is a hint: when it cannot be read, the object starts without it. */
function readJson<T>(text: string | undefined, telemetry: Telemetry): T | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    telemetry.record({ kind: 'fault', area: 'kept_state', cause: 'unreadable' })
    return undefined
  }
}
