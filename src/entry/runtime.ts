import type { Reach } from '../adapters/webhooks/address-guard.ts'
import type { EndpointTarget } from '../adapters/webhooks/signed-request.ts'
import { isLoopbackHost } from '../config/checks.ts'
import { decisionPoliciesOf } from '../config/decision-policy.ts'
import { lendingOf } from '../config/lending-of.ts'
import { poolOf } from '../config/pool-of.ts'
import { routeOf } from '../config/route-of.ts'
import type { Config } from '../config/schema.ts'
import type { CreditConfig } from '../config/schema-credit.ts'
import type { PoolConfig } from '../config/schema-pool.ts'
import type { RouteConfig } from '../config/schema-route.ts'
import type { TenantConfig } from '../config/schema-tenant.ts'
import type { Secrets } from '../config/secrets.ts'
import { hash32 } from '../core/hash.ts'
import type {
  FactsSettings,
  GatewaySettings,
  PoolRuntime,
  RouteRuntime,
  Runtime,
  TenantRuntime,
} from '../gateway/runtime.ts'
import { type ApiKey, KeyRing, OperatorRing, type Scope } from '../http/auth.ts'
import type { Checkouts } from '../http/proxy-checkout.ts'
import { buildCheckouts } from './checkouts.ts'
import { gatewaySettings } from './gateway-settings.ts'
import type { Outside } from './outside.ts'

/** One generation of everything that the configuration decides. */
export interface Generation {
  readonly config: Config
  readonly runtime: Runtime
  readonly settings: GatewaySettings
  readonly keys: KeyRing
  /** People who may act by name on the operators' listener. */
  readonly operators: OperatorRing
  /** Existing checkouts by the name in their path. */
  readonly checkouts: Checkouts
  /** Webhook endpoints by the name that the outbox has for them. */
  readonly targets: ReadonlyMap<string, EndpointTarget>
}

/** Builds a generation from a validated configuration. Throws a `TypeError` for a rule that does not compile. */
export function buildGeneration(
  config: Config,
  version: string,
  secrets: Secrets,
  outside: Outside,
): Generation {
  const routes = new Map(config.routes.map(route => [route.id, buildRoute(route, secrets, outside)]))
  const tenants = new Map(config.tenants.map(({ id }) => [id, buildTenant(config, version, id)]))
  return {
    config,
    runtime: { version, routes, tenants, priceCaps: config.priceCaps, pools: config.pools.map(buildPool) },
    settings: gatewaySettings(config),
    keys: new KeyRing(apiKeys(config, secrets)),
    operators: new OperatorRing(
      config.server.operators.map(({ id, tokenEnv }) => ({ id, token: secrets.get(tokenEnv) })),
    ),
    checkouts: buildCheckouts(config, secrets, outside),
    targets: new Map(config.tenants.flatMap(tenant => buildTargets(tenant, secrets))),
  }
}

function buildPool(config: PoolConfig): PoolRuntime {
  const { evaluateSeconds, utcOffsetMinutes } = config
  return { pool: poolOf(config), evaluateSeconds, utcOffsetMinutes }
}

function buildRoute(config: RouteConfig, secrets: Secrets, outside: Outside): RouteRuntime {
  const { tokenEnv, notificationSecretEnvs } = config.connector
  const connector = outside.connector(config, tokenEnv === undefined ? undefined : secrets.get(tokenEnv))
  const facts = buildFacts(config, secrets, outside)
  const signing = notificationSecretEnvs.map(env => secrets.get(env))
  return {
    route: routeOf(config),
    connector,
    ...(facts === undefined ? {} : { facts }),
    ...(config.credit === undefined ? {} : buildOffer(config, config.credit, secrets, outside)),
    ...(signing.length === 0 ? {} : { notifications: outside.notifications(config, signing) }),
  }
}

function buildOffer(
  route: RouteConfig,
  credit: CreditConfig,
  secrets: Secrets,
  outside: Outside,
): Pick<RouteRuntime, 'offer' | 'lending' | 'enquiries'> {
  const { id, lender } = route
  const { scorecard: file } = credit
  if (file !== undefined && outside.scorecard === undefined) {
    throw new TypeError(`${id} names a scorecard, and this runtime reads no files`)
  }
  const scorecard = file === undefined ? undefined : outside.scorecard?.(file)
  const lending = lendingOf(credit, lender ?? id, scorecard)
  const enquiries = credit.sources.flatMap(({ id: source, url, tokenEnv, enquiryCost, ...rules }) => {
    if (url === undefined) return []
    const token = tokenEnv === undefined ? undefined : secrets.get(tokenEnv)
    return [{ ...rules, source, cost: enquiryCost, provider: outside.factSource(url, route, token) }]
  })
  return {
    offer: credit,
    ...(enquiries.length === 0 ? {} : { enquiries }),
    ...(lending === undefined ? {} : { lending }),
  }
}

function buildFacts(config: RouteConfig, secrets: Secrets, outside: Outside): FactsSettings | undefined {
  const { eligibility } = config
  if (eligibility === undefined) return undefined
  const token = eligibility.tokenEnv === undefined ? undefined : secrets.get(eligibility.tokenEnv)
  const { timeoutMs, freshSeconds, staleSeconds, negativeSeconds } = eligibility
  return {
    provider: outside.eligibility(config, token),
    timeoutMs,
    freshSeconds,
    staleSeconds,
    negativeSeconds,
  }
}

function buildTenant(config: Config, version: string, id: string): TenantRuntime {
  const webhooks = config.tenants.find(tenant => tenant.id === id)?.webhooks ?? []
  return {
    id,
    ...decisionPoliciesOf(config, version, id),
    webhooks: webhooks.map(({ url, events }) => ({ id: endpointId(id, url), events })),
  }
}

/** The same for as long as the URL is: the order in the configuration does not matter to events that wait. */
function endpointId(tenant: string, url: string): string {
  return `${tenant}/${hash32(url).toString(16).padStart(8, '0')}`
}

function buildTargets({ id, webhooks }: TenantConfig, secrets: Secrets): [string, EndpointTarget][] {
  return webhooks.map(({ url, secretEnv, previousSecretEnv, allowPrivate }) => {
    const names = previousSecretEnv === undefined ? [secretEnv] : [secretEnv, previousSecretEnv]
    const nearby: Reach = isLoopbackHost(new URL(url).hostname) ? 'loopback' : 'public'
    const reach = allowPrivate ? 'private' : nearby
    return [endpointId(id, url), { url, secrets: names.map(name => secrets.get(name)), reach }]
  })
}

function apiKeys(config: Config, secrets: Secrets): ApiKey[] {
  return config.tenants.flatMap(tenant =>
    tenant.apiKeys.map(({ id, secretEnv, scopes }) => ({
      tenant: tenant.id,
      keyId: id,
      secret: secrets.get(secretEnv),
      scopes: new Set<Scope>(scopes),
    })),
  )
}
