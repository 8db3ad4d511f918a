import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Applicant,
  type CreditApproval,
  decideCredit,
} from '../../../src/core/credit/credit-decision.ts'
import {
  assertCreditPolicy,
  type CreditPolicy,
  DEFAULT_CREDIT_POLICY,
} from '../../../src/core/credit/credit-policy.ts'
import {
  type Assessment,
  CREDIT_REASON_CODES,
  type CreditReasonCode,
  type ReasonFactor,
  type RiskPosture,
} from '../../../src/core/credit/types.ts'
import { REASON_DIMENSIONS } from '../../../src/core/explain/codes.ts'

const today = '2026-06-01'
const factor = (reason: CreditReasonCode, shortfall: number): ReasonFactor => ({
  feature: `f${shortfall}`,
  dimension: 'obligations',
  reason,
  bin: 0,
  points: 0,
  shortfall,
})
const assessed = (pd: number, factors: ReasonFactor[] = []): Assessment => ({
  score: 600,
  pd,
  factors,
  modelVersion: 'm1',
})
const adult: Applicant = {
  legal: { birthDate: '1990-01-01', isStudent: false, identityVerified: true },
  existingCustomer: true,
  frozenByUser: false,
  daysPastDue: 0,
  assessment: assessed(0.005),
  monthlyIncome: 2_000_000,
  monthlyObligations: 0,
}
const decide = (
  change: Partial<Applicant> = {},
  posture: RiskPosture = 'neutral',
  policy = DEFAULT_CREDIT_POLICY,
) => decideCredit({ ...adult, ...change }, policy, posture, today)
const approved = (change: Partial<Applicant> = {}, posture: RiskPosture = 'neutral'): CreditApproval => {
  const decision = decide(change, posture)
  if (decision.kind !== 'approved') throw new Error(`refused: ${decision.reasons.join()}`)
  return decision
}

describe('exclusion by law', () => {
  it.each<[string, Partial<Applicant['legal']>, CreditReasonCode]>([
    ['a student', { isStudent: true }, 'CRD_NOT_ELIGIBLE_BY_RULE'],
    ['a minor, on the last day', { birthDate: '2008-06-02' }, 'CRD_NOT_ELIGIBLE_BY_RULE'],
    ['an unverified person', { identityVerified: false }, 'CRD_INFO_UNVERIFIED'],
    ['a person never verified', { identityVerified: null }, 'CRD_INFO_UNVERIFIED'],
    ['a person of unknown age', { birthDate: null }, 'CRD_INFO_UNVERIFIED'],
    ['a person who may be a student', { isStudent: null }, 'CRD_INFO_UNVERIFIED'],
  ])('refuses %s without any judgement of risk', (_name, legal, reason) => {
    const decision = decide({
      legal: { ...adult.legal, ...legal },
      daysPastDue: 40,
      assessment: assessed(0.9, [factor('CRD_OBLIGATIONS_HIGH', 9)]),
    })
    expect(decision).toMatchObject({
      kind: 'refused',
      cause: 'law',
      reasons: [reason],
      factors: [],
      humanReview: true,
    })
    expect(decision.record).toMatchObject({ pd: null, score: null, modelVersion: null })
  })

  it('ends on the eighteenth birthday', () => {
    expect(decide({ legal: { ...adult.legal, birthDate: '2008-06-01' } }).kind).toBe('approved')
  })
})

describe('the account gate', () => {
  it('comes before risk and tells every reason', () => {
    expect(decide({ daysPastDue: 1, frozenByUser: true })).toMatchObject({
      cause: 'account',
      reasons: ['CRD_OVERDUE', 'CRD_FROZEN_BY_USER'],
    })
  })

  it('says that there is too little history when there is nothing to assess by', () => {
    expect(decide({ assessment: null })).toMatchObject({
      cause: 'risk',
      reasons: ['CRD_HISTORY_INSUFFICIENT'],
    })
    expect(decide({ assessment: assessed(Number.NaN) })).toMatchObject({
      reasons: ['CRD_HISTORY_INSUFFICIENT'],
    })
  })
})

describe('tiers', () => {
  it.each([
    [0.01, 'A', [1, 3, 6, 12, 24]],
    [0.0101, 'B', [1, 3, 6, 12, 24]],
    [0.06, 'C', [1, 3, 6]],
    [0.12, 'D', [1, 3]],
  ])('follow the probability of default: %d is %s', (pd, tier, instalments) => {
    expect(approved({ assessment: assessed(pd) })).toMatchObject({ tier, instalments })
  })

  it('refuse beyond the last one, with the general reason first and the specific ones by influence', () => {
    const factors = [
      factor('CRD_OBLIGATIONS_HIGH', 9),
      factor('CRD_ASSESSMENT_NOT_MET', 8),
      factor('CRD_HISTORY_INSUFFICIENT', 7),
      factor('CRD_OBLIGATIONS_HIGH', 6),
    ]
    expect(decide({ assessment: assessed(0.13, factors) })).toMatchObject({
      cause: 'risk',
      reasons: ['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH', 'CRD_HISTORY_INSUFFICIENT'],
      factors,
      lender: 'sandbox lender',
    })
  })

  it('never say "overdue" to someone who is not', () => {
    const decision = decide({ assessment: assessed(0.5, [factor('CRD_OVERDUE', 30)]) })
    expect(decision).toMatchObject({ reasons: ['CRD_ASSESSMENT_NOT_MET'] })
  })

  it('keep the weakest one for existing customers', () => {
    expect(decide({ assessment: assessed(0.1), existingCustomer: false })).toMatchObject({
      kind: 'refused',
      cause: 'risk',
    })
  })
})

