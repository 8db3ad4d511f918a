import { DECLINE_RULES, type DeclineCategory } from '../payment/decline.ts'
import type { HealthSign } from './health.ts'
import type { LearnedResult } from './types.ts'

/** What a result teaches: about approval, about the route's health, or nothing. */
export interface Lesson {
  /** True or false when it is a definite answer about the payment. */
  readonly approved?: boolean
  readonly health?: HealthSign
  /** The attempt's outcome is known now. */
  readonly final: boolean
}

const APPROVED: Lesson = { approved: true, health: 'answered', final: true }
const DECLINED: Lesson = { approved: false, health: 'answered', final: true }
const ANSWERED: Lesson = { health: 'answered', final: true }
const FAILED: Lesson = { health: 'failed', final: true }
const PENDING: Lesson = { health: 'unknown', final: false }

/**
 * Refusals that say nothing of how a route approves: the upstream did not look at the payment, the fault is
 * ours, or the lender's pool is empty.
 */
const TEACHES_NO_APPROVAL: ReadonlySet<DeclineCategory> = new Set<DeclineCategory>([
  'not_sent',
  'outcome_unknown',
  'upstream_unavailable',
  'funding_unavailable',
  'invalid_request',
])

/**
 * Declines by issuers, payers, scenes and credit teach approval in the segment where they happen and never the
 * route's health; only the categories with `health` speak of that. An unknown is pending: it counts for the
 * unknown rate and is never taken for a failure. The health of a resolved attempt was told when it was unknown.
 */
export function lessonOf(result: LearnedResult): Lesson {
  switch (result.kind) {
    case 'approved':
      return APPROVED
    case 'technicalFailure':
      return FAILED
    case 'unknown':
      return PENDING
    case 'declined':
      return lessonOfDecline(result.category)
    case 'resolved':
      return lessonOfResolution(result)
  }
}

function lessonOfDecline(category: DeclineCategory): Lesson {
  if (category === 'outcome_unknown') return PENDING
  if (DECLINE_RULES[category].health) return FAILED
  return TEACHES_NO_APPROVAL.has(category) ? ANSWERED : DECLINED
}

function lessonOfResolution(result: Extract<LearnedResult, { kind: 'resolved' }>): Lesson {
  switch (result.as) {
    case 'approved':
      return { approved: true, final: true }
    case 'absent':
      return { final: true }
    case 'declined': {
      const { approved } = lessonOfDecline(result.category)
      return approved === undefined ? { final: true } : { approved, final: true }
    }
  }
}
