import {
  type Decision,
  type DecisionInputs,
  decide,
  type PriorAttempt,
  type RouteInputs,
} from '../core/decision.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { DecisionRow } from '../ports/journal.ts'
import type { Facts } from './facts.ts'
import type { Gateway, Runtime, TenantRuntime } from './runtime.ts'

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
  const { id: tenant, policy } = request.tenant
  const inputs = {
    ...(await gatherInputs(gateway, runtime, facts, request)),
    explorationAllowance: estimator.explorationAllowance(tenant, policy.exploration),
  }
  const gathered = clock.monotonic()
  const decision = decide(policy, inputs)
  const decided = clock.monotonic()
  if (decision.exploration !== undefined) estimator.spendExploration(tenant, decision.exploration.share)
  tell(gateway, request, decision, decided - started)
  const timing = { eligibilityMs: gathered - started, scoringMs: decided - gathered }
  return { id: request.id, tenant, decision, timing }
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
  const inputs: Record<string, RouteInputs> = {}
  for (const route of routes) {
    const state = known.get(route.id)
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
      ...(state === undefined ? {} : { facts: state }),
      ...(credit === undefined ? {} : { credit }),
      ...(liquidity === undefined ? {} : { liquidity }),
    }
  }
  return { context, now, paying, prior, routes: inputs, seed }
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
    body: JSON.stringify(decision),
  }
}
