import type { Route } from '../core/payment/route.ts'
import type { RouteConfig } from './schema-route.ts'

/** The route as the core knows it: what it can do, costs and promises, without how to reach it. */
export function routeOf(config: RouteConfig): Route {
  return {
    id: config.id,
    tender: config.tender,
    capability: config.capability,
    cost: config.cost,
    priors: config.priors,
    timeoutMs: config.connector.timeoutMs,
    needsFacts: config.eligibility !== undefined,
    enabled: config.enabled,
    maintenance: config.maintenance.map(window => ({
      from: Date.parse(window.from),
      to: Date.parse(window.to),
    })),
    ...(config.connector.minRemainingMs === undefined
      ? {}
      : { minRemainingMs: config.connector.minRemainingMs }),
    ...(config.disabledReason === undefined ? {} : { disabledReason: config.disabledReason }),
    ...(config.pool === undefined ? {} : { pool: config.pool }),
    ...(config.label === undefined ? {} : { label: config.label }),
    ...(config.lender === undefined ? {} : { lender: config.lender }),
  }
}
