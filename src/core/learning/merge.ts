import { type Cell, weightAt } from './cell.ts'
import { fadeAt, type Health } from './health.ts'
import { emptyPooling, readPooling } from './pooling.ts'
import type { LearningSettings } from './settings.ts'
import { type LearningSnapshot, restoreHealth, restorePooling, restoreSegment } from './snapshot.ts'
import { emptySegment, type LearningState, type Segment } from './state.ts'

/**
 * Adds what another instance has learned from outcomes that this one has not seen: after a time without shared
 * storage, say. Evidence adds up; an open cell wins over a closed one unless that turned later. Not idempotent.
 *
 * While instances can talk, they had better hand each other their outcomes: `learn` is exactly-once and does not
 * mind the order, so all of them then learn the same thing from the same code, detection included.
 * @throws RangeError as `restore`
 */
export function merge(state: LearningState, other: LearningSnapshot): void {
  if (other.version !== 1) throw new RangeError('a learning snapshot of an unknown version')
  const { settings } = state
  mergeSegment(state.routeWide, restoreSegment(other.routeWide), settings.fadeRoute, settings)
  for (const [key, from] of other.segments) {
    const own = state.segments.touch(key)
    const into = own ?? emptySegment()
    if (own === undefined) state.segments.set(key, into)
    mergeSegment(into, restoreSegment(from), settings.fadeSegment, settings)
  }
  for (const [route, numbers] of Object.entries(other.health)) {
    const theirs = restoreHealth(numbers)
    const own = state.health.get(route)
    if (own === undefined) state.health.set(route, theirs)
    else mergeHealth(own, theirs)
  }
  other.poolings.forEach((sums, depth) => {
    const theirs = restorePooling(sums)
    readPooling(theirs)
    const own = (state.poolings[depth] ??= emptyPooling())
    readPooling(own)
    theirs.logLikelihoods.forEach((sum, i) => {
      own.logLikelihoods[i] = (own.logLikelihoods[i] as number) + sum
    })
    readPooling(own)
  })
  for (let i = 0; i + 1 < other.attempts.length; i += 2)
    state.attempts.mark(other.attempts[i] as number, other.attempts[i + 1] as number)
}

/** Each side's sums are brought to its own present first; the clock then counts the outcomes of both. */
function mergeSegment(into: Segment, from: Segment, fade: number, settings: LearningSettings): void {
  const clock = into.clock + from.clock
  for (const [key, theirs] of from.cells) {
    const own = into.cells.get(key)
    if (own === undefined) {
      theirs.clock += into.clock
      into.cells.set(key, theirs)
      continue
    }
    const at = Math.max(own.at, theirs.at)
    discount(own, into.clock, at, fade, settings)
    discount(theirs, from.clock, at, fade, settings)
    mergeCell(own, theirs)
    own.clock = clock
  }
  // Cells that only this side has age by none of the other side's outcomes.
  for (const [key, own] of into.cells) if (!from.cells.has(key)) own.clock += from.clock
  into.clock = clock
}

function discount(cell: Cell, clock: number, at: number, fade: number, settings: LearningSettings): void {
  const weight = weightAt(cell, clock, at, fade, settings)
  cell.successes *= weight
  cell.trials *= weight
  cell.surplus *= weight
  cell.at = at
}

function mergeCell(own: Cell, theirs: Cell): void {
  const takeTheirs =
    theirs.open !== own.open
      ? theirs.turnedAt > own.turnedAt
      : own.open === 1 && theirs.formerMean > own.formerMean
  own.successes += theirs.successes
  own.trials += theirs.trials
  own.surplus += theirs.surplus
  if (theirs.fallen > own.fallen) {
    own.fallen = theirs.fallen
    own.fallenSuccesses = theirs.fallenSuccesses
    own.fallenTrials = theirs.fallenTrials
  }
  if (theirs.risen > own.risen) {
    own.risen = theirs.risen
    own.risenSuccesses = theirs.risenSuccesses
    own.risenTrials = theirs.risenTrials
  }
  if (takeTheirs) own.formerMean = theirs.formerMean
  if (own.open === 1 && theirs.open === 1) {
    own.freshSuccesses += theirs.freshSuccesses
    own.freshTrials += theirs.freshTrials
    own.probes += theirs.probes
    own.recovered = Math.max(own.recovered, theirs.recovered)
  } else if (takeTheirs) {
    own.open = theirs.open
    own.freshSuccesses = theirs.freshSuccesses
    own.freshTrials = theirs.freshTrials
    own.probes = theirs.probes
    own.recovered = theirs.recovered
  }
  own.turnedAt = Math.max(own.turnedAt, theirs.turnedAt)
}

function mergeHealth(own: Health, theirs: Health): void {
  const at = Math.max(own.at, theirs.at)
  const ownFade = fadeAt(own, at)
  const theirFade = fadeAt(theirs, at)
  for (const field of ['attempts', 'unknowns', 'failures', 'latencyMs', 'latencies'] as const)
    own[field] = own[field] * ownFade + theirs[field] * theirFade
  own.at = at
}
