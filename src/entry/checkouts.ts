import type { Config } from '../config/schema.ts'
import type { CheckoutConfig } from '../config/schema-checkout.ts'
import type { RouteConfig } from '../config/schema-route.ts'
import type { Secrets } from '../config/secrets.ts'
import type { Checkout, CheckoutReading, Checkouts, ProxyRoute } from '../http/proxy-checkout.ts'
import { USUAL_REQUEST_HEADERS, USUAL_RESPONSE_HEADERS } from '../http/proxy-headers.ts'
import type { Outside } from './outside.ts'

/** The checkouts of a configuration. Those of one route share its connections. */
export function buildCheckouts(config: Config, secrets: Secrets, outside: Outside): Checkouts {
  const built = new Map<string, ProxyRoute>()
  const proxyRoute = (id: string): ProxyRoute => {
    const known = built.get(id)
    if (known !== undefined) return known
    const route = routeNamed(config, id)
    const { tokenEnv } = route.connector
    const made = outside.proxyRoute(route, tokenEnv === undefined ? undefined : secrets.get(tokenEnv))
    built.set(id, made)
    return made
  }
  return new Map(config.checkouts.map(checkout => [checkout.id, buildCheckout(config, checkout, proxyRoute)]))
}

function buildCheckout(
  config: Config,
  checkout: CheckoutConfig,
  proxyRoute: (id: string) => ProxyRoute,
): Checkout {
  const { id, tenant, auth, routes, channel, headers, bodyBytesMax } = checkout
  const [first, ...others] = routes as [string, ...string[]]
  const reading = readingOf(checkout)
  return {
    id,
    tenant,
    keyId: auth.apiKey,
    tender: routeNamed(config, first).tender,
    channel,
    routes: [proxyRoute(first), ...others.map(proxyRoute)],
    requestHeaders: new Set([...USUAL_REQUEST_HEADERS, ...headers.request]),
    responseHeaders: new Set([...USUAL_RESPONSE_HEADERS, ...headers.response]),
    bodyBytesMax,
    ...(reading === undefined ? {} : { reading }),
  }
}

/** Without order and outcome a checkout is passed through. */
function readingOf({ order, outcome, context, paymentPaths }: CheckoutConfig): CheckoutReading | undefined {
  const { amount, currency, payer } = context
  if (order === undefined || outcome === undefined) return undefined
  if (amount === undefined || currency === undefined) return undefined
  return {
    order,
    amount,
    currency,
    outcome,
    ...(payer === undefined ? {} : { payer }),
    ...(paymentPaths === undefined ? {} : { paymentPaths }),
  }
}

/** The configuration has been checked: a route that it names is there. */
function routeNamed({ routes }: Config, id: string): RouteConfig {
  return routes.find(route => route.id === id) as RouteConfig
}
