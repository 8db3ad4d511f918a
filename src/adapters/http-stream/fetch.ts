import type { HttpFailure } from '../../ports/http-client.ts'
import type { ByteStream, HttpStreamer, StreamAnswer, StreamRequest } from '../../ports/http-stream.ts'

/** How long an answer may flow altogether, ms. */
const ANSWER_MS_MAX = 600_000

/**
 * Streams through the runtime's `fetch`, for Workers. The body of the answer is the runtime's own stream, which it passes
 * on without waking us, compressed as it came; so it cannot be watched for standing still, and is limited as a whole.
 * Nothing there tells whether a byte has left: every failure is `unknown`.
 */
export class FetchStreamer implements HttpStreamer {
  readonly #fetch: typeof fetch

  constructor(own: typeof fetch = fetch) {
    // Unbound: Workers refuse a fetch that is called as a method of something else.
    this.#fetch = (input, init) => own(input, init)
  }

  async stream({
    method,
    url,
    headers,
    body,
    timeoutMs,
  }: StreamRequest): Promise<StreamAnswer | HttpFailure> {
    const patience = new Patience(timeoutMs)
    const sent = body === undefined ? {} : { body: patience.heed(body), duplex: 'half' }
    try {
      const response = await this.#fetch(url, {
        method,
        headers: { ...headers },
        redirect: 'manual',
        signal: patience.signal,
        ...sent,
      } as RequestInit)
      patience.answered()
      const answer = response.body as ByteStream | null
      return {
        kind: 'answer',
        status: response.status,
        headers: Object.fromEntries(response.headers),
        ...(answer === null ? {} : { body: answer }),
      }
    } catch {
      const cause = patience.signal.aborted ? 'timeout' : 'connection'
      patience.end()
      return { kind: 'unknown', cause }
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Breaks an exchange off when its time has passed. */
class Patience {
  readonly #abort = new AbortController()
  readonly #timeoutMs: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAnswered = false

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#wait(timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  answered(): void {
    this.#isAnswered = true
    this.#wait(ANSWER_MS_MAX)
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  /** The upstream's time runs from the last byte that it was sent. */
  heed(body: Uint8Array | ByteStream): Uint8Array | ByteStream {
    if (body instanceof Uint8Array) return body
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        if (!this.#isAnswered) this.#wait(this.#timeoutMs)
        controller.enqueue(chunk)
      },
    })
    return (body as ReadableStream<Uint8Array>).pipeThrough(watch)
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#abort.abort(), ms)
  }
}
