import { compileRules } from '../core/eligibility/policy.ts'
import { checkReach } from './check-reach.ts'
import type { Finding } from './problem.ts'
import type { PolicyOverride, PolicyRule } from './schema-policy.ts'
import type { RouteConfig } from './schema-route.ts'

type Path = readonly PropertyKey[]
type PolicyParts = Pick<PolicyOverride, 'rules' | 'fallback' | 'objective' | 'shadows' | 'experiments'>

/** References and sums of a policy. */
export function checkPolicy(policy: PolicyParts, routes: readonly RouteConfig[], path: Path): Finding[] {
  const rules = policy.rules ?? []
  return [
    ...checkReferences(policy.fallback ?? [], routes, [...path, 'fallback']),
    ...rules.flatMap((rule, index) => checkRule(rule, routes, [...path, 'rules', index])),
    ...rules.flatMap((rule, index) =>
      rules.findIndex(other => other.id === rule.id) === index
        ? []
        : [error([...path, 'rules', index, 'id'], 'is used twice')],
    ),
    ...checkReach(rules, routes, [...path, 'rules']),
    ...checkObjective(policy.objective, [...path, 'objective']),
    ...checkVariants(policy, routes, path),
  ]
}

function checkObjective(objective: PolicyParts['objective'], path: Path): Finding[] {
  if (objective === undefined) return []
  const sum = objective.value + objective.approval + objective.cost
  return sum === 100 ? [] : [error(path, `must sum to 100, and sums to ${sum}`)]
}

/** Shadows and experiments: policies of their own, under names that records tell apart. */
function checkVariants(policy: PolicyParts, routes: readonly RouteConfig[], path: Path): Finding[] {
  const shadows = (policy.shadows ?? []).map((shadow, i) => ({ ...shadow, place: [...path, 'shadows', i] }))
  const trials = policy.experiments ?? []
  const experiments = trials.map((trial, i) => ({ ...trial, place: [...path, 'experiments', i] }))
  const all = [...shadows, ...experiments]
  const share = trials.reduce((sum, { percent }) => sum + percent, 0)
  return [
    ...all.flatMap(variant => checkPolicy(variant.policy, routes, [...variant.place, 'policy'])),
    ...all
      .filter(({ id }, i) => all.findIndex(other => other.id === id) !== i)
      .map(({ place }) => error([...place, 'id'], 'is used twice')),
    ...(share <= 50
      ? []
      : [
          error(
            [...path, 'experiments'],
            `take ${share}% of the payers; at most 50 leave enough to compare with`,
          ),
        ]),
  ]
}

function checkRule(rule: PolicyRule, routes: readonly RouteConfig[], path: Path): Finding[] {
  return [...checkExpression(rule, path), ...checkTargets(rule, routes, path)]
}

/** Compiles the expression as the gateway will, so that a fault shows when it is loaded. */
function checkExpression(rule: PolicyRule, path: Path): Finding[] {
  try {
    compileRules([rule])
    return []
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'the expression is not valid'
    return [error([...path, 'when'], message.split('\n', 1)[0] ?? message)]
  }
}

function checkTargets(rule: PolicyRule, routes: readonly RouteConfig[], path: Path): Finding[] {
  const place = [...path, 'routes']
  switch (rule.kind) {
    case 'deny':
    case 'prefer':
    case 'avoid':
      if (speaksOfAll(rule) && rule.when === 'true') {
        return [error(path, 'speaks about every route, always; it needs routes, tenders or when')]
      }
      return checkReferences(rule.routes ?? [], routes, place)
    case 'require':
      if (speaksOfAll(rule)) return [error(path, 'requires nothing; it needs routes or tenders')]
      return checkReferences(rule.routes ?? [], routes, place)
    case 'order':
      return checkReferences(rule.routes, routes, place)
    case 'least_cost':
      return checkReferences(rule.routes ?? [], routes, place)
    case 'commit':
      return routes.some(({ id }) => id === rule.route)
        ? []
        : [error([...path, 'route'], 'names a route that does not exist')]
    case 'sticky':
      return [...checkReferences(rule.routes, routes, place), ...checkOneTender(rule.routes, routes, place)]
    case 'split':
      return checkSplit(rule.weights, routes, [...path, 'weights'])
    default:
      return rule satisfies never
  }
}

function speaksOfAll(rule: { routes?: unknown; tenders?: unknown }): boolean {
  return rule.routes === undefined && rule.tenders === undefined
}

function checkSplit(
  weights: Readonly<Record<string, number>>,
  routes: readonly RouteConfig[],
  path: Path,
): Finding[] {
  const ids = Object.keys(weights)
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0)
  return [
    ...(sum === 100 ? [] : [error(path, `must sum to 100, and sums to ${sum}`)]),
    ...ids
      .filter(id => !routes.some(route => route.id === id))
      .map(id => error([...path, id], 'names a route that does not exist')),
    ...checkOneTender(ids, routes, path),
  ]
}

function checkReferences(ids: readonly string[], routes: readonly RouteConfig[], path: Path): Finding[] {
  return ids.flatMap((id, index) => {
    if (!routes.some(route => route.id === id)) {
      return [error([...path, index], 'names a route that does not exist')]
    }
    return ids.indexOf(id) === index ? [] : [error([...path, index], 'is listed twice')]
  })
}

function checkOneTender(ids: readonly string[], routes: readonly RouteConfig[], path: Path): Finding[] {
  const tenders = new Set(routes.filter(route => ids.includes(route.id)).map(route => route.tender))
  return tenders.size > 1
    ? [error(path, 'mixes tenders; only routes of one tender can stand in for each other')]
    : []
}

function error(path: Path, message: string): Finding {
  return { severity: 'error', path, message }
}
