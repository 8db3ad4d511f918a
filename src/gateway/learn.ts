import type { PaymentContext } from '../core/payment/context.ts'
import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import { holdsMoney, isOpen } from '../core/payment/transition.ts'
import type { Stage } from '../core/learning/types.ts'
import { priorAttempts } from './attempt.ts'
import type { Facts } from './facts.ts'
import type { Gateway } from './runtime.ts'
import { trialSides, type TrialSides } from './tallies.ts'

/** Which try of its payment an attempt is: the first, or one after a refusal of a category. */
export function stageOf(payment: Payment, reference: string): Stage {
  const position = payment.attempts.findIndex(attempt => attempt.reference === reference)
  return priorAttempts(payment)[position - 1]?.category ?? 'first'
}

/**
 * What follows from evidence once it is durable: an attempt that was waiting has found its answer, which the
 * estimator counts once per attempt, and credit that was taken or given back makes the cached facts about the payer
 * out of date. The answer to the first send has been counted when it came.
 */
export function learnFromEvidence(
  gateway: Gateway,
  facts: Facts,
  before: Payment,
  after: Payment,
  evidence: Evidence,
): void {
  const was = before.attempts.find(({ reference }) => reference === evidence.reference)
  const now = after.attempts.find(({ reference }) => reference === evidence.reference)
  if (was === undefined || now === undefined) return
  if (holdsMoney(was) !== holdsMoney(now)) forgetFacts(gateway, facts, after, now)
  const answeredFirstSend = was.status === 'intent' && evidence.source === 'caller'
  const result = isOpen(was) ? definiteResult(now) : undefined
  if (answeredFirstSend || result === undefined) return
  gateway.ports.estimator.learn({
    attemptId: now.reference,
    route: now.route,
    context: after.context,
    stage: stageOf(after, now.reference),
    result,
    dispatchedAt: now.openedAt,
    observedAt: evidence.at,
    trials: trialsOf(gateway, after.tenant, after.context),
    ...(now.latencyMs === undefined ? {} : { latencyMs: now.latencyMs }),
  })
}

/** What an attempt of a payer counts for in the experiments that run now. */
export function trialsOf(gateway: Gateway, tenant: string, { payer }: PaymentContext): TrialSides {
  return trialSides(gateway.runtime().tenants.get(tenant)?.experiments ?? [], payer.id)
}

function definiteResult(attempt: Attempt): UpstreamResult | undefined {
  switch (attempt.status) {
    case 'approved':
    case 'authorized':
      return { kind: attempt.status, amount: attempt.amount }
    case 'declined':
      return { kind: 'declined', category: attempt.declineCategory ?? 'issuer_declined' }
    case 'absent':
      return { kind: 'not_found' }
    default:
      // Still open, or ended by our own cancel, which says nothing of the route.
      return undefined
  }
}

/** Not waited for: it is a hint, and the journal's holds guard the payer's credit. */
function forgetFacts(gateway: Gateway, facts: Facts, { tenant, context }: Payment, attempt: Attempt): void {
  const runtime = gateway.runtime()
  if (attempt.tender !== 'credit' || runtime.routes.get(attempt.route)?.facts === undefined) return
  void facts.invalidate(runtime, tenant, context.payer.id, context.amount.currency, attempt.route)
}
