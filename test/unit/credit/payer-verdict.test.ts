import { describe, expect, it } from 'vitest'
import { lendingOf } from '../../../src/config/lending-of.ts'
import { type CreditConfig, creditSchema } from '../../../src/config/schema-credit.ts'
import { assessPayer, type LendingTerms, verdictOn } from '../../../src/core/credit/payer-verdict.ts'
import { cardOfUse } from '../../support/card-of-use.ts'
import type { RiskPosture } from '../../../src/core/credit/types.ts'
import type { PayerFacts } from '../../../src/core/eligibility/facts.ts'

const NOON = Date.parse('2026-06-01T12:00:00Z')
const DAY_MS = 86_400_000

const TIERS = [
  { id: 'A', pdMaxBps: 200, limitMax: 1_000_000, ticketMax: 500_000, instalments: [1, 3, 12] },
  {
    id: 'B',
    pdMaxBps: 1_000,
    limitMax: 300_000,
    ticketMax: 100_000,
    instalments: [1, 3],
    monthlyFeePpm: 9_000,
  },
  { id: 'C', pdMaxBps: 2_000, limitMax: 50_000, ticketMax: 50_000, instalments: [1], newCustomers: false },
]

/** 1 %, 5 % or 50 % default. */
const CARD = cardOfUse()

const config = (change: Partial<CreditConfig> = {}): CreditConfig =>
  creditSchema.parse({ terms: [{ instalments: 3, feePayee: 'x' }], tiers: TIERS, ...change })

const byTier = lendingOf(config(), 'Lender', undefined) as LendingTerms
const byScore = lendingOf(config(), 'Lender', CARD) as LendingTerms

const facts = (change: Partial<PayerFacts> = {}): PayerFacts => ({
  activated: true,
  frozen: false,
  availableCredit: 1_000_000,
  daysPastDue: 0,
  asOf: NOON,
  ...change,
})

const scored = (use: number, change: Partial<PayerFacts> = {}): PayerFacts =>
  facts({
    factors: [{ source: 'lender', values: { use } }],
    legal: { birthDate: '1990-01-01', isStudent: false, identityVerified: true },
    monthlyIncome: 1_000_000,
    ...change,
  })

function verdict(
  terms: LendingTerms,
  payer: PayerFacts,
  amount = 1_000,
  instalments?: number,
  posture: RiskPosture = 'neutral',
) {
  const assessed = assessPayer(payer, terms, posture, NOON)
  if (assessed === undefined) return undefined
  const purchase = { amount, ...(instalments === undefined ? {} : { instalments }) }
  return verdictOn(assessed, terms, posture, payer, purchase)
}

describe("a payer judged by the lender's tier", () => {
  // config-key: routes.credit.tiers.id, routes.credit.tiers.pdMaxBps, routes.credit.tiers.instalments
  it('has the terms and the expected loss of the tier', () => {
    expect(verdict(byTier, facts({ tier: 'A' }))).toMatchObject({ reasons: [], pd: 0.01, terms: [1, 3, 12] })
    expect(verdict(byTier, facts({ tier: 'B' }))).toMatchObject({ reasons: [], pd: 0.06, terms: [1, 3] })
  })

  // config-key: routes.credit.tiers.monthlyFeePpm
  it('has the price of the tier where it has one', () => {
    expect(verdict(byTier, facts({ tier: 'A' }))).not.toHaveProperty('monthlyFeePpm')
    expect(verdict(byTier, facts({ tier: 'B' }))?.monthlyFeePpm).toBe(9_000)
  })

  // config-key: routes.credit.tiers.ticketMax
  it('buys no more at once than the tier may', () => {
    expect(verdict(byTier, facts({ tier: 'B' }), 100_000)?.reasons).toEqual([])
    expect(verdict(byTier, facts({ tier: 'B' }), 100_001)?.reasons).toEqual(['CRD_LIMIT_INSUFFICIENT'])
  })

  it('is told of a term beyond the tier as the grade, and never that it is not about credit', () => {
    expect(verdict(byTier, facts({ tier: 'B' }), 1_000, 12)?.reasons).toEqual(['CRD_ASSESSMENT_NOT_MET'])
  })

  // config-key: routes.credit.tiers.newCustomers
  it('needs to be a customer where the tier asks for it', () => {
    expect(verdict(byTier, facts({ tier: 'C' }))?.reasons).toEqual([])
    expect(verdict(byTier, facts({ tier: 'C', existingCustomer: false }))?.reasons).toContain(
      'CRD_ASSESSMENT_NOT_MET',
    )
  })

  it('is not judged under a tier that is not configured', () => {
    expect(verdict(byTier, facts({ tier: 'Z' }))).toBeUndefined()
    expect(verdict(byTier, facts())).toBeUndefined()
  })

  it('is high grade only in the best tier', () => {
    expect(['A', 'B'].map(tier => verdict(byTier, facts({ tier }))?.highGrade)).toEqual([true, false])
  })
})

