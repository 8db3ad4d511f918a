import { type Cell, emptyCell } from './cell.ts'
import { emptyHealth, type Health } from './health.ts'
import { type Pooling, POOLING_STRENGTHS } from './pooling.ts'
import { emptySegment, type LearningState, type Segment } from './state.ts'

/** A learner's state as plain JSON: for the journal, for a hash with one field per segment, for another instance. */
export interface LearningSnapshot {
  readonly version: 1
  readonly routeWide: SegmentSnapshot
  /** Oldest first. */
  readonly segments: readonly (readonly [key: string, segment: SegmentSnapshot])[]
  readonly health: Readonly<Record<string, readonly number[]>>
  /** Per level: strength, outcomes since it was read, log-likelihoods, products. */
  readonly poolings: readonly (readonly number[])[]
  /** Key and bits of the attempts that have been counted, in turn. */
  readonly attempts: readonly number[]
}

export interface SegmentSnapshot {
  readonly clock: number
  /** Numbers of every cell in the order of `CELL_FIELDS`. */
  readonly cells: Readonly<Record<string, readonly number[]>>
}

const CELL_FIELDS = Object.keys(emptyCell()) as (keyof Cell)[]
const HEALTH_FIELDS = Object.keys(emptyHealth()) as (keyof Health)[]

export function snapshot(state: LearningState): LearningSnapshot {
  return {
    version: 1,
    routeWide: snapshotSegment(state.routeWide),
    segments: Array.from(
      state.segments.entries(),
      ([key, segment]) => [key, snapshotSegment(segment)] as const,
    ),
    health: Object.fromEntries(
      Array.from(state.health, ([route, health]) => [route, HEALTH_FIELDS.map(field => health[field])]),
    ),
    poolings: state.poolings.map(({ strength, sinceRead, logLikelihoods, products }) => [
      strength,
      sinceRead,
      ...logLikelihoods,
      ...products,
    ]),
    attempts: Array.from(state.attempts.entries()).flat(),
  }
}

function snapshotSegment({ clock, cells }: Segment): SegmentSnapshot {
  return {
    clock,
    cells: Object.fromEntries(
      Array.from(cells, ([key, cell]) => [key, CELL_FIELDS.map(field => cell[field])]),
    ),
  }
}

/**
 * Fills a fresh learner with what a snapshot holds. Segments and attempts beyond the learner's bounds are left
 * out, the oldest first.
 * @throws RangeError when the snapshot is of another version or holds anything but finite numbers; the learner
 * is to be thrown away then
 */
export function restore(state: LearningState, from: LearningSnapshot): void {
  if (from.version !== 1) throw new RangeError('a learning snapshot of an unknown version')
  const routeWide = restoreSegment(from.routeWide)
  state.routeWide.clock = routeWide.clock
  for (const [key, cell] of routeWide.cells) state.routeWide.cells.set(key, cell)
  for (const [key, segment] of from.segments) state.segments.set(key, restoreSegment(segment))
  for (const [route, numbers] of Object.entries(from.health))
    state.health.set(route, fill(emptyHealth(), HEALTH_FIELDS, numbers))
  for (const sums of from.poolings) state.poolings.push(restorePooling(sums))
  for (let i = 0; i + 1 < from.attempts.length; i += 2)
    state.attempts.mark(finite(from.attempts[i]), finite(from.attempts[i + 1]))
}

export function restoreSegment(from: SegmentSnapshot): Segment {
  const segment = emptySegment()
  segment.clock = finite(from.clock)
  for (const [key, numbers] of Object.entries(from.cells))
    segment.cells.set(key, fill(emptyCell(), CELL_FIELDS, numbers))
  return segment
}

export function restorePooling(numbers: readonly number[]): Pooling {
  const count = POOLING_STRENGTHS.length
  if (numbers.length !== 2 + 2 * count) throw new RangeError('a learning record of another length')
  const [strength, sinceRead, ...rest] = numbers.map(finite) as [number, number, ...number[]]
  return { strength, sinceRead, logLikelihoods: rest.slice(0, count), products: rest.slice(count) }
}

export function restoreHealth(numbers: readonly number[]): Health {
  return fill(emptyHealth(), HEALTH_FIELDS, numbers)
}

function fill<Record extends object>(
  record: Record,
  fields: readonly (keyof Record)[],
  numbers: readonly number[],
): Record {
  if (numbers.length !== fields.length) throw new RangeError('a learning record of another length')
  fields.forEach((field, i) => {
    record[field] = finite(numbers[i]) as Record[keyof Record]
  })
  return record
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new RangeError('a learning snapshot holds something other than finite numbers')
  return value
}
