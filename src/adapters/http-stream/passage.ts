import type { Readable } from 'node:stream'
import type { Dispatcher, Pool } from 'undici'
import type { HttpFailure } from '../../ports/http-client.ts'
import { BODY_IDLE_MS } from '../../ports/http-stream.ts'
import { causeOf, closePool, codeOf, openPool } from '../http-client/undici.ts'

export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Where an answer goes as it comes. `fail` ends it: before `begin` nothing was answered, after it the rest is missing. */
export interface PassageSink {
  begin(status: number, headers: IncomingHeaders, flow: Flow): void
  data(chunk: Buffer): void
  end(): void
  fail(failure: HttpFailure): void
}

/** Holds the answer of the upstream back while nobody takes it. */
export interface Flow {
  pause(): void
  resume(): void
}

export interface PassageRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | Readable | AsyncIterable<Uint8Array> | null
  readonly timeoutMs: number
}

export interface PassageOptions {
  /** Scheme, host and port. */
  readonly origin: string
  readonly connectionsMax: number
}

/** The connections to one upstream through which requests and answers flow without being held in memory. */
export class Passage {
  readonly #pool: Pool
  readonly #openMax: number
  #open = 0

  constructor({ origin, connectionsMax }: PassageOptions) {
    this.#pool = openPool(origin, { connectionsMax })
    this.#openMax = 2 * connectionsMax
  }

  /** Starts an exchange. The returned function breaks it off. */
  send(request: PassageRequest, sink: PassageSink): () => void {
    if (this.#open >= this.#openMax) {
      sink.fail({ kind: 'not_sent', cause: 'too_many_requests_open' })
      return () => undefined
    }
    this.#open++
    const exchange = new Exchange(request.timeoutMs, sink, () => this.#open--)
    this.#pool.dispatch(
      {
        path: request.path,
        method: request.method,
        headers: request.headers,
        body: request.body as Readable | null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    )
    return () => exchange.abort()
  }

  close(): Promise<void> {
    return closePool(this.#pool)
  }
}

const BROKEN_OFF = new Error('the exchange was broken off')

class Exchange implements Dispatcher.DispatchHandler {
  readonly #timeoutMs: number
  readonly #sink: PassageSink
  readonly #onClosed: () => void
  #controller: Dispatcher.DispatchController | undefined
  #timer: ReturnType<typeof setTimeout>
  #began = false
  /** Whether something of the answer has come since the timer was set. */
  #moved = false
  #settled = false

  constructor(timeoutMs: number, sink: PassageSink, onClosed: () => void) {
    this.#timeoutMs = timeoutMs
    this.#sink = sink
    this.#onClosed = onClosed
    this.#timer = setTimeout(() => this.#expire(), timeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown here, undici drops the request without writing and keeps the connection for the next.
    if (this.#settled) throw BROKEN_OFF
    this.#controller = controller
  }

  /** The upstream's time runs from the last byte that it was sent. */
  onBodySent(): void {
    this.#timer.refresh()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHeaders): void {
    if (status < 200 || this.#settled) return
    this.#began = true
    this.#moved = true
    this.#sink.begin(status, headers, controller)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#moved = true
    this.#sink.data(chunk)
  }

  onResponseEnd(): void {
    this.#close()
    if (this.#settled) return
    this.#settled = true
    this.#sink.end()
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    this.#close()
    const code = codeOf(error)
    if (this.#controller === undefined) this.#fail({ kind: 'not_sent', cause: code })
    else this.#fail({ kind: 'unknown', cause: this.#began ? 'connection' : causeOf(code) })
  }

  abort(): void {
    this.#settled = true
    this.#controller?.abort(BROKEN_OFF)
  }

  #expire(): void {
    if (this.#moved) {
      // Most answers are over long before: to set another timer for each chunk would cost more than this.
      this.#moved = false
      this.#timer = setTimeout(() => this.#expire(), Math.max(BODY_IDLE_MS, this.#timeoutMs))
      return
    }
    const controller = this.#controller
    if (controller === undefined) this.#fail({ kind: 'not_sent', cause: 'no_connection_in_time' })
    else this.#fail({ kind: 'unknown', cause: 'timeout' })
    controller?.abort(BROKEN_OFF)
  }

  #fail(failure: HttpFailure): void {
    if (this.#settled) return
    this.#settled = true
    this.#sink.fail(failure)
  }

  #close(): void {
    clearTimeout(this.#timer)
    this.#onClosed()
  }
}
