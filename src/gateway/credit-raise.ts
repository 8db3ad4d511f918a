import type { CreditDecision } from '../core/credit/credit-decision.ts'
import { CREDIT_REASON_CODES, type CreditReasonCode } from '../core/credit/types.ts'
import type { PayerFacts } from '../core/eligibility/facts.ts'
import { type CreditDesk, lenderOf } from './credit-desk.ts'
import type { PayerRecord } from './payer-records.ts'
import type { RouteRuntime } from './runtime.ts'

/**
 * The decision about a raise. An overdue bill may stand in its way before it stands in the way of buying. A lender that
 * judges payers itself has granted its own limit already; what goes beyond it is for its people: undefined.
 */
export function decisionOnRaise(
  desk: CreditDesk,
  known: RouteRuntime,
  facts: PayerFacts,
  asked: number,
  record: PayerRecord,
  now: number,
): CreditDecision | undefined {
  const held = desk.held(known.route, facts, record, now)
  const restrictions = (facts.restrictions ?? []).filter(isCreditReason)
  if (restrictions.length > 0) return refusal(known, 'law', restrictions)
  if (held.blocks?.includes('limit_raise')) return refusal(known, 'account', ['CRD_OVERDUE'])
  const judged = desk.decide(known.route, held)
  if (judged !== undefined) return judged
  const limit = facts.creditLimit ?? facts.availableCredit
  if (asked > limit) return undefined
  const components = [{ kind: 'tier' as const, limit }]
  return {
    kind: 'approved',
    tier: facts.tier ?? '',
    limit,
    ticketMax: limit,
    instalments: [],
    monthlyFeePpm: 0,
    limitComponents: components,
    limitReasons: [],
    record: LENDERS_OWN,
  }
}

function isCreditReason(code: string): code is CreditReasonCode {
  return (CREDIT_REASON_CODES as readonly string[]).includes(code)
}

function refusal(
  { route }: RouteRuntime,
  cause: 'law' | 'account',
  reasons: readonly CreditReasonCode[],
): CreditDecision {
  const lender = lenderOf(route)
  return { kind: 'refused', lender, cause, reasons, factors: [], humanReview: true, record: LENDERS_OWN }
}

/** No policy, model or posture of ours has had a part in it. */
const LENDERS_OWN: CreditDecision['record'] = {
  policyVersion: 'lender',
  modelVersion: null,
  posture: 'neutral',
  date: '',
  pd: null,
  score: null,
}
