import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import { atEndOfTurn } from '../adapters/system/turn.ts'
import { problemParts } from '../http/problem.ts'

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch']

/** Limits of one listener against slow and greedy clients. Times in ms. */
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 8_192,
}
const HEADERS_MAX = 64
/** How often a listener that stops looks for connections that have gone idle, ms. */
const IDLE_LOOK_MS = 50
const CONNECTIONS_MAX = 10_000
const REQUESTS_PER_CONNECTION_MAX = 10_000

export interface Listener {
  readonly url: string
  readonly server: Server
}

/** Listens with limits on everything a client can make us wait for or hold. */
export async function listen(
  fetch: Fetch,
  host: string,
  port: number,
  raw?: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<Listener> {
  const server = createAdaptorServer({ fetch, serverOptions: LIMITS }) as Server
  arrange(server, raw)
  server.on('connect', refuseConnect)
  // One more than the limit, so that a request with too many headers is seen and refused, not silently cut.
  server.maxHeadersCount = HEADERS_MAX + 1
  server.maxConnections = CONNECTIONS_MAX
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${name}:${address.port}`, server }
}

/** Lets a handler take requests before the application sees them, and the application those of one turn together. */
function arrange(
  server: Server,
  raw: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined,
): void {
  const application = server.listeners('request') as ((...args: unknown[]) => void)[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (raw?.(request, response)) return
    atEndOfTurn(() => {
      for (const listener of application) listener.call(server, request, response)
    })
  })
}

/** Without a word of ours Node would just close the connection. */
function refuseConnect(_: IncomingMessage, socket: Duplex): void {
  const { headers, body } = problemParts('upgrade_refused')
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.on('error', () => undefined)
  socket.end(`HTTP/1.1 501 Not Implemented\r\n${head}\r\n${body}`)
}

/** Stops accepting, lets requests in flight end, and cuts what is left after `drainMs`. */
export async function stopListening({ server }: Listener, drainMs: number): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  // A connection goes idle again when its request has been answered; its client would keep it open for long.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS)
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearInterval(idle)
  clearTimeout(timer)
}
