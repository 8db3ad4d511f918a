import type { DecisionPolicy } from '../core/decision.ts'
import { compileRules } from '../core/eligibility/policy.ts'
import { DEFAULT_EXPLORATION } from '../core/learning/exploration.ts'
import { policyOf } from './policy-of.ts'
import { routeOf } from './route-of.ts'
import type { Config } from './schema.ts'

/**
 * What a tenant's decisions are made under: everything that, with the recorded inputs, determines a decision.
 * Throws a `TypeError` for a rule that does not compile.
 */
export function decisionPolicyOf(config: Config, version: string, tenantId: string): DecisionPolicy {
  const policy = policyOf(config, tenantId)
  return {
    version,
    routes: config.routes.map(routeOf),
    rules: compileRules(policy.rules),
    economics: policy.economics,
    attemptsMax: policy.attemptsMax,
    preference: policy.preference,
    leaveOutLosing: policy.unprofitable === 'leave_out',
    fallback: policy.fallback,
    exploration: { ...DEFAULT_EXPLORATION, ...policy.exploration },
  }
}
