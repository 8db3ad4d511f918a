import { BUCKETS, type ContextFeatures } from '../core/learning/contextual.ts'
import { LEVELS_MAX } from '../core/learning/state.ts'
import type { LearnedOutcome, LearnedResult } from '../core/learning/types.ts'
import { isDeclineCategory } from '../core/payment/decline.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { TrialSides } from './tallies.ts'

/** An outcome as instances hand it to each other: with the features that its model of the context learns from. */
export interface Lesson {
  readonly outcome: LearnedOutcome
  readonly features: ContextFeatures
  readonly trials?: TrialSides
}

/** What an exchange with an upstream teaches. Undefined while the payer or the upstream is still at it. */
export function learnedResult(result: UpstreamResult): LearnedResult | undefined {
  switch (result.kind) {
    case 'approved':
    case 'authorized':
      return { kind: 'approved' }
    case 'declined':
      return { kind: 'declined', category: result.category }
    case 'unknown':
      return { kind: 'unknown' }
    case 'not_sent':
      return { kind: 'technicalFailure' }
    case 'not_found':
      return { kind: 'resolved', as: 'absent' }
    case 'processing':
    case 'requires_action':
    case 'canceled':
    case 'already_paid':
      return undefined
  }
}

const TEXT_MAX = 256
const FEATURES_MAX = 200
const ROUTE_MAX = 64

/** Reads what another instance has sent, perhaps of another build. Whatever is not as expected is left out. */
export function parseLessons(entry: string): Lesson[] {
  let content: unknown
  try {
    content = JSON.parse(entry)
  } catch {
    return []
  }
  return Array.isArray(content) ? content.filter(isLesson) : []
}

function isLesson(value: unknown): value is Lesson {
  const { outcome, features, trials } = (value ?? {}) as {
    outcome?: Partial<LearnedOutcome>
    features?: unknown
    trials?: unknown
  }
  if (outcome === undefined || !Array.isArray(features)) return false
  const { attemptId, route, segments, stage, result, dispatchedAt, observedAt, latencyMs } = outcome
  return (
    isText(attemptId, TEXT_MAX) &&
    isText(route, ROUTE_MAX) &&
    (stage === 'first' || isCategory(stage)) &&
    Array.isArray(segments) &&
    segments.length <= LEVELS_MAX &&
    segments.every(segment => isText(segment, TEXT_MAX)) &&
    isResult(result) &&
    Number.isFinite(dispatchedAt) &&
    Number.isFinite(observedAt) &&
    (latencyMs === undefined || Number.isFinite(latencyMs)) &&
    (trials === undefined || isSides(trials)) &&
    features.length <= FEATURES_MAX &&
    features.every(bucket => Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS)
  )
}

function isSides(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= 10 &&
    value.every(
      side =>
        Array.isArray(side) && isText(side[0], TEXT_MAX) && (side[1] === 'arm' || side[1] === 'control'),
    )
  )
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max
}

function isCategory(value: unknown): boolean {
  return typeof value === 'string' && isDeclineCategory(value)
}

function isResult(value: unknown): value is LearnedResult {
  const { kind, as, category } = (value ?? {}) as { kind?: unknown; as?: unknown; category?: unknown }
  const what = kind === 'resolved' ? as : kind
  if (what === 'declined') return isCategory(category)
  if (what === 'absent') return kind === 'resolved'
  return what === 'approved' || (kind === what && (what === 'technicalFailure' || what === 'unknown'))
}
