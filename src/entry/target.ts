import type { IncomingMessage } from 'node:http'

type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>

const HEADERS_MAX = 64

/**
 * Refuses what a proxy in front could read differently from us: an absolute-form target, whose host is not the one
 * that the Host header names, headers that the server takes the first of and drops the others silently, and more
 * headers than it keeps.
 */
export function guardTarget(fetch: (request: Request, env: never) => Response | Promise<Response>): Fetch {
  return (request, env) => {
    const { incoming } = env as { incoming: IncomingMessage }
    const target = incoming.url ?? ''
    if (!target.startsWith('/')) return refuse(400, 'The request target must be a path')
    if (incoming.rawHeaders.length > 2 * HEADERS_MAX) return refuse(431, `More than ${HEADERS_MAX} headers`)
    const repeated = repeatedOf(incoming.rawHeaders)
    if (repeated !== undefined) return refuse(400, `The ${repeated} header must be sent once`)
    return fetch(request, env as never)
  }
}

const SINGLE = ['host', 'authorization', 'content-type']

/** @param raw names and values in turn, as they came */
function repeatedOf(raw: readonly string[]): string | undefined {
  let seen = 0
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string
    if (name.length !== 4 && name.length !== 13 && name.length !== 12) continue
    const bit = 1 << (SINGLE.indexOf(name.toLowerCase()) + 1)
    if (bit !== 1 && (seen & bit) !== 0) return name.toLowerCase()
    seen |= bit
  }
  return undefined
}

function refuse(status: number, title: string): Response {
  const body = { type: '/docs#invalid_request', title, status, code: 'invalid_request' }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
