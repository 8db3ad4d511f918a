import { addMonths } from './calendar.ts'
import type { CreditReasonCode, IsoDate } from './types.ts'

/** What the law asks to know of a person before credit; null is "not established". */
export interface LegalFacts {
  readonly birthDate: IsoDate | null
  readonly isStudent: boolean | null
  /** Whether identity was checked in substance: document, own bank account, reachable. */
  readonly identityVerified: boolean | null
}

const ADULT_YEARS = 18

/** The year settles nearly every case; only in the year of the eighteenth birthday is the day looked at. */
function isMinor(birthDate: IsoDate, today: IsoDate): boolean {
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4))
  return years < ADULT_YEARS || (years === ADULT_YEARS && today < addMonths(birthDate, ADULT_YEARS * 12))
}

/**
 * Exclusions by law, apart from any assessment of risk: minors, college students (five-agency notice of March 2021:
 * micro-lenders must not lend to them online) and people whose identity is not verified in substance. An excluded
 * person is not scored at all. What is not established is asked for, never assumed.
 */
export function legalReasons(facts: LegalFacts, today: IsoDate): CreditReasonCode[] {
  const minor = facts.birthDate !== null && isMinor(facts.birthDate, today)
  if (minor || facts.isStudent === true) return ['CRD_NOT_ELIGIBLE_BY_RULE']
  if (facts.birthDate === null || facts.isStudent === null || facts.identityVerified !== true) {
    return ['CRD_INFO_UNVERIFIED']
  }
  return []
}
