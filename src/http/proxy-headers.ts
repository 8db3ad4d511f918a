import type { Checkout, ProxyRoute } from './proxy-checkout.ts'
import { Problem } from './problem.ts'

/** Passed on without being asked for. What is not here or in the configuration is dropped: credentials, cookies, hops. */
export const USUAL_REQUEST_HEADERS: readonly string[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-request-id',
]

/** Passed back without being asked for. */
export const USUAL_RESPONSE_HEADERS: readonly string[] = [
  'accept-ranges',
  'age',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'idempotency-replayed',
  'last-modified',
  'link',
  'location',
  'retry-after',
  'vary',
]

/** Sent twice, two readers could take different ones for the one that counts. */
const ONCE: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-type',
  'host',
  'idempotency-key',
  'traceparent',
  'x-request-id',
])

/**
 * What of the request's headers goes to an upstream, without credentials. Headers that the request's own `Connection`
 * names belong to the connection and stay here.
 *
 * @param incoming lower-case names; repeated fields joined by a comma
 * @throws Problem for a header that counts and was sent twice
 */
export function requestHeaders(
  incoming: Readonly<Record<string, string | readonly string[] | undefined>>,
  { requestHeaders: passed }: Pick<Checkout, 'requestHeaders'>,
): Record<string, string> {
  const headers: Record<string, string> = {}
  const dropped = namedBy(incoming.connection)
  for (const name in incoming) {
    const value = incoming[name]
    if (typeof value !== 'string') continue
    if (ONCE.has(name) && value.includes(',')) {
      throw new Problem('invalid_request', { detail: `The header ${name} must be sent once.` })
    }
    if (passed.has(name) && !dropped.includes(name)) headers[name] = value
  }
  return headers
}

const NONE: readonly string[] = []

/** The headers that a `Connection` header names. */
function namedBy(connection: string | readonly string[] | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE
  return String(connection)
    .split(',')
    .map(name => name.trim().toLowerCase())
}

/** The headers with the credentials of a route. */
export function withCredentials(
  headers: Readonly<Record<string, string>>,
  { token }: Pick<ProxyRoute, 'token'>,
): Record<string, string> {
  return token === undefined ? { ...headers } : { ...headers, authorization: `Bearer ${token}` }
}

/** What of an upstream's headers goes back, and which route has answered. */
export function responseHeaders(
  incoming: Readonly<Record<string, string | readonly string[] | undefined>>,
  { responseHeaders: passed }: Pick<Checkout, 'responseHeaders'>,
  route: string,
): Record<string, string> {
  const headers: Record<string, string> = {}
  const dropped = namedBy(incoming.connection)
  for (const name in incoming) {
    const value = incoming[name]
    if (value === undefined || !passed.has(name) || dropped.includes(name)) continue
    headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  headers['fundroute-route'] = route
  return headers
}
