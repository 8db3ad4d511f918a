import type { CreditPolicy, CreditTier, PostureEffect } from './credit-policy.ts'
import { type LegalFacts, legalReasons } from './legal-gate.ts'
import type { Assessment, CreditReasonCode, IsoDate, ReasonFactor, RiskPosture } from './types.ts'

const BPS = 10_000
const REASONS_MAX = 4

/** All that is known of a payer at the moment of a decision. Money in minor units. */
export interface Applicant {
  readonly legal: LegalFacts
  readonly existingCustomer: boolean
  readonly frozenByUser: boolean
  readonly daysPastDue: number
  /** Null when there is nothing to assess by. */
  readonly assessment: Assessment | null
  readonly monthlyIncome: number | null
  /** Repayments already owed per month, to anyone. */
  readonly monthlyObligations: number | null
}

/** One ceiling on a personal limit. `appetite` is the lender's doing and is never told as the payer's defect. */
export interface LimitComponent {
  readonly kind: 'tier' | 'appetite' | 'affordability' | 'income_unknown' | 'law'
  readonly limit: number
}

export interface CreditApproval {
  readonly kind: 'approved'
  readonly tier: string
  readonly limit: number
  readonly ticketMax: number
  readonly instalments: readonly number[]
  readonly monthlyFeePpm: number
  /** Every ceiling looked at, lowest first: the first one is why the limit is not higher. */
  readonly limitComponents: readonly LimitComponent[]
  /** What the payer may be told about why it is not higher; empty when the payer is not the cause. */
  readonly limitReasons: readonly CreditReasonCode[]
  readonly record: DecisionRecord
}

export interface CreditRefusal {
  readonly kind: 'refused'
  readonly lender: string
  /**
   * Which kind of gate refused; law and account gates come before risk, and a person they stop is not judged by risk.
   * `appetite`: a neutral appetite would have approved, so the cause is the lender's and there is no credit reason.
   */
  readonly cause: 'law' | 'account' | 'risk' | 'appetite'
  /** Public, by influence, at most four. A bare CRD_ASSESSMENT_NOT_MET goes with the dimensions of `factors`. */
  readonly reasons: readonly CreditReasonCode[]
  readonly factors: readonly ReasonFactor[]
  /** Whether the payer may ask for a person to look at it. */
  readonly humanReview: boolean
  readonly record: DecisionRecord
}

export type CreditDecision = CreditApproval | CreditRefusal

/** What the audit log keeps: enough to take the decision again. */
export interface DecisionRecord {
  readonly policyVersion: string
  readonly modelVersion: string | null
  readonly posture: RiskPosture
  readonly date: IsoDate
  readonly pd: number | null
  readonly score: number | null
}

/**
 * Decides tier, limit, terms and price for a payer. Gates in order, each with its own cause: law, account, risk. Pure:
 * the same arguments give the same decision, and the record names them.
 */
export function decideCredit(
  applicant: Applicant,
  policy: CreditPolicy,
  posture: RiskPosture,
  today: IsoDate,
): CreditDecision {
  const { assessment } = applicant
  const record = recordOf(null, policy, posture, today)
  const refuse = (cause: 'law' | 'account', reasons: CreditReasonCode[]): CreditRefusal => {
    return { kind: 'refused', lender: policy.lender, cause, reasons, factors: [], humanReview: true, record }
  }
  const legal = legalReasons(applicant.legal, today)
  if (legal.length > 0) return refuse('law', legal)
  const account: CreditReasonCode[] = []
  if (applicant.daysPastDue > 0) account.push('CRD_OVERDUE')
  if (applicant.frozenByUser) account.push('CRD_FROZEN_BY_USER')
  if (account.length > 0) return refuse('account', account)
  if (!assessment || Number.isNaN(assessment.pd)) {
    return { ...refuse('account', ['CRD_HISTORY_INSUFFICIENT']), cause: 'risk' }
  }
  return decideRisk(applicant, assessment, policy, posture, today)
}

