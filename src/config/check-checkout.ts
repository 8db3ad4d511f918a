import type { Finding } from './problem.ts'
import type { Config } from './schema.ts'
import type { CheckoutConfig } from './schema-checkout.ts'

type Path = readonly PropertyKey[]

/** What a checkout of the proxy needs beside its own keys, so that a payment through it can be made at all. */
export function checkCheckout(checkout: CheckoutConfig, config: Config, path: Path): Finding[] {
  const findings: Finding[] = []
  const error = (place: Path, message: string) =>
    findings.push({ severity: 'error', path: [...path, ...place], message })
  const tenant = config.tenants.find(candidate => candidate.id === checkout.tenant)
  const key = tenant?.apiKeys.find(({ id }) => id === checkout.auth.apiKey)
  if (tenant === undefined) error(['tenant'], 'names a tenant that does not exist')
  else if (key === undefined) error(['auth', 'apiKey'], 'names a key that the tenant does not have')
  else if (!key.scopes.includes('pay')) error(['auth', 'apiKey'], 'names a key without the scope pay')
  findings.push(...checkRoutes(checkout, config, path))
  if (checkout.outcome === undefined) return findings
  if (checkout.order === undefined) {
    error(['outcome'], 'needs order: without an order id there is no failover')
  }
  for (const name of ['amount', 'currency'] as const) {
    if (checkout.context[name] === undefined) error(['context', name], 'is needed to decide between routes')
  }
  return findings
}

function checkRoutes(checkout: CheckoutConfig, config: Config, path: Path): Finding[] {
  const findings: Finding[] = []
  const error = (place: Path, message: string) =>
    findings.push({ severity: 'error', path: [...path, ...place], message })
  const tenders = new Set<string>()
  for (const [index, id] of checkout.routes.entries()) {
    const route = config.routes.find(candidate => candidate.id === id)
    if (checkout.routes.indexOf(id) !== index) error(['routes', index], 'is listed twice')
    if (route === undefined) {
      error(['routes', index], 'names a route that does not exist')
      continue
    }
    tenders.add(route.tender)
    if (checkout.outcome === undefined) continue
    if (!route.capability.channels.includes(checkout.channel)) {
      error(['routes', index], `names a route that does not serve the channel ${checkout.channel}`)
    }
    if (route.tender === 'credit') {
      error(
        ['routes', index],
        'names a credit route; credit is paid with a quote, which a proxy cannot ask for',
      )
    }
  }
  if (tenders.size > 1) {
    error(['routes'], 'mixes tenders; the payer has consented to one, and it is not changed silently')
  }
  return findings
}
