import type { HttpFailure } from './http-client.ts'

/** A web `ReadableStream` of bytes. The rooms without I/O only hand it on. */
export type ByteStream = AsyncIterable<Uint8Array>

/** One exchange whose bodies flow through as they come. Redirects are never followed, and nothing is sent twice. */
export interface StreamRequest {
  readonly method: string
  /** Absolute, http or https. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | ByteStream
  /** How long the upstream may take, from the last byte of the request, until its answer begins. */
  readonly timeoutMs: number
}

export interface StreamAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** Lower-case names; repeated fields as a list, or joined with a comma. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Absent where the answer can have none. Breaks off with an error when the upstream does. */
  readonly body?: ByteStream
}

/** How long a body may stand still before it is broken off, ms. */
export const BODY_IDLE_MS = 60_000

export interface HttpStreamer {
  /** Settles when the answer begins. Never rejects. */
  stream(request: StreamRequest): Promise<StreamAnswer | HttpFailure>
  /** Lets exchanges in flight end, then closes the connections. */
  close(): Promise<void>
}
