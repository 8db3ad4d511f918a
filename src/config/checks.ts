import { checkCheckout } from './check-checkout.ts'
import { checkPolicy } from './check-policy.ts'
import { legalRatioBps } from '../core/liquidity/legal-ratios.ts'
import { assertStages } from '../core/credit/delinquency.ts'
import { lendingOf } from './lending-of.ts'
import type { Finding } from './problem.ts'
import type { Config } from './schema.ts'
import type { CreditConfig } from './schema-credit.ts'
import type { PoolConfig } from './schema-pool.ts'
import type { RouteConfig } from './schema-route.ts'
import type { WebhookConfig } from './schema-tenant.ts'

type Path = readonly PropertyKey[]

/** What a schema cannot see: references between parts, ranges that contradict each other, unsafe combinations. */
export function checkConfig(config: Config): Finding[] {
  return [
    ...duplicates(config.tenants, ['tenants']),
    ...duplicates(config.routes, ['routes']),
    ...duplicates(config.pools, ['pools']),
    ...duplicates(config.checkouts, ['checkouts']),
    ...duplicates(config.server.operators, ['server', 'operators']),
    ...config.routes.flatMap((route, index) => checkRoute(route, config, ['routes', index])),
    ...config.pools.flatMap((pool, index) => checkPool(pool, ['pools', index, 'sources'])),
    ...config.checkouts.flatMap((checkout, index) => checkCheckout(checkout, config, ['checkouts', index])),
    ...checkTenants(config),
    ...checkPolicy(config.policy, config.routes, ['policy']),
    ...checkPoolUse(config),
  ]
}

function checkRoute(route: RouteConfig, config: Config, path: Path): Finding[] {
  const { capability, connector, eligibility, breaker } = route
  const findings: Finding[] = []
  const add = (severity: Finding['severity'], place: Path, message: string) =>
    findings.push({ severity, path: [...path, ...place], message })

  if (capability.amount.min > capability.amount.max) {
    add('error', ['capability', 'amount', 'min'], 'is above max')
  }
  if (capability.instalments.length > 0 && route.tender !== 'credit') {
    add('error', ['capability', 'instalments'], 'only a route of tender credit offers instalments')
  }
  if (capability.cancelTombstones && capability.cancel.length === 0) {
    add('error', ['capability', 'cancelTombstones'], 'needs at least one verb in cancel')
  }
  if (capability.idempotency.mode === 'none' && !capability.queryable) {
    add(
      'warning',
      ['capability'],
      'can neither be sent again nor asked: an unknown outcome waits for a notification or an operator',
    )
  }
  if (route.tender === 'credit' && eligibility === undefined) {
    add('warning', [], 'a credit route without eligibility has no facts about the payer to lend on')
  }
  if (route.credit !== undefined) {
    const problem = tierProblem(route.credit)
    if (problem !== undefined) add('error', ['credit', 'tiers'], problem)
    const stages = stagesProblem(route.credit)
    if (stages !== undefined) add('error', ['credit', 'stages'], stages)
    if (route.credit.contact.openMinute >= route.credit.contact.closeMinute) {
      add('error', ['credit', 'contact'], 'contact opens before it closes')
    }
  }
  if (eligibility !== undefined && eligibility.freshSeconds > eligibility.staleSeconds) {
    add('error', ['eligibility', 'freshSeconds'], 'is above staleSeconds')
  }
  if (breaker.resetMs <= breaker.windowMs) {
    add(
      'warning',
      ['breaker', 'resetMs'],
      'should be longer than windowMs, or one old failure can open it again',
    )
  }
  if (breaker.windowMs < 3 * connector.timeoutMs) {
    add(
      'warning',
      ['breaker', 'windowMs'],
      'should be at least three times the timeout, or slow failures never count',
    )
  }
  if (!route.enabled && route.disabledReason === undefined) {
    add('error', ['enabled'], 'needs disabledReason beside it, so that operators know why')
  }
  for (const [index, window] of route.maintenance.entries()) {
    if (Date.parse(window.from) >= Date.parse(window.to))
      add('error', ['maintenance', index, 'to'], 'is not after from')
  }
  if (route.pool !== undefined) {
    const pool = config.pools.find(candidate => candidate.id === route.pool)
    if (pool === undefined) add('error', ['pool'], 'names a pool that does not exist')
    else if (capability.currencies.some(currency => currency !== pool.currency)) {
      add('error', ['pool'], 'holds another currency than the route charges')
    }
  }
  return findings
}

