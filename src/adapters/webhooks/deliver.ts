import { Agent, type Dispatcher, request } from 'undici'
import type { Clock } from '../../ports/clock.ts'
import type { EventDelivery, EventMessage, EventSender } from '../../ports/event-sender.ts'
import { guardedLookup, type Reach, type Resolver } from './address-guard.ts'
import { causeOf, deliveryOf } from './answers.ts'
import { type EndpointTarget, RequestMaker } from './signed-request.ts'

export interface WebhookSenderOptions {
  readonly clock: Clock
  /** The endpoints of the configuration that serves now. */
  readonly targets: () => ReadonlyMap<string, EndpointTarget>
  readonly timeoutMs?: number
  /** For tests: what the name server says. */
  readonly resolver?: Resolver
  /** Certificates of a private authority, PEM. */
  readonly ca?: string
}

const TIMEOUT_MS = 15_000
/** What is read of an answer before the connection is given up; only the status counts. */
const ANSWER_BYTES_MAX = 65_536
const CONNECTIONS_PER_ORIGIN = 8

/**
 * Sends events as signed POST requests. No redirect is followed, every address is checked before it is connected to,
 * and nothing that an endpoint does can take longer than the timeout or be read beyond the cap.
 */
export class WebhookSender implements EventSender {
  readonly #options: WebhookSenderOptions
  readonly #agents = new Map<Reach, Agent>()
  readonly #requests = new RequestMaker()

  constructor(options: WebhookSenderOptions) {
    this.#options = options
  }

  async send(message: EventMessage): Promise<EventDelivery> {
    const target = this.#options.targets().get(message.endpoint)
    if (target === undefined) return { kind: 'failed', cause: 'endpoint_removed' }
    const { timeoutMs = TIMEOUT_MS } = this.#options
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    // The race settles in time even where an abort would wait for the queue of connections to move.
    const timeout = new Promise<EventDelivery>(resolve => {
      timer = setTimeout(() => {
        abort.abort()
        resolve({ kind: 'failed', cause: 'timeout' })
      }, timeoutMs)
    })
    try {
      return await Promise.race([this.#post(target, message, abort.signal), timeout])
    } finally {
      clearTimeout(timer)
      abort.abort()
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(agent => agent.destroy()))
    this.#agents.clear()
  }

  async #post(target: EndpointTarget, message: EventMessage, signal: AbortSignal): Promise<EventDelivery> {
    try {
      const { url, headers, body } = await this.#requests.make(target, message, this.#options.clock.now())
      const answer = await request(url, {
        method: 'POST',
        headers,
        body,
        signal,
        dispatcher: this.#agent(target.reach),
      })
      // The status has said it all; what follows is read away for the connection's sake, up to the cap.
      await answer.body.dump({ limit: ANSWER_BYTES_MAX, signal }).catch(() => undefined)
      return deliveryOf(answer.statusCode)
    } catch (error) {
      return { kind: 'failed', cause: causeOf(error) }
    }
  }

  #agent(reach: Reach): Dispatcher {
    const known = this.#agents.get(reach)
    if (known !== undefined) return known
    const { resolver, ca, timeoutMs = TIMEOUT_MS } = this.#options
    const agent = new Agent({
      connections: CONNECTIONS_PER_ORIGIN,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: 16_384,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 10_000,
      connect: {
        timeout: Math.min(5_000, timeoutMs),
        lookup: guardedLookup(reach, resolver),
        ...(ca === undefined ? {} : { ca }),
      },
    })
    this.#agents.set(reach, agent)
    return agent
  }
}
