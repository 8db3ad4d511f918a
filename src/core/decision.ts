import { rankCascade, type Step } from './cascade/rank.ts'
import { type Explored, exploreHead } from './cascade/explore.ts'
import { isPlaced, PLACES, placeOf, steer, type Steering } from './cascade/steering.ts'
import type { PayerVerdict } from './credit/payer-verdict.ts'
import type { FactState } from './eligibility/facts.ts'
import { evaluateGates, type GateVerdicts, type LiquidityVerdict, reasonsOf } from './eligibility/gates.ts'
import {
  type CompiledRule,
  policyVariables,
  type PolicyVariables,
  preferenceBps,
  type Volume,
} from './eligibility/policy.ts'
import { reasonOfDecline } from './explain/decline-reason.ts'
import { hash32 } from './hash.ts'
import type { ExplorationPolicy } from './learning/exploration.ts'
import type { PaymentContext, Tender } from './payment/context.ts'
import { DECLINE_RULES, type DeclineCategory } from './payment/decline.ts'
import type { Route } from './payment/route.ts'
import {
  type Economics,
  type RouteEstimate,
  type RouteValue,
  successCost,
  valueRoute,
} from './scoring/value.ts'

/** The policy that a decision is made under. Built once per configuration. */
export interface DecisionPolicy {
  readonly version: string
  readonly routes: readonly Route[]
  readonly rules: readonly CompiledRule[]
  readonly economics: Economics
  readonly attemptsMax: number
  /** Tenders in the payer's order, or across everything accepted, when the request does not say. */
  readonly preference: 'payer_order' | 'best_value'
  readonly leaveOutLosing: boolean
  /** Routes kept for last, in this order, whatever they are worth. */
  readonly fallback: readonly string[]
  readonly exploration: ExplorationPolicy
}

/** What is known of one route at decision time, as plain data. */
export interface RouteInputs {
  readonly breaker: 'closed' | 'half_open' | 'open'
  readonly estimate: RouteEstimate
  /** Present when a rule commits volume to the route. */
  readonly volume?: Volume
  readonly facts?: FactState
  /** Reasons that the credit policy found, and the probability of default it expects. */
  readonly credit?: PayerVerdict
  readonly liquidity?: LiquidityVerdict & { readonly shadowBps: number; readonly terms?: readonly number[] }
}

/** An attempt that this payment has already made, and how it was refused. */
export interface PriorAttempt {
  readonly route: string
  readonly tender: Tender
  readonly category: DeclineCategory
}

/**
 * All that a decision depends on beside the policy. The record holds it whole, so that the same build reproduces
 * the decision bit for bit, and another policy shows the counterfactual.
 */
export interface DecisionInputs {
  readonly context: PaymentContext
  /** Unix ms. */
  readonly now: number
  /** Whether the decision is going to be executed, or only told. */
  readonly paying: boolean
  readonly prior: readonly PriorAttempt[]
  readonly routes: Readonly<Record<string, RouteInputs>>
  /** 32-bit; draws every tie and every split. */
  readonly seed: number
  /** Share with which this decision may explore: what is left of the budget. Absent: it keeps to what is known. */
  readonly explorationAllowance?: number
}

export interface Candidate {
  readonly route: string
  readonly tender: Tender
  readonly eligible: boolean
  readonly reasons: readonly string[]
  readonly gates: GateVerdicts
  /** Refused by an earlier attempt of this payment, or ruled out by how one was refused. */
  readonly closed?: 'tried' | 'failover'
  readonly value: RouteValue
}

export interface Decision {
  readonly policyVersion: string
  readonly inputs: DecisionInputs
  readonly candidates: readonly Candidate[]
  /** Route ids, in the order in which they are to be tried. */
  readonly cascade: readonly string[]
  /** Probability with which the head of the cascade was chosen. */
  readonly propensity: number
  /** Present when another head could have been drawn in order to learn: with which probability, and whether it was. */
  readonly exploration?: { readonly share: number; readonly explored: boolean }
  /** What policies that only watch would have done. */
  readonly shadows?: readonly Pick<Decision, 'policyVersion' | 'cascade' | 'propensity'>[]
}

