import type { EventMessage } from '../../ports/event-sender.ts'
import { assertHost, type Reach } from './address-guard.ts'
import { WebhookSigner } from './sign.ts'

/** Where an endpoint is, and how it knows that an event is ours. */
export interface EndpointTarget {
  readonly url: string
  /** One, or two while a secret is being replaced. */
  readonly secrets: readonly string[]
  readonly reach: Reach
}

export interface SignedRequest {
  readonly url: URL
  readonly headers: Record<string, string>
  readonly body: Uint8Array<ArrayBuffer>
}

/** Nothing is sent in the clear over the public internet. */
class NotHttps extends Error {
  readonly code = 'not_https'
}

/** Makes the POST that brings an event to its endpoint, however it is sent. */
export class RequestMaker {
  /** By target, so that a new configuration brings new signers and forgets the old. */
  readonly #signers = new WeakMap<EndpointTarget, WebhookSigner>()

  /** Rejects with an error whose `code` says why when the endpoint may not be written to. */
  async make(target: EndpointTarget, message: EventMessage, now: number): Promise<SignedRequest> {
    const url = new URL(target.url)
    if (url.protocol !== 'https:' && target.reach === 'public') throw new NotHttps()
    assertHost(url, target.reach)
    const body = new TextEncoder().encode(message.body)
    const signed = await this.#signer(target).headers(message.id, body, now)
    const headers = { 'content-type': 'application/json', 'user-agent': 'fundroute-webhooks/1', ...signed }
    return { url, headers, body }
  }

  #signer(target: EndpointTarget): WebhookSigner {
    const known = this.#signers.get(target)
    if (known !== undefined) return known
    const signer = new WebhookSigner(target.secrets)
    this.#signers.set(target, signer)
    return signer
  }
}
