import type { Evidence } from '../core/payment/outcome.ts'
import type { PaymentCore } from '../gateway/pay.ts'
import type { Runtime } from '../gateway/runtime.ts'
import type { PayCommand, Sending, Step } from '../gateway/step.ts'
import type { Clock } from '../ports/clock.ts'
import { JournalUnavailable } from '../ports/journal.ts'
import { fromWire, sendingToWire } from './step-wire.ts'
import type { States } from './states.ts'

/** Waits between tries to tell an outcome while the object cannot be reached, ms. Then its alarm asks the upstream. */
const TELL_WAITS_MS = [50, 200, 1_000, 3_000]

/** How long a late answer is listened for: as long as the HTTP client does. */
const LATE_MS = 5_500

export interface RemoteCoreOptions {
  readonly states: States
  readonly runtime: Runtime
  readonly clock: Clock
  readonly tenant: string
  readonly shard: number
  /** Keeps the request's context alive. */
  readonly keep: (work: Promise<unknown>) => void
}

/** The state of a payment in its Durable Object, for the Worker that sends. */
export class RemoteCore implements PaymentCore {
  readonly #options: RemoteCoreOptions

  constructor(options: RemoteCoreOptions) {
    this.#options = options
  }

  async begin(command: PayCommand): Promise<Step> {
    const { states, runtime, clock, tenant, shard } = this.#options
    const askedAt = clock.monotonic()
    const step = await states.ask(tenant, shard, state => state.begin({ ...command, shard }, runtime.version))
    return fromWire(runtime, askedAt, step)
  }

  /** Never rejects: an outcome that cannot be told is found by asking the upstream, because the INTENT is durable. */
  async hear(sending: Sending, evidence: Evidence): Promise<Step> {
    const { states, runtime, clock, tenant, shard, keep } = this.#options
    if (evidence.result.kind === 'unknown' && evidence.result.cause === 'timeout') keep(clock.sleep(LATE_MS))
    for (const waitMs of [...TELL_WAITS_MS, 0]) {
      try {
        const askedAt = clock.monotonic()
        const wire = sendingToWire(clock, sending)
        const step = await states.ask(tenant, shard, state => state.hear(wire, evidence))
        return fromWire(runtime, askedAt, step)
      } catch (error) {
        if (!(error instanceof JournalUnavailable)) break
        if (waitMs > 0) await clock.sleep(waitMs)
      }
    }
    return { kind: 'answer', payment: sending.session.payment, replayed: false }
  }

  late(evidence: Evidence): void {
    const { states, tenant, shard, keep } = this.#options
    keep(states.ask(tenant, shard, state => state.evidence(evidence)).catch(() => undefined))
  }
}
