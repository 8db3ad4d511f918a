import type { LiquidityReason, PoolSnapshot } from './types.ts'

export interface LiquidityRequest {
  /** Minor units of the pool's currency. */
  readonly amount: number
  /** The term that the payer chose; absent while only offers are asked for. */
  readonly instalments?: number
  /** The terms that the route offers. */
  readonly offered: readonly number[]
  /** Has used this credit before, and is graded high by the credit room. */
  readonly existingHighGrade: boolean
}

export interface LiquidityVerdict {
  readonly allowed: boolean
  /** Why not, the strongest first; also the reason for terms that are missing from an allowed offer. */
  readonly reasons: readonly LiquidityReason[]
  readonly allowedTerms: readonly number[]
}

const NO_TERMS: readonly number[] = []

/**
 * Whether a pool's state lets credit be offered, and over which terms. Compares and nothing else: well under a
 * microsecond. A hint like the snapshot it reads: the reservation in the journal decides.
 */
export function liquidityGate(snapshot: PoolSnapshot, request: LiquidityRequest): LiquidityVerdict {
  const { allowance } = snapshot
  if (!snapshot.anyOpen) return refusal('LIQ_PARTNER_UNAVAILABLE')
  if (!allowance.credit || snapshot.largestLoan <= 0) return refusal('LIQ_DAILY_CAPACITY')
  if (allowance.existingHighGradeOnly && !request.existingHighGrade) return refusal('LIQ_DAILY_CAPACITY')
  if (request.amount > allowance.ticketMax || request.amount > snapshot.largestLoan) {
    return refusal('LIQ_AMOUNT_RESTRICTED')
  }
  const allowedTerms = request.offered.filter(term => term <= allowance.termsMax)
  const wanted = request.instalments
  const allowed = wanted === undefined ? allowedTerms.length > 0 : allowedTerms.includes(wanted)
  // A chosen term that the route never offered is not a matter of liquidity, but must not pass here either.
  const suspended = !allowed || allowedTerms.length < request.offered.length
  return { allowed, reasons: suspended ? SUSPENDED : NONE, allowedTerms }
}

const NONE: readonly LiquidityReason[] = []
const SUSPENDED: readonly LiquidityReason[] = ['LIQ_TERM_SUSPENDED']

function refusal(reason: LiquidityReason): LiquidityVerdict {
  return { allowed: false, reasons: [reason], allowedTerms: NO_TERMS }
}
