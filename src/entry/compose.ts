import { BREAKER_DEFAULTS, type BreakerSettings } from '../adapters/breaker/circuit.ts'
import { HttpConnector } from '../adapters/connectors/http/connector.ts'
import { HttpEligibilityProvider } from '../adapters/connectors/http/eligibility.ts'
import { HttpNotifications } from '../adapters/connectors/http/notifications.ts'
import { UndiciClient } from '../adapters/http-client/undici.ts'
import { MemoryCache } from '../adapters/memory/cache.ts'
import { CountingEstimator } from '../adapters/memory/estimator.ts'
import { opossumBreaker } from '../adapters/opossum/breaker.ts'
import { SqliteJournal } from '../adapters/sqlite/journal.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import type { Config } from '../config/schema.ts'
import type { Secrets } from '../config/secrets.ts'
import { Facts } from '../gateway/facts.ts'
import { resolveDue } from '../gateway/resolve.ts'
import { DEFAULT_SETTINGS, type Gateway } from '../gateway/runtime.ts'
import { LocalService } from '../gateway/service.ts'
import type { Breaker } from '../ports/breaker.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { Background } from './background.ts'
import { buildGeneration, type Generation, type Outside } from './runtime.ts'

export interface NodeOptions {
  readonly config: Config
  readonly version: string
  readonly secrets: Secrets
  /** Embedded journal, used without `databaseUrl`. */
  readonly journalFile: string
  readonly databaseUrl?: string
  readonly redisUrl?: string
  readonly logLevel?: string
}

/** A composed gateway: the use cases, what the listeners need, and how to stop it. */
export interface NodeGateway {
  readonly service: LocalService
  readonly breaker: Breaker
  readonly clock: Clock
  readonly warnings: readonly string[]
  generation(): Generation
  ready(): boolean
  metrics(): Promise<{ contentType: string; text: string }>
  /** Keeps work in view that outlives its request, so that draining waits for it. */
  track(work: Promise<unknown>): void
  stopAccepting(): void
  drain(withinMs: number): Promise<void>
  close(): Promise<void>
}

/** Rest of the resolver between rounds that found nothing due, ms. */
const RESOLVE_REST_MS = 250

/** Chooses the adapters for Node and puts the gateway together. The only place where that is done. */
export async function composeNode(options: NodeOptions): Promise<NodeGateway> {
  const clock = systemClock
  const random = systemRandom()
  const client = new UndiciClient()
  const outside = nodeOutside(client, clock)
  let generation = buildGeneration(options.config, options.version, options.secrets, outside)
  const telemetry: Telemetry = { record: () => undefined }
  const journal: Journal = await SqliteJournal.open({ file: options.journalFile, now: () => clock.now() })
  const cache = new MemoryCache({ clock })
  const breaker = opossumBreaker({
    clock,
    random,
    settings: route => breakerSettings(generation.config, route),
    onChange: (route, state) => telemetry.record({ kind: 'breaker', route, state }),
  })
  const estimator = new CountingEstimator(id => generation.runtime.routes.get(id)?.route)
  const gateway: Gateway = {
    ports: { clock, random, journal, cache, breaker, telemetry, estimator },
    settings: DEFAULT_SETTINGS,
    runtime: () => generation.runtime,
  }
  const service = new LocalService(gateway)
  const background = new Background((area, error) => service.fault(area, error))
  const facts = new Facts(gateway.ports)
  background.loop('resolver', RESOLVE_REST_MS, async () =>
    (await resolveDue(gateway, facts)) > 0 ? 'busy' : 'idle',
  )
  let accepting = true
  const { warnings } = await journal.check()
  return {
    service,
    breaker,
    clock,
    warnings,
    generation: () => generation,
    ready: () => accepting,
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    track: work => background.track(work),
    stopAccepting: () => {
      accepting = false
    },
    drain: async withinMs => {
      await background.stop(withinMs)
      await service.drain()
    },
    close: async () => {
      await journal.close()
      await client.close()
    },
  }
}

function nodeOutside(client: UndiciClient, clock: Clock): Outside {
  return {
    connector: ({ connector: { baseUrl, mapping } }, token) =>
      new HttpConnector({ baseUrl, client, mapping, ...(token === undefined ? {} : { token }) }),
    notifications: ({ connector: { mapping } }, secrets) => new HttpNotifications({ secrets, mapping }),
    eligibility: ({ eligibility }, token) =>
      new HttpEligibilityProvider({
        url: eligibility?.url ?? '',
        client,
        clock,
        ...(token === undefined ? {} : { token }),
      }),
  }
}

function breakerSettings(config: Config, id: string): BreakerSettings {
  const route = config.routes.find(other => other.id === id)
  if (route === undefined) return BREAKER_DEFAULTS
  const { volumeMin, errorPercent, windowMs, resetMs } = route.breaker
  return {
    ...BREAKER_DEFAULTS,
    volumeThreshold: volumeMin,
    errorThresholdPercentage: errorPercent,
    windowMs,
    resetMs,
    permitMs: Math.max(BREAKER_DEFAULTS.permitMs, 2 * route.connector.timeoutMs),
  }
}
