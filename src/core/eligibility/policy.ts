import { Environment } from '@marcbachmann/cel-js'
import type { PaymentContext } from '../payment/context.ts'
import type { Route } from '../payment/route.ts'

/** A rule as the configuration gives it. `when` is a CEL expression; without it the rule always applies. */
export interface PolicyRule {
  readonly id: string
  /**
   * `deny`: the routes may not be used. `require`: only the routes may be used. `prefer`: adds `bps` of the amount
   * to the routes' value (negative avoids). `order`: the routes come first, as listed. `split`: the head is drawn
   * by `weights`. `sticky`: one payer keeps to one of the routes.
   */
  readonly kind: 'deny' | 'require' | 'prefer' | 'order' | 'split' | 'sticky'
  readonly when?: string
  readonly routes?: readonly string[]
  readonly reason?: string
  readonly bps?: number
  readonly weights?: Readonly<Record<string, number>>
}

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
  /** Whether the expression looks at the route, so that it has to be asked for each one. */
  readonly perRoute: boolean
  matches(variables: PolicyVariables, route?: Route): boolean
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
  const { when } = rule
  if (when === undefined) return { rule, perRoute: false, matches: () => true }
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
  return { rule, perRoute: /\broute\b/.test(when), matches }
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
    const listed = rule.routes === undefined || rule.routes.includes(route.id)
    if (listed === (rule.kind === 'require')) continue
    if (matches(variables, route)) reasons.push(rule.reason ?? 'MER_NOT_ENABLED')
  }
  return reasons
}