function decideRisk(
  applicant: Applicant,
  assessment: Assessment,
  policy: CreditPolicy,
  posture: RiskPosture,
  today: IsoDate,
): CreditDecision {
  const record = recordOf(assessment, policy, posture, today)
  const effect = policy.postures[posture]
  const refuse = (cause: 'risk' | 'appetite', reasons: CreditReasonCode[]): CreditRefusal => {
    const factors = cause === 'risk' ? assessment.factors : []
    return { kind: 'refused', lender: policy.lender, cause, reasons, factors, humanReview: true, record }
  }
  const tier = tierOf(assessment.pd, applicant, policy, effect)
  if (!tier) {
    const neutral = tierOf(assessment.pd, applicant, policy, policy.postures.neutral)
    return neutral ? refuse('appetite', []) : refuse('risk', assessmentReasons(assessment, applicant))
  }
  const components = limitComponents(applicant, tier, policy, effect)
  const lowest = components[0] as LimitComponent
  const limit = Math.floor(lowest.limit / policy.limitStep) * policy.limitStep
  if (limit <= 0)
    return lowest.kind === 'appetite'
      ? refuse('appetite', [])
      : refuse('risk', [publicReason(lowest.kind) ?? 'CRD_ASSESSMENT_NOT_MET'])
  const reason = publicReason(lowest.kind)
  return {
    kind: 'approved',
    tier: tier.id,
    limit,
    ticketMax: Math.min(tier.ticketMax, limit),
    instalments: tier.instalments.filter(term => term <= effect.instalmentsMax),
    monthlyFeePpm: tier.monthlyFeePpm,
    limitComponents: components,
    limitReasons: reason ? [reason] : [],
    record,
  }
}

/** The best tier whose cut-off, moved by the appetite, the payer is under. */
function tierOf(
  pd: number,
  applicant: Applicant,
  policy: CreditPolicy,
  effect: PostureEffect,
): CreditTier | undefined {
  return policy.tiers.find(tier => {
    const pdMax = (tier.pdMaxBps / BPS) * (effect.pdFactorBps / BPS)
    return pd <= pdMax && (tier.newCustomers || applicant.existingCustomer)
  })
}

/** Every ceiling on the limit, lowest first; ties keep this order, the payer's own side first. */
function limitComponents(
  applicant: Applicant,
  tier: CreditTier,
  policy: CreditPolicy,
  effect: PostureEffect,
): LimitComponent[] {
  const components: LimitComponent[] = [{ kind: 'tier', limit: tier.limitMax }]
  if (applicant.monthlyIncome === null) {
    components.push({ kind: 'income_unknown', limit: policy.limitMaxWithoutIncome })
  } else {
    const capacity =
      (applicant.monthlyIncome * policy.repaymentShareMaxBps) / BPS - (applicant.monthlyObligations ?? 0)
    components.push({
      kind: 'affordability',
      limit: Math.max(0, Math.floor(capacity * policy.affordableMonths)),
    })
  }
  components.push({ kind: 'law', limit: policy.limitMaxByLaw })
  const own = Math.min(...components.map(component => component.limit))
  if (effect.limitFactorBps < BPS)
    components.push({ kind: 'appetite', limit: Math.floor((own * effect.limitFactorBps) / BPS) })
  else {
    const [first] = components as [LimitComponent, ...LimitComponent[]]
    components[0] = { kind: 'tier', limit: Math.floor((first.limit * effect.limitFactorBps) / BPS) }
  }
  return components.sort((a, b) => a.limit - b.limit)
}

/** What a ceiling may be told as. The lender's appetite and the law's ceiling say nothing about the payer. */
function publicReason(kind: LimitComponent['kind']): CreditReasonCode | undefined {
  switch (kind) {
    case 'tier':
      return 'CRD_ASSESSMENT_NOT_MET'
    case 'affordability':
      return 'CRD_OBLIGATIONS_HIGH'
    case 'income_unknown':
      return 'CRD_INFO_UNVERIFIED'
    case 'appetite':
    case 'law':
      return undefined
  }
}

/**
 * The specific reasons behind a score, by influence, after the general one. A reason that is not true of this payer now
 * is left out: past arrears lower a score, but "you have an overdue bill" is false once it is paid.
 */
function assessmentReasons(assessment: Assessment, applicant: Applicant): CreditReasonCode[] {
  const specific = new Set<CreditReasonCode>()
  for (const { reason } of assessment.factors) {
    if (reason === 'CRD_OVERDUE' && applicant.daysPastDue <= 0) continue
    specific.add(reason)
  }
  specific.delete('CRD_ASSESSMENT_NOT_MET')
  return ['CRD_ASSESSMENT_NOT_MET' as const, ...specific].slice(0, REASONS_MAX)
}

function recordOf(
  assessment: Assessment | null,
  policy: CreditPolicy,
  posture: RiskPosture,
  date: IsoDate,
): DecisionRecord {
  return {
    policyVersion: policy.version,
    modelVersion: assessment?.modelVersion ?? null,
    posture,
    date,
    pd: assessment?.pd ?? null,
    score: assessment?.score ?? null,
  }
}
