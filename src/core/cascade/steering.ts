import { type CompiledRule, type PolicyVariables, speaksOf } from '../eligibility/policy.ts'
import { hash32, hashUnit } from '../hash.ts'
import type { Tender } from '../payment/context.ts'

/** A route that the rules may place, and what a success of it costs for the amount at hand. */
export interface SteeredRoute {
  readonly id: string
  readonly tender: Tender
  readonly cost: number
}

/** What `order`, `split`, `sticky` and `least_cost` rules make of the eligible routes. */
export interface Steering {
  /** Route that a split has drawn or that a payer keeps to. */
  readonly head?: string
  /** Probability with which the head was drawn. */
  readonly propensity: number
  readonly order: readonly string[]
}

/** Applies the rules in their order; a later rule that finds a head wins over an earlier one. */
export function steer(
  rules: readonly CompiledRule[],
  eligible: readonly SteeredRoute[],
  payer: string,
  seed: number,
  variables: PolicyVariables,
): Steering {
  const ids = eligible.map(({ id }) => id)
  let steering: Steering = { propensity: 1, order: [] }
  for (const { rule, matches } of rules) {
    if (!PLACING.has(rule.kind) || !matches(variables)) continue
    if (rule.kind === 'order') steering = { ...steering, order: [...steering.order, ...rule.routes] }
    if (rule.kind === 'split') steering = { ...steering, ...drawHead(rule.weights, ids, seed, rule.id) }
    if (rule.kind === 'sticky') {
      const head = stickyRoute(
        ids.filter(route => rule.routes.includes(route)),
        payer,
      )
      if (head !== undefined) steering = { ...steering, head, propensity: 1 }
    }
    if (rule.kind === 'least_cost') {
      const head = cheapest(eligible.filter(route => speaksOf(rule, route)))
      if (head !== undefined) steering = { ...steering, head, propensity: 1 }
    }
  }
  return steering
}

const PLACING: ReadonlySet<string> = new Set(['order', 'split', 'sticky', 'least_cost'])

/** Of equal cost, the first by id. */
function cheapest(routes: readonly SteeredRoute[]): string | undefined {
  return routes.toSorted((a, b) => a.cost - b.cost || (a.id < b.id ? -1 : 1))[0]?.id
}

/** Draws among the eligible routes by weight, so that the share of a route that is out goes to the others. */
function drawHead(
  weights: Readonly<Record<string, number>>,
  eligible: readonly string[],
  seed: number,
  salt: string,
): { head: string; propensity: number } | undefined {
  const shares = eligible.map(route => weights[route] ?? 0)
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (total <= 0) return undefined
  let left = hashUnit(salt, seed) * total
  for (let i = 0; i < eligible.length; i++) {
    const share = shares[i] as number
    left -= share
    if (share > 0 && left < 0) return { head: eligible[i] as string, propensity: share / total }
  }
  return undefined
}

/** Rendezvous hashing: a payer keeps the route while it is eligible, and only its own payers move when one goes. */
function stickyRoute(routes: readonly string[], payer: string): string | undefined {
  let best: { route: string; weight: number } | undefined
  for (const route of routes) {
    const weight = hash32(`${payer}|${route}`)
    if (best === undefined || weight > best.weight) best = { route, weight }
  }
  return best?.route
}

const BY_VALUE = 1_000

/** How many places `placeOf` tells apart. */
export const PLACES = 3 * BY_VALUE

/** Where the policy puts a route: its head first, then those listed, all others by value, fallbacks last. */
export function placeOf(route: string, steering: Steering, fallback: readonly string[]): number {
  if (steering.head === route) return 0
  const listed = steering.order.indexOf(route)
  if (listed >= 0) return 1 + listed
  const last = fallback.indexOf(route)
  return last >= 0 ? 2 * BY_VALUE + last : BY_VALUE
}

/** Whether the policy has named the route for its place, whatever it is worth. */
export function isPlaced(route: string, steering: Steering, fallback: readonly string[]): boolean {
  return placeOf(route, steering, fallback) !== BY_VALUE
}
