import type { HttpFailure } from '../../ports/http-client.ts'
import type { HttpStreamer, StreamAnswer, StreamRequest } from '../../ports/http-stream.ts'
import { type Flow, type IncomingHeaders, Passage, type PassageSink } from './passage.ts'

/** Bytes of an answer that wait for their reader before the upstream is held back. */
const WAITING_BYTES_MAX = 65_536

/** Streams over a passage of undici to one upstream, for Node. */
export class UndiciStreamer implements HttpStreamer {
  readonly origin: string
  readonly passage: Passage

  constructor(passage: Passage, origin: string) {
    this.passage = passage
    this.origin = origin
  }

  stream(request: StreamRequest): Promise<StreamAnswer | HttpFailure> {
    if (!request.url.startsWith(`${this.origin}/`)) {
      return Promise.resolve({ kind: 'not_sent', cause: 'bad_url' })
    }
    return new Promise(resolve => {
      const sink = new WebSink(resolve, request.method === 'GET' || request.method === 'HEAD')
      const { method, headers, timeoutMs } = request
      const path = request.url.slice(this.origin.length)
      sink.abort = this.passage.send({ method, path, headers, body: request.body ?? null, timeoutMs }, sink)
    })
  }

  close(): Promise<void> {
    return this.passage.close()
  }
}

/** Turns what comes into a web stream that holds the upstream back while it is not read. */
class WebSink implements PassageSink {
  readonly #resolve: (result: StreamAnswer | HttpFailure) => void
  readonly #isSafe: boolean
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined
  #flow: Flow | undefined
  #abandoned = false
  abort: () => void = () => undefined

  constructor(resolve: (result: StreamAnswer | HttpFailure) => void, isSafe: boolean) {
    this.#resolve = resolve
    this.#isSafe = isSafe
  }

  begin(status: number, headers: IncomingHeaders, flow: Flow): void {
    const body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#stream = controller
        },
        pull: () => flow.resume(),
        cancel: () => {
          this.#abandoned = true
          // A call that may move money runs to its end; what it answers is let go.
          if (this.#isSafe) this.abort()
          else flow.resume()
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES_MAX }),
    )
    this.#flow = flow
    const known = headers as Readonly<Record<string, string | readonly string[]>>
    this.#resolve({ kind: 'answer', status, headers: known, body })
  }

  data(chunk: Buffer): void {
    if (this.#abandoned) return
    this.#stream?.enqueue(chunk)
    if ((this.#stream?.desiredSize ?? 1) <= 0) this.#flow?.pause()
  }

  end(): void {
    if (!this.#abandoned) this.#stream?.close()
  }

  fail(failure: HttpFailure): void {
    if (this.#stream === undefined) this.#resolve(failure)
    else if (!this.#abandoned) this.#stream.error(new Error('the upstream broke off its answer'))
  }
}
