/**
 * How good a probability of default is, on rows it was not fitted to. Every function takes `pd` (higher is riskier)
 * and `bad` (1 for bad, 0 for good), aligned by index, and is O(n log n) at most.
 */
export interface Measures {
  readonly rows: number
  readonly badRate: number
  /** Chance that a random bad row is scored riskier than a random good one; ties count half. */
  readonly auc: number
  readonly gini: number
  /** Kolmogorov-Smirnov: the greatest distance between the two cumulative distributions. */
  readonly ks: number
  readonly brier: number
  /** Brier score of always answering the base rate; a useful model is below it. */
  readonly brierBase: number
  /** Expected calibration error over ten bins of equal width, each weighted by its share of rows. */
  readonly ece10: number
  /** Hosmer-Lemeshow statistic over ten bins of equal size; about 8 for a calibrated model on fresh rows. */
  readonly hosmerLemeshow: number
}

export function measure(pd: ArrayLike<number>, bad: ArrayLike<number>): Measures {
  const rows = pd.length
  if (rows === 0 || rows !== bad.length) throw new RangeError('measures need aligned, non-empty rows')
  const order = riskiestFirst(pd)
  let bads = 0
  let squares = 0
  for (let i = 0; i < rows; i++) {
    bads += bad[i] as number
    squares += ((pd[i] as number) - (bad[i] as number)) ** 2
  }
  const badRate = bads / rows
  const { auc, ks } = separation(pd, bad, order, bads)
  return {
    rows,
    badRate,
    auc,
    gini: 2 * auc - 1,
    ks,
    brier: squares / rows,
    brierBase: badRate * (1 - badRate),
    ece10: expectedCalibrationError(pd, bad, 10),
    hosmerLemeshow: hosmerLemeshow(pd, bad, order, 10),
  }
}

function riskiestFirst(pd: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(pd.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  return order.sort((a, b) => (pd[b] as number) - (pd[a] as number) || a - b)
}

/** One pass over the rows from the riskiest: area by trapezoids (ties count half) and the greatest gap. */
function separation(
  pd: ArrayLike<number>,
  bad: ArrayLike<number>,
  order: Uint32Array,
  bads: number,
): { auc: number; ks: number } {
  const goods = pd.length - bads
  if (bads === 0 || goods === 0) return { auc: Number.NaN, ks: Number.NaN }
  let [area, ks, seenBad, seenGood] = [0, 0, 0, 0]
  for (let i = 0; i < order.length; ) {
    const value = pd[order[i] as number]
    let [tiedBad, tiedGood] = [0, 0]
    for (; i < order.length && pd[order[i] as number] === value; i++) {
      if (bad[order[i] as number] === 1) tiedBad++
      else tiedGood++
    }
    area += tiedGood * (seenBad + tiedBad / 2)
    seenBad += tiedBad
    seenGood += tiedGood
    ks = Math.max(ks, Math.abs(seenBad / bads - seenGood / goods))
  }
  return { auc: area / (bads * goods), ks }
}

export function expectedCalibrationError(
  pd: ArrayLike<number>,
  bad: ArrayLike<number>,
  bins: number,
): number {
  const gap = new Float64Array(bins)
  for (let i = 0; i < pd.length; i++) {
    const bin = Math.min(bins - 1, Math.floor((pd[i] as number) * bins))
    gap[bin] = (gap[bin] as number) + (pd[i] as number) - (bad[i] as number)
  }
  return gap.reduce((sum, value) => sum + Math.abs(value), 0) / pd.length
}

function hosmerLemeshow(
  pd: ArrayLike<number>,
  bad: ArrayLike<number>,
  order: Uint32Array,
  bins: number,
): number {
  let statistic = 0
  for (let bin = 0; bin < bins; bin++) {
    const [from, to] = [
      Math.floor((bin * order.length) / bins),
      Math.floor(((bin + 1) * order.length) / bins),
    ]
    let [expected, observed, variance] = [0, 0, 0]
    for (let i = from; i < to; i++) {
      const row = order[i] as number
      const p = pd[row] as number
      expected += p
      observed += bad[row] as number
      variance += p * (1 - p)
    }
    if (variance > 0) statistic += (observed - expected) ** 2 / variance
  }
  return statistic
}

/** A share of zero is read as this much, so that an empty bin raises the index without making it infinite. */
const SHARE_FLOOR = 1e-4

/**
 * Population stability index of `actual` against `expected` counts over the same bins: sum of (a - e) ln(a / e) over
 * shares. Common reading: under .10 stable, .10 to .25 watch, above .25 act - for windows large enough (see drift).
 */
export function populationStability(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  if (expected.length !== actual.length || expected.length === 0) throw new RangeError('bins do not match')
  const [expectedSum, actualSum] = [sumOf(expected), sumOf(actual)]
  if (!(expectedSum > 0) || !(actualSum > 0)) return 0
  let index = 0
  for (let i = 0; i < expected.length; i++) {
    const e = Math.max(SHARE_FLOOR, (expected[i] as number) / expectedSum)
    const a = Math.max(SHARE_FLOOR, (actual[i] as number) / actualSum)
    index += (a - e) * Math.log(a / e)
  }
  return index
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return sum
}
