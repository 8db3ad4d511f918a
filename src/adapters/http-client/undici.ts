import { type Dispatcher, Pool } from 'undici'
import { atEndOfTurn } from '../system/turn.ts'
import {
  BODY_BYTES_MAX,
  type HttpAnswer,
  type HttpClient,
  type HttpFailure,
  type HttpRequest,
  type HttpResult,
} from '../../ports/http-client.ts'

export interface UndiciClientOptions {
  /** Connections to one origin. One request at a time on each, so that none waits behind a slow one. */
  readonly connectionsMax?: number
  /** Requests that may wait for a connection of one origin; more are refused unsent. */
  readonly queuedMax?: number
  /** How long after the deadline an answer is still listened for when somebody wants it. */
  readonly lateMs?: number
  readonly connectTimeoutMs?: number
  /** Certificates of a private authority, PEM. */
  readonly ca?: string
}

/** Origins come from the configuration; more than this is a mistake in it. */
const ORIGINS_MAX = 256
/** How long `close` waits for exchanges in flight before it cuts them off. */
const CLOSE_MS = 10_000

/**
 * HTTP/1.1 through pooled connections of undici, by its dispatch interface: a quarter of the CPU of `fetch`, and
 * it tells when a request is about to be written, which is the proof that `not_sent` needs.
 */
export class UndiciClient implements HttpClient {
  readonly #options: Required<Omit<UndiciClientOptions, 'ca'>> & { readonly ca: string | undefined }
  readonly #origins = new Map<string, Origin>()

  constructor(options: UndiciClientOptions = {}) {
    this.#options = {
      connectionsMax: options.connectionsMax ?? 128,
      queuedMax: options.queuedMax ?? 128,
      lateMs: options.lateMs ?? 5_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 1_000,
      ca: options.ca,
    }
  }

  request(request: HttpRequest): Promise<HttpResult> {
    const slash = request.url.indexOf('/', 8)
    const end = slash < 0 ? request.url.length : slash
    const origin = this.#origin(request.url.slice(0, end))
    if (origin === undefined) return Promise.resolve({ kind: 'not_sent', cause: 'bad_url' })
    const { connectionsMax, queuedMax, lateMs } = this.#options
    if (origin.busy >= connectionsMax + queuedMax) {
      return Promise.resolve({ kind: 'not_sent', cause: 'too_many_requests_open' })
    }
    return new Promise(resolve => {
      const exchange = new Exchange(origin, request, lateMs, resolve)
      const options: Dispatcher.DispatchOptions = {
        path: slash < 0 ? '/' : request.url.slice(slash),
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        // A backstop only: undici's timers are too coarse for deadlines of payments.
        headersTimeout: request.timeoutMs + lateMs + 1_000,
        bodyTimeout: request.timeoutMs + lateMs + 1_000,
      }
      origin.pool.dispatch(options, exchange)
    })
  }

  async close(): Promise<void> {
    const pools = [...this.#origins.values()].map(origin => origin.pool)
    this.#origins.clear()
    await Promise.all(pools.map(closePool))
  }

  #origin(name: string): Origin | undefined {
    const known = this.#origins.get(name)
    if (known !== undefined) return known
    if (!/^https?:\/\/[^/?#@\\]+$/.test(name) || !URL.canParse(name)) return undefined
    if (this.#origins.size >= ORIGINS_MAX) return undefined
    const { connectionsMax, connectTimeoutMs, ca } = this.#options
    const limits = { connectionsMax, connectTimeoutMs, maxResponseSize: BODY_BYTES_MAX }
    const pool = openPool(name, ca === undefined ? limits : { ...limits, ca })
    const origin: Origin = { pool, busy: 0 }
    this.#origins.set(name, origin)
    return origin
  }
}

export interface PoolLimits {
  readonly connectionsMax: number
  readonly connectTimeoutMs?: number
  /** Without a limit where answers are streamed. */
  readonly maxResponseSize?: number
  readonly ca?: string
}

/** Connections to one upstream: HTTP/1.1, one request at a time on each. */
export function openPool(origin: string, limits: PoolLimits): Pool {
  const { connectionsMax, connectTimeoutMs = 1_000, maxResponseSize = -1, ca } = limits
  return new Pool(origin, {
    connections: connectionsMax,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: connectTimeoutMs, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
    // Shorter than servers keep idle connections, so that a charge seldom meets one that is being closed.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 10_000,
    maxResponseSize,
    maxHeaderSize: 16_384,
  })
}

interface Origin {
  readonly pool: Pool
  /** Exchanges that hold a connection or wait for one. */
  busy: number
}

/** Lets exchanges in flight end, then cuts off what is left. */
export async function closePool(pool: Pool): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, CLOSE_MS)
  await Promise.race([pool.close(), late])
  clearTimeout(timer)
  if (!pool.destroyed) await pool.destroy()
}

