import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import type { Clock } from '../ports/clock.ts'
import type { PayRequest, SendOptions } from '../ports/connector.ts'
import type { RouteRuntime } from './runtime.ts'
import type { Sending, Session } from './step.ts'
import { stopwatch } from './stopwatch.ts'

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
 * Sends one attempt by the connector of its route and says what came of it. Never rejects. Needs only a clock and the
 * connector, so that it runs wherever the network is.
 */
export function send(
  clock: Clock,
  sending: Sending,
  onLate: (evidence: Evidence) => void,
): Promise<Evidence> {
  const { attempt, session } = sending
  const { connector } = session.runtime.routes.get(attempt.route) as RouteRuntime
  return sendBy(
    clock,
    sending,
    options => connector.pay(payRequest(session.payment, attempt), options),
    onLate,
  )
}

/**
 * Sends one attempt by whatever speaks to its upstream. Never rejects. It does not send at all when the lease may have
 * run out on the monotonic clock or the send window on the wall clock: a process that was paused must not charge for a
 * payment that somebody else has taken over.
 */
export async function sendBy(
  clock: Clock,
  sending: Sending,
  pay: (options: SendOptions) => Promise<UpstreamResult>,
  onLate: (evidence: Evidence) => void,
): Promise<Evidence> {
  const { attempt, session } = sending
  if (!maySend(clock, session, attempt)) {
    return observed(sending, { kind: 'not_sent', cause: LEASE_ENDED }, clock.now(), 0)
  }
  const started = clock.monotonic()
  const elapsedMs = stopwatch(clock)
  const seen = (result: UpstreamResult): Evidence =>
    sending.repeated === undefined
      ? observed(sending, result, clock.now(), Math.round(clock.monotonic() - started))
      : observed(sending, result, clock.now(), elapsedMs())
  try {
    const result = await pay({
      timeoutMs: attempt.timeoutMs,
      ...(session.traceparent === undefined ? {} : { traceparent: session.traceparent }),
      ...(session.requestId === undefined ? {} : { requestId: session.requestId }),
      onLate: late => onLate(seen(late)),
    })
    return seen(result)
  } catch {
    // A connector does not reject. If one does all the same, it may have sent: the outcome is unknown.
    return seen({ kind: 'unknown', cause: 'connection' })
  }
}

/** Why nothing was sent although the attempt was open: nothing that speaks of the route. */
export const LEASE_ENDED = 'lease_ended'

function maySend(clock: Clock, session: Session, attempt: Attempt): boolean {
  return leaseCovers(clock, session, attempt.timeoutMs) && clock.now() <= attempt.sendableUntil
}

/** Whether an exchange that begins now ends before anybody else may take the payment over. */
export function leaseCovers(clock: Clock, session: Session, timeoutMs: number): boolean {
  return clock.monotonic() + timeoutMs + LEASE_MARGIN_MS <= session.leaseEndsAt
}

/** About a repetition "not sent" says nothing of the send before it. */
function observed(
  { attempt: { reference }, repeated }: Sending,
  result: UpstreamResult,
  at: number,
  latencyMs: number,
): Evidence {
  if (repeated === undefined) return { reference, source: 'caller', result, at, latencyMs }
  const known: UpstreamResult = result.kind === 'not_sent' ? { kind: 'unknown', cause: 'abandoned' } : result
  return { reference, source: 'query', result: known, at, latencyMs }
}