/** Pure: the same inputs and the same policy give the same decision. */
export function decide(policy: DecisionPolicy, inputs: DecisionInputs): Decision {
  const variables = policyVariables(inputs.context, inputs.now)
  const candidates = policy.routes.map(route => assess(policy, route, inputs, variables))
  const eligible = candidates.filter(candidate => candidate.eligible)
  const steered = eligible.map(({ route, tender, value }) => ({
    id: route,
    tender,
    cost: value.cost + value.perAttempt,
  }))
  const steering = steer(policy.rules, steered, inputs.context.payer.id, inputs.seed, variables)
  const groups = new Map(
    eligible.map(candidate => [candidate.route, groupOf(candidate, policy, inputs.context, steering)]),
  )
  const attemptsMax = policy.attemptsMax - inputs.prior.length
  const cascade = rankCascade(eligible.map(toStep), {
    attemptsMax,
    leaveOutLosing: policy.leaveOutLosing,
    placed: id => isPlaced(id, steering, policy.fallback),
    group: id => groups.get(id) as number,
    tieBreak: id => hash32(id, inputs.seed),
  })
  const chosen = explore(policy, inputs, eligible, cascade, steering, groups)
  const drawn = steering.head !== undefined && cascade[0] === steering.head
  return {
    policyVersion: policy.version,
    inputs,
    candidates,
    cascade: chosen === undefined ? cascade : withHead(chosen.route, cascade, attemptsMax),
    propensity: chosen?.propensity ?? (drawn ? steering.propensity : 1),
    ...(chosen === undefined ? {} : { exploration: { share: chosen.share, explored: chosen.explored } }),
  }
}

/** Draws the head among the routes that the payer and the policy leave to the gateway, in order to learn. */
function explore(
  policy: DecisionPolicy,
  inputs: DecisionInputs,
  eligible: readonly Candidate[],
  cascade: readonly string[],
  steering: Steering,
  groups: ReadonlyMap<string, number>,
): Explored | undefined {
  const [head] = cascade
  const allowance = inputs.explorationAllowance ?? 0
  if (head === undefined || allowance <= 0 || isPlaced(head, steering, policy.fallback)) return undefined
  const mates = eligible.filter(
    ({ route, value }) =>
      route === head ||
      (groups.get(route) === groups.get(head) && (value.gain > 0 || !policy.leaveOutLosing)),
  )
  mates.sort((a, b) => Number(b.route === head) - Number(a.route === head))
  return exploreHead({
    routes: mates.map(({ route, tender, value }) => ({
      route,
      tender,
      value,
      estimate: (inputs.routes[route] as RouteInputs).estimate,
    })),
    policy: policy.exploration,
    economics: termsOf(policy, inputs),
    allowance,
    seed: inputs.seed,
    attempt: inputs.prior.length,
  })
}

function withHead(head: string, cascade: readonly string[], attemptsMax: number): string[] {
  return [head, ...cascade.filter(id => id !== head)].slice(0, attemptsMax)
}

/** The economics of one payment: a request may know its own margin. */
function termsOf({ economics }: DecisionPolicy, { context: { marginBps } }: DecisionInputs): Economics {
  return marginBps === undefined ? economics : { ...economics, marginBps }
}

function toStep(candidate: Candidate): Step {
  return { id: candidate.route, gain: candidate.value.gain, continuation: candidate.value.continuation }
}

function assess(
  policy: DecisionPolicy,
  route: Route,
  inputs: DecisionInputs,
  variables: PolicyVariables,
): Candidate {
  const known = inputs.routes[route.id] as RouteInputs
  const gates = evaluateGates({
    context: inputs.context,
    route,
    now: inputs.now,
    breaker: known.breaker,
    paying: inputs.paying,
    rules: policy.rules,
    variables,
    ...(known.facts === undefined ? {} : { facts: known.facts }),
    ...(known.credit === undefined ? {} : { credit: known.credit.reasons }),
    ...(known.liquidity === undefined ? {} : { liquidity: known.liquidity }),
  })
  const closed = closedBy(route, inputs.prior)
  const reasons = reasonsOf(gates)
  return {
    route: route.id,
    tender: route.tender,
    eligible: reasons.length === 0 && closed === undefined,
    reasons: closed === undefined ? reasons : [...closed.reasons, ...reasons],
    gates,
    value: valueOf(policy, route, known, inputs, variables),
    ...(closed === undefined ? {} : { closed: closed.kind }),
  }
}

