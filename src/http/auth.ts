import { hash } from 'node:crypto'

export type Scope =
  | 'quote'
  | 'decide'
  | 'outcome'
  | 'pay'
  | 'refund'
  | 'read'
  | 'creditReasons'
  | 'explain'
  | 'credit'

/** Who calls: the tenant comes from the credential alone, never from the request. */
export interface Caller {
  readonly tenant: string
  readonly keyId: string
  readonly scopes: ReadonlySet<Scope>
}

export interface ApiKey extends Caller {
  readonly secret: string
}

/**
 * The known keys by the SHA-256 digest of their secret. The secrets are random and at least 32 characters, so a
 * fast hash is right, and looking up a digest takes the same time for known and unknown ones.
 */
export class KeyRing {
  readonly #callers = new Map<string, Caller>()
  /** Headers that have been let in: most requests come with one of few. No other is ever in here. */
  readonly #admitted = new Map<string, Caller>()

  constructor(keys: Iterable<ApiKey>) {
    for (const { secret, tenant, keyId, scopes } of keys) {
      this.#callers.set(digest(secret), { tenant, keyId, scopes })
    }
  }

  /** The caller of an Authorization header, or undefined. Duplicated headers arrive joined and so match nothing. */
  authenticate(header: string | undefined): Caller | undefined {
    if (header === undefined || header.length > 520 || !header.startsWith('Bearer ')) return undefined
    const admitted = this.#admitted.get(header)
    if (admitted !== undefined) return admitted
    const caller = this.#callers.get(digest(header.slice(7)))
    if (caller !== undefined) this.#admitted.set(header, caller)
    return caller
  }
}

/** People who act by name on the operators' listener, by the digest of their own tokens. */
export class OperatorRing {
  readonly #names = new Map<string, string>()

  constructor(operators: Iterable<{ readonly id: string; readonly token: string }>) {
    for (const { id, token } of operators) this.#names.set(digest(token), id)
  }

  /** Whose token an Authorization header shows. */
  nameOf(header: string | undefined): string | undefined {
    return header?.startsWith('Bearer ') ? this.#names.get(digest(header.slice(7))) : undefined
  }
}

function digest(secret: string): string {
  return hash('sha256', secret, 'base64')
}
