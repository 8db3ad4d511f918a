import { base64Bytes, importKey, secretBytes, signedBytes, type SigningKey } from './signing-key.ts'

/** A message as it came over the wire. The body is the raw bytes: parsed and written again, it would not verify. */
export interface SignedMessage {
  readonly id: string | undefined
  /** Unix seconds, decimal. */
  readonly timestamp: string | undefined
  /** `v1,<base64>`, several separated by blanks. */
  readonly signature: string | undefined
  readonly body: Uint8Array
}

export type Verification =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly reason: 'unsigned' | 'timestamp' | 'signature' }

/** How far the sender's clock may be from ours, either way: Standard Webhooks' own figure. */
const TOLERANCE_SECONDS = 300
/** More than a sender needs while it changes its secret; bounds the work that a stranger can cause. */
const SIGNATURES_MAX = 8

/**
 * Checks signatures after Standard Webhooks (github.com/standard-webhooks): HMAC-SHA256 over `id.timestamp.body`.
 * Any of the secrets may have signed, so that one can replace another without a gap. Comparison takes the same time
 * for every wrong signature (Web Crypto's `verify`). It does not remember ids: repetitions are the caller's matter.
 */
export class WebhookVerifier {
  readonly #secrets: readonly Uint8Array<ArrayBuffer>[]
  #keys: readonly SigningKey[] | undefined

  /**
   * @param secrets base64, with or without `whsec_` before it, at least 24 bytes each
   * @throws TypeError for a secret that is not; without repeating it
   */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.map(secretBytes)
  }

  /** @param now Unix ms */
  async verify(message: SignedMessage, now: number): Promise<Verification> {
    const { id, timestamp, signature, body } = message
    if (id === undefined || timestamp === undefined || signature === undefined) return refused('unsigned')
    if (!/^[\x21-\x7e]{1,256}$/.test(id)) return refused('unsigned')
    if (!/^\d{1,12}$/.test(timestamp)) return refused('timestamp')
    if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return refused('timestamp')
    const given = signature
      .split(' ')
      .slice(0, SIGNATURES_MAX)
      .flatMap(part => (part.startsWith('v1,') ? signatureBytes(part.slice(3)) : []))
    // Keys are imported at first use: Workers have no crypto at module scope.
    this.#keys ??= await Promise.all(this.#secrets.map(secret => importKey(secret, 'verify')))
    const signed = signedBytes(id, timestamp, body)
    for (const key of this.#keys) {
      for (const bytes of given) {
        if (await crypto.subtle.verify('HMAC', key, bytes, signed)) return { ok: true, id }
      }
    }
    return refused('signature')
  }
}

function refused(reason: 'unsigned' | 'timestamp' | 'signature'): Verification {
  return { ok: false, reason }
}

function signatureBytes(text: string): Uint8Array<ArrayBuffer>[] {
  const bytes = text.length > 64 ? undefined : base64Bytes(text)
  return bytes === undefined ? [] : [bytes]
}