function valueOf(
  policy: DecisionPolicy,
  route: Route,
  known: RouteInputs,
  inputs: DecisionInputs,
  variables: PolicyVariables,
): RouteValue {
  const amount = inputs.context.amount.value
  const { economics } = policy
  const costs = {
    success: successCost(amount, route.cost),
    perAttempt: route.cost.perAttempt,
    expectedLoss: (known.credit?.pd ?? 0) * economics.lossGivenDefault * amount,
    shadowPrice: (amount * (known.liquidity?.shadowBps ?? 0)) / 10_000,
  }
  const terms = termsOf(policy, inputs)
  const preference = preferenceBps(policy.rules, route, variables, inputs.now, known.volume)
  return valueRoute(amount, known.estimate, costs, terms, preference)
}

/** Whether earlier refusals close a route: it was tried, or its kind of refusal does not let the payment go there. */
function closedBy(
  route: Route,
  prior: readonly PriorAttempt[],
): { kind: 'tried' | 'failover'; reasons: string[] } | undefined {
  const own = prior.find(attempt => attempt.route === route.id)
  if (own !== undefined) return { kind: 'tried', reasons: [reasonOfDecline(own.category, own.tender)] }
  const barring = prior.find(attempt => bars(attempt, route.tender, prior))
  return barring === undefined
    ? undefined
    : { kind: 'failover', reasons: [reasonOfDecline(barring.category, barring.tender)] }
}

function bars(attempt: PriorAttempt, tender: Tender, prior: readonly PriorAttempt[]): boolean {
  switch (DECLINE_RULES[attempt.category].failover) {
    case 'any':
      return false
    case 'other_tender':
      return tender === attempt.tender
    case 'non_credit':
      return tender === 'credit'
    case 'once':
      return prior.length - prior.indexOf(attempt) > 1
    case 'never':
      return true
  }
}

/** The payer's order of tenders first, unless the gateway may choose; then where the policy puts the route. */
function groupOf(
  { route, tender }: Candidate,
  policy: DecisionPolicy,
  context: PaymentContext,
  steering: Steering,
): number {
  const preference = context.funding.preference ?? policy.preference
  const byPayer =
    preference === 'best_value' ? 0 : context.funding.accept.findIndex(accepted => accepted.tender === tender)
  return byPayer * PLACES + placeOf(route, steering, policy.fallback)
}

/** Tenders that would work now if the payer chose them, best first: at most consent stands against one of their routes. */
export function alternatives(
  decision: Decision,
  routes: readonly Route[],
): { tender: Tender; route: string }[] {
  const { prior } = decision.inputs
  const found = new Map<Tender, { tender: Tender; route: string; index: number }>()
  for (const candidate of decision.candidates) {
    const route = routes.find(({ id }) => id === candidate.route)
    if (route === undefined || !isOpenToPayer(candidate, prior) || !worksByConsent(candidate)) continue
    // Nothing is known of the payer there: whether it works cannot be said.
    if (route.needsFacts && decision.inputs.routes[route.id]?.facts === undefined) continue
    const best = found.get(candidate.tender)
    if (best === undefined || candidate.value.index > best.index) {
      found.set(candidate.tender, {
        tender: candidate.tender,
        route: candidate.route,
        index: candidate.value.index,
      })
    }
  }
  return [...found.values()].sort((a, b) => b.index - a.index).map(({ tender, route }) => ({ tender, route }))
}

/** Where only the number of automatic tries closes a route, another tender is still the payer's to choose. */
function isOpenToPayer({ closed, tender }: Candidate, prior: readonly PriorAttempt[]): boolean {
  if (closed !== 'failover') return closed === undefined
  return prior.every(attempt => {
    const once = DECLINE_RULES[attempt.category].failover === 'once'
    return attempt.tender !== tender && (once || !bars(attempt, tender, prior))
  })
}

function worksByConsent({ eligible, gates }: Candidate): boolean {
  if (eligible) return true
  const objecting = Object.keys(gates)
  return objecting.length === 1 && objecting[0] === 'consent'
}