describe('a payer judged by the scorecard', () => {
  // config-key: routes.credit.tiers.limitMax
  it('is limited by tier, and told the specific reason when refused', () => {
    expect(verdict(byScore, scored(0.1), 500_000)).toMatchObject({ reasons: [], terms: [1, 3, 12] })
    expect(verdict(byScore, scored(0.1))?.pd).toBeCloseTo(0.01, 3)
    expect(verdict(byScore, scored(0.9))?.reasons).toEqual(['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH'])
    const half = { creditLimit: 1_000_000, availableCredit: 200_000 }
    expect(verdict(byScore, scored(0.5, half), 1_000)?.reasons).toEqual(['CRD_LIMIT_INSUFFICIENT'])
  })

  it('is excluded by law before any score', () => {
    const legal = { birthDate: '2010-01-01', isStudent: true, identityVerified: true }
    expect(verdict(byScore, scored(0.1, { legal }))?.reasons).toEqual(['CRD_NOT_ELIGIBLE_BY_RULE'])
    const { legal: _, ...unverified } = scored(0.1)
    expect(verdict(byScore, unverified)?.reasons).toEqual(['CRD_INFO_UNVERIFIED'])
  })

  // config-key: routes.credit.sources.id, routes.credit.sources.consentRequired, routes.credit.sources.freshSeconds, routes.credit.sources.dimension, routes.credit.sources.enquiryCost
  it('is assessed from configured sources alone, with consent and fresh', () => {
    const source = {
      id: 'bureau',
      dimension: 'bureau',
      consentRequired: true,
      freshSeconds: 86_400,
      enquiryCost: 5,
    }
    const terms = lendingOf(config({ sources: [source] } as never), 'Lender', CARD) as LendingTerms
    expect(terms.sources).toMatchObject([source])
    const told = (reading: object) =>
      verdict(terms, scored(0, { factors: [{ source: 'bureau', values: { use: 0.1 }, ...reading }] }))
        ?.reasons
    expect(told({ consent: true })).toEqual([])
    expect(told({})).toEqual(['CRD_HISTORY_INSUFFICIENT'])
    expect(told({ consent: false })).toEqual(['CRD_HISTORY_INSUFFICIENT'])
    expect(told({ consent: true, asOf: NOON - 2 * DAY_MS })).toEqual(['CRD_HISTORY_INSUFFICIENT'])
    expect(told({ consent: true, source: 'other' })).toEqual(['CRD_HISTORY_INSUFFICIENT'])
  })
})

describe("the lender's appetite", () => {
  it('is never told as a fault of the payer', () => {
    // 5 % is tier B at a neutral appetite; contraction moves its cut-off below 6 %, and C's below 12 %.
    expect(verdict(byScore, scored(0.5), 70_000)?.reasons).toEqual([])
    const cut = { ...byScore, policy: { ...byScore.policy, tiers: byScore.policy.tiers.slice(0, 1) } }
    const lean = {
      ...cut,
      policy: {
        ...cut.policy,
        tiers: [{ ...TIERS[0], pdMaxBps: 120, newCustomers: true, monthlyFeePpm: 0 }],
      },
    } as LendingTerms
    expect(verdict(lean, scored(0.1))?.reasons).toEqual([])
    expect(verdict(lean, scored(0.1), 1_000, undefined, 'contraction')?.reasons).toEqual([
      'LIQ_AMOUNT_RESTRICTED',
    ])
  })

  it('pauses long terms as the lender’s doing', () => {
    const told = verdict(byTier, facts({ tier: 'A', existingCustomer: true }), 1_000, 12, 'contraction')
    expect(told).toMatchObject({ reasons: ['LIQ_TERM_SUSPENDED'], terms: [1, 3, 12], paused: [12] })
  })
})
