import type { Channel, Tender } from '../core/payment/context.ts'
import type { DeclineCategory } from '../core/payment/decline.ts'
import type { HttpClient } from '../ports/http-client.ts'
import type { HttpStreamer } from '../ports/http-stream.ts'
import type { Caller } from './auth.ts'
import { Problem } from './problem.ts'

/** An upstream as a checkout's requests are passed on to it. */
export interface ProxyRoute {
  readonly id: string
  /** Without a slash at the end. */
  readonly baseUrl: string
  /** Replaces the credentials of the checkout. */
  readonly token?: string
  readonly timeoutMs: number
  /** For requests that pay. */
  readonly client: HttpClient
  /** For everything else. */
  readonly streamer: HttpStreamer
}

interface Matcher {
  readonly pointer: string
  readonly equals: string
}

export interface OutcomeMapping {
  readonly approved: Matcher
  readonly declined: readonly (Matcher & { readonly category: DeclineCategory })[]
}

/** How the requests of a checkout that fails over are read. Pointers are JSON Pointers into the request's body. */
export interface CheckoutReading {
  readonly order: string
  readonly amount: string
  readonly currency: string
  readonly payer?: string
  readonly outcome: OutcomeMapping
  /** Paths of the requests that pay; absent: all with an order that no other path has paid. */
  readonly paymentPaths?: readonly string[]
}

/** An existing checkout that points its payment URL at the gateway. */
export interface Checkout {
  readonly id: string
  readonly tenant: string
  /** Id of the tenant's key that it shows. */
  readonly keyId: string
  readonly tender: Tender
  readonly channel: Channel
  /** At least one. Without `reading` the first takes everything. */
  readonly routes: readonly [ProxyRoute, ...ProxyRoute[]]
  readonly reading?: CheckoutReading
  /** Lower-case names of what is passed on and back. */
  readonly requestHeaders: ReadonlySet<string>
  readonly responseHeaders: ReadonlySet<string>
  readonly bodyBytesMax: number
}

/** One request of a checkout, located and admitted. */
export interface ProxyRequest {
  readonly checkout: Checkout
  readonly method: string
  /** Path and query behind the checkout's own. */
  readonly target: string
  /** For the upstream, without credentials. */
  readonly headers: Record<string, string>
}

export type Checkouts = ReadonlyMap<string, Checkout>

const PREFIX = '/proxy/'

/** The checkout that a request target belongs to, and what of the target goes to the upstream: path and query. */
export function locate(
  checkouts: Checkouts,
  target: string,
): { readonly checkout: Checkout; readonly target: string } | undefined {
  if (!target.startsWith(PREFIX)) return undefined
  const end = target.slice(PREFIX.length).search(/[/?]/)
  const id = end < 0 ? target.slice(PREFIX.length) : target.slice(PREFIX.length, PREFIX.length + end)
  const checkout = checkouts.get(id)
  if (checkout === undefined) return undefined
  const rest = target.slice(PREFIX.length + id.length)
  return { checkout, target: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Segments that an upstream would take for a step upwards, and characters that some take for a slash. */
const STEPS_UPWARDS = /(^|\/)(\.|%2e){1,2}(?=\/|$)|\\|%5c/i

export function leavesItsPath(target: string): boolean {
  return STEPS_UPWARDS.test(pathOf(target))
}

export function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}

/**
 * Whether the caller may use the checkout: it is of its tenant, by its own key. To everybody else with a key of another
 * tenant it does not exist. Throws a `Problem`.
 */
export function admit(checkout: Checkout, caller: Caller | undefined): Caller {
  if (caller === undefined) throw new Problem('unauthorized')
  if (caller.tenant !== checkout.tenant) throw new Problem('not_found')
  if (caller.keyId !== checkout.keyId) {
    throw new Problem('forbidden', { detail: 'The checkout has a key of its own.' })
  }
  if (!caller.scopes.has('pay')) throw new Problem('forbidden', { detail: 'This needs the scope pay.' })
  return caller
}
