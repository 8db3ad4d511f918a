import type { DecisionPolicy } from '../core/decision.ts'
import { compileRules } from '../core/eligibility/policy.ts'
import { hash32 } from '../core/hash.ts'
import { burstOf } from '../core/learning/exploration.ts'
import type { Route } from '../core/payment/route.ts'
import { overridden, policyOf } from './policy-of.ts'
import { routeOf } from './route-of.ts'
import type { Config } from './schema.ts'
import type { PolicyConfig } from './schema-policy.ts'

/** A policy that is tried on a share of payers. */
export interface PolicyExperiment {
  readonly id: string
  /** Tenant, name and content: a changed experiment counts anew. */
  readonly key: string
  readonly percent: number
  /** Share of the arm among the payers compared, 0..1: the control is those in no experiment. */
  readonly share: number
  readonly policy: DecisionPolicy
  readonly approvalDropBps: number
}

/** Everything that a tenant's decisions are made under. */
export interface DecisionPolicies {
  readonly policy: DecisionPolicy
  /** Named `{version}/{id}`, as the record names what it was made under. */
  readonly shadows: readonly DecisionPolicy[]
  readonly experiments: readonly PolicyExperiment[]
}

/**
 * What a tenant's decisions are made under: everything that, with the recorded inputs, determines a decision.
 * Throws a `TypeError` for a rule that does not compile.
 */
export function decisionPolicyOf(config: Config, version: string, tenantId: string): DecisionPolicy {
  return toDecisionPolicy(policyOf(config, tenantId), version, config.routes.map(routeOf))
}

/** The same with its shadows and experiments. */
export function decisionPoliciesOf(config: Config, version: string, tenantId: string): DecisionPolicies {
  const running = policyOf(config, tenantId)
  const routes = config.routes.map(routeOf)
  const untouched = 100 - running.experiments.reduce((sum, { percent }) => sum + percent, 0)
  return {
    policy: toDecisionPolicy(running, version, routes),
    shadows: running.shadows.map(({ id, policy }) =>
      toDecisionPolicy(overridden(running, policy), `${version}/${id}`, routes),
    ),
    experiments: running.experiments.map(({ id, percent, policy, guardrail }) => ({
      id,
      key: `${tenantId}/${id}/${hash32(JSON.stringify(policy)).toString(16)}`,
      percent,
      share: percent / (percent + untouched),
      policy: toDecisionPolicy(overridden(running, policy), `${version}/${id}`, routes),
      approvalDropBps: guardrail.approvalDropBps,
    })),
  }
}

function toDecisionPolicy(policy: PolicyConfig, version: string, routes: readonly Route[]): DecisionPolicy {
  const { objective, economics } = policy
  return {
    version,
    routes,
    rules: compileRules(policy.rules),
    economics: objective.value === 100 ? economics : { ...economics, objective },
    attemptsMax: policy.attemptsMax,
    preference: policy.preference,
    leaveOutLosing: policy.unprofitable === 'leave_out',
    fallback: policy.fallback,
    exploration: { ...policy.exploration, burst: burstOf(policy.exploration.shareMax) },
  }
}
