import { BREAKER_SETTINGS } from './policy.ts'
import { memoryBreaker } from '../../adapters/memory/breaker.ts'
import { Facts } from '../../gateway/facts.ts'
import { localCore, type PaymentCore } from '../../gateway/pay.ts'
import { RetryBudget } from '../../gateway/retry-budget.ts'
import { resolveDue, RESOLVE_BATCH_MAX } from '../../gateway/resolve.ts'
import {
  DEFAULT_SETTINGS,
  type FactsSettings,
  type Gateway,
  type RouteRuntime,
  type Runtime,
} from '../../gateway/runtime.ts'
import type { Clock } from '../../ports/clock.ts'
import { JournalUnavailable } from '../../ports/journal.ts'
import type { Random } from '../../ports/random.ts'
import { connectorOf, type Network } from './connector.ts'
import type { Dice } from './dice.ts'
import type { SimulatedHints } from './hints.ts'
import type { Incarnation } from './incarnation.ts'
import type { SimulatedJournal } from './journal.ts'
import { noticeReader } from './notices.ts'
import { estimatorOf, factsOf, policyOf, poolsOf } from './policy.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedUpstream } from './upstream.ts'

/** How long the resolver rests between rounds, ms; longer when it finds nothing to do. */
const REST_MS = 500
const REST_MAX_MS = 60_000

export interface ProcessParts {
  readonly scheduler: Scheduler
  readonly journal: SimulatedJournal
  readonly hints: SimulatedHints
  readonly network: Network
  readonly upstreams: readonly SimulatedUpstream[]
  readonly random: Random
  readonly leaseMs: number
  /** An order's own draws, found by the id of the order or of its payer. */
  readonly diceOf: (id: string) => Dice
  /** Something went wrong that should not be able to. */
  readonly onBug: (error: unknown) => void
}

/** The real gateway, as one process runs it: every port of it passes the gate of its incarnation. */
export class GatewayProcess {
  readonly incarnation: Incarnation
  readonly gateway: Gateway
  readonly facts: Facts
  readonly clock: Clock
  readonly core: PaymentCore
  readonly #parts: ProcessParts
  #wakesAt = Number.POSITIVE_INFINITY
  #resolving = false
  #restMs = REST_MS

  constructor(incarnation: Incarnation, parts: ProcessParts) {
    this.incarnation = incarnation
    this.#parts = parts
    this.clock = incarnation.clock()
    const { random, diceOf } = parts
    const runtime = this.#runtime()
    this.gateway = {
      ports: {
        clock: this.clock,
        random,
        journal: parts.journal.reachedBy(incarnation, ({ context }) => diceOf(context.orderId)),
        cache: parts.hints.reachedBy(incarnation),
        breaker: memoryBreaker({ clock: this.clock, random, settings: () => BREAKER_SETTINGS }),
        telemetry: {
          record: event => {
            if (event.kind === 'fault' && event.cause !== JournalUnavailable.name) this.#heardFault(event)
          },
        },
        estimator: estimatorOf(diceOf),
        pools: poolsOf(),
      },
      retries: new RetryBudget(this.clock),
      settings: { ...DEFAULT_SETTINGS, leaseMs: parts.leaseMs },
      runtime: () => runtime,
    }
    this.facts = new Facts(this.gateway.ports)
    this.core = localCore(this.gateway, this.facts)
  }

  /** Plans the resolver's next round; `at` is when there may be something to do. */
  wake(at: number): void {
    const { scheduler } = this.#parts
    if (this.#resolving) return
    const wakesAt = Math.max(at, scheduler.now + this.#restMs)
    if (wakesAt >= this.#wakesAt) return
    this.#wakesAt = wakesAt
    this.incarnation.deliver(wakesAt - scheduler.now, () => {
      if (this.#wakesAt !== wakesAt) return
      this.#wakesAt = Number.POSITIVE_INFINITY
      void this.#round()
    })
  }

  async #round(): Promise<void> {
    this.#resolving = true
    try {
      const taken = await resolveDue(this.gateway, this.facts)
      // Rounds that would find nothing are left out: virtual time is free, but not the looking.
      this.#restMs = taken > 0 ? REST_MS : Math.min(REST_MAX_MS, this.#restMs * 2)
      if (taken === RESOLVE_BATCH_MAX) this.#restMs = 1
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) this.#parts.onBug(error)
    }
    this.#resolving = false
    const next = this.#parts.journal.nextClaim()
    if (next !== undefined) this.wake(next)
  }

  #heardFault(event: { readonly area: string; readonly cause: string }): void {
    const known = ['journal_unavailable', 'processing', 'unknown', 'not_sent', 'declined', 'not_found']
    if (!known.includes(event.cause)) this.#parts.onBug(new Error(`fault in ${event.area}: ${event.cause}`))
  }

  #runtime(): Runtime {
    const { upstreams, network, diceOf } = this.#parts
    const policy = policyOf(upstreams)
    const facts: FactsSettings = factsOf(this.incarnation, diceOf)
    const routes = new Map<string, RouteRuntime>()
    for (const upstream of upstreams) {
      const route = policy.routes.find(({ id }) => id === upstream.id)
      if (route === undefined) continue
      routes.set(upstream.id, {
        route,
        connector: connectorOf(network, upstream, this.incarnation),
        notifications: noticeReader,
        ...(route.needsFacts ? { facts } : {}),
      })
    }
    return {
      version: policy.version,
      tenants: new Map([['shop', { id: 'shop', policy, webhooks: [{ id: 'shop/0', events: ['*'] }] }]]),
      routes,
      priceCaps: [],
    }
  }
}
