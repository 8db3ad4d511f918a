import { isOverdue, type PayerFacts } from '../eligibility/facts.ts'
import { isoDateAt } from './calendar.ts'
import { type Applicant, type CreditApproval, type CreditDecision, decideCredit } from './credit-decision.ts'
import type { CreditPolicy } from './credit-policy.ts'
import { type FactSource, gatherFacts } from './facts.ts'
import type { LegalFacts } from './legal-gate.ts'
import type { Scorer } from './scorecard.ts'
import type { Assessment, CreditReasonCode, FactValues, IsoDate, RiskPosture } from './types.ts'

/** How a route judges payers. Without a scorer the lender's own tier is taken. */
export interface LendingTerms {
  readonly policy: CreditPolicy
  readonly sources: readonly FactSource[]
  readonly scorer?: Scorer
  /** Flat monthly fee by tier, parts per million, where it differs from the route's terms. */
  readonly feesPpm: ReadonlyMap<string, number>
  readonly utcOffsetMinutes: number
}

/** What the credit policy says of one purchase. */
export interface PayerVerdict {
  /** Most important first; `LIQ_` codes where the cause is the lender's appetite. */
  readonly reasons: readonly string[]
  /** 0..1. */
  readonly pd: number
  /** Terms of the payer's grade; absent when the payer has none. */
  readonly terms?: readonly number[]
  /** Those of them that the lender's appetite suspends for now. */
  readonly paused?: readonly number[]
  readonly monthlyFeePpm?: number
  readonly highGrade?: boolean
}

export interface Assessed {
  readonly decision: CreditDecision
  readonly assessment: Assessment | null
  /** What a scorecard was asked with. */
  readonly values?: FactValues
}

/** The lender has judged what the payer can afford: its limit is in the facts. */
const JUDGED_BY_LENDER = Number.MAX_SAFE_INTEGER / 1_000_000
const BPS = 10_000
const NOT_ESTABLISHED: LegalFacts = { birthDate: null, isStudent: null, identityVerified: null }

/**
 * Judges a payer by the scorecard, else by the lender's tier. Undefined when there is neither to judge by.
 *
 * @param today the lender's date of `now`
 */
export function assessPayer(
  facts: PayerFacts,
  terms: LendingTerms,
  posture: RiskPosture,
  now: number,
  today: IsoDate = isoDateAt(now, terms.utcOffsetMinutes),
): Assessed | undefined {
  const { policy } = terms
  if (terms.scorer !== undefined) {
    const values = factValues(facts, terms, now)
    const assessment = values === undefined ? null : terms.scorer.assess(values)
    const decision = decideCredit(applicantOf(facts, assessment), policy, posture, today)
    return { assessment, decision, ...(values === undefined ? {} : { values }) }
  }
  const assessment = byTier(facts, policy)
  if (assessment === undefined) return undefined
  const applicant: Applicant = {
    ...applicantOf(facts, assessment),
    legal: facts.legal ?? LAW_KEPT_BY_LENDER,
    monthlyIncome: JUDGED_BY_LENDER,
    monthlyObligations: 0,
  }
  return { assessment, decision: decideCredit(applicant, policy, posture, today) }
}

/** Of a payer whom the lender grades, what the law forbids stands in `restrictions`. */
const LAW_KEPT_BY_LENDER: LegalFacts = { birthDate: '1900-01-01', isStudent: false, identityVerified: true }

function applicantOf(facts: PayerFacts, assessment: Assessment | null): Applicant {
  return {
    legal: facts.legal ?? NOT_ESTABLISHED,
    existingCustomer: facts.existingCustomer ?? facts.activated,
    frozenByUser: facts.frozen,
    daysPastDue: isOverdue(facts) ? facts.daysPastDue : 0,
    assessment,
    monthlyIncome: facts.monthlyIncome ?? null,
    monthlyObligations: facts.monthlyObligations ?? null,
  }
}

/** What the sources say that may be used; undefined when none of them may, or has anything to say. */
function factValues(facts: PayerFacts, { sources }: LendingTerms, now: number): FactValues | undefined {
  const readings = (facts.factors ?? []).map(({ source, asOf, values }) => ({
    source,
    asOfMs: asOf ?? facts.asOf,
    values,
  }))
  const consents = (facts.factors ?? [])
    .filter(({ consent }) => consent === true)
    .map(({ source }) => ({ source, grantedAtMs: 0 }))
  const { values, used } = gatherFacts(sources, consents, readings, now)
  return used.length === 0 ? undefined : values
}

