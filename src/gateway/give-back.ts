import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Obligation, Payment } from '../core/payment/payment.ts'
import { giveBackEnds, giveBackMove, giveBackReference } from '../core/payment/resolution.ts'
import { leaveWith, needsPerson, replaceAttempt } from './owned-write.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import { leaseCovers } from './send.ts'
import type { Session } from './step.ts'

/**
 * One move towards giving back money that the payment does not keep: undefined when the round has ended with it, else
 * what the upstream has said of the attempt. It is tried until the upstream has confirmed it, has refused it for
 * certain a few times, or has not answered for a day; then a person has to.
 */
export async function giveBack(
  gateway: Gateway,
  session: Session,
  owed: Obligation,
): Promise<UpstreamResult | undefined> {
  const { clock } = gateway.ports
  const { payment } = session
  const attempt = payment.attempts.find(({ reference }) => reference === owed.reference)
  const route = attempt === undefined ? undefined : session.runtime.routes.get(attempt.route)
  const reason =
    payment.checkout === undefined ? giveBackEnds(owed, clock.now()) : ('route_cannot_tell' as const)
  if (attempt === undefined || route === undefined || reason !== undefined) {
    await leaveWith(gateway, session, handOver(payment, owed, reason ?? 'route_removed'))
    return undefined
  }
  if (!leaseCovers(clock, session, attempt.timeoutMs)) return undefined
  const verb = giveBackMove(attempt)
  if (verb === 'refund') return refundAll(gateway, session, route, attempt, owed)
  const result = await route.connector.cancel(owed.reference, verb, { timeoutMs: attempt.timeoutMs })
  if (result.kind !== 'already_paid') return result
  await leaveWith(gateway, session, replaceAttempt(payment, { ...attempt, cancelRefused: true }))
  return undefined
}

/** Asked about first and sent only when the upstream does not know it, so that it is made once. */
async function refundAll(
  gateway: Gateway,
  session: Session,
  { connector }: RouteRuntime,
  { reference, amount, timeoutMs }: Attempt,
  owed: Obligation,
): Promise<UpstreamResult | undefined> {
  const refund = giveBackReference(reference, owed.refusals)
  const asked = await connector.queryRefund(reference, refund, amount, { timeoutMs })
  const unmade = asked.kind === 'not_found'
  if (unmade && !leaseCovers(gateway.ports.clock, session, timeoutMs)) return undefined
  const result = unmade ? await connector.refund(reference, refund, amount, { timeoutMs }) : asked
  if (result.kind === 'approved') return { kind: 'canceled' }
  gateway.ports.telemetry.record({ kind: 'fault', area: 'give_back', cause: result.kind })
  if (result.kind !== 'declined') return { kind: 'unknown', cause: 'upstream_error' }
  const refused = { ...owed, refusals: (owed.refusals ?? 0) + 1 }
  await leaveWith(gateway, session, replaceObligation(session.payment, refused))
  return undefined
}

function handOver(payment: Payment, owed: Obligation, reason: string): Payment {
  return needsPerson(replaceObligation(payment, { ...owed, status: 'manual' }), reason)
}

function replaceObligation(payment: Payment, changed: Obligation): Payment {
  return {
    ...payment,
    obligations: payment.obligations.map(owed => (owed.reference === changed.reference ? changed : owed)),
  }
}
