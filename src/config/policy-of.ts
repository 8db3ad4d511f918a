import type { Config } from './schema.ts'
import type { PolicyConfig } from './schema-policy.ts'

/** The policy that holds for a tenant: the common one with the tenant's own keys in place. */
export function policyOf(config: Config, tenantId: string): PolicyConfig {
  const own = config.tenants.find(tenant => tenant.id === tenantId)?.policy
  if (own === undefined) return config.policy
  const common = config.policy
  return {
    economics: {
      marginBps: own.economics?.marginBps ?? common.economics.marginBps,
      abandonmentPerSecond: own.economics?.abandonmentPerSecond ?? common.economics.abandonmentPerSecond,
      unknownCost: own.economics?.unknownCost ?? common.economics.unknownCost,
      lossGivenDefault: own.economics?.lossGivenDefault ?? common.economics.lossGivenDefault,
    },
    attemptsMax: own.attemptsMax ?? common.attemptsMax,
    preference: own.preference ?? common.preference,
    unprofitable: own.unprofitable ?? common.unprofitable,
    fallback: own.fallback ?? common.fallback,
    rules: own.rules ?? common.rules,
    exploration: {
      shareMax: own.exploration?.shareMax ?? common.exploration.shareMax,
      valueAtRiskMax: own.exploration?.valueAtRiskMax ?? common.exploration.valueAtRiskMax,
    },
  }
}
