import { addMonths } from './calendar.ts'
import type { CreditReasonCode, IsoDate } from './types.ts'

/** What the law asks to know of a person before credit; null is "not established". */
export interface LegalFacts {
  readonly birthDate: IsoDate | null
  readonly isStudent: boolean | null
  /** Whether identity was checked in substance: document, own bank account, reachable. */
  readonly identityVerified: boolean | null
}

const ADULT_MONTHS = 18 * 12

/**
 * Exclusions by law, apart from any assessment of risk: minors, college students (five-agency notice of March 2021:
 * micro-lenders must not lend to them online) and people whose identity is not verified in substance. An excluded
 * person is not scored at all. What is not established is asked for, never assumed.
 */
export function legalReasons(facts: LegalFacts, today: IsoDate): CreditReasonCode[] {
  const minor = facts.birthDate !== null && today < addMonths(facts.birthDate, ADULT_MONTHS)
  if (minor || facts.isStudent === true) return ['CRD_NOT_ELIGIBLE_BY_RULE']
  if (facts.birthDate === null || facts.isStudent === null || facts.identityVerified !== true) {
    return ['CRD_INFO_UNVERIFIED']
  }
  return []
}
