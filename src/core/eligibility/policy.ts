import { Environment } from '@marcbachmann/cel-js'
import { hashUnit } from '../hash.ts'
import type { PaymentContext } from '../payment/context.ts'
import type { Route } from '../payment/route.ts'

/** Which routes a rule speaks about: those listed and those of the listed tenders; all when neither is given. */
interface Scope {
  readonly id: string
  /** CEL expression over the payment; the rule applies where it is true. */
  readonly when: string
  readonly routes?: readonly string[] | undefined
  readonly tenders?: readonly string[] | undefined
  /** Share of payers for whom it holds; 100 when absent. */
  readonly percent?: number
}

/**
 * A rule as the configuration gives it. `deny`: the routes may not be used. `require`: no others may be used.
 * `prefer`, `avoid`: add to or take from the routes' value, in basis points of the amount. `order`: the routes come
 * first, as listed. `split`: the head is drawn by `weights`. `sticky`: one payer keeps to one of the routes.
 * `least_cost`: the cheapest of the routes comes first. `commit`: a route is preferred while it is behind the pace
 * of a promised volume.
 */
export type PolicyRule =
  | (Scope & { readonly kind: 'deny' | 'require'; readonly reason: string })
  | (Scope & { readonly kind: 'prefer' | 'avoid'; readonly bps: number })
  | (Scope & { readonly kind: 'order' | 'sticky'; readonly routes: readonly string[] })
  | (Scope & { readonly kind: 'split'; readonly weights: Readonly<Record<string, number>> })
  | (Scope & { readonly kind: 'least_cost' })
  | (Scope & {
      readonly kind: 'commit'
      readonly route: string
      readonly payments: number
      readonly period: 'day' | 'month'
      readonly bps: number
    })

/** What an expression may look at. Integers are BigInt, as CEL wants them. */
export interface PolicyVariables {
  readonly amount: { readonly currency: string; readonly value: bigint }
  readonly channel: string
  readonly payer: { readonly id: string }
  readonly merchant: { readonly id: string; readonly mcc: string }
  readonly categories: readonly string[]
  readonly tenders: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  /** Hour 0-23 and weekday 1 (Monday) - 7, in UTC. */
  readonly time: { readonly hour: bigint; readonly weekday: bigint }
}

export interface CompiledRule {
  readonly rule: PolicyRule
  readonly matches: (variables: PolicyVariables, route?: Route) => boolean
}

/** Structural limits of one expression: what is over them is refused when it is loaded, not when it runs. */
const LIMITS = { maxAstNodes: 200, maxDepth: 16, maxListElements: 100, maxMapEntries: 20 }
const EXPRESSION_CHARACTERS_MAX = 1_000

/**
 * Compiles rules once, with type check and cost limits. Throws a `TypeError` that names the rule and the fault.
 * CEL has no loops over anything but lists, and the lists here are bounded by the request's own limits.
 */
export function compileRules(rules: readonly PolicyRule[]): CompiledRule[] {
  if (rules.length === 0) return []
  const environment = policyEnvironment()
  return rules.map(rule => compileRule(environment, rule))
}

function policyEnvironment(): Environment {
  return new Environment({ limits: LIMITS })
    .registerVariable('amount', { schema: { currency: 'string', value: 'int' } })
    .registerVariable('channel', 'string')
    .registerVariable('payer', { schema: { id: 'string' } })
    .registerVariable('merchant', { schema: { id: 'string', mcc: 'string' } })
    .registerVariable('categories', 'list<string>')
    .registerVariable('tenders', 'list<string>')
    .registerVariable('metadata', 'map<string, string>')
    .registerVariable('time', { schema: { hour: 'int', weekday: 'int' } })
    .registerVariable('route', { schema: { id: 'string', tender: 'string' } })
}

function compileRule(environment: Environment, rule: PolicyRule): CompiledRule {
  const compiled = compileExpression(environment, rule)
  const { id, percent = 100 } = rule
  if (percent >= 100) return compiled
  return {
    rule,
    matches: (variables, route) =>
      hashUnit(`${id}|${variables.payer.id}`) * 100 < percent && compiled.matches(variables, route),
  }
}

