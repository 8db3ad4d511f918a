import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface ReceivedEvent {
  readonly id: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A tenant's receiver of events, verifying them with the reference library. */
export interface HookReceiver {
  readonly url: string
  readonly headers: IncomingHttpHeaders[]
  /** Every event whose signature held, in the order of arrival, repetitions included. */
  readonly events: ReceivedEvent[]
  /** Deliveries whose signature did not hold. */
  readonly forged: () => number
  /** What is answered from now on. */
  answer(status: number): void
  /** Waits until `enough` is true of the events, for at most `withinMs`. */
  until(enough: (events: readonly ReceivedEvent[]) => boolean, withinMs?: number): Promise<void>
  close(): Promise<void>
}

export async function startHookReceiver(secret: string): Promise<HookReceiver> {
  const events: ReceivedEvent[] = []
  const headers: IncomingHttpHeaders[] = []
  let forged = 0
  let status = 200
  const webhook = new Webhook(secret)
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      headers.push(request.headers)
      try {
        const body = webhook.verify(Buffer.concat(chunks), request.headers as Record<string, string>)
        events.push({ id: String(request.headers['webhook-id']), ...(body as Omit<ReceivedEvent, 'id'>) })
      } catch {
        forged++
      }
      answer.writeHead(status).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    headers,
    events,
    forged: () => forged,
    answer: next => {
      status = next
    },
    until: async (enough, withinMs = 5_000) => {
      for (let waited = 0; !enough(events); waited += 25) {
        if (waited >= withinMs)
          throw new Error(`no such event within ${withinMs} ms: ${JSON.stringify(events)}`)
        await new Promise(resolve => setTimeout(resolve, 25))
      }
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
