import { DECLINE_RULES } from '../core/payment/decline.ts'
import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import type { PayRequest } from '../ports/connector.ts'
import { stageOf } from './learn.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import type { Sending, Session } from './step.ts'

/** Left between the end of an attempt's timeout and the end of the lease, ms. */
const LEASE_MARGIN_MS = 1_000

/** What the upstream is asked, the same bytes at every send of one attempt. */
export function payRequest(payment: Payment, attempt: Attempt): PayRequest {
  const { context } = payment
  const instrument = context.funding.instruments?.[attempt.tender]
  return {
    reference: attempt.reference,
    orderId: context.orderId,
    amount: attempt.amount,
    capture: context.capture ?? 'automatic',
    payer: context.payer.id,
    expiresAt: attempt.expiresAt,
    ...(instrument === undefined ? {} : { instrument }),
    ...(attempt.instalments === undefined ? {} : { instalments: attempt.instalments }),
    ...(context.returnUrl === undefined ? {} : { returnUrl: context.returnUrl }),
    ...(context.metadata === undefined ? {} : { metadata: context.metadata }),
  }
}

/**
 * Sends one attempt and says what came of it. Never rejects. It does not send at all when the lease may have run
 * out on the monotonic clock or the send window on the wall clock: a process that was paused must not charge for
 * a payment that somebody else has taken over.
 */
export async function send(
  gateway: Gateway,
  sending: Sending,
  onLate: (evidence: Evidence) => void,
): Promise<Evidence> {
  const { clock, breaker } = gateway.ports
  const { attempt, session, permit } = sending
  const route = session.runtime.routes.get(attempt.route) as RouteRuntime
  const dispatchedAt = clock.now()
  if (!maySend(gateway, session, attempt)) {
    breaker.cancel(permit)
    return observed(attempt, { kind: 'not_sent', cause: 'lease_ended' }, dispatchedAt, 0)
  }
  const started = clock.monotonic()
  const result = await exchange(gateway, () =>
    route.connector.pay(payRequest(session.payment, attempt), {
      timeoutMs: attempt.timeoutMs,
      ...(session.traceparent === undefined ? {} : { traceparent: session.traceparent }),
      onLate: late => onLate(observed(attempt, late, clock.now(), Math.round(clock.monotonic() - started))),
    }),
  )
  const evidence = observed(attempt, result, clock.now(), Math.round(clock.monotonic() - started))
  breaker.settle(permit, isTechnicalFailure(result) ? 'failure' : 'success')
  tell(gateway, session, attempt, evidence, dispatchedAt)
  return evidence
}

/** A connector does not reject. If one does all the same, it may have sent: the outcome is unknown. */
async function exchange(gateway: Gateway, call: () => Promise<UpstreamResult>): Promise<UpstreamResult> {
  try {
    return await call()
  } catch (error) {
    const cause = error instanceof Error ? error.name : 'unknown'
    gateway.ports.telemetry.record({ kind: 'fault', area: 'connector', cause })
    return { kind: 'unknown', cause: 'connection' }
  }
}

function maySend(gateway: Gateway, session: Session, attempt: Attempt): boolean {
  const { clock } = gateway.ports
  return (
    clock.monotonic() + attempt.timeoutMs + LEASE_MARGIN_MS <= session.leaseEndsAt &&
    clock.now() <= attempt.sendableUntil
  )
}

function observed(attempt: Attempt, result: UpstreamResult, at: number, latencyMs: number): Evidence {
  return { reference: attempt.reference, source: 'caller', result, at, latencyMs }
}

/** Only these speak of the route's health. A decline is an answer, and so a success. */
export function isTechnicalFailure(result: UpstreamResult): boolean {
  if (result.kind === 'unknown' || result.kind === 'not_sent') return true
  return result.kind === 'declined' && DECLINE_RULES[result.category].health
}

function tell(
  gateway: Gateway,
  session: Session,
  attempt: Attempt,
  evidence: Evidence,
  dispatchedAt: number,
): void {
  const { result, latencyMs = 0, at } = evidence
  const { payment } = session
  gateway.ports.telemetry.record({
    kind: 'attempt',
    tenant: payment.tenant,
    payment: payment.id,
    reference: attempt.reference,
    route: attempt.route,
    outcome: result.kind,
    latencyMs,
    ...(result.kind === 'declined' ? { category: result.category } : {}),
    ...('cause' in result ? { cause: result.cause } : {}),
    ...(session.requestId === undefined ? {} : { requestId: session.requestId }),
  })
  gateway.ports.estimator.learn({
    attemptId: attempt.reference,
    route: attempt.route,
    context: payment.context,
    stage: stageOf(payment, attempt.reference),
    result,
    dispatchedAt,
    observedAt: at,
    latencyMs,
  })
}
