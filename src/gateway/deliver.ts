import { hashUnit } from '../core/hash.ts'
import type { EventDelivery, EventSender } from '../ports/event-sender.ts'
import type { OutboxClaim } from '../ports/journal.ts'
import { createdAt } from './event-body.ts'
import type { GatewayPorts } from './runtime.ts'
import { disabledEndpoints, disableEndpoint, keepUndelivered } from './undelivered.ts'

export interface DeliveriesOptions {
  readonly ports: Pick<GatewayPorts, 'journal' | 'clock' | 'telemetry'>
  readonly sender: EventSender
  /** What waits in the outbox without being an event, by its endpoint: resolves with when it is due again. */
  readonly timers?: Readonly<Record<string, (item: OutboxClaim) => Promise<number | null>>>
  /** Ids of the endpoints of the configuration that serves now. */
  readonly endpoints: () => Iterable<string>
}

/** How an endpoint has answered, as this process has seen it; `disabled` is what all of them know. */
export interface EndpointView {
  readonly endpoint: string
  readonly state: 'ok' | 'failing' | 'disabled'
  /** Failures in a row. */
  readonly failures: number
  readonly lastCause?: string
  /** Unix ms until which nothing is sent to it. */
  readonly restsUntil?: number
}

/** Events that one process holds at a time, and that it sends to one endpoint at a time. */
const IN_HAND_MAX = 256
const BATCH_MAX = 64
const PER_ENDPOINT_MAX = 8
/** How long a claimed event is hidden from other processes; what cannot be started in time is left to them. */
const LEASE_MS = 45_000
const START_WITHIN_MS = 25_000
const DISABLED_FRESH_MS = 5_000
/** Rest of an endpoint after a failure, doubling; single events have their own schedule beside it. */
const REST_FIRST_MS = 1_000
const REST_LONGEST_MS = 300_000

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Waits between tries, as Standard Webhooks recommends them: ten tries over about three days. */
const WAITS_MS = [
  5_000,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

/**
 * When an event that has failed now is tried again, Unix ms; undefined when it is given up. It follows from the age
 * of the event and not from a count of tries, so that a process that dies between two tries costs none of them.
 * Spread by +-10%, so that what failed together does not come back together.
 */
export function nextTryAt(bornAt: number, now: number, salt: string): number | undefined {
  let at = bornAt
  for (const [step, waitMs] of WAITS_MS.entries()) {
    at += Math.round(waitMs * (0.9 + 0.2 * hashUnit(salt, step)))
    if (at > now) return at
  }
  return undefined
}

interface Lane {
  running: number
  waiting: { readonly item: OutboxClaim; readonly startBy: number }[]
  failures: number
  restsUntil: number
  lastCause?: string
}

/**
 * Carries events from the outbox to their endpoints, at least once each. Every endpoint has a lane of its own: one
 * that hangs or fails rests and keeps nobody else waiting. The order of events is not kept; their sequence tells it.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #inHand = new Set<Promise<void>>()
  #held = 0
  #disabled: ReadonlySet<string> = new Set()
  #disabledAt = -Infinity

  constructor(options: DeliveriesOptions) {
    this.#options = options
  }

  /** Claims what is due and starts to send it. Rejects with `JournalUnavailable`; then nothing was started. */
  async round(): Promise<'busy' | 'idle'> {
    const { journal } = this.#options.ports
    const room = Math.min(BATCH_MAX, IN_HAND_MAX - this.#held)
    if (room <= 0) return 'idle'
    const claimed = await journal.claimOutbox(room, LEASE_MS)
    if (claimed.length > 0) await this.#readDisabled()
    const known = new Set(this.#options.endpoints())
    for (const item of claimed) this.#take(item, known)
    return claimed.length === room ? 'busy' : 'idle'
  }

  /** Resolves when everything in hand is sent or put back. */
  async settled(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.all(this.#inHand)
  }

  /** What was seen of an endpoint counts no more: who is disabled is read anew, and its rest is over. */
  reconsider(endpoint: string): void {
    this.#disabledAt = -Infinity
    const lane = this.#lanes.get(endpoint)
    if (lane !== undefined) rested(lane)
  }

  async views(): Promise<EndpointView[]> {
    await this.#readDisabled()
    return [...this.#options.endpoints()].map(endpoint => {
      const lane = this.#lanes.get(endpoint)
      const failures = lane?.failures ?? 0
      const working = failures > 0 ? 'failing' : 'ok'
      return {
        endpoint,
        state: this.#disabled.has(endpoint) ? 'disabled' : working,
        failures,
        ...(lane?.lastCause === undefined ? {} : { lastCause: lane.lastCause }),
        ...(failures > 0 && lane !== undefined ? { restsUntil: lane.restsUntil } : {}),
      }
    })
  }

  async #readDisabled(): Promise<void> {
    const { journal, clock, telemetry } = this.#options.ports
    if (clock.monotonic() - this.#disabledAt < DISABLED_FRESH_MS) return
    this.#disabled = await disabledEndpoints(journal)
    this.#disabledAt = clock.monotonic()
    telemetry.record({ kind: 'webhooks_disabled', count: this.#disabled.size })
  }

  #take(item: OutboxClaim, known: ReadonlySet<string>): void {
    const { clock } = this.#options.ports
    const timer = this.#options.timers?.[item.endpoint]
    if (timer !== undefined) return this.#track(this.#fire(item, timer))
    if (!known.has(item.endpoint)) return this.#track(this.#keep(item, 'endpoint_removed'))
    if (this.#disabled.has(item.endpoint)) return this.#track(this.#keep(item, 'endpoint_disabled'))
    const lane = this.#lane(item.endpoint)
    if (clock.now() < lane.restsUntil) return this.#track(this.#putBack(item, lane))
    lane.waiting.push({ item, startBy: clock.monotonic() + START_WITHIN_MS })
    this.#held++
    this.#pump(lane)
  }

  async #fire(item: OutboxClaim, timer: (item: OutboxClaim) => Promise<number | null>): Promise<void> {
    await this.#options.ports.journal.settleOutbox(item.id, item.endpoint, await timer(item))
  }

  #lane(endpoint: string): Lane {
    const known = this.#lanes.get(endpoint)
    if (known !== undefined) return known
    const lane: Lane = { running: 0, waiting: [], failures: 0, restsUntil: 0 }
    this.#lanes.set(endpoint, lane)
    return lane
  }

  #pump(lane: Lane): void {
    while (lane.running < PER_ENDPOINT_MAX) {
      const next = lane.waiting.shift()
      if (next === undefined) return
      lane.running++
      this.#track(
        this.#deliver(lane, next.item, next.startBy).finally(() => {
          lane.running--
          this.#held--
          this.#pump(lane)
        }),
      )
    }
  }

  /** Whatever fails about the journal here is seen again when the claim has run out. */
  #track(work: Promise<void>): void {
    const { telemetry } = this.#options.ports
    const tracked = work
      .catch((error: unknown) => {
        const cause = error instanceof Error ? error.name : 'unknown'
        telemetry.record({ kind: 'fault', area: 'webhooks', cause })
      })
      .finally(() => this.#inHand.delete(tracked))
    this.#inHand.add(tracked)
  }

  async #deliver(lane: Lane, item: OutboxClaim, startBy: number): Promise<void> {
    const { clock, journal, telemetry } = this.#options.ports
    if (clock.monotonic() > startBy) return
    if (clock.now() < lane.restsUntil) return this.#putBack(item, lane)
    const delivery = await this.#options.sender.send(item)
    this.#note(lane, delivery)
    telemetry.record({
      kind: 'webhook',
      endpoint: item.endpoint,
      result: delivery.kind,
      ...(delivery.kind === 'failed' ? { cause: delivery.cause } : {}),
    })
    switch (delivery.kind) {
      case 'delivered':
        return journal.settleOutbox(item.id, item.endpoint, null)
      case 'gone':
        await disableEndpoint(journal, item.endpoint, clock.now())
        this.#disabledAt = -Infinity
        return this.#keep(item, 'endpoint_disabled')
      case 'failed': {
        const at = nextTryAt(createdAt(item.body), clock.now(), item.id)
        return at === undefined
          ? this.#keep(item, 'given_up')
          : journal.settleOutbox(item.id, item.endpoint, at)
      }
    }
  }

  #note(lane: Lane, delivery: EventDelivery): void {
    if (delivery.kind === 'delivered') {
      rested(lane)
      return
    }
    const { clock } = this.#options.ports
    const awake = clock.now() >= lane.restsUntil
    lane.lastCause = delivery.kind === 'gone' ? 'gone' : delivery.cause
    // Failures of what was under way together count once.
    if (!awake) return
    lane.failures++
    lane.restsUntil =
      clock.now() + Math.min(REST_LONGEST_MS, REST_FIRST_MS * 2 ** Math.min(lane.failures - 1, 20))
  }

  #putBack(item: OutboxClaim, lane: Lane): Promise<void> {
    const spread = Math.round(REST_FIRST_MS * hashUnit(item.id, lane.failures))
    return this.#options.ports.journal.settleOutbox(item.id, item.endpoint, lane.restsUntil + spread)
  }

  async #keep(
    item: OutboxClaim,
    cause: 'given_up' | 'endpoint_disabled' | 'endpoint_removed',
  ): Promise<void> {
    const { journal, clock, telemetry } = this.#options.ports
    await keepUndelivered(journal, item, cause, clock.now())
    await journal.settleOutbox(item.id, item.endpoint, null)
    telemetry.record({ kind: 'webhook', endpoint: item.endpoint, result: 'undelivered', cause })
  }
}

function rested(lane: Lane): void {
  lane.failures = 0
  lane.restsUntil = 0
  delete lane.lastCause
}
