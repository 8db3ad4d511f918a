import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the upstream has received it. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export type Behaviour = (request: Received, response: ServerResponse, upstream: LegacyUpstream) => void

/** An upstream with a protocol of its own, such as shops have had for years. What it has charged is the referee. */
export class LegacyUpstream {
  readonly received: Received[] = []
  /** Order ids, one for each charge. */
  readonly charged: string[] = []
  behaviour: Behaviour = pays
  readonly #server: Server
  #port = 0

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '', headers, rawHeaders } = request
        const received = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) }
        this.received.push(received)
        this.behaviour(received, response, this)
      })
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  /** Ends all connections at once; new ones are refused. It can be started again on the same port. */
  async kill(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  reset(): void {
    this.received.length = 0
    this.charged.length = 0
    this.behaviour = pays
  }

  /** Requests to a path. */
  at(path: string): Received[] {
    return this.received.filter(({ url }) => url.split('?')[0] === path)
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function orderOf({ body }: Received): string {
  return String((JSON.parse(body.toString()) as { order: { id: string | number } }).order.id)
}

/** Charges, and says so. */
export const pays: Behaviour = (request, response, upstream) => {
  if (request.method === 'POST' && request.url.startsWith('/pay')) {
    upstream.charged.push(orderOf(request))
    json(response, 200, { state: 'PAID', order: orderOf(request) })
  } else {
    json(response, 200, { upstream: upstream.url, path: request.url })
  }
}

/** Charges an order once and gives the same answer whenever it is asked again. */
export const paysOnce: Behaviour = (request, response, upstream) => {
  if (!upstream.charged.includes(orderOf(request))) upstream.charged.push(orderOf(request))
  json(response, 200, { state: 'PAID', order: orderOf(request) })
}

/** Charges, and takes its time to say so. */
export const paysAfter =
  (ms: number): Behaviour =>
  (request, response, upstream) =>
    void setTimeout(() => pays(request, response, upstream), ms)

/** Refuses for certain, by the code of the mapping. */
export const refuses =
  (code: string, status = 402): Behaviour =>
  (_, response) =>
    json(response, status, { state: 'REFUSED', code })

/** Charges, and says something else. */
export const answers =
  (status: number, body: unknown): Behaviour =>
  (request, response, upstream) => {
    upstream.charged.push(orderOf(request))
    json(response, status, body)
  }

/** Charges, and never answers. */
export const isSilent: Behaviour = (request, _, upstream) => void upstream.charged.push(orderOf(request))

/** Charges, and breaks the connection. */
export const breaksOff: Behaviour = (request, response, upstream) => {
  upstream.charged.push(orderOf(request))
  response.destroy()
}

/** Charges, and answers what is no HTTP. */
export const talksGarbage: Behaviour = (request, response, upstream) => {
  upstream.charged.push(orderOf(request))
  response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')
}