const EXPIRED = new Error('the deadline passed before the request was sent')
const NO_LONGER_WANTED = new Error('nobody waits for this answer any more')

/** One request on its way through undici, from the queue to the last byte of the answer. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #origin: Origin
  readonly #request: HttpRequest
  readonly #lateMs: number
  readonly #startedAt: number
  #resolve: ((result: HttpResult) => void) | undefined
  #timer: ReturnType<typeof setTimeout>
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: Record<string, string> = {}
  readonly #chunks: Buffer[] = []

  constructor(origin: Origin, request: HttpRequest, lateMs: number, resolve: (result: HttpResult) => void) {
    this.#origin = origin
    this.#request = request
    this.#lateMs = lateMs
    this.#resolve = resolve
    origin.busy++
    this.#startedAt = performance.now()
    this.#timer = setTimeout(() => this.#atHalfTime(), request.timeoutMs / 2)
  }

  /** Called by undici right before the first byte is written, and not at all when there is no connection. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown here, undici drops the request without writing and keeps the connection for the next.
    if (this.#resolve === undefined) throw EXPIRED
    this.#controller = controller
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHeaders): void {
    this.#status = status
    this.#headers = flat(headers)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#end({ kind: 'answer', status: this.#status, headers: this.#headers, body })
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#controller === undefined) this.#end({ kind: 'not_sent', cause: codeOf(error) })
    else this.#end({ kind: 'unknown', cause: causeOf(codeOf(error)) })
  }

  /**
   * What is still queued or connecting now is given up: sent so late, it would more likely end as unknown than be
   * answered. Undici cannot take it out of its queue; onRequestStart stops it there.
   */
  #atHalfTime(): void {
    if (this.#controller === undefined) {
      this.#settle({ kind: 'not_sent', cause: 'no_connection_in_time' })
      return
    }
    const leftMs = this.#request.timeoutMs - (performance.now() - this.#startedAt)
    this.#timer = setTimeout(() => this.#atDeadline(), Math.max(0, leftMs))
  }

  #atDeadline(): void {
    this.#settle({ kind: 'unknown', cause: 'timeout' })
    if (this.#request.onLate === undefined) this.#controller?.abort(NO_LONGER_WANTED)
    else this.#timer = setTimeout(() => this.#controller?.abort(NO_LONGER_WANTED), this.#lateMs)
  }

  #end(result: HttpAnswer | HttpFailure): void {
    clearTimeout(this.#timer)
    this.#origin.busy--
    if (this.#resolve !== undefined) this.#settle(result)
    else if (result.kind === 'answer') tellLate(this.#request, result)
  }

  #settle(result: HttpResult): void {
    const resolve = this.#resolve
    this.#resolve = undefined
    if (resolve !== undefined) atEndOfTurn(() => resolve(result))
  }
}

type IncomingHeaders = Record<string, string | string[] | undefined>

function flat(headers: IncomingHeaders): Record<string, string> {
  const flattened: Record<string, string> = Object.create(null)
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) flattened[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return flattened
}

/** A word for logs: the code of the error, never its message, which may hold addresses or bytes of the answer. */
export function codeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name
}

export function causeOf(code: string): 'timeout' | 'connection' | 'unreadable' {
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'timeout'
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return 'unreadable'
    default:
      return code.startsWith('HPE_') ? 'unreadable' : 'connection'
  }
}

function tellLate(request: HttpRequest, answer: HttpAnswer): void {
  try {
    request.onLate?.(answer)
  } catch {
    // The port forbids it; a listener's mistake must not end a connection that others use.
  }
}
