import type { LearningSettings } from './settings.ts'

/**
 * What is known of one route in one segment and stage: numbers only, so that it can be a field of a hash, be
 * merged and be replayed. Sums are discounted to (`clock`, `at`).
 */
export interface Cell {
  successes: number
  trials: number
  /** Approvals above what the model of the context expected of these payments, where there is one. */
  surplus: number
  /** Segment clock and Unix ms to which the sums are discounted. */
  clock: number
  at: number
  /** Likelihood-ratio sums for "it has fallen" and "it has risen", and the outcomes since each was last zero. */
  fallen: number
  fallenSuccesses: number
  fallenTrials: number
  risen: number
  risenSuccesses: number
  risenTrials: number
  /** 1 while open: the approval rate has fallen and only probes are sent. */
  open: 0 | 1
  /** Unix ms of the last opening or closing: outcomes dispatched by then do not vote. */
  turnedAt: number
  /** While open: the mean before the fall, outcomes since (discounted and counted), and the sum for recovery. */
  formerMean: number
  freshSuccesses: number
  freshTrials: number
  probes: number
  recovered: number
}

export function emptyCell(): Cell {
  return {
    successes: 0,
    trials: 0,
    surplus: 0,
    clock: 0,
    at: 0,
    fallen: 0,
    fallenSuccesses: 0,
    fallenTrials: 0,
    risen: 0,
    risenSuccesses: 0,
    risenTrials: 0,
    open: 0,
    turnedAt: Number.MIN_SAFE_INTEGER,
    formerMean: 0,
    freshSuccesses: 0,
    freshTrials: 0,
    probes: 0,
    recovered: 0,
  }
}

/**
 * exp(-x) for x >= 0, to the last digits also for small x, where a series of four terms takes a third of the time:
 * most sums are read soon after they were written.
 */
export function decay(x: number): number {
  return x < 0.001 ? 1 - x * (1 - (x / 2) * (1 - x / 3)) : Math.exp(-x)
}

/** Weight left to a cell's sums at a segment clock and a time. Lazy and exact: no write for routes not played. */
export function weightAt(
  cell: Cell,
  clock: number,
  now: number,
  fade: number,
  settings: LearningSettings,
): number {
  const ticks = clock - cell.clock
  const elapsedMs = now - cell.at
  if (ticks <= 0 && elapsedMs <= 0) return 1
  return decay(Math.max(0, ticks) * fade + (Math.max(0, elapsedMs) * Math.LN2) / settings.halfLifeMs)
}

/**
 * Adds one outcome. Evidence that was dispatched long ago weighs what it would weigh now had it been counted
 * then, so late and out-of-order outcomes are neither lost nor overrated.
 * @param weight of the sums so far, from `weightAt` for the same clock and `observedAt`
 */
export function addEvidence(
  cell: Cell,
  success: boolean,
  weight: number,
  clock: number,
  dispatchedAt: number,
  observedAt: number,
  settings: LearningSettings,
  contextual?: number,
): void {
  cell.at = Math.max(cell.at, observedAt)
  cell.clock = Math.max(cell.clock, clock)
  const age = cell.at - dispatchedAt
  const own = age > 0 ? decay((age * Math.LN2) / settings.halfLifeMs) : 1
  cell.successes = cell.successes * weight + (success ? own : 0)
  cell.trials = cell.trials * weight + own
  cell.surplus *= weight
  if (contextual !== undefined) cell.surplus += own * ((success ? 1 : 0) - contextual)
}

/** Puts other sums in place, as seen in payments of which the same was expected. */
export function replaceSums(cell: Cell, successes: number, trials: number): void {
  const expectedRate = cell.trials > 0 ? (cell.successes - cell.surplus) / cell.trials : 0
  cell.surplus = successes - expectedRate * trials
  cell.successes = successes
  cell.trials = trials
}

/**
 * A cell's mean, shrunk to the level above with a strength. With a model of the context the level above has been
 * told what is particular to this payment, and the cell adds how far its own payments did better than expected:
 * a segment of hard payments is not taken for one where the route does badly.
 * @param weight from `weightAt`
 */
export function meanOf(
  cell: Cell,
  weight: number,
  parentMean: number,
  strength: number,
  contextual: number | undefined,
): number {
  const trials = cell.trials * weight
  if (contextual === undefined) return (parentMean * strength + cell.successes * weight) / (strength + trials)
  return clampRate(parentMean + (cell.surplus * weight) / (strength + trials))
}

/** Keeps a rate that corrections were added to within what a rate can be. */
export function clampRate(rate: number): number {
  return Math.min(0.999, Math.max(0.001, rate))
}

/** Payments by which a route's recent record must speak against the model of the context to be believed half. */
export const MODEL_STRENGTH = 1024
