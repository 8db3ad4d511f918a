import { importKey, secretBytes, signedBytes, type SigningKey } from './signing-key.ts'

/**
 * Signs events after Standard Webhooks (github.com/standard-webhooks): HMAC-SHA256 over `id.timestamp.body`. While a
 * secret is being replaced there are two, and every event carries both signatures, so that the receiver can change
 * over at any moment.
 */
export class WebhookSigner {
  readonly #secrets: readonly Uint8Array<ArrayBuffer>[]
  #keys: readonly SigningKey[] | undefined

  /** @throws TypeError for a secret that is not base64 of at least 24 bytes; without repeating it */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.map(secretBytes)
  }

  /** The three headers of a message. `now` is Unix ms: the time of this try, not of the event. */
  async headers(id: string, body: Uint8Array, now: number): Promise<Record<string, string>> {
    // Keys are imported at first use: Workers have no crypto at module scope.
    this.#keys ??= await Promise.all(this.#secrets.map(secret => importKey(secret, 'sign')))
    const timestamp = String(Math.floor(now / 1000))
    const signed = signedBytes(id, timestamp, body)
    const signatures = await Promise.all(
      this.#keys.map(async key => `v1,${base64(await crypto.subtle.sign('HMAC', key, signed))}`),
    )
    return {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    }
  }
}

function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
}