describe('the personal limit', () => {
  it('is the lowest of its ceilings, in whole steps, with the reason of the lowest', () => {
    const { limit, limitComponents, limitReasons } = approved({
      monthlyIncome: 500_055,
      monthlyObligations: 100_000,
    })
    // (5,000.55 x 50 % - 1,000) x 12 = 18,003.30 yuan, cut to 18,000.
    expect(limitComponents[0]).toEqual({ kind: 'affordability', limit: 1_800_330 })
    expect(limit).toBe(1_800_000)
    expect(limitReasons).toEqual(['CRD_OBLIGATIONS_HIGH'])
  })

  it('is refused as obligations when nothing is left to repay with', () => {
    expect(decide({ monthlyIncome: 100_000, monthlyObligations: 60_000 })).toMatchObject({
      kind: 'refused',
      reasons: ['CRD_OBLIGATIONS_HIGH'],
    })
  })

  it('is small while income is unknown, and says what would help', () => {
    expect(approved({ monthlyIncome: null })).toMatchObject({
      limit: 500_000,
      limitReasons: ['CRD_INFO_UNVERIFIED'],
    })
  })

  it('never passes the ceiling of the law or of the posture, for anyone', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 100_000_000 }), { nil: null }),
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.constantFrom<RiskPosture>('expansion', 'neutral', 'contraction'),
        (pd, monthlyIncome, monthlyObligations, posture) => {
          const decision = decide({ assessment: assessed(pd), monthlyIncome, monthlyObligations }, posture)
          if (decision.kind === 'refused') return
          expect(decision.limit).toBeGreaterThan(0)
          expect(decision.limit).toBeLessThanOrEqual(DEFAULT_CREDIT_POLICY.limitMaxByLaw)
          expect(decision.limit % DEFAULT_CREDIT_POLICY.limitStep).toBe(0)
          expect(decision.ticketMax).toBeLessThanOrEqual(decision.limit)
          for (const component of decision.limitComponents)
            expect(decision.limit).toBeLessThanOrEqual(component.limit)
          if (monthlyIncome !== null) {
            expect(decision.limit).toBeLessThanOrEqual((monthlyIncome * 0.5 - monthlyObligations) * 12)
          }
        },
      ),
    )
  })
})

describe('the appetite in a decision', () => {
  it('moves cut-offs, limits and terms together', () => {
    const at = (posture: RiskPosture) => approved({ assessment: assessed(0.009) }, posture)
    expect(at('expansion')).toMatchObject({ tier: 'A', limit: 5_500_000 })
    expect(at('neutral')).toMatchObject({ tier: 'A', limit: 5_000_000 })
    expect(at('contraction')).toMatchObject({ tier: 'B', limit: 2_100_000, instalments: [1, 3, 6] })
  })

  it('is never told as the payer’s defect: no credit reason, no factor', () => {
    const factors = [factor('CRD_OBLIGATIONS_HIGH', 9)]
    expect(decide({ assessment: assessed(0.1, factors) }, 'contraction')).toMatchObject({
      cause: 'appetite',
      reasons: [],
      factors: [],
    })
    const { limitComponents, limitReasons } = approved({ assessment: assessed(0.001) }, 'contraction')
    expect(limitComponents[0]?.kind).toBe('appetite')
    expect(limitReasons).toEqual([])
  })

  it('never gives more in contraction than in neutral, nor in neutral than in expansion', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.2, noNaN: true }), fc.boolean(), (pd, existingCustomer) => {
        const limits = (['contraction', 'neutral', 'expansion'] as const).map(posture => {
          const decision = decide({ assessment: assessed(pd), existingCustomer }, posture)
          return decision.kind === 'approved' ? decision.limit : 0
        })
        expect(limits).toEqual(limits.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('a credit policy', () => {
  it('of the defaults is sound', () => {
    expect(() => assertCreditPolicy(DEFAULT_CREDIT_POLICY)).not.toThrow()
  })

  it.each<[string, (policy: CreditPolicy) => CreditPolicy]>([
    ['no tier', policy => ({ ...policy, tiers: [] })],
    ['tiers out of order', policy => ({ ...policy, tiers: policy.tiers.toReversed() })],
    [
      'a ticket above the limit',
      policy => ({ ...policy, tiers: policy.tiers.map(tier => ({ ...tier, ticketMax: tier.limitMax + 1 })) }),
    ],
    [
      'a contraction that expands',
      policy => ({ ...policy, postures: { ...policy.postures, contraction: policy.postures.expansion } }),
    ],
    ['half a step', policy => ({ ...policy, limitStep: 0.5 })],
  ])('with %s is refused', (_name, change) => {
    expect(() => assertCreditPolicy(change(DEFAULT_CREDIT_POLICY))).toThrow(RangeError)
  })
})

it('every credit reason is a public reason code that a caller may be told', () => {
  for (const code of CREDIT_REASON_CODES) expect(REASON_DIMENSIONS[code]).toBe('credit')
})
