import { INSTALMENTS_MAX } from './instalment-plan.ts'
import type { RiskPosture } from './types.ts'

const BPS = 10_000

/** What a band of probability of default may have. */
export interface CreditTier {
  readonly id: string
  /** Highest probability of default, in basis points, at a neutral appetite. */
  readonly pdMaxBps: number
  /** Highest limit, minor units. */
  readonly limitMax: number
  /** Highest single purchase, minor units. */
  readonly ticketMax: number
  readonly instalments: readonly number[]
  /** Flat monthly fee in parts per million; a plan above the price cap is not offered whatever stands here. */
  readonly monthlyFeePpm: number
  /** Whether someone without an account may enter at this tier. */
  readonly newCustomers: boolean
}

/** How a posture moves cut-offs, limits and terms of new credit. */
export interface PostureEffect {
  /** Factor on every tier's `pdMaxBps`. */
  readonly pdFactorBps: number
  /** Factor on personal limits. */
  readonly limitFactorBps: number
  readonly instalmentsMax: number
}

export interface CreditPolicy {
  readonly version: string
  readonly lender: string
  /** Best first, `pdMaxBps` ascending. Who is beyond the last one is refused. */
  readonly tiers: readonly CreditTier[]
  readonly postures: Readonly<Record<RiskPosture, PostureEffect>>
  /** Share of monthly income that all repayments together may take. */
  readonly repaymentShareMaxBps: number
  /** Months of free repayment capacity that a limit may reach. */
  readonly affordableMonths: number
  /** Highest limit while income is not known. */
  readonly limitMaxWithoutIncome: number
  /** Ceiling by law per borrower (online micro-loans for consumption: 200,000 yuan). */
  readonly limitMaxByLaw: number
  /** Limits are cut down to a multiple of this, and below it no credit is given. */
  readonly limitStep: number
  /** Wait between two decisions on a raise. */
  readonly raiseWaitDays: number
}

const ALL_TERMS = [1, 3, 6, 12, 24]
const YUAN = 100

/**
 * Bands of probability from the approval curves of public data (A under 1 %, B to 3 %, C to 6 %, D to 12 %, beyond that
 * refuse): A and B all terms; C up to six instalments and half the limit; D existing customers and small tickets only.
 * Limits and fees are placeholders of the right size, for the operator to set.
 */
export const DEFAULT_CREDIT_POLICY: CreditPolicy = {
  version: 'default-1',
  lender: 'sandbox lender',
  tiers: [
    {
      id: 'A',
      pdMaxBps: 100,
      limitMax: 50_000 * YUAN,
      ticketMax: 50_000 * YUAN,
      instalments: ALL_TERMS,
      monthlyFeePpm: 5_000,
      newCustomers: true,
    },
    {
      id: 'B',
      pdMaxBps: 300,
      limitMax: 30_000 * YUAN,
      ticketMax: 30_000 * YUAN,
      instalments: ALL_TERMS,
      monthlyFeePpm: 6_000,
      newCustomers: true,
    },
    {
      id: 'C',
      pdMaxBps: 600,
      limitMax: 15_000 * YUAN,
      ticketMax: 10_000 * YUAN,
      instalments: [1, 3, 6],
      monthlyFeePpm: 7_500,
      newCustomers: true,
    },
    {
      id: 'D',
      pdMaxBps: 1200,
      limitMax: 5_000 * YUAN,
      ticketMax: 1_000 * YUAN,
      instalments: [1, 3],
      monthlyFeePpm: 10_000,
      newCustomers: false,
    },
  ],
  postures: {
    expansion: { pdFactorBps: 12_500, limitFactorBps: 11_000, instalmentsMax: 24 },
    neutral: { pdFactorBps: BPS, limitFactorBps: BPS, instalmentsMax: 24 },
    contraction: { pdFactorBps: 6_000, limitFactorBps: 7_000, instalmentsMax: 6 },
  },
  repaymentShareMaxBps: 5_000,
  affordableMonths: 12,
  limitMaxWithoutIncome: 5_000 * YUAN,
  limitMaxByLaw: 200_000 * YUAN,
  limitStep: 100 * YUAN,
  raiseWaitDays: 30,
}

/** Throws `RangeError` on a policy that contradicts itself; call it once, when a policy is loaded. */
export function assertCreditPolicy(policy: CreditPolicy): void {
  if (policy.tiers.length === 0) throw new RangeError('a credit policy needs a tier')
  for (const [i, tier] of policy.tiers.entries()) {
    const before = policy.tiers[i - 1]
    whole(`${tier.id}.pdMaxBps`, tier.pdMaxBps, 1, BPS)
    whole(`${tier.id}.limitMax`, tier.limitMax, 1, Number.MAX_SAFE_INTEGER)
    whole(`${tier.id}.ticketMax`, tier.ticketMax, 1, tier.limitMax)
    whole(`${tier.id}.monthlyFeePpm`, tier.monthlyFeePpm, 0, 1_000_000)
    if (tier.instalments.length === 0) throw new RangeError(`${tier.id} offers no term`)
    for (const term of tier.instalments) whole(`${tier.id}.instalments`, term, 1, INSTALMENTS_MAX)
    if (before && before.pdMaxBps >= tier.pdMaxBps)
      throw new RangeError('tiers go from the best to the weakest')
    if (before && before.limitMax < tier.limitMax)
      throw new RangeError(`${tier.id} has a higher limit than ${before.id}`)
  }
  const { expansion, neutral, contraction } = policy.postures
  for (const effect of [expansion, neutral, contraction]) {
    whole('pdFactorBps', effect.pdFactorBps, 1, 10 * BPS)
    whole('limitFactorBps', effect.limitFactorBps, 1, 10 * BPS)
    whole('instalmentsMax', effect.instalmentsMax, 1, INSTALMENTS_MAX)
  }
  for (const key of ['pdFactorBps', 'limitFactorBps', 'instalmentsMax'] as const) {
    if (contraction[key] > neutral[key] || neutral[key] > expansion[key]) {
      throw new RangeError(`${key} must not fall from contraction to expansion`)
    }
  }
  whole('repaymentShareMaxBps', policy.repaymentShareMaxBps, 1, BPS)
  whole('affordableMonths', policy.affordableMonths, 1, 120)
  whole('limitMaxWithoutIncome', policy.limitMaxWithoutIncome, 0, Number.MAX_SAFE_INTEGER)
  whole('limitMaxByLaw', policy.limitMaxByLaw, 1, Number.MAX_SAFE_INTEGER)
  whole('limitStep', policy.limitStep, 1, Number.MAX_SAFE_INTEGER)
  whole('raiseWaitDays', policy.raiseWaitDays, 0, 3_650)
}

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}`)
  }
}
