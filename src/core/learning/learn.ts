import { attemptKey } from './attempts.ts'
import { addEvidence, type Cell, MODEL_STRENGTH, meanOf, weightAt } from './cell.ts'
import { detectChange, observeOpen } from './detector.ts'
import { observeHealth } from './health.ts'
import { lessonOf } from './lesson.ts'
import { observePooling } from './pooling.ts'
import {
  cellFor,
  cellKey,
  COUNTED,
  healthFor,
  LEVELS_MAX,
  type LearningState,
  poolingAt,
  priorOf,
  type Segment,
  segmentFor,
} from './state.ts'
import type { LearnedOutcome } from './types.ts'

/**
 * Takes one outcome, O(levels). Exactly-once: a result of an attempt that has been counted is a `duplicate` and
 * changes nothing, for as long as the attempt is among the last `attemptsMax / 2` at least; beyond that the
 * journal is what keeps outcomes apart. Order does not matter: late outcomes count with the weight that they
 * would have by now, and do not vote on changes they were not sent to see.
 * @throws RangeError on times that are not finite or on more than `LEVELS_MAX` segments
 */
export function learn(state: LearningState, outcome: LearnedOutcome): 'applied' | 'duplicate' {
  if (!Number.isFinite(outcome.dispatchedAt) || !Number.isFinite(outcome.observedAt))
    throw new RangeError('dispatchedAt and observedAt must be finite')
  if (outcome.segments.length > LEVELS_MAX) throw new RangeError(`at most ${LEVELS_MAX} segments`)
  const attempt = attemptKey(outcome.attemptId)
  const lesson = lessonOf(outcome.result)
  const counted = state.attempts.bitsOf(attempt)
  const bit = lesson.final ? COUNTED.final : COUNTED.unknown
  if ((counted & bit) !== 0 || counted >= COUNTED.final) return 'duplicate'
  state.attempts.mark(attempt, counted | bit)

  // An attempt that was told as unknown has had its say on health.
  if (lesson.health !== undefined && (counted & COUNTED.unknown) === 0) {
    const health = healthFor(state, outcome.route)
    if (health !== undefined) observeHealth(health, lesson.health, outcome.observedAt, outcome.latencyMs)
  }
  if (lesson.approved !== undefined) learnApproval(state, outcome, lesson.approved)
  return 'applied'
}

/** One level of a payment's path from the route as a whole to its most specific segment. */
interface Level {
  readonly segment: Segment
  readonly cell: Cell
  /** What time and traffic have left of the cell's sums. */
  readonly weight: number
  /** Mean of the level above, and of this level shrunk to it, before the outcome. */
  readonly parentMean: number
  readonly mean: number
}

function learnApproval(state: LearningState, outcome: LearnedOutcome, approved: boolean): void {
  const path = pathOf(state, outcome)
  const deepest = path.length - 1
  let deepestOpen = deepest
  while (deepestOpen >= 0 && (path[deepestOpen] as Level).cell.open === 0) deepestOpen--
  for (let depth = 0; depth <= deepest; depth++) {
    const level = path[depth] as Level
    if (depth > 0 && level.cell.open === 0) learnPooling(state, depth, level, approved, outcome.contextual)
    // Surprise is measured against what was expected of this payment, not of the route's usual mix: a shift of
    // traffic to a harder segment is no fall of the route.
    const expected = depth < deepest ? (path[deepest] as Level).mean : undefined
    // Trouble that a lower level has been opened for is its own.
    step(state, level, outcome, approved, depth < deepestOpen ? 'none' : expected)
    // A level that is open speaks for all below it: they keep what they knew.
    if (level.cell.open === 1) return
  }
}

/** The cells that an outcome teaches; their segments' clocks have counted it. */
function pathOf(state: LearningState, outcome: LearnedOutcome): Level[] {
  const { settings } = state
  const { segments, observedAt, contextual } = outcome
  const key = cellKey(outcome.route, outcome.stage)
  const prior = priorOf(state, outcome.route)
  const path: Level[] = []
  let mean = contextual ?? prior.approval
  let strength = contextual === undefined ? prior.strength : MODEL_STRENGTH
  for (let depth = 0; depth <= segments.length; depth++) {
    const segment =
      depth === 0 ? state.routeWide : segmentFor(state, segments[segments.length - depth] as string)
    segment.clock++
    const cell = cellFor(segment, key)
    if (cell === undefined) break
    const fade = depth === 0 ? settings.fadeRoute : settings.fadeSegment
    const weight = weightAt(cell, segment.clock, observedAt, fade, settings)
    const parentMean = mean
    mean = meanOf(cell, weight, mean, strength, contextual)
    path.push({ segment, cell, weight, parentMean, mean })
    if (depth < segments.length) strength = poolingAt(state, depth).strength
  }
  return path
}

function step(
  state: LearningState,
  { segment, cell, weight }: Level,
  outcome: LearnedOutcome,
  approved: boolean,
  expected: number | 'none' | undefined,
): void {
  const { settings } = state
  const { dispatchedAt, observedAt } = outcome
  if (cell.open === 1) {
    observeOpen(cell, approved, segment.clock, dispatchedAt, observedAt, settings)
    return
  }
  addEvidence(cell, approved, weight, segment.clock, dispatchedAt, observedAt, settings, outcome.contextual)
  const current = dispatchedAt > cell.turnedAt && observedAt - dispatchedAt <= settings.voteWithinMs
  if (current && expected !== 'none') detectChange(cell, approved, expected, observedAt, settings)
}

function learnPooling(
  state: LearningState,
  depth: number,
  { cell, weight, parentMean }: Level,
  approved: boolean,
  contextual: number | undefined,
): void {
  observePooling(
    poolingAt(state, depth - 1),
    approved,
    cell.successes * weight,
    cell.trials * weight,
    parentMean,
    ...(contextual === undefined ? [] : [cell.surplus * weight]),
  )
}
