import type { Decision } from '../core/decision.ts'
import { readDecision } from '../core/decision-record.ts'
import type { DeclineCategory } from '../core/payment/decline.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Stage } from '../core/learning/types.ts'
import { trialsOf } from './learn.ts'
import type { Gateway } from './runtime.ts'

/** What a checkout reports about an attempt that it made itself. */
export interface OutcomeReport {
  readonly attempt: string
  readonly route: string
  readonly status:
    | 'approved'
    | 'authorized'
    | 'declined'
    | 'processing'
    | 'requires_action'
    | 'unknown'
    | 'not_sent'
    | 'voided'
    | 'absent'
    | 'reversed'
  readonly latencyMs: number
  readonly declineCode?: string | undefined
  readonly declineCategory?: DeclineCategory | undefined
}

export type OutcomeReceipt = { readonly kind: 'counted' | 'duplicate' | 'unknown_decision' | 'unknown_route' }

/**
 * Counts an outcome once. Accepted for as long as the decision is kept, in any order; a repetition of the same
 * attempt and status changes nothing. Safe to repeat. Rejects with `JournalUnavailable`.
 */
export async function reportOutcome(
  gateway: Gateway,
  tenant: string,
  decisionId: string,
  report: OutcomeReport,
): Promise<OutcomeReceipt> {
  const { journal, clock, estimator } = gateway.ports
  const row = await journal.findDecision(tenant, decisionId)
  if (row === undefined) return { kind: 'unknown_decision' }
  const decision = readDecision(row.body)
  if (!decision.candidates.some(({ route }) => route === report.route)) return { kind: 'unknown_route' }
  const now = clock.now()
  const earlier = await journal.listOutcomes(tenant, decisionId, OUTCOMES_READ_MAX)
  // A final result may follow "unknown" about the same attempt, so the status is part of what is counted once.
  const fresh = await journal.appendOutcome(tenant, {
    decision: decisionId,
    attempt: `${report.attempt}/${isPending(report) ? 'pending' : 'final'}`,
    at: now,
    body: JSON.stringify(report),
  })
  if (!fresh) return { kind: 'duplicate' }
  const result = resultOf(report, decision)
  if (result !== undefined) {
    estimator.learn({
      attemptId: `${decisionId}/${report.attempt}`,
      route: report.route,
      context: decision.inputs.context,
      stage: stageOf(earlier, report.attempt),
      result,
      dispatchedAt: row.at,
      observedAt: now,
      latencyMs: report.latencyMs,
      trials: trialsOf(gateway, tenant, decision.inputs.context),
    })
  }
  return { kind: 'counted' }
}

const OUTCOMES_READ_MAX = 100

function isPending({ status }: OutcomeReport): boolean {
  return status === 'unknown' || status === 'processing' || status === 'requires_action'
}

/** First of its decision, or after the refusal that was reported before it. */
function stageOf(
  earlier: readonly { readonly attempt: string; readonly body: string }[],
  attempt: string,
): Stage {
  const before = earlier
    .filter(row => !row.attempt.startsWith(`${attempt}/`))
    .map(row => JSON.parse(row.body) as OutcomeReport)
  const last = before.at(-1)
  if (last === undefined) return 'first'
  return last.declineCategory ?? (last.status === 'not_sent' ? 'not_sent' : 'issuer_declined')
}

/** What the report teaches. A payer who still has to act teaches nothing yet. */
function resultOf(report: OutcomeReport, decision: Decision): UpstreamResult | undefined {
  switch (report.status) {
    case 'approved':
    case 'authorized':
      return { kind: report.status, amount: decision.inputs.context.amount }
    case 'declined':
      return {
        kind: 'declined',
        category: report.declineCategory ?? 'issuer_declined',
        ...(report.declineCode === undefined ? {} : { code: report.declineCode }),
      }
    case 'unknown':
    case 'processing':
      return { kind: 'unknown', cause: 'timeout' }
    case 'not_sent':
      return { kind: 'not_sent', cause: 'reported' }
    case 'absent':
      return { kind: 'not_found' }
    case 'voided':
    case 'reversed':
      return { kind: 'canceled' }
    case 'requires_action':
      return undefined
  }
}
