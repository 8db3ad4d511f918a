import { type Cell, replaceSums } from './cell.ts'
import type { LearningSettings } from './settings.ts'

/** Probabilities are kept this far from 0 and 1 wherever a logarithm of them is taken. */
const EDGE = 0.005

/** Equivalent outcomes of the first guess at the size of a change, against what the suspect itself shows. */
const GUESS_STRENGTH = 3

/** Most that an upward change may take of the way to 1, first and at least. */
const RISE_FIRST = 0.7
const RISE_MIN = 0.4

/** Discount per outcome of the fresh sums while open. */
const KEEP_FRESH = 0.99

/**
 * Lets an outcome that has been added to the cell vote on whether the approval rate has changed.
 *
 * CUSUM on the Bernoulli log-likelihood ratio (Page 1954), the alternative estimated from the run itself before
 * the outcome is seen (Lorden and Pollak 2005): a slump from .95 to .20 is called after about six outcomes, one
 * to .75 after about fifteen, at the same rate of false alarms. A fall opens the cell; a rise replaces what was
 * known by what the run has shown.
 * @param expected approval expected of this payment; the cell's own mean when absent
 */
export function detectChange(
  cell: Cell,
  success: boolean,
  expected: number | undefined,
  now: number,
  settings: LearningSettings,
): void {
  if (cell.trials < settings.detectFrom) return
  const mean = clamp(expected ?? (cell.successes + 1) / (cell.trials + 2), 0.03, 1 - EDGE)

  // A success cannot start a fall, nor a decline a rise: most outcomes need one logarithm only.
  if (!success || cell.fallen > 0) suspectFall(cell, success, mean, settings)
  if (success || cell.risen > 0) suspectRise(cell, success, mean, settings)
  if (cell.fallen > settings.changeThreshold) open(cell, mean, now)
  else if (cell.risen > settings.changeThreshold) adoptRise(cell)
}

function suspectFall(cell: Cell, success: boolean, mean: number, settings: LearningSettings): void {
  const fallen = cell.fallen + logRatio(success, supposedFall(cell, mean, settings), mean)
  if (fallen <= 0) {
    clearFall(cell)
    return
  }
  cell.fallen = fallen
  cell.fallenSuccesses += success ? 1 : 0
  cell.fallenTrials++
}

function suspectRise(cell: Cell, success: boolean, mean: number, settings: LearningSettings): void {
  const risen = cell.risen + logRatio(success, supposedRise(cell, mean, settings), mean)
  if (risen <= 0) {
    clearRise(cell)
    return
  }
  cell.risen = risen
  cell.risenSuccesses += success ? 1 : 0
  cell.risenTrials++
}

function supposedFall(cell: Cell, mean: number, settings: LearningSettings): number {
  const first = Math.max(0.01, mean - settings.changeFirstGuess)
  const shown = (cell.fallenSuccesses + GUESS_STRENGTH * first) / (cell.fallenTrials + GUESS_STRENGTH)
  return Math.max(0.01, Math.min(mean - settings.changeMin, shown))
}

function supposedRise(cell: Cell, mean: number, settings: LearningSettings): number {
  const first = mean + Math.min(settings.changeFirstGuess, RISE_FIRST * (1 - mean))
  const shown = (cell.risenSuccesses + GUESS_STRENGTH * first) / (cell.risenTrials + GUESS_STRENGTH)
  return Math.min(0.998, Math.max(mean + Math.min(settings.changeMin, RISE_MIN * (1 - mean)), shown))
}

/** What was known is kept without the run that gave the alarm; the run starts what is known of the new state. */
function open(cell: Cell, mean: number, now: number): void {
  const trials = cell.trials - cell.fallenTrials
  const former = (cell.successes - cell.fallenSuccesses + 1) / (trials + 1.1)
  cell.open = 1
  cell.turnedAt = now
  cell.formerMean = trials > 0 && former > 0.05 ? Math.min(0.99, former) : mean
  replaceSums(cell, Math.max(0, cell.successes - cell.fallenSuccesses), Math.max(1, trials))
  cell.freshSuccesses = cell.fallenSuccesses
  cell.freshTrials = cell.fallenTrials
  cell.probes = 0
  cell.recovered = 0
  clearFall(cell)
  clearRise(cell)
}

function adoptRise(cell: Cell): void {
  replaceSums(cell, cell.risenSuccesses, cell.risenTrials)
  clearFall(cell)
  clearRise(cell)
}

/**
 * Takes an outcome while open. Those dispatched before it opened tell of the time before and are dropped.
 * Enough evidence for the former mean against the fresh one restores the cell with its memory; when none comes
 * for long, the change was lasting and the fresh mean is adopted.
 */
export function observeOpen(
  cell: Cell,
  success: boolean,
  clock: number,
  dispatchedAt: number,
  now: number,
  settings: LearningSettings,
): void {
  if (dispatchedAt <= cell.turnedAt) return
  cell.freshSuccesses = cell.freshSuccesses * KEEP_FRESH + (success ? 1 : 0)
  cell.freshTrials = cell.freshTrials * KEEP_FRESH + 1
  cell.probes++
  const low = Math.max(0.01, Math.min(cell.formerMean - 0.05, freshMean(cell)))
  cell.recovered = Math.max(0, cell.recovered + logRatio(success, cell.formerMean, low))
  if (cell.recovered > settings.restoreThreshold) {
    const trials = Math.min(cell.trials, settings.restoredStrengthMax)
    replaceSums(cell, cell.formerMean * trials, trials)
  } else if (cell.probes > settings.adoptAfter) {
    replaceSums(cell, cell.freshSuccesses, cell.freshTrials)
  } else return
  cell.open = 0
  cell.turnedAt = now
  cell.recovered = 0
  cell.clock = clock
  cell.at = now
}

export function freshMean(cell: Cell): number {
  return (cell.freshSuccesses + 0.5) / (cell.freshTrials + 1)
}

/**
 * Belief that an open cell has recovered: the share of traffic that may probe it, raised by what the probes have
 * shown. Dear failures are probed more rarely: the share that balances their cost against the delay of noticing
 * a recovery goes with one over the root of the loss.
 */
export function recoveryBelief(cell: Cell, settings: LearningSettings): number {
  const loss = Math.max(0.03, cell.formerMean - freshMean(cell))
  const base = Math.min(settings.probeShareMax, settings.probeShare * Math.sqrt(settings.probeLoss / loss))
  const odds = (base / (1 - base)) * Math.exp(cell.recovered)
  return odds / (1 + odds)
}

/** Log-likelihood ratio of one outcome, `p` against `reference`. */
function logRatio(success: boolean, p: number, reference: number): number {
  return success ? Math.log(p / reference) : Math.log((1 - p) / (1 - reference))
}

function clearFall(cell: Cell): void {
  cell.fallen = 0
  cell.fallenSuccesses = 0
  cell.fallenTrials = 0
}

function clearRise(cell: Cell): void {
  cell.risen = 0
  cell.risenSuccesses = 0
  cell.risenTrials = 0
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
