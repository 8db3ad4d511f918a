import { BPS } from '../payment/money.ts'

/** Liquid means against flows over one horizon; amounts in one unit, whichever it is. */
export interface CoverageInput {
  readonly buffer: number
  /** Credit lines not yet drawn, each with the part that is not counted on. */
  readonly lines: readonly { readonly undrawn: number; readonly haircutBps: number }[]
  readonly outflow: number
  /** Due from payers within the horizon, before arrears. */
  readonly inflow: number
  readonly arrearsBps: number
  readonly horizonHours: number
}

export interface Coverage {
  /** Outflow less inflow, of which at most 75 % of the outflow counts (Basel LCR40). */
  readonly netOutflow: number
  readonly bufferRatio: number
  readonly ratio: number
  /** Hours that buffer and lines last at this net outflow. */
  readonly runwayHours: number
}

const INFLOW_COUNTED_MAX = 0.75

/** LCR-like coverage: (buffer + lines after haircut) / max(O - min(I, .75 O), .25 O). */
export function coverage(input: CoverageInput): Coverage {
  const liquid = liquidMeans(input)
  const inflow = Math.min(inflowAfterArrears(input), INFLOW_COUNTED_MAX * input.outflow)
  const netOutflow = Math.max(input.outflow - inflow, (1 - INFLOW_COUNTED_MAX) * input.outflow)
  return {
    netOutflow,
    bufferRatio: ratio(input.buffer, netOutflow),
    ratio: ratio(liquid, netOutflow),
    runwayHours: ratio(liquid, netOutflow) * input.horizonHours,
  }
}

/**
 * Reverse stress: the smallest multiple of demand at which coverage falls under one, everything else as it is.
 * @param withLines whether undrawn lines count, or the buffer stands alone
 */
export function reverseStressMultiple(input: CoverageInput, withLines: boolean): number {
  const liquid = withLines ? liquidMeans(input) : input.buffer
  const inflow = inflowAfterArrears(input)
  const multiple = (liquid + inflow) / input.outflow
  const inflowIsCapped = inflow > INFLOW_COUNTED_MAX * multiple * input.outflow
  return inflowIsCapped ? liquid / ((1 - INFLOW_COUNTED_MAX) * input.outflow) : multiple
}

function liquidMeans(input: CoverageInput): number {
  return input.lines.reduce((sum, line) => sum + (line.undrawn * (BPS - line.haircutBps)) / BPS, input.buffer)
}

function inflowAfterArrears(input: CoverageInput): number {
  return (input.inflow * (BPS - input.arrearsBps)) / BPS
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : Number.POSITIVE_INFINITY
}

export interface Concentration {
  /** Share of the largest funder, 0..1. */
  readonly topShare: number
  /** Herfindahl-Hirschman index, 0..1. */
  readonly hhi: number
}

/** How far lending hangs on few funders. Undefined below two funders: one has nothing to be compared with. */
export function concentration(outstanding: readonly number[]): Concentration | undefined {
  const total = outstanding.reduce((sum, amount) => sum + amount, 0)
  if (outstanding.length < 2 || total <= 0) return undefined
  const shares = outstanding.map(amount => amount / total)
  return { topShare: Math.max(...shares), hhi: shares.reduce((sum, share) => sum + share * share, 0) }
}

/**
 * One step of a one-sided CUSUM on a standardised forecast error: g <- max(0, g + z - 0.5).
 * Above 5 it finds a shift of one standard deviation in about ten steps and is wrong once in about 930 steps, which
 * at five minutes is every third day; above 8 in sixteen steps, and once in about 19,000 (Siegmund's approximation).
 * @param z forecast error in standard deviations
 */
export function stepCusum(g: number, z: number): number {
  return Math.min(Math.max(0, g + z - CUSUM_DRIFT), CUSUM_CEILING)
}

const CUSUM_DRIFT = 0.5
/** So that the alarm ends soon after the surge does. */
const CUSUM_CEILING = 16

/**
 * A demand's error in standard deviations, on the square-root scale: sums of a few uneven orders are skewed, and
 * one large order must not look like a crowd. Variance is `overDispersion` x mean.
 */
export function standardizedError(actual: number, mean: number, overDispersion: number): number {
  return (2 * (Math.sqrt(actual) - Math.sqrt(mean))) / Math.sqrt(Math.max(1, overDispersion))
}
