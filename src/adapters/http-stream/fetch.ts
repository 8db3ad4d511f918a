import type { HttpFailure } from '../../ports/http-client.ts'
import type { ByteStream, HttpStreamer, StreamAnswer, StreamRequest } from '../../ports/http-stream.ts'

/**
 * Streams through the runtime's `fetch`, for Workers. The body is the runtime's own stream, which it passes on without
 * waking us. Nothing there tells whether a byte has left: every failure is `unknown`.
 */
export class FetchStreamer implements HttpStreamer {
  readonly #fetch: typeof fetch

  constructor(own: typeof fetch = fetch) {
    // Unbound: Workers refuse a fetch that is called as a method of something else.
    this.#fetch = (input, init) => own(input, init)
  }

  async stream(request: StreamRequest): Promise<StreamAnswer | HttpFailure> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), request.timeoutMs)
    try {
      const response = await this.#fetch(request.url, {
        method: request.method,
        headers: { ...request.headers },
        redirect: 'manual',
        signal: abort.signal,
        ...(request.body === undefined ? {} : { body: request.body as RequestInit['body'], duplex: 'half' }),
      } as RequestInit)
      const body = response.body as ByteStream | null
      return {
        kind: 'answer',
        status: response.status,
        headers: Object.fromEntries(response.headers),
        ...(body === null ? {} : { body }),
      }
    } catch {
      return { kind: 'unknown', cause: abort.signal.aborted ? 'timeout' : 'connection' }
    } finally {
      clearTimeout(timer)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
