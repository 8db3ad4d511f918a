import type { DelinquencyBlock } from '../credit/delinquency.ts'
import type { LegalFacts } from '../credit/legal-gate.ts'
import type { FactValues } from '../credit/types.ts'

/** What one source knows of a payer, for a scorecard. `consent` is the payer's word on this source, where it is needed. */
export interface FactorReading {
  readonly source: string
  /** Unix ms; that of the facts when absent. */
  readonly asOf?: number
  readonly consent?: boolean
  readonly values: FactValues
}

/** What a credit assessment is made from, beside the account itself. Used once and not kept in decision records. */
export interface AssessmentFacts {
  readonly factors?: readonly FactorReading[]
  readonly legal?: LegalFacts
  /** Minor units. */
  readonly monthlyIncome?: number
  /** Repayments already owed per month, to anyone. */
  readonly monthlyObligations?: number
  /** Whether credit was used before; an activated account counts as one when absent. */
  readonly existingCustomer?: boolean
}

/** What a lender's eligibility service says about one payer. Amounts in minor units of the asked currency. */
export interface PayerFacts extends AssessmentFacts {
  readonly activated: boolean
  readonly frozen: boolean
  readonly availableCredit: number
  /** The whole limit, of which `availableCredit` is left. */
  readonly creditLimit?: number
  readonly daysPastDue: number
  /** What the lender's stage for these days keeps from happening. Absent: any day past due blocks new credit. */
  readonly blocks?: readonly DelinquencyBlock[]
  readonly tier?: string
  /** Reason codes that the provider itself gives, such as CRD_NOT_ELIGIBLE_BY_RULE. */
  readonly restrictions?: readonly string[]
  /** Unix ms at which the provider computed this. Our own approvals after it are not in it yet. */
  readonly asOf: number
  readonly version?: string
}

/** Whether an overdue bill keeps the payer from new credit. */
export function isOverdue({ daysPastDue, blocks }: PayerFacts): boolean {
  return daysPastDue > 0 && (blocks?.includes('new_credit') ?? true)
}

/** The facts that the gates read, without what only an assessment needs. */
export function accountFacts(facts: PayerFacts): PayerFacts {
  const {
    factors: _factors,
    legal: _legal,
    monthlyIncome: _income,
    monthlyObligations: _obligations,
    existingCustomer: _existing,
    ...account
  } = facts
  return account
}

/**
 * What is known about a payer on one route at decision time. `fresh` false means older than the fresh limit but
 * within the stale limit: good enough for a quote, not for paying with credit.
 */
export type FactState =
  | { readonly kind: 'known'; readonly facts: PayerFacts; readonly fresh: boolean }
  | { readonly kind: 'unknown_payer' }
  | { readonly kind: 'unavailable' }
