import { attemptKey } from './attempts.ts'
import { addEvidence, type Cell, weightAt } from './cell.ts'
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

/** From the route-wide level down to the most specific segment. */
function learnApproval(state: LearningState, outcome: LearnedOutcome, approved: boolean): void {
  const { settings } = state
  const key = cellKey(outcome.route, outcome.stage)
  const levels = outcome.segments.length
  // A level that is open speaks for all below it: they keep what they knew.
  let covered = false
  let parentMean = 0
  for (let depth = 0; depth <= levels; depth++) {
    const segment =
      depth === 0 ? state.routeWide : segmentFor(state, outcome.segments[levels - depth] as string)
    segment.clock++
    const cell = cellFor(segment, key)
    if (cell === undefined) return
    const fade = depth === 0 ? settings.fadeRoute : settings.fadeSegment
    if (!covered && depth > 0 && cell.open === 0)
      learnPooling(state, depth, segment, cell, outcome.observedAt, approved, parentMean)
    if (!covered) step(state, segment, cell, outcome, approved, fade)
    if (cell.open === 1) covered = true
    if (depth === 0) parentMean = pooledMean(cell, priorOf(state, outcome.route).approval, 2)
    else if (!covered) parentMean = pooledMean(cell, parentMean, poolingAt(state, depth - 1).strength)
  }
}

function step(
  state: LearningState,
  segment: Segment,
  cell: Cell,
  outcome: LearnedOutcome,
  approved: boolean,
  fade: number,
): void {
  const { settings } = state
  const { dispatchedAt, observedAt } = outcome
  if (cell.open === 1) {
    observeOpen(cell, approved, segment.clock, dispatchedAt, observedAt, settings)
    return
  }
  addEvidence(cell, approved, segment.clock, dispatchedAt, observedAt, fade, settings)
  const current = dispatchedAt > cell.turnedAt && observedAt - dispatchedAt <= settings.voteWithinMs
  if (current) detectChange(cell, approved, observedAt, settings)
}

function learnPooling(
  state: LearningState,
  depth: number,
  segment: Segment,
  cell: Cell,
  now: number,
  approved: boolean,
  parentMean: number,
): void {
  const weight = weightAt(cell, segment.clock, now, state.settings.fadeSegment, state.settings)
  observePooling(
    poolingAt(state, depth - 1),
    approved,
    cell.successes * weight,
    cell.trials * weight,
    parentMean,
  )
}

function pooledMean(cell: Cell, parentMean: number, strength: number): number {
  return (parentMean * strength + cell.successes) / (strength + cell.trials)
}
