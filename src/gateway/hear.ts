import { DECLINE_RULES } from '../core/payment/decline.ts'
import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import { JournalUnavailable } from '../ports/journal.ts'
import type { Facts } from './facts.ts'
import { stageOf } from './learn.ts'
import { record } from './record.ts'
import type { Gateway } from './runtime.ts'
import { LEASE_ENDED } from './send.ts'
import type { Sending, Step } from './step.ts'
import { trialSides } from './tallies.ts'

/** Waits between tries to record an outcome while the journal is away, ms. Then the resolver finds it by asking. */
const RECORD_WAITS_MS = [50, 200, 1_000, 3_000]

/**
 * Takes in what came of a send: the breaker, the estimator and the metrics hear of it once, and it is recorded.
 *
 * An outcome that cannot be recorded now is not lost: the INTENT is durable, so the resolver will ask the upstream.
 * The client is told `pending`, because nothing else is durable. Never rejects for the journal.
 */
export async function hear(
  gateway: Gateway,
  facts: Facts,
  sending: Sending,
  evidence: Evidence,
): Promise<Step> {
  settlePermit(gateway, sending, evidence.result)
  if (sending.repeated === undefined) gateway.retries?.earn(sending.attempt.route)
  tell(gateway, sending, evidence)
  for (const waitMs of [...RECORD_WAITS_MS, 0]) {
    try {
      return await record(gateway, facts, sending.session, evidence)
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) throw error
      gateway.ports.telemetry.record({ kind: 'fault', area: 'record', cause: 'journal_unavailable' })
      if (waitMs > 0) await gateway.ports.clock.sleep(waitMs)
    }
  }
  return { kind: 'answer', payment: sending.session.payment, replayed: false }
}

function settlePermit(gateway: Gateway, { permit }: Sending, result: UpstreamResult): void {
  const { breaker } = gateway.ports
  if (result.kind === 'not_sent' && result.cause === LEASE_ENDED) breaker.cancel(permit)
  else breaker.settle(permit, isTechnicalFailure(result) ? 'failure' : 'success')
}

/** Only these speak of the route's health. A decline is an answer, and so a success. */
function isTechnicalFailure(result: UpstreamResult): boolean {
  if (result.kind === 'unknown' || result.kind === 'not_sent') return true
  return result.kind === 'declined' && DECLINE_RULES[result.category].health
}

function tell(gateway: Gateway, { session, attempt }: Sending, evidence: Evidence): void {
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
  if (result.kind === 'not_sent' && result.cause === LEASE_ENDED) return
  gateway.ports.estimator.learn({
    attemptId: attempt.reference,
    route: attempt.route,
    context: payment.context,
    stage: stageOf(payment, attempt.reference),
    result,
    dispatchedAt: at - latencyMs,
    observedAt: at,
    latencyMs,
    trials: trialSides(session.tenant.experiments ?? [], payment.context.payer.id),
  })
}
