import type { AcceptedTender, PaymentContext } from '../payment/context.ts'
import type { Route } from '../payment/route.ts'
import { type FactState, isOverdue } from './facts.ts'
import { type CompiledRule, policyReasons, type PolicyVariables } from './policy.ts'

/** What the liquidity of the route's pool allows now; computed by the gateway from the pool's snapshot. */
export interface LiquidityVerdict {
  readonly allowed: boolean
  readonly reasons: readonly string[]
}

/** Everything that decides whether one route may be used for one payment. All of it is in the decision record. */
export interface GateInput {
  readonly context: PaymentContext
  readonly route: Route
  readonly now: number
  readonly breaker: 'closed' | 'half_open' | 'open'
  /** True in a decision that will be executed: stale facts then do not serve. */
  readonly paying: boolean
  readonly facts?: FactState
  /** Credit reasons found by the credit policy from the facts, most important first. */
  readonly credit?: readonly string[]
  readonly liquidity?: LiquidityVerdict
  readonly rules: readonly CompiledRule[]
  readonly variables: PolicyVariables
}

export const GATES = [
  'capability',
  'operation',
  'health',
  'consent',
  'credit',
  'liquidity',
  'policy',
] as const
export type Gate = (typeof GATES)[number]

/** The verdict of each gate that objects: its reason codes. Gates that are content are left out. */
export type GateVerdicts = Readonly<Partial<Record<Gate, readonly string[]>>>

/**
 * Asks every gate, with no short circuit: the answer to "why not this route?" must be complete.
 * The route is eligible when the result is empty. Codes are those of the catalogue in `core/explain`.
 */
export function evaluateGates(input: GateInput): GateVerdicts {
  const verdicts: Partial<Record<Gate, readonly string[]>> = {}
  const note = (gate: Gate, reasons: readonly string[]): void => {
    if (reasons.length > 0) verdicts[gate] = reasons
  }
  note('capability', capabilityGate(input))
  note('operation', operationGate(input))
  note('health', input.breaker === 'open' ? ['TECH_ROUTE_UNSTABLE'] : [])
  note('consent', consentGate(input))
  note('credit', creditGate(input))
  note('liquidity', input.liquidity === undefined || input.liquidity.allowed ? [] : input.liquidity.reasons)
  note('policy', policyReasons(input.rules, input.route, input.variables))
  return verdicts
}

/** All reasons of a verdict, gate by gate, without repetition. */
export function reasonsOf(verdicts: GateVerdicts): string[] {
  const reasons: string[] = []
  for (const gate of GATES) {
    for (const reason of verdicts[gate] ?? []) if (!reasons.includes(reason)) reasons.push(reason)
  }
  return reasons
}

function capabilityGate({ context, route }: GateInput): string[] {
  const { capability } = route
  const reasons: string[] = []
  const { routes } = context.funding
  if (routes !== undefined && !routes.includes(route.id)) return ['MER_NOT_ENABLED']
  if (!capability.channels.includes(context.channel)) {
    reasons.push(context.channel === 'qr_merchant' ? 'TECH_TERMINAL_UNSUPPORTED' : 'TECH_CHANNEL_UNSUPPORTED')
  }
  if (!capability.currencies.includes(context.amount.currency)) reasons.push('MER_NOT_ENABLED')
  else if (context.amount.value < capability.amount.min || context.amount.value > capability.amount.max) {
    reasons.push('MER_AMOUNT_OUT_OF_RANGE')
  }
  if (!capability.capture.includes(context.capture ?? 'automatic')) reasons.push('MER_NOT_ENABLED')
  if (excludesGoods(context, capability.excludedCategories)) reasons.push('MER_GOODS_EXCLUDED')
  return reasons
}

function excludesGoods(context: PaymentContext, excluded: readonly string[]): boolean {
  if (excluded.length === 0 || context.items === undefined) return false
  return context.items.some(item => excluded.includes(item.category))
}

function operationGate({ route, now }: GateInput): string[] {
  if (!route.enabled) return ['TECH_ROUTE_MAINTENANCE']
  return route.maintenance.some(({ from, to }) => from <= now && now < to) ? ['TECH_ROUTE_MAINTENANCE'] : []
}

/** The accepted tender that a route would serve, or undefined where the payer has not consented to it. */
export function consentFor(context: PaymentContext, route: Route): AcceptedTender | undefined {
  return context.funding.accept.find(accepted => accepted.tender === route.tender)
}

function consentGate({ context, route, paying }: GateInput): string[] {
  const accepted = consentFor(context, route)
  if (accepted === undefined) return ['TENDER_NOT_ACCEPTED']
  if (route.tender !== 'credit') return []
  const { instalments } = accepted
  if (accepted.route !== undefined && accepted.route !== route.id) return ['TENDER_NOT_ACCEPTED']
  if (instalments !== undefined && !route.capability.instalments.includes(instalments))
    return ['LIQ_TERM_SUSPENDED']
  // Credit is never paid with without the quote that the payer has seen.
  return paying && accepted.quote === undefined ? ['TENDER_NOT_ACCEPTED'] : []
}

/**
 * Facts about the payer. When neither the provider nor the cache can tell, credit fails closed and own-money
 * routes fail open. Stale facts serve a quote, never a payment. Of a way to pay that the payer has not accepted the
 * facts are not waited for, and where there are none nothing is said.
 */
function creditGate({ context, route, facts, paying, credit }: GateInput): readonly string[] {
  if (!route.needsFacts) return []
  const isCredit = route.tender === 'credit'
  const accepted = consentFor(context, route) !== undefined
  if (facts === undefined && !accepted) return []
  if (facts === undefined || facts.kind === 'unavailable') return isCredit ? ['TECH_ROUTE_UNSTABLE'] : []
  if (facts.kind === 'unknown_payer') return isCredit ? ['CRD_NOT_ACTIVATED'] : []
  if (paying && isCredit && accepted && !facts.fresh) return ['TECH_ROUTE_UNSTABLE']
  const { activated, frozen, availableCredit, restrictions } = facts.facts
  const reasons: string[] = [...(restrictions ?? [])]
  if (!activated) reasons.push('CRD_NOT_ACTIVATED')
  if (frozen) reasons.push('CRD_FROZEN_BY_USER')
  if (isOverdue(facts.facts)) reasons.push('CRD_OVERDUE')
  if (isCredit && activated && availableCredit < context.amount.value) reasons.push('CRD_LIMIT_INSUFFICIENT')
  for (const reason of credit ?? []) if (!reasons.includes(reason)) reasons.push(reason)
  return reasons
}
