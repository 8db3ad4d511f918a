import type { IncomingMessage } from 'node:http'

type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>

const HEADERS_MAX = 64

/**
 * Refuses what a proxy in front could read differently from us: an absolute-form target, whose host is not the one
 * that the Host header names, and more headers than the server keeps, of which it would drop the last silently.
 */
export function guardTarget(fetch: (request: Request, env: never) => Response | Promise<Response>): Fetch {
  return (request, env) => {
    const { incoming } = env as { incoming: IncomingMessage }
    const target = incoming.url ?? ''
    if (!target.startsWith('/')) return refuse(400, 'The request target must be a path')
    if (incoming.rawHeaders.length > 2 * HEADERS_MAX) return refuse(431, `More than ${HEADERS_MAX} headers`)
    return fetch(request, env as never)
  }
}

function refuse(status: number, title: string): Response {
  const body = { type: '/docs#invalid_request', title, status, code: 'invalid_request' }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
