import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A TCP server that answers whatever its script says, and keeps what it has received. */
export interface RawServer {
  readonly url: string
  readonly port: number
  /** Complete requests as they arrived, head and body. */
  readonly requests: string[]
  readonly connections: () => number
  readonly bytes: () => number
  close(): Promise<void>
}

/** Called once per complete request, with its number on this server from 0. */
export type RawScript = (socket: Socket, request: string, number: number) => void

export async function startRawServer(script: RawScript): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  let connections = 0
  let bytes = 0
  const server = createServer(socket => {
    connections++
    sockets.add(socket)
    let buffered = ''
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', chunk => {
      bytes += chunk.length
      buffered += chunk.toString('latin1')
      for (let request = firstRequest(buffered); request !== undefined; request = firstRequest(buffered)) {
        buffered = buffered.slice(request.length)
        requests.push(request)
        script(socket, request, requests.length - 1)
      }
    })
  })
  await listening(server)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    bytes: () => bytes,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A port on which nobody listens. */
export async function unusedPort(): Promise<number> {
  const server = createServer()
  await listening(server)
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A complete HTTP/1.1 answer. */
export function http(status: number, body: string, headers = ''): string {
  return `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

async function listening(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

function firstRequest(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0)
  const total = end + 4 + length
  return text.length < total ? undefined : text.slice(0, total)
}
