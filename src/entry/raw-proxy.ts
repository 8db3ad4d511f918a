import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Flow, IncomingHeaders, PassageSink } from '../adapters/http-stream/passage.ts'
import { UndiciStreamer } from '../adapters/http-stream/undici.ts'
import type { KeyRing } from '../http/auth.ts'
import { Problem, problemParts } from '../http/problem.ts'
import { admit, type Checkout, type Checkouts, leavesItsPath, locate } from '../http/proxy-checkout.ts'
import { problemOf } from '../http/proxy-failure.ts'
import { requestHeaders, responseHeaders } from '../http/proxy-headers.ts'
import type { HttpFailure } from '../ports/http-client.ts'

export interface RawProxyOptions {
  readonly checkouts: () => Checkouts
  readonly keys: () => KeyRing
  readonly inFlightMax: () => number
  readonly newRequestId: () => string
}

/** Takes a request, or leaves it to the application by saying false. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/** Bodies up to this size are sent in one piece, which costs least. */
const ONE_PIECE_BYTES_MAX = 65_536
const HEADERS_MAX = 64

/**
 * The short way for checkouts that are passed through: from the socket to the upstream without the layers that the API
 * needs. It takes what is in order; everything else goes on to the application, which knows the words for refusing.
 */
export function rawProxy(options: RawProxyOptions): RawHandler {
  let inFlight = 0
  return (request, response) => {
    const plan = planOf(options, request)
    if (plan === undefined || inFlight >= options.inFlightMax()) return false
    inFlight++
    const sink = new ResponseSink(plan, response)
    response.once('close', () => {
      inFlight--
      sink.clientLeft(request.method ?? 'GET')
    })
    if (plan.length === 0) pass(plan, request, sink, null)
    else if (plan.length > ONE_PIECE_BYTES_MAX) pass(plan, request, sink, request)
    else collect(request, plan.length, body => pass(plan, request, sink, body))
    return true
  }
}

interface Plan {
  readonly checkout: Checkout
  readonly streamer: UndiciStreamer
  readonly path: string
  readonly headers: Record<string, string>
  /** Of the body, in bytes. */
  readonly length: number
  readonly requestId: string
}

function planOf(options: RawProxyOptions, request: IncomingMessage): Plan | undefined {
  const located = locate(options.checkouts(), request.url ?? '')
  if (located === undefined || located.checkout.reading !== undefined) return undefined
  const { checkout, target } = located
  const [route] = checkout.routes
  const { headers } = request
  if (!(route.streamer instanceof UndiciStreamer) || leavesItsPath(target)) return undefined
  if (headers.upgrade !== undefined || headers['transfer-encoding'] !== undefined) return undefined
  const length = Number(headers['content-length'] ?? 0)
  if (length > checkout.bodyBytesMax || !areOrdinary(request)) return undefined
  try {
    const passed = requestHeaders(headers, checkout)
    admit(checkout, options.keys().authenticate(headers.authorization))
    if (length > 0) passed['content-length'] = String(length)
    if (route.token !== undefined) passed.authorization = `Bearer ${route.token}`
    return {
      checkout,
      streamer: route.streamer,
      path: `${route.baseUrl.slice(route.streamer.origin.length)}${target}`,
      headers: passed,
      length,
      requestId: requestIdIn(passed) ?? options.newRequestId(),
    }
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

function requestIdIn({ 'x-request-id': given }: Readonly<Record<string, string>>): string | undefined {
  return given !== undefined && /^[\w.-]{8,64}$/.test(given) ? given : undefined
}

/** Not too many, and none twice: what Node makes of repeated ones depends on their names. */
function areOrdinary({ headers, rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length <= 2 * HEADERS_MAX && 2 * Object.keys(headers).length === rawHeaders.length
}

/** Reads a body of known length. One that breaks off is never sent: there is nobody to answer either. */
function collect(request: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.once('end', () => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    if (body.length === length) done(body)
  })
}

function pass(
  { streamer, path, headers, checkout }: Plan,
  request: IncomingMessage,
  sink: ResponseSink,
  body: Buffer | IncomingMessage | null,
): void {
  const { timeoutMs } = checkout.routes[0]
  const method = request.method ?? 'GET'
  sink.abort = streamer.passage.send({ method, path, headers, body, timeoutMs }, sink)
}

class ResponseSink implements PassageSink {
  readonly #plan: Plan
  readonly #response: ServerResponse
  #flow: Flow | undefined
  #gone = false
  /** What the whole body is long, where the upstream says so. */
  #length = ''
  abort: () => void = () => undefined

  constructor(plan: Plan, response: ServerResponse) {
    this.#plan = plan
    this.#response = response
  }

  begin(status: number, headers: IncomingHeaders, flow: Flow): void {
    this.#flow = flow
    if (this.#gone) return
    const { checkout, requestId } = this.#plan
    const told = responseHeaders(headers, checkout, checkout.routes[0].id)
    told['x-request-id'] = requestId
    this.#length = told['content-length'] ?? ''
    this.#response.writeHead(status, told)
  }

  data(chunk: Buffer): void {
    if (this.#gone) return
    // One piece, as most answers: head and body leave together.
    if (String(chunk.length) === this.#length) this.#response.end(chunk)
    else if (!this.#response.write(chunk)) this.#holdBack()
  }

  end(): void {
    if (!this.#gone && !this.#response.writableEnded) this.#response.end()
  }

  fail(failure: HttpFailure): void {
    if (this.#gone || this.#response.writableEnded) return
    if (this.#response.headersSent) {
      // The rest is missing, and a length or the last chunk with it: the client must be able to tell.
      this.#response.destroy()
      return
    }
    const problem = problemOf(failure)
    const { status, headers, body } = problemParts(problem.code, problem.details)
    const { checkout, requestId } = this.#plan
    this.#response.writeHead(status, {
      ...headers,
      'content-length': Buffer.byteLength(body),
      'fundroute-route': checkout.routes[0].id,
      'x-request-id': requestId,
    })
    this.#response.end(body)
  }

  /** The connection of the client is free again, or gone. */
  clientLeft(method: string): void {
    if (this.#response.writableFinished) return
    // A call that may move money runs to its end; what it answers is let go.
    if (method === 'GET' || method === 'HEAD') {
      this.abort()
      return
    }
    this.#gone = true
    this.#flow?.resume()
  }

  #holdBack(): void {
    const flow = this.#flow
    flow?.pause()
    this.#response.once('drain', () => flow?.resume())
  }
}
