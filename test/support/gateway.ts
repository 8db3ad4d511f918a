import { BREAKER_DEFAULTS, type BreakerSettings } from '../../src/adapters/breaker/circuit.ts'
import { memoryBreaker } from '../../src/adapters/memory/breaker.ts'
import { MemoryCache } from '../../src/adapters/memory/cache.ts'
import { ManualClock } from '../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../src/adapters/memory/journal.ts'
import { seededRandom } from '../../src/adapters/memory/random.ts'
import type { PaymentContext } from '../../src/core/payment/context.ts'
import type { Payment } from '../../src/core/payment/payment.ts'
import type { Route } from '../../src/core/payment/route.ts'
import { Estimates } from '../../src/gateway/estimates.ts'
import { Facts } from '../../src/gateway/facts.ts'
import { FundingPools } from '../../src/gateway/pools.ts'
import { localCore, pay, type PaymentCore } from '../../src/gateway/pay.ts'
import {
  type CreditPolicy,
  DEFAULT_SETTINGS,
  type FactsSettings,
  type Gateway,
  type GatewayPorts,
  type GatewaySettings,
  type PoolRuntime,
  type Pools,
  type Runtime,
  type TenantRuntime,
  type WebhookEndpoint,
} from '../../src/gateway/runtime.ts'
import type { PayCommand, Answer } from '../../src/gateway/step.ts'
import type { Cache } from '../../src/ports/cache.ts'
import type { NotificationReader } from '../../src/ports/connector.ts'
import type { Journal } from '../../src/ports/journal.ts'
import type { Estimator, LearnedAttempt } from '../../src/ports/estimator.ts'
import type { TelemetryEvent } from '../../src/ports/telemetry.ts'
import { type FlakyJournal, flakyJournal } from './flaky-journal.ts'
import { NOON, sampleContext, samplePolicy, sampleRoute } from './samples.ts'
import { type ConnectorScript, ScriptedConnector } from './scripted-connector.ts'

export interface TestGatewayOptions {
  /** By default `card_a` and `card_b`, tried in this order. */
  readonly routes?: readonly Route[]
  readonly policy?: Parameters<typeof samplePolicy>[1]
  /** By route id. */
  readonly connectorScripts?: Readonly<Record<string, ConnectorScript>>
  readonly facts?: Readonly<Record<string, FactsSettings>>
  /** Reads the notifications of every route. */
  readonly notifications?: NotificationReader
  readonly clock?: ManualClock
  readonly webhooks?: readonly WebhookEndpoint[]
  readonly pools?: Pools
  /** Real pools over the journal, instead of `pools`. Read them with `funding.refresh()`. */
  readonly fundPools?: readonly PoolRuntime[]
  /** Shared by several gateways, to play several instances. */
  readonly journal?: Journal
  readonly cache?: Cache
  readonly seed?: number
  readonly credit?: CreditPolicy
  readonly settings?: Partial<GatewaySettings>
  readonly breaker?: Partial<BreakerSettings>
  readonly tenant?: Partial<TenantRuntime>
  /** In place of what the gateway would do; without it nothing is explored. */
  readonly estimator?: Partial<Estimator>
}

/** A gateway over memory, with upstreams that follow a script and a clock that moves only when told to. */
export interface TestGateway {
  readonly gateway: Gateway
  readonly facts: Facts
  readonly core: PaymentCore
  readonly clock: ManualClock
  readonly flaky: FlakyJournal
  readonly events: TelemetryEvent[]
  readonly learned: LearnedAttempt[]
  readonly funding: FundingPools
  connector(route: string): ScriptedConnector
  command(change?: CommandChange): PayCommand
  pay(change?: CommandChange): Promise<Answer>
  /** Pays and expects an answer with a payment. */
  paid(change?: CommandChange): Promise<Payment>
  /** Lets time pass in steps until the work is done, for at most a minute. */
  elapse<T>(work: Promise<T>): Promise<T>
  /** How often money was asked for, over all upstreams. */
  sends(): number
}

export interface CommandChange {
  readonly context?: Partial<PaymentContext>
  readonly key?: string
  readonly fingerprint?: string
}