function stagesProblem({ stages }: CreditConfig): string | undefined {
  try {
    assertStages(stages)
    return undefined
  } catch (error) {
    return (error as RangeError).message
  }
}

function tierProblem(credit: CreditConfig): string | undefined {
  try {
    lendingOf(credit, '', undefined)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'contradicts itself'
  }
}

function checkTenants(config: Config): Finding[] {
  const findings: Finding[] = []
  const keyEnvs = new Set<string>()
  for (const [index, tenant] of config.tenants.entries()) {
    const path = ['tenants', index]
    findings.push(...duplicates(tenant.apiKeys, [...path, 'apiKeys']))
    for (const [position, key] of tenant.apiKeys.entries()) {
      if (keyEnvs.has(key.secretEnv)) {
        findings.push({
          severity: 'error',
          path: [...path, 'apiKeys', position, 'secretEnv'],
          message: 'is the secret of another key; every key needs its own',
        })
      }
      keyEnvs.add(key.secretEnv)
    }
    findings.push(...checkWebhooks(tenant.webhooks, [...path, 'webhooks']))
    if (tenant.policy !== undefined) {
      findings.push(...checkPolicy(tenant.policy, config.routes, [...path, 'policy']))
    }
  }
  return findings
}

/** Whether a host, in the form that `URL` gives it, is this machine. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function checkWebhooks(webhooks: readonly WebhookConfig[], path: Path): Finding[] {
  const urls = new Set<string>()
  return webhooks.flatMap(({ url, allowPrivate }, index) => {
    const error = (message: string): Finding[] => [
      { severity: 'error', path: [...path, index, 'url'], message },
    ]
    if (urls.has(url)) return error('is listed twice; name all its events in one place')
    urls.add(url)
    const { protocol, hostname } = new URL(url)
    return protocol === 'https:' || allowPrivate || isLoopbackHost(hostname)
      ? []
      : error('is not https; for a receiver in your own network say allowPrivate: true')
  })
}

function checkPool(pool: PoolConfig, path: Path): Finding[] {
  const own = new Set(pool.sources.filter(source => source.kind === 'own_funds').map(source => source.id))
  return [
    ...duplicates(pool.sources, path),
    ...pool.sources.flatMap((source, index) =>
      source.kind === 'joint_loan' && !own.has(source.ownSource)
        ? [
            {
              severity: 'error' as const,
              path: [...path, index, 'ownSource'],
              message: 'names no source of own funds of this pool',
            },
          ]
        : [],
    ),
    ...(pool.currency === 'CNY' ? checkOwnShares(pool, path) : []),
  ]
}

/** The part of a joint loan that the law sets, in its own currency, by the last rule that is known. */
function checkOwnShares(pool: PoolConfig, path: Path): Finding[] {
  const leastBps = legalRatioBps('jointOwnShareMin', LAST_DAY) ?? 0
  return pool.sources.flatMap((source, index) =>
    source.kind === 'joint_loan' && source.ownShareBps < leastBps
      ? [
          {
            severity: 'error' as const,
            path: [...path, index, 'ownShareBps'],
            message: `is less than the ${leastBps} that the law asks of a joint lender`,
          },
        ]
      : [],
  )
}

const LAST_DAY = '9999-12-31'

function checkPoolUse(config: Config): Finding[] {
  const used = new Set(config.routes.map(route => route.pool))
  return config.pools.flatMap((pool, index) =>
    used.has(pool.id)
      ? []
      : [{ severity: 'warning' as const, path: ['pools', index], message: 'is not used by any route' }],
  )
}

function duplicates(items: readonly { readonly id: string }[], path: Path): Finding[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    if (!seen.has(item.id)) {
      seen.add(item.id)
      return []
    }
    return [{ severity: 'error' as const, path: [...path, index, 'id'], message: 'is used twice' }]
  })
}
