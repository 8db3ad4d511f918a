import {
  type Decision,
  type DecisionInputs,
  decide,
  type PriorAttempt,
  type RouteInputs,
} from '../core/decision.ts'
import { accountFacts, type FactState } from '../core/eligibility/facts.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { DecisionRow } from '../ports/journal.ts'
import type { Facts } from './facts.ts'
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
  const inputs = {
    ...(await gatherInputs(gateway, runtime, facts, request)),
    explorationAllowance: estimator.explorationAllowance(tenant, policy.exploration),
  }
  const gathered = clock.monotonic()
  const decision = decide(policy, inputs)
  const decided = clock.monotonic()
  const beside = shadows.map(shadow => decide(shadow, inputs))
  if (decision.exploration !== undefined) estimator.spendExploration(tenant, decision.exploration.share)
  tell(gateway, request, decision, decided - started)
  const timing = { eligibilityMs: gathered - started, scoringMs: decided - gathered }
  return { id: request.id, tenant, decision: withShadows(decision, beside), timing }
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
    paying,
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
    const facts = credit.inForce(tenant.id, route, context.payer.id, state.facts, paying)
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
    // Written out only by a journal that keeps it: whoever loses the race for a key or an order keeps none.
    get body() {
      return JSON.stringify(decision)
    },
  }
}
