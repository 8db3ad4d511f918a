/**
 * Receives events of the gateway and believes only what is signed. Uses the standardwebhooks package as it is.
 *
 *     WEBHOOK_SECRET=whsec_... npx node examples/webhook-receiver/receiver.ts 7100
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Webhook } from 'standardwebhooks'

const BODY_BYTES_MAX = 65_536

/** Calls `onEvent` once for every genuine event; a delivery that is repeated is answered and not told again. */
export function createReceiver(secret: string, onEvent: (event: unknown) => void): Server {
  const webhook = new Webhook(secret)
  // A real receiver keeps the ids in its database, in the transaction that acts on the event.
  const seen = new Set<string>()
  const answer = async (request: IncomingMessage): Promise<number> => {
    const body = await read(request)
    if (body === undefined) return 413
    try {
      const event = webhook.verify(body, request.headers as Record<string, string>)
      const id = String(request.headers['webhook-id'])
      if (!seen.has(id)) onEvent(event)
      seen.add(id)
      return 204
    } catch {
      return 401
    }
  }
  return createServer(
    (request, response) => void answer(request).then(status => response.writeHead(status).end()),
  )
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > BODY_BYTES_MAX) return undefined
  }
  return body
}

const [, script, port] = process.argv
if (script === import.meta.filename) {
  const secret = process.env['WEBHOOK_SECRET']
  if (port === undefined || secret === undefined) {
    console.error('Usage: WEBHOOK_SECRET=whsec_... node receiver.ts PORT')
    process.exitCode = 2
  } else {
    createReceiver(secret, event => console.log(JSON.stringify(event))).listen(Number(port), '127.0.0.1')
  }
}