export const cardRoutes = (): Route[] => [
  sampleRoute('card_a', { priors: { approval: 0.95, unknown: 0, latencyMs: 300, strength: 1_000 } }),
  sampleRoute('card_b', { priors: { approval: 0.6, unknown: 0, latencyMs: 300, strength: 1_000 } }),
]

export function buildTestGateway(options: TestGatewayOptions = {}): TestGateway {
  const clock = options.clock ?? new ManualClock(NOON)
  const routes = options.routes ?? cardRoutes()
  const connectors = new Map(
    routes.map(({ id }) => [id, new ScriptedConnector(options.connectorScripts?.[id])]),
  )
  const flaky = flakyJournal(options.journal ?? new MemoryJournal({ now: () => clock.now() }))
  const events: TelemetryEvent[] = []
  const learned: LearnedAttempt[] = []
  const random = seededRandom(options.seed ?? 1)
  const runtime = runtimeOf(options, routes, connectors)
  const estimator = new Estimates(routes)
  const settings = (): BreakerSettings => ({ ...BREAKER_DEFAULTS, ...options.breaker })
  const ports: GatewayPorts = {
    clock,
    random,
    journal: flaky.journal,
    cache: options.cache ?? new MemoryCache({ clock }),
    breaker: memoryBreaker({ clock, random, settings }),
    telemetry: { record: event => events.push(event) },
    estimator: {
      estimate: (...args) => estimator.estimate(...args),
      learn: attempt => {
        learned.push(attempt)
        estimator.learn(attempt)
      },
      explorationAllowance: () => 0,
      spendExploration: () => undefined,
      volume: (...args) => estimator.volume(...args),
      isStopped: experiment => estimator.isStopped(experiment),
      ...options.estimator,
    },
    ...(options.pools === undefined ? {} : { pools: options.pools }),
    ...(options.credit === undefined ? {} : { credit: options.credit }),
  }
  const funding = new FundingPools(ports, () => runtime)
  const gateway: Gateway = {
    ports: options.fundPools === undefined ? ports : { ...ports, pools: funding },
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    runtime: () => runtime,
  }
  const facts = new Facts(gateway.ports)
  const core = localCore(gateway, facts)
  const command = (change: CommandChange = {}): PayCommand => ({
    tenant: 'demo',
    context: sampleContext(change.context),
    key: { key: change.key ?? 'key-1', fingerprint: change.fingerprint ?? 'f-1', target: 'payment' },
  })
  return {
    gateway,
    facts,
    core,
    clock,
    flaky,
    events,
    learned,
    funding,
    connector: route => connectors.get(route) as ScriptedConnector,
    command,
    pay: change => pay(clock, core, command(change)),
    paid: async change => {
      const answer = await pay(clock, core, command(change))
      if (answer.kind !== 'answer') throw new Error(`expected a payment, not ${answer.code}`)
      return answer.payment
    },
    elapse: async work => {
      let done = false
      const finish = (): void => {
        done = true
      }
      void work.then(finish, finish)
      for (let steps = 0; !done && steps < 600; steps++) await clock.advance(100)
      return work
    },
    sends: () => [...connectors.values()].reduce((sum, { sends }) => sum + sends.length, 0),
  }
}

function runtimeOf(
  options: TestGatewayOptions,
  routes: readonly Route[],
  connectors: ReadonlyMap<string, ScriptedConnector>,
): Runtime {
  const policy = samplePolicy(routes, options.policy)
  return {
    version: 'v1',
    tenants: new Map([['demo', { id: 'demo', policy, webhooks: options.webhooks ?? [], ...options.tenant }]]),
    routes: new Map(
      routes.map(route => {
        const facts = options.facts?.[route.id]
        const connector = connectors.get(route.id) as ScriptedConnector
        return [
          route.id,
          {
            route,
            connector,
            ...(facts === undefined ? {} : { facts }),
            ...(options.notifications === undefined ? {} : { notifications: options.notifications }),
          },
        ]
      }),
    ),
    priceCaps: [],
    ...(options.fundPools === undefined ? {} : { pools: options.fundPools }),
  }
}
