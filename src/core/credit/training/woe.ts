/** What the rows of each bin say about being good. */
export interface Evidence {
  readonly good: Float64Array
  readonly bad: Float64Array
  /** Weight of evidence of good over bad, one per bin; 0 where a bin saw no row. */
  readonly woe: Float64Array
  readonly informationValue: number
}

/**
 * Smoothed weight of evidence: WOE_j = ln( ((g_j + a) / (G + a k)) / ((b_j + a) / (B + a k)) ) with a = .5, and
 * information value IV = sum of (g_j / G - b_j / B) WOE_j. A bin without rows is neutral, not half a row of noise.
 */
export function weightOfEvidence(
  bins: Uint16Array,
  bad: Uint8Array,
  binCount: number,
  smoothing = 0.5,
): Evidence {
  const good = new Float64Array(binCount)
  const bads = new Float64Array(binCount)
  for (let i = 0; i < bins.length; i++) {
    const into = bad[i] === 1 ? bads : good
    into[bins[i] as number] = (into[bins[i] as number] as number) + 1
  }
  const goodSum = good.reduce((sum, value) => sum + value, 0)
  const badSum = bins.length - goodSum
  const used = good.reduce((sum, value, j) => sum + (value + (bads[j] as number) > 0 ? 1 : 0), 0)
  const woe = new Float64Array(binCount)
  let informationValue = 0
  for (let j = 0; j < binCount; j++) {
    const [g, b] = [good[j] as number, bads[j] as number]
    if (g + b === 0) continue
    const goodShare = (g + smoothing) / (goodSum + smoothing * used)
    const badShare = (b + smoothing) / (badSum + smoothing * used)
    woe[j] = Math.log(goodShare / badShare)
    informationValue += (g / Math.max(1, goodSum) - b / Math.max(1, badSum)) * (woe[j] as number)
  }
  return { good, bad: bads, woe, informationValue }
}
