import { assertCreditPolicy, type CreditPolicy, DEFAULT_CREDIT_POLICY } from '../core/credit/credit-policy.ts'
import type { LendingTerms } from '../core/credit/payer-verdict.ts'
import { compileScorecard } from '../core/credit/scorecard.ts'
import type { Scorecard } from '../core/credit/scorecard-model.ts'
import type { CreditConfig } from './schema-credit.ts'

/**
 * How a credit route judges payers, or undefined when it leaves that to the lender: neither tiers nor scorecard.
 * Throws a `RangeError` for tiers that contradict each other.
 */
export function lendingOf(
  config: CreditConfig,
  lender: string,
  scorecard: Scorecard | undefined,
): LendingTerms | undefined {
  if (config.tiers === undefined && scorecard === undefined) return undefined
  const policy: CreditPolicy = {
    ...DEFAULT_CREDIT_POLICY,
    lender,
    ...(config.tiers === undefined
      ? {}
      : { tiers: config.tiers.map(tier => ({ ...tier, monthlyFeePpm: tier.monthlyFeePpm ?? 0 })) }),
  }
  assertCreditPolicy(policy)
  const fees = (config.tiers ?? []).flatMap(({ id, monthlyFeePpm }) =>
    monthlyFeePpm === undefined ? [] : [[id, monthlyFeePpm] as const],
  )
  return {
    policy,
    sources: config.sources,
    feesPpm: new Map(fees),
    utcOffsetMinutes: config.utcOffsetMinutes,
    ...(scorecard === undefined ? {} : { scorer: compileScorecard(scorecard) }),
  }
}
