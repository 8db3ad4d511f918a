import type { Clock } from '../../ports/clock.ts'
import type { EventDelivery, EventMessage, EventSender } from '../../ports/event-sender.ts'
import { causeOf, deliveryOf } from './answers.ts'
import { type EndpointTarget, RequestMaker } from './signed-request.ts'

export interface FetchSenderOptions {
  readonly clock: Clock
  readonly targets: () => ReadonlyMap<string, EndpointTarget>
}

const TIMEOUT_MS = 15_000

/**
 * Sends events through the runtime's `fetch`, for Workers. Addresses in a URL are checked as everywhere; what a name
 * leads to is not to be seen there, and the network of Workers leads to the public internet alone.
 */
export class FetchSender implements EventSender {
  readonly #options: FetchSenderOptions
  readonly #requests = new RequestMaker()

  constructor(options: FetchSenderOptions) {
    this.#options = options
  }

  async send(message: EventMessage): Promise<EventDelivery> {
    const target = this.#options.targets().get(message.endpoint)
    if (target === undefined) return { kind: 'failed', cause: 'endpoint_removed' }
    try {
      const { url, headers, body } = await this.#requests.make(target, message, this.#options.clock.now())
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await answer.body?.cancel().catch(() => undefined)
      return deliveryOf(answer.status)
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError'
      return { kind: 'failed', cause: timedOut ? 'timeout' : causeOf(error) }
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
