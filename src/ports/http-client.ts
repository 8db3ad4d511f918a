/** One HTTP exchange. Redirects are never followed, and nothing is ever sent twice. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute, http or https. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The promise settles by then, whatever the network does. */
  readonly timeoutMs: number
  /** Called at most once, when the answer comes after the promise has settled with `timeout`. Must not throw. */
  readonly onLate?: (answer: HttpAnswer) => void
}

export interface HttpAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** Lower-case names; repeated fields are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** At most `BODY_BYTES_MAX`; a longer one is a failure. */
  readonly body: Uint8Array
}

/**
 * Why there is no answer. `not_sent` is proof that not one byte of the request left this process; `unknown` is
 * everything else. A client that cannot prove it, such as `fetch`, always says `unknown`.
 */
export type HttpFailure =
  | { readonly kind: 'not_sent'; readonly cause: string }
  | { readonly kind: 'unknown'; readonly cause: 'timeout' | 'connection' | 'unreadable' }

export type HttpResult = HttpAnswer | HttpFailure

/** Largest body that is read from an upstream. */
export const BODY_BYTES_MAX = 262_144

export interface HttpClient {
  /** Never rejects. Not linked to any client's connection: a disconnect must not abort a money call. */
  request(request: HttpRequest): Promise<HttpResult>
  /** Lets exchanges in flight end, then closes the connections. */
  close(): Promise<void>
}
