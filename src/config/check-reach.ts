import type { Finding } from './problem.ts'
import type { PolicyRule } from './schema-policy.ts'
import type { RouteConfig } from './schema-route.ts'

/**
 * Rules that can never have an effect, whatever payment comes: a condition that is never true, routes that another
 * rule always takes away, a head that a later rule always replaces. They are refused, because whoever wrote them
 * expects something of them.
 */
export function checkReach(
  rules: readonly PolicyRule[],
  routes: readonly RouteConfig[],
  path: readonly PropertyKey[],
): Finding[] {
  return rules.flatMap((rule, index) => {
    const message = unreachable(rule, index, rules, routes)
    return message === undefined ? [] : [{ severity: 'error' as const, path: [...path, index], message }]
  })
}

function unreachable(
  rule: PolicyRule,
  index: number,
  rules: readonly PolicyRule[],
  routes: readonly RouteConfig[],
): string | undefined {
  if (/^\s*(false|!\s*true)\s*$/.test(rule.when)) return 'is unreachable: its condition is never true'
  const own = routesOf(rule, routes)
  const always = rules.filter(
    other => other !== rule && other.when.trim() === 'true' && other.percent === 100,
  )
  const excluding = always.find(
    other =>
      (other.kind === 'deny' && isWithin(own, routesOf(other, routes))) ||
      (other.kind === 'require' && own.every(id => !routesOf(other, routes).includes(id))),
  )
  if (excluding !== undefined && own.length > 0 && rule.kind !== 'deny' && rule.kind !== 'require')
    return `is unreachable: rule ${excluding.id} always takes its routes away`
  if (!givesHead(rule)) return undefined
  const replacing = always.find(
    other => rules.indexOf(other) > index && givesHead(other) && isWithin(own, routesOf(other, routes)),
  )
  return replacing === undefined ? undefined : `is unreachable: rule ${replacing.id} always decides after it`
}

function givesHead({ kind }: PolicyRule): boolean {
  return kind === 'split' || kind === 'sticky' || kind === 'least_cost'
}

function isWithin(ids: readonly string[], others: readonly string[]): boolean {
  return ids.every(id => others.includes(id))
}

/** The routes that a rule may have an effect on. */
function routesOf(rule: PolicyRule, routes: readonly RouteConfig[]): readonly string[] {
  switch (rule.kind) {
    case 'split':
      return Object.keys(rule.weights)
    case 'commit':
      return [rule.route]
    case 'order':
    case 'sticky':
      return rule.routes
    default: {
      const { routes: named, tenders } = rule
      if (named === undefined && tenders === undefined) return routes.map(({ id }) => id)
      return routes
        .filter(({ id, tender }) => named?.includes(id) === true || tenders?.includes(tender) === true)
        .map(({ id }) => id)
    }
  }
}
