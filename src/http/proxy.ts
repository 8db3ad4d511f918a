import type { Payment } from '../core/payment/payment.ts'
import type { Api, ApiContext, HttpDeps } from './endpoint.ts'
import { parseStrictJson } from './json.ts'
import { Problem } from './problem.ts'
import { type Body, bodyOf, bytesOf } from './proxy-body.ts'
import {
  admit,
  type Checkout,
  type CheckoutReading,
  leavesItsPath,
  locate,
  pathOf,
  type ProxyRequest,
  type ProxyRoute,
} from './proxy-checkout.ts'
import { problemOf } from './proxy-failure.ts'
import { requestHeaders, responseHeaders, withCredentials } from './proxy-headers.ts'
import { payOrder } from './proxy-payment.ts'
import { idAt } from './proxy-reading.ts'

/** Requests that existing checkouts send, as if to their upstream. */
export function addProxy(app: Api, deps: HttpDeps): void {
  const { proxy } = deps
  if (proxy === undefined) return
  app.all('/proxy/*', context => handle(deps, proxy.checkouts(), context))
}

async function handle(
  deps: HttpDeps,
  checkouts: Parameters<typeof locate>[0],
  context: ApiContext,
): Promise<Response> {
  const { raw } = context.req
  const located = locate(checkouts, raw.url.slice(raw.url.indexOf('/', 8)))
  if (located === undefined) throw new Problem('not_found')
  const { checkout, target } = located
  admit(checkout, deps.keys().authenticate(raw.headers.get('authorization') ?? undefined))
  if (raw.headers.has('upgrade')) throw new Problem('upgrade_refused')
  if (leavesItsPath(target)) {
    throw new Problem('invalid_request', { detail: 'The path must not hold steps upwards.' })
  }
  const request: ProxyRequest = {
    checkout,
    method: raw.method,
    target,
    headers: requestHeaders(Object.fromEntries(raw.headers), checkout),
  }
  if (checkout.reading === undefined)
    return passThrough(request, checkout.routes[0], bodyOf(raw, checkout.bodyBytesMax))
  return read(deps, context, request, checkout.reading)
}

/** A checkout whose orders and outcomes are known: its payments are carried out, everything else follows them. */
async function read(
  deps: HttpDeps,
  context: ApiContext,
  request: ProxyRequest,
  reading: CheckoutReading,
): Promise<Response> {
  const bytes = await bytesOf(bodyOf(context.req.raw, deps.settings().bodyBytesMax))
  if (bytes === undefined) return follow(deps, request, undefined)
  const { method, target } = request
  const { tenant } = request.checkout
  const body = jsonOf(request, bytes, deps.settings().jsonDepthMax)
  const order = body === undefined ? undefined : idAt(body.value, reading.order)
  if (order === undefined) return followByPath(deps, request, reading, bytes, body !== undefined)
  const pinned = pinnedTo(request.checkout, await deps.service.paymentsOfOrder(tenant, order))
  const path = pathOf(target)
  const pays =
    reading.paymentPaths?.includes(path) ??
    (pinned === undefined || pinned.checkout?.request === `${method} ${path}`)
  if (!pays) return follow(deps, request, bytes, pinned)
  return payOrder(deps, context, request, reading, bytes, body?.value)
}

/** The newest payment of the order that this checkout has made. */
function pinnedTo({ id }: Checkout, payments: readonly Payment[]): Payment | undefined {
  return payments.find(({ checkout }) => checkout?.id === id)
}

/** A request with a body that names no order is about one that its path names, or wrong. */
async function followByPath(
  deps: HttpDeps,
  request: ProxyRequest,
  reading: CheckoutReading,
  bytes: Uint8Array,
  isJson: boolean,
): Promise<Response> {
  const pinned = await pinnedByPath(deps, request)
  if (pinned !== undefined) return follow(deps, request, bytes, pinned)
  if (!isJson) throw new Problem('unsupported_media_type', { detail: 'The order is read from a JSON body.' })
  throw new Problem('invalid_request', {
    errors: [{ pointer: reading.order, message: 'must name the order' }],
  })
}

/** Passed to the upstream that has the order; about an order that is not known here, to the first. Never repeated. */
async function follow(
  deps: HttpDeps,
  request: ProxyRequest,
  bytes: Uint8Array | undefined,
  known?: Payment,
): Promise<Response> {
  const { routes } = request.checkout
  const pinned = known ?? (await pinnedByPath(deps, request))
  if (pinned === undefined) return passThrough(request, routes[0], bytes)
  const attempt =
    pinned.attempts.find(({ reference }) => reference === pinned.winner) ?? pinned.attempts.at(-1)
  if (attempt === undefined) return passThrough(request, routes[0], bytes)
  const route = routes.find(({ id }) => id === attempt.route)
  if (route === undefined) {
    throw new Problem('state_conflict', { detail: 'The upstream of the order is no longer configured here.' })
  }
  const response = await passThrough(request, route, bytes)
  response.headers.set('fundroute-payment', pinned.id)
  return response
}

/** Words of a path and a query that are looked at as an order's id. */
const WORDS_MAX = 6

async function pinnedByPath(
  deps: HttpDeps,
  { checkout, target }: ProxyRequest,
): Promise<Payment | undefined> {
  const words = target.split(/[/?&]/).map(word => decoded(word.slice(word.indexOf('=') + 1)))
  for (const word of words.reverse().filter(isIdLike).slice(0, WORDS_MAX)) {
    const pinned = pinnedTo(checkout, await deps.service.paymentsOfOrder(checkout.tenant, word))
    if (pinned !== undefined) return pinned
  }
  return undefined
}

function isIdLike(word: string): boolean {
  return word.length > 0 && word.length <= 128
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return ''
  }
}

/** One exchange with one upstream, bodies as they come. */
async function passThrough(
  { checkout, method, target, headers }: ProxyRequest,
  route: ProxyRoute,
  content: Uint8Array | Body | undefined,
): Promise<Response> {
  const body = content instanceof Uint8Array ? content : content?.stream
  const answer = await route.streamer.stream({
    method,
    url: `${route.baseUrl}${target}`,
    headers: withCredentials(headers, route),
    timeoutMs: route.timeoutMs,
    ...(body === undefined ? {} : { body }),
  })
  if (content !== undefined && !(content instanceof Uint8Array)) content.check()
  if (answer.kind !== 'answer') throw problemOf(answer)
  const { status } = answer
  const hasNone = method === 'HEAD' || status === 204 || status === 205 || status === 304
  const told = hasNone ? null : ((answer.body as ReadableStream<Uint8Array> | undefined) ?? null)
  return new Response(told, { status, headers: responseHeaders(answer.headers, checkout, route.id) })
}

function jsonOf(
  { headers }: ProxyRequest,
  bytes: Uint8Array,
  depthMax: number,
): { value: unknown } | undefined {
  const type = headers['content-type'] ?? ''
  if (!/^application\/([\w.-]+\+)?json(\s*;.*)?$/i.test(type) || headers['content-encoding'] !== undefined) {
    return undefined
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Problem('invalid_json', { detail: 'The body must be UTF-8.' })
  }
  return { value: parseStrictJson(text, depthMax, 'foreign') }
}
