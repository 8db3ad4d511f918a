import { AttemptMemory } from './attempts.ts'
import { type Cell, emptyCell } from './cell.ts'
import { Generations } from './generations.ts'
import { emptyHealth, type Health } from './health.ts'
import { emptyPooling, type Pooling } from './pooling.ts'
import { DEFAULT_LEARNING, type LearningSettings } from './settings.ts'
import type { RoutePrior, SegmentKey, Stage } from './types.ts'

/** A segment's clock counts its outcomes over all routes; its cells are keyed by `cellKey`. */
export interface Segment {
  clock: number
  readonly cells: Map<string, Cell>
}

/**
 * All that has been learned. It is changed in place by `learn` alone (a copy per outcome would cost a hundred
 * times the learning); everything else reads it.
 */
export interface LearningState {
  readonly settings: LearningSettings
  readonly priors: ReadonlyMap<string, RoutePrior>
  /** The route-wide level, parent of all segments. */
  readonly routeWide: Segment
  readonly segments: Generations<Segment>
  readonly health: Map<string, Health>
  /** By distance from the route-wide level, starting with its children. */
  readonly poolings: Pooling[]
  /** Which results of which attempts have been counted (`COUNTED`). */
  readonly attempts: AttemptMemory
}

/** Bits of what has been counted of an attempt. */
export const COUNTED = { unknown: 1, final: 2 } as const

/** What is believed of a route that has no configured prior. */
export const DEFAULT_PRIOR: RoutePrior = { approval: 0.9, unknown: 0.005, latencyMs: 1_000, strength: 2 }

/** Levels of segments that are looked at; more than this is refused. */
export const LEVELS_MAX = 8

/** Stages x routes that a segment may hold, so that no flood of unknown route ids can grow it. */
const CELLS_PER_SEGMENT_MAX = 4_096

export function createLearning(
  priors: Readonly<Record<string, RoutePrior>> = {},
  settings: Partial<LearningSettings> = {},
): LearningState {
  const all = { ...DEFAULT_LEARNING, ...settings }
  for (const [route, prior] of Object.entries(priors)) checkPrior(route, prior)
  return {
    settings: all,
    priors: new Map(Object.entries(priors)),
    routeWide: emptySegment(),
    segments: new Generations(all.segmentsMax),
    health: new Map(),
    poolings: [],
    attempts: new AttemptMemory(all.attemptsMax),
  }
}

/** Takes over the priors of a new configuration; what has been observed stays. Throws as `createLearning`. */
export function replacePriors(
  state: LearningState,
  priors: Readonly<Record<string, RoutePrior>>,
): LearningState {
  for (const [route, prior] of Object.entries(priors)) checkPrior(route, prior)
  return { ...state, priors: new Map(Object.entries(priors)) }
}

function checkPrior(route: string, prior: RoutePrior): void {
  const probability = (value: number): boolean => value >= 0 && value <= 1
  if (!probability(prior.approval) || !probability(prior.unknown) || !(prior.strength > 0))
    throw new RangeError(`prior of route ${route}: approval and unknown within 0..1, strength above 0`)
  if (!(prior.latencyMs >= 0)) throw new RangeError(`prior of route ${route}: latencyMs must not be negative`)
}

export function emptySegment(): Segment {
  return { clock: 0, cells: new Map() }
}

export function cellKey(route: string, stage: Stage): string {
  return stage === 'first' ? route : `${route}|${stage}`
}

export function priorOf(state: LearningState, route: string): RoutePrior {
  return state.priors.get(route) ?? DEFAULT_PRIOR
}

/** The segment for writing: made when missing, renewed when there. */
export function segmentFor(state: LearningState, key: SegmentKey): Segment {
  const known = state.segments.touch(key)
  if (known !== undefined) return known
  const segment = emptySegment()
  state.segments.set(key, segment)
  return segment
}

export function cellFor(segment: Segment, key: string): Cell | undefined {
  const known = segment.cells.get(key)
  if (known !== undefined || segment.cells.size >= CELLS_PER_SEGMENT_MAX) return known
  const cell = emptyCell()
  cell.clock = segment.clock
  segment.cells.set(key, cell)
  return cell
}

export function healthFor(state: LearningState, route: string): Health | undefined {
  const known = state.health.get(route)
  if (known !== undefined || state.health.size >= CELLS_PER_SEGMENT_MAX) return known
  const health = emptyHealth()
  state.health.set(route, health)
  return health
}

export function poolingAt(state: LearningState, depth: number): Pooling {
  while (state.poolings.length <= depth) state.poolings.push(emptyPooling())
  return state.poolings[depth] as Pooling
}
