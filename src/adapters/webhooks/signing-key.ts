export type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const KEY_BYTES_MIN = 24

/**
 * The bytes of a webhook secret: base64, with or without `whsec_` before it, at least 24 bytes.
 * Throws a `TypeError` for a secret that is not; without repeating it.
 */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = base64Bytes(secret.startsWith('whsec_') ? secret.slice(6) : secret)
  if (bytes === undefined || bytes.length < KEY_BYTES_MIN) {
    throw new TypeError(`a webhook secret is base64 of at least ${KEY_BYTES_MIN} bytes, after "whsec_"`)
  }
  return bytes
}

export function importKey(secret: Uint8Array<ArrayBuffer>, use: 'sign' | 'verify'): Promise<SigningKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

/** What Standard Webhooks signs: `id.timestamp.body`. */
export function signedBytes(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`)
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

/** Undefined for what is not base64. */
export function base64Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  // `atob` alone would take blanks, and so a sentence, for base64.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text), character => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