function compileExpression(environment: Environment, rule: PolicyRule): CompiledRule {
  const { when } = rule
  if (when === 'true') return { rule, matches: () => true }
  if (when.length > EXPRESSION_CHARACTERS_MAX) {
    throw new TypeError(
      `rule ${rule.id}: the expression is longer than ${EXPRESSION_CHARACTERS_MAX} characters`,
    )
  }
  const checked = environment.check(when)
  if (!checked.valid)
    throw new TypeError(`rule ${rule.id}: ${checked.error?.message ?? 'the expression is not valid'}`)
  if (checked.type !== 'bool')
    throw new TypeError(`rule ${rule.id}: the expression gives ${checked.type}, not bool`)
  const evaluate = environment.parse(when)
  const matches = (variables: PolicyVariables, route?: Route): boolean => {
    try {
      return evaluate({ ...variables, route: { id: route?.id ?? '', tender: route?.tender ?? '' } }) === true
    } catch {
      // A key that the context lacks makes the expression false, as a missing fact should.
      return false
    }
  }
  return { rule, matches }
}

/** What the expressions see of a context at a time (Unix ms). */
export function policyVariables(context: PaymentContext, now: number): PolicyVariables {
  const hours = Math.floor(now / 3_600_000)
  return {
    amount: { currency: context.amount.currency, value: BigInt(context.amount.value) },
    channel: context.channel,
    payer: { id: context.payer.id },
    merchant: { id: context.merchant?.id ?? '', mcc: context.merchant?.mcc ?? '' },
    categories: context.items?.map(item => item.category) ?? [],
    tenders: context.funding.accept.map(accepted => accepted.tender),
    metadata: context.metadata ?? {},
    // 1 January 1970 was a Thursday, weekday 4.
    time: { hour: BigInt(hours % 24), weekday: BigInt(((Math.floor(hours / 24) + 3) % 7) + 1) },
  }
}

/** The reasons for which the rules exclude a route. */
export function policyReasons(
  rules: readonly CompiledRule[],
  route: Route,
  variables: PolicyVariables,
): string[] {
  const reasons: string[] = []
  for (const { rule, matches } of rules) {
    if (rule.kind !== 'deny' && rule.kind !== 'require') continue
    if (speaksOf(rule, route) === (rule.kind === 'require')) continue
    if (matches(variables, route)) reasons.push(rule.reason)
  }
  return reasons
}

/** Approved payments of a route so far in the present day and month, UTC. */
export interface Volume {
  readonly day: number
  readonly month: number
}

/**
 * What `prefer`, `avoid` and `commit` rules add to a route, in basis points of the amount.
 * @param now Unix ms
 */
export function preferenceBps(
  rules: readonly CompiledRule[],
  route: Route,
  variables: PolicyVariables,
  now: number,
  volume: Volume | undefined,
): number {
  let bps = 0
  for (const { rule, matches } of rules) {
    if (rule.kind === 'commit') {
      if (rule.route === route.id && matches(variables, route))
        bps += commitmentBps(rule, now, volume?.[rule.period] ?? 0)
    } else if (rule.kind === 'prefer' || rule.kind === 'avoid') {
      if (speaksOf(rule, route) && matches(variables, route))
        bps += rule.kind === 'prefer' ? rule.bps : -rule.bps
    }
  }
  return bps
}

/** Share of the promised volume behind pace at which a commitment's preference is whole. */
const BEHIND_WHOLE = 0.1

/**
 * The pace of a commitment is even over its period. Its preference grows with how far the route is behind and ends
 * when it has caught up, so traffic moves smoothly and no more of it than was promised.
 */
export function commitmentBps(
  rule: Extract<PolicyRule, { kind: 'commit' }>,
  now: number,
  approved: number,
): number {
  const behind = elapsedShare(rule.period, now) - approved / rule.payments
  return rule.bps * Math.min(1, Math.max(0, behind / BEHIND_WHOLE))
}

const DAY_MS = 86_400_000

/** Share of the calendar day or month that has passed, UTC. */
function elapsedShare(period: 'day' | 'month', now: number): number {
  if (period === 'day') return (now % DAY_MS) / DAY_MS
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const start = Date.UTC(year, month, 1)
  return (now - start) / (Date.UTC(year, month + 1, 1) - start)
}

/** Whether a rule speaks about a route. */
export function speaksOf(rule: PolicyRule, route: Pick<Route, 'id' | 'tender'>): boolean {
  if (rule.routes === undefined && rule.tenders === undefined) return true
  return rule.routes?.includes(route.id) === true || rule.tenders?.includes(route.tender) === true
}