/** A tier stands for the middle of its band of probability. */
function byTier({ tier }: PayerFacts, policy: CreditPolicy): Assessment | undefined {
  const at = policy.tiers.findIndex(({ id }) => id === tier)
  const found = policy.tiers[at]
  if (found === undefined) return undefined
  const pd = (found.pdMaxBps + (policy.tiers[at - 1]?.pdMaxBps ?? 0)) / 2 / BPS
  return { score: 0, pd, factors: [], modelVersion: `tier-${found.id}` }
}

/** What an assessment says of a purchase. @param instalments the term that the payer chose, if any */
export function verdictOn(
  { decision }: Assessed,
  terms: LendingTerms,
  posture: RiskPosture,
  facts: PayerFacts,
  purchase: { readonly amount: number; readonly instalments?: number },
): PayerVerdict {
  const { policy, feesPpm } = terms
  const pd = decision.record.pd ?? 0
  if (decision.kind === 'refused') {
    return { reasons: decision.cause === 'appetite' ? [APPETITE] : decision.reasons, pd }
  }
  const tier = policy.tiers.find(({ id }) => id === decision.tier)
  const offered = termsInStage(tier?.instalments ?? decision.instalments, facts)
  const paused = offered.filter(term => term > policy.postures[posture].instalmentsMax)
  const fee = feesPpm.get(decision.tier)
  return {
    reasons: [
      ...amountReasons(decision, terms, facts, purchase.amount),
      ...termReasons(offered, paused, purchase.instalments),
    ],
    pd,
    terms: offered,
    ...(paused.length === 0 ? {} : { paused }),
    ...(fee === undefined ? {} : { monthlyFeePpm: fee }),
    highGrade: decision.tier === policy.tiers[0]?.id && (facts.existingCustomer ?? facts.activated),
  }
}

/** Longer terms are what the stage of an overdue bill may keep from happening. */
const SHORT_TERM_MAX = 6

function termsInStage(terms: readonly number[], { blocks }: PayerFacts): readonly number[] {
  return blocks?.includes('long_terms') ? terms.filter(term => term <= SHORT_TERM_MAX) : terms
}

/** Told like liquidity: a neutral appetite would have said yes. */
const APPETITE = 'LIQ_AMOUNT_RESTRICTED'

function amountReasons(
  decision: CreditApproval,
  { policy, scorer }: LendingTerms,
  { creditLimit, availableCredit }: PayerFacts,
  amount: number,
): string[] {
  const tier = policy.tiers.find(({ id }) => id === decision.tier)
  const used = creditLimit === undefined ? 0 : Math.max(0, creditLimit - availableCredit)
  // A lender that grades payers itself limits them itself: only the size of a single purchase is the grade's.
  const own = scorer === undefined ? Number.MAX_SAFE_INTEGER : ownLimit(decision) - used
  if (amount > Math.min(own, tier?.ticketMax ?? own)) return ['CRD_LIMIT_INSUFFICIENT', ...because(decision)]
  return scorer !== undefined && amount > decision.limit - used ? [APPETITE] : []
}

/** What the limit would be at a neutral appetite. */
function ownLimit({ limitComponents }: CreditApproval): number {
  const own = limitComponents.filter(({ kind }) => kind !== 'appetite')
  return Math.min(...own.map(({ limit }) => limit))
}

/** Why the limit is not higher, unless that is only the grade. */
function because({ limitReasons }: CreditApproval): CreditReasonCode[] {
  return limitReasons.filter(reason => reason !== 'CRD_ASSESSMENT_NOT_MET')
}

function termReasons(
  offered: readonly number[],
  paused: readonly number[],
  wanted: number | undefined,
): string[] {
  if (wanted === undefined) return offered.length === paused.length ? ['LIQ_TERM_SUSPENDED'] : []
  if (!offered.includes(wanted)) return ['CRD_ASSESSMENT_NOT_MET']
  return paused.includes(wanted) ? ['LIQ_TERM_SUSPENDED'] : []
}
