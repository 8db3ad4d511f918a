import {
  type Decision,
  type DecisionInputs,
  decide,
  type PriorAttempt,
  type RouteInputs,
} from '../core/decision.ts'
import { writeDecision } from '../core/decision-record.ts'
import { accountFacts, type FactState } from '../core/eligibility/facts.ts'
import { consentFor } from '../core/eligibility/gates.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Route } from '../core/payment/route.ts'
import type { DecisionRow } from '../ports/journal.ts'
import type { Facts, Patience } from './facts.ts'
import type { Gateway, Runtime, TenantRuntime } from './runtime.ts'
import { experimentOf } from './tallies.ts'

/** A decision with the id under which its record is kept. */
export interface IdentifiedDecision {
  readonly id: string
  readonly tenant: string
  readonly decision: Decision
  /** How long it took to gather what is known, and to decide. Not part of the record. */
  readonly timing?: { readonly eligibilityMs: number; readonly scoringMs: number }
}

export interface DecideRequest {
  readonly id: string
  readonly tenant: TenantRuntime
  readonly context: PaymentContext
  readonly paying: boolean
  readonly prior: readonly PriorAttempt[]
  readonly seed: number
  /** Routes that turned out not to be usable while this payment was being opened, and why. */
  readonly refused?: ReadonlyMap<string, string>
  readonly requestId?: string
}

/** Gathers what is known now, and decides. Reads hints only: nothing that it may find wrong can cost money. */
export async function makeDecision(
  gateway: Gateway,
  runtime: Runtime,
  facts: Facts,
  request: DecideRequest,
): Promise<IdentifiedDecision> {
  const { clock, estimator } = gateway.ports
  const started = clock.monotonic()
  const { id: tenant, experiments = [], shadows = [] } = request.tenant
  const trial = experimentOf(experiments, request.context.payer.id)
  const { policy } = trial === undefined || estimator.isStopped(trial) ? request.tenant : trial
  const allowance = estimator.explorationAllowance(tenant, policy.exploration)
  const gather = async (patience?: Patience): Promise<DecisionInputs> => ({
    ...(await gatherInputs(gateway, runtime, facts, request, patience)),
    explorationAllowance: allowance,
  })
  let inputs = await gather()
  let gathered = clock.monotonic()
  let decision = decide(policy, inputs)
  if (decision.cascade.length === 0 && lacksFacts(request, policy.routes, inputs)) {
    // The payment ends here, and the payer is told what would work instead: that is worth waiting for.
    inputs = await gather('fresh')
    gathered = clock.monotonic()
    decision = decide(policy, inputs)
  }
  const decided = clock.monotonic()
  const beside = shadows.map(shadow => decide(shadow, inputs))
  if (decision.exploration !== undefined) estimator.spendExploration(tenant, decision.exploration.share)
  tell(gateway, request, decision, decided - started)
  const timing = { eligibilityMs: gathered - started, scoringMs: decided - gathered }
  return { id: request.id, tenant, decision: withShadows(decision, beside), timing }
}

/** Whether some route was judged without facts, or by stale ones, because they were not waited for. */
function lacksFacts(request: DecideRequest, routes: readonly Route[], inputs: DecisionInputs): boolean {
  return routes.some(route => {
    const state = inputs.routes[route.id]?.facts
    const lacking = state === undefined || (state.kind === 'known' && !state.fresh)
    return route.needsFacts && lacking && patienceOf(request, route) === 'none'
  })
}

/**
 * A payment waits for facts about the ways to pay that its payer has accepted. A card payment must not be as slow as a
 * lender that it does not ask for anything.
 */
function patienceOf({ paying, context }: Omit<DecideRequest, 'id'>, route: Route): Patience {
  if (!paying) return 'known'
  return consentFor(context, route) === undefined ? 'none' : 'fresh'
}

/** The record says what each shadow would have done: under which policy, in which order, how probably. */
function withShadows(decision: Decision, beside: readonly Decision[]): Decision {
  if (beside.length === 0) return decision
  const shadows = beside.map(({ policyVersion, cascade, propensity }) => ({
    policyVersion,
    cascade,
    propensity,
  }))
  return { ...decision, shadows }
}

