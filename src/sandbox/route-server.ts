import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { capture, queryRefund, refund } from './after-payment.ts'
import type { CreditBook } from './credit-book.ts'
import { type Dials, draw } from './dials.ts'
import {
  answer,
  bodyBytesMax,
  cancelRequestSchema,
  CREDIT_ROUTE,
  firstIssue,
  parseJson,
  problem,
  silence,
} from './protocol.ts'
import type { Reply, SandboxRoute } from './protocol.ts'
import { redirectPage } from './redirect-page.ts'
import type { Timers } from './timers.ts'
import type { Upstream } from './upstream.ts'

export interface RequestCounts {
  pay: number
  query: number
  cancel: number
  capture: number
  refund: number
  queryRefund: number
  eligibility: number
  other: number
}

export interface RouteServerParts {
  readonly route: SandboxRoute
  readonly upstream: Upstream
  readonly credit: CreditBook
  readonly timers: Timers
  readonly dials: () => Dials
  /** The bearer token that callers must show; without one it is not looked at. */
  readonly token: string | undefined
  readonly host: string
}

const noCounts: RequestCounts = {
  pay: 0,
  query: 0,
  cancel: 0,
  capture: 0,
  refund: 0,
  queryRefund: 0,
  eligibility: 0,
  other: 0,
}

/** One upstream on its own listener. node:http without a framework: it has to outrun what is measured against it. */
export class RouteServer {
  readonly #parts: RouteServerParts
  readonly #server: Server
  #port = 0
  counts: RequestCounts = { ...noCounts }

  constructor(parts: RouteServerParts) {
    this.#parts = parts
    this.#server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 60_000 }, (request, response) => {
      readBody(request, raw => this.#serve(request, raw, response))
    })
  }

  get baseUrl(): string {
    return `http://${this.#parts.host}:${this.#port}`
  }

  /** Port 0 takes a free one, kept over `close()` and a later `listen()`. */
  async listen(port = this.#port): Promise<void> {
    if (this.#server.listening) return
    this.#server.listen(port, this.#parts.host)
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections at once; new ones are refused. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  clearCounts(): void {
    this.counts = { ...noCounts }
  }

  #serve(request: IncomingMessage, raw: string | undefined, response: ServerResponse): void {
    const reply =
      raw === undefined ? problem(413, 'too_large', 'Body over 64 KiB.') : this.#reply(request, raw)
    const { latencyMs, latencyJitterMs, seed } = this.#parts.dials()
    const jitterMs =
      latencyJitterMs === 0 ? 0 : latencyJitterMs * draw(seed, `${request.url}${raw}`, 'latency')
    const delayMs = reply.delayMs + latencyMs + jitterMs
    if (delayMs === 0) this.#send(reply, response)
    else this.#parts.timers.after(delayMs, () => this.#send(reply, response))
  }

  #reply(request: IncomingMessage, raw: string): Reply {
    const { method = 'GET', url = '/', headers } = request
    const [path = '/', search = ''] = url.split('?', 2)
    const [, root, reference = '', verb, last] = path.split('/')
    if (root === 'redirect') return redirectPage(this.#parts.upstream, method, reference, raw)
    const { token, dials } = this.#parts
    this.#count(method, root, verb, last)
    const { outage } = dials()
    if (outage === 'blackhole') return silence
    if (outage === 'error') return problem(503, 'unavailable', 'Not processed.')
    if (token !== undefined && headers.authorization !== `Bearer ${token}`) {
      return problem(401, 'unauthorized', 'The bearer token is missing or wrong.')
    }
    if (root === 'payments') return this.#payments(method, raw, headers, reference, verb, last)
    if (root === 'eligibility' && this.#parts.route === CREDIT_ROUTE) return this.#eligibility(search)
    if (root === 'health') return answer({ status: 'ok', route: this.#parts.route })
    return problem(404, 'no_such_path', 'See docs/sandbox.md for the paths of an upstream.')
  }

  #payments(
    method: string,
    raw: string,
    headers: IncomingMessage['headers'],
    reference: string,
    verb: string | undefined,
    last: string | undefined,
  ): Reply {
    const { upstream, timers, dials } = this.#parts
    if (method === 'POST' && reference === '') {
      const key = headers['idempotency-key']
      return upstream.pay(raw, typeof key === 'string' ? key : undefined)
    }
    if (method === 'GET' && verb === undefined) return upstream.query(reference)
    if (method === 'GET' && verb === 'refunds' && last !== undefined)
      return queryRefund(upstream, reference, last)
    if (method !== 'POST') return problem(405, 'method_not_allowed', 'GET or POST.')
    if (verb === 'capture') return capture(upstream, reference, raw)
    if (verb === 'refunds') return refund(upstream, timers, dials().settleMs, reference, raw)
    if (verb !== 'cancel') return problem(404, 'no_such_path', 'cancel, capture or refunds.')
    const request = cancelRequestSchema.safeParse(parseJson(raw))
    if (!request.success) return problem(400, 'invalid_request', firstIssue(request.error))
    return upstream.cancel(reference, request.data.verb)
  }

  #eligibility(search: string): Reply {
    const payer = new URLSearchParams(search).get('payer')
    if (payer === null) return problem(400, 'invalid_request', 'Query parameter payer is missing.')
    const { credit, dials } = this.#parts
    switch (credit.trouble(payer)) {
      case 'unknown':
        return problem(404, 'unknown_payer', 'No such payer.')
      case 'down':
        return problem(503, 'unavailable', 'The eligibility service is down for this payer.')
      case 'hang':
        return silence
      case 'garbage':
        return { ...answer({}), body: '{"activated":' }
      case 'slow':
        return { ...answer(credit.facts(payer)), delayMs: dials().slowMs }
      case undefined:
        return answer(credit.facts(payer))
    }
  }

  #count(method: string, root: string | undefined, verb: string | undefined, last: string | undefined): void {
    const { counts } = this
    if (root === 'eligibility') counts.eligibility += 1
    else if (root !== 'payments') counts.other += 1
    else if (method === 'POST' && verb === undefined) counts.pay += 1
    else if (method === 'GET' && verb === undefined) counts.query += 1
    else if (verb === 'refunds') counts[last === undefined ? 'refund' : 'queryRefund'] += 1
    else if (verb === 'cancel' || verb === 'capture') counts[verb] += 1
    else counts.other += 1
  }

  #send(reply: Reply, response: ServerResponse): void {
    const { socket } = response
    if (socket === null || socket.destroyed) return
    const length = Buffer.byteLength(reply.body)
    switch (reply.fate) {
      case 'reset':
        socket.resetAndDestroy()
        return
      case 'hang': {
        const cancel = this.#parts.timers.after(this.#parts.dials().hangMs, () => socket.destroy())
        socket.once('close', cancel)
        return
      }
      case 'truncate':
        response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': length })
        response.write(reply.body.slice(0, Math.floor(length / 2)), () => socket.destroy())
        return
      case 'answer':
        response.writeHead(reply.status, {
          'content-type': 'application/json',
          'content-length': length,
          ...reply.headers,
        })
        response.end(reply.body)
    }
  }
}

/** Hands over the body, or undefined when it is too large. Not a promise: this is the hot path. */
function readBody(request: IncomingMessage, done: (raw: string | undefined) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    // Beyond the limit it is read to its end, so that the answer arrives, but not kept.
    if (bytes <= bodyBytesMax) chunks.push(chunk)
  })
  request.on('end', () => done(bytes > bodyBytesMax ? undefined : Buffer.concat(chunks).toString()))
}
