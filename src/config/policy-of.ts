import type { Config } from './schema.ts'
import type { PolicyConfig, PolicyOverride, PolicyVariant } from './schema-policy.ts'

/** The policy that holds for a tenant: the common one with the tenant's own keys in place. */
export function policyOf(config: Config, tenantId: string): PolicyConfig {
  const own = config.tenants.find(tenant => tenant.id === tenantId)?.policy
  return own === undefined ? config.policy : overridden(config.policy, own)
}

/** A policy with what another names in place, key by key; of economics and exploration one level deeper. */
export function overridden(common: PolicyConfig, own: PolicyOverride | PolicyVariant): PolicyConfig {
  return {
    ...common,
    ...own,
    economics: { ...common.economics, ...own.economics },
    exploration: { ...common.exploration, ...own.exploration },
  }
}
