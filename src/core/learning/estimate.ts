import { type Cell, MODEL_STRENGTH, meanOf, weightAt } from './cell.ts'
import { recoveryBelief } from './detector.ts'
import { fadeAt, failureRate, meanLatencyMs, unknownRate } from './health.ts'
import type { LearningSettings } from './settings.ts'
import { cellKey, type LearningState, priorOf, type Segment } from './state.ts'
import type { Estimate, EstimateQuery, RoutePrior } from './types.ts'

/** Strength of the parent's mean against the fresh outcomes of an open cell. */
const OPEN_PARENT_STRENGTH = 1

/** Most that an open route's fresh mean is trusted by, so that probes stay possible. */
const OPEN_STRENGTH_MAX = 20

/** Suspicion: belief in a change when its likelihood ratio is this far below the threshold is one half. */
const SUSPECT_FALL_FROM = 1
const SUSPECT_RISE_FROM = 5

/** The belief that is refined from the prior down to the most specific segment. */
interface Refined {
  mean: number
  strength: number
  suspectedMean: number
  suspectedStrength: number
  suspectedWeight: number
  open: boolean
}

/**
 * What is believed of a route for a payment now. Reads one cell per level, changes nothing.
 *
 * Each level's sums, discounted to now, are shrunk towards the level above: p = (k m + s) / (k + n), with the
 * strength k that the data support (`pooling.ts`), never more than the parent has itself.
 */
export function estimate(state: LearningState, query: EstimateQuery): Estimate {
  const prior = priorOf(state, query.route)
  const belief = startingBelief(state, query, prior)
  const key = cellKey(query.route, query.stage)
  const levels = query.segments.length
  const { contextual, now } = query
  if (contextual !== undefined) belief.mean = contextual
  refine(
    belief,
    state.routeWide,
    key,
    contextual === undefined ? prior.strength : MODEL_STRENGTH,
    now,
    state.settings.fadeRoute,
    state.settings,
    contextual,
  )
  for (let depth = 1; depth <= levels; depth++) {
    const segment = state.segments.get(query.segments[levels - depth] as string)
    if (segment === undefined) continue
    const pooled = state.poolings[depth - 1]?.strength ?? belief.strength
    refine(belief, segment, key, pooled, now, state.settings.fadeSegment, state.settings, contextual)
  }
  return toEstimate(state, query, prior, belief)
}

/** After a decline, what is known of first attempts is where to start from, with the prior's strength. */
function startingBelief(state: LearningState, query: EstimateQuery, prior: RoutePrior): Refined {
  const belief: Refined = {
    mean: prior.approval,
    strength: prior.strength,
    suspectedMean: 0,
    suspectedStrength: 0,
    suspectedWeight: 0,
    open: false,
  }
  if (query.stage === 'first') return belief
  const first = state.routeWide.cells.get(query.route)
  if (first === undefined || first.open === 1) return belief
  belief.mean = (prior.approval * prior.strength + first.successes) / (prior.strength + first.trials)
  return belief
}

function refine(
  belief: Refined,
  segment: Segment,
  key: string,
  pooled: number,
  now: number,
  fade: number,
  settings: LearningSettings,
  contextual: number | undefined,
): void {
  const cell = segment.cells.get(key)
  if (cell === undefined) return
  const weight = weightAt(cell, segment.clock, now, fade, settings)
  if (belief.open) refineUnderOpen(belief, cell, weight, pooled)
  else if (cell.open === 1) refineOpen(belief, cell, settings)
  else refineNormal(belief, cell, weight, pooled, now, settings, contextual)
}

function refineNormal(
  belief: Refined,
  cell: Cell,
  weight: number,
  pooled: number,
  now: number,
  settings: LearningSettings,
  contextual: number | undefined,
): void {
  const trials = cell.trials * weight
  const parentStrength = Math.min(pooled, belief.strength)
  // A correction of the model is as sure as its own payments make it, however sure the level above is.
  const strength = contextual === undefined ? parentStrength : pooled
  belief.mean = meanOf(cell, weight, belief.mean, strength, contextual)
  belief.strength = parentStrength + trials
  if (trials < settings.detectFrom) return
  const fall = cell.fallen > cell.risen
  const run = fall ? cell.fallenTrials : cell.risenTrials
  if (run === 0) return
  const ratio = fall ? cell.fallen + SUSPECT_FALL_FROM : cell.risen + SUSPECT_RISE_FROM
  // A suspicion that nothing has spoken to for long says little of what is going on now.
  const stale = Math.max(0, now - cell.at) / settings.voteWithinMs
  const suspicion = 2 ** -stale / (1 + Math.exp(settings.changeThreshold - ratio))
  if (suspicion < belief.suspectedWeight) {
    belief.suspectedStrength = parentStrength
    return
  }
  belief.suspectedWeight = suspicion
  belief.suspectedMean = ((fall ? cell.fallenSuccesses : cell.risenSuccesses) + 0.5) / (run + 1)
  belief.suspectedStrength = run + 1
}

function refineOpen(belief: Refined, cell: Cell, settings: LearningSettings): void {
  const trials = cell.freshTrials
  belief.mean = (cell.freshSuccesses + belief.mean * OPEN_PARENT_STRENGTH) / (trials + OPEN_PARENT_STRENGTH)
  belief.strength = Math.min(trials + OPEN_PARENT_STRENGTH, OPEN_STRENGTH_MAX)
  belief.suspectedMean = cell.formerMean
  belief.suspectedStrength = Math.min(settings.restoredStrengthMax, cell.trials + 2)
  belief.suspectedWeight = recoveryBelief(cell, settings)
  belief.open = true
}

/** A level below an open one has nothing to say of the trouble, but remembers what it was like before. */
function refineUnderOpen(belief: Refined, cell: Cell, weight: number, pooled: number): void {
  if (cell.open === 1) return
  const trials = cell.trials * weight
  const strength = Math.min(pooled, belief.suspectedStrength)
  belief.suspectedMean = (belief.suspectedMean * strength + cell.successes * weight) / (strength + trials)
  belief.suspectedStrength = strength + trials
}

function toEstimate(
  state: LearningState,
  query: EstimateQuery,
  prior: RoutePrior,
  belief: Refined,
): Estimate {
  const { mean, strength, suspectedMean, suspectedWeight } = belief
  // While open, recovery must be likelier than not before it counts; before, every suspicion counts by its weight.
  const probing = belief.open && suspectedWeight > 0.5
  const blend = belief.open && !probing ? 0 : suspectedWeight
  const health = state.health.get(query.route)
  const fade = health === undefined ? 1 : fadeAt(health, query.now)
  return {
    approval: { mean: mean + blend * (suspectedMean - mean), strength },
    settled: { mean, strength },
    suspected: { mean: suspectedMean, strength: belief.suspectedStrength, weight: suspectedWeight },
    unknown: health === undefined ? prior.unknown : unknownRate(health, prior, fade),
    failure: health === undefined ? 0 : failureRate(health, prior, fade),
    latencyMs: health === undefined ? prior.latencyMs : meanLatencyMs(health, prior, fade),
    mode: belief.open ? (probing ? 'probe' : 'open') : 'normal',
  }
}