/** All that is known now about the routes of a tenant, as the decision's inputs. */
export async function gatherInputs(
  gateway: Gateway,
  runtime: Runtime,
  facts: Facts,
  request: Omit<DecideRequest, 'id'>,
  patience?: Patience,
): Promise<DecisionInputs> {
  const { ports } = gateway
  const { context, tenant, paying, prior, seed } = request
  const { routes } = tenant.policy
  const known = await facts.forPayer(
    runtime,
    tenant.id,
    context.payer.id,
    context.amount.currency,
    routes,
    route => patience ?? patienceOf(request, route),
  )
  const now = ports.clock.now()
  const stage = prior.at(-1)?.category ?? 'first'
  const committed = committedRoutes(tenant)
  const inputs: Record<string, RouteInputs> = {}
  const states = await inForce(gateway, request, known)
  for (const route of routes) {
    const state = states.get(route.id)
    const refused = request.refused?.get(route.id)
    const credit =
      state?.kind === 'known' ? ports.credit?.verdict(route, context, state.facts, now) : undefined
    const liquidity =
      refused === undefined
        ? ports.pools?.verdict(route, context, now, credit?.highGrade ?? false)
        : { allowed: false, reasons: [refused], shadowBps: 0 }
    inputs[route.id] = {
      breaker: ports.breaker.state(route.id),
      estimate: ports.estimator.estimate(route, context, stage, now),
      ...(committed.has(route.id) ? { volume: ports.estimator.volume(route.id, now) } : {}),
      ...(state === undefined ? {} : { facts: recorded(state) }),
      ...(credit === undefined ? {} : { credit }),
      ...(liquidity === undefined ? {} : { liquidity }),
    }
  }
  return { context, now, paying, prior, routes: inputs, seed }
}

/** The facts of credit routes with what the payer has set and what is overdue. */
async function inForce(
  { ports: { credit } }: Gateway,
  { tenant, context, paying }: Omit<DecideRequest, 'id'>,
  known: Map<string, FactState>,
): Promise<Map<string, FactState>> {
  if (credit?.inForce === undefined) return known
  const asked: Promise<void>[] = []
  for (const route of tenant.policy.routes) {
    const state = known.get(route.id)
    if (route.tender !== 'credit' || state?.kind !== 'known') continue
    const binding = paying && consentFor(context, route) !== undefined
    const facts = credit.inForce(tenant.id, route, context.payer.id, state.facts, binding)
    asked.push(
      facts.then(
        held => void known.set(route.id, { ...state, facts: held }),
        // What the payer has set cannot be read: credit fails closed.
        () => void known.set(route.id, { kind: 'unavailable' }),
      ),
    )
  }
  if (asked.length > 0) await Promise.all(asked)
  return known
}

/** What an assessment was made from is not kept: the record holds what came of it. */
function recorded(state: FactState): FactState {
  return state.kind === 'known' ? { ...state, facts: accountFacts(state.facts) } : state
}

const committedKnown = new WeakMap<TenantRuntime, ReadonlySet<string>>()

/** Routes to which any policy that may decide here has committed volume. */
function committedRoutes(tenant: TenantRuntime): ReadonlySet<string> {
  let known = committedKnown.get(tenant)
  if (known === undefined) {
    known = findCommitted(tenant)
    committedKnown.set(tenant, known)
  }
  return known
}

function findCommitted({ policy, shadows = [], experiments = [] }: TenantRuntime): ReadonlySet<string> {
  const policies = [policy, ...shadows, ...experiments.map(experiment => experiment.policy)]
  const rules = policies.flatMap(({ rules: compiled }) => compiled.map(({ rule }) => rule))
  return new Set(rules.flatMap(rule => (rule.kind === 'commit' ? [rule.route] : [])))
}

function tell(gateway: Gateway, request: DecideRequest, decision: Decision, durationMs: number): void {
  const { telemetry } = gateway.ports
  telemetry.record({
    kind: 'decided',
    tenant: request.tenant.id,
    decision: request.id,
    orderId: request.context.orderId,
    outcome: decision.cascade.length > 0 ? 'routed' : 'no_route',
    cascade: decision.cascade,
    durationMs,
    ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
  })
  for (const { route, reasons, closed } of decision.candidates) {
    if (closed !== undefined) continue
    for (const reason of reasons) telemetry.record({ kind: 'ineligible', route, reason })
  }
}

/** The complete record, as it is kept in the journal. */
export function decisionRow({ id, tenant, decision }: IdentifiedDecision): DecisionRow {
  return {
    id,
    tenant,
    orderId: decision.inputs.context.orderId,
    at: decision.inputs.now,
    body: writeDecision(decision),
  }
}
