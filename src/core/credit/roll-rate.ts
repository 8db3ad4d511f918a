/**
 * How arrears move from stage to stage. Balances are lists by stage, current first, in minor units; roll rates are
 * fractions. Ratios of stocks mean little in a portfolio that runs off: there, feed one vintage at a time.
 */

/** Share of each stage that moved to each other one: entry [from][to], rows summing to 1, or all 0 when nobody was there. */
export function rollMatrix(from: readonly number[], to: readonly number[], stages: number): number[][] {
  if (from.length !== to.length) throw new RangeError('both months must list the same accounts')
  const counts = Array.from({ length: stages }, () => Array.from({ length: stages }, () => 0))
  for (const [i, before] of from.entries()) {
    const row = counts[before]
    const after = to[i] as number
    if (!row || row[after] === undefined) throw new RangeError(`no such stage: ${before} or ${after}`)
    row[after]++
  }
  return counts.map(row => {
    const total = row.reduce((sum, count) => sum + count, 0)
    return row.map(count => (total > 0 ? count / total : 0))
  })
}

/** Roll rates k to k + 1: this month's balance of the next stage over last month's of this one; 0 when that was empty. */
export function rollRates(lastMonth: readonly number[], thisMonth: readonly number[]): number[] {
  if (lastMonth.length !== thisMonth.length) throw new RangeError('both months must have the same stages')
  return lastMonth
    .slice(0, -1)
    .map((balance, k) => (balance > 0 ? (thisMonth[k + 1] as number) / balance : 0))
}

/** The share of each stage that ends as a loss: the product of the roll rates from it on, at most 1. The last is 1. */
export function flowToLoss(rates: readonly number[]): number[] {
  const flow = [1]
  for (let k = rates.length - 1; k >= 0; k--)
    flow.unshift(Math.min(1, (rates[k] as number) * (flow[0] as number)))
  return flow
}

/** Sum over stages of balance x flow to loss x loss given default, rounded up to a minor unit. */
export function provision(
  balances: readonly number[],
  rates: readonly number[],
  lossGivenDefault: number,
): number {
  const flow = flowToLoss(rates)
  if (flow.length !== balances.length) throw new RangeError('one roll rate fewer than stages is needed')
  return Math.ceil(
    balances.reduce((sum, balance, k) => sum + balance * (flow[k] as number), 0) * lossGivenDefault,
  )
}

/**
 * Relative change of a weekly series: mean of the last four weeks over the mean of the four before. Null until there
 * are eight weeks, or when the earlier ones are zero: an unknown change is not a change of zero.
 */
export function fourWeekChange(weekly: readonly number[]): number | null {
  if (weekly.length < 8) return null
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const before = mean(weekly.slice(-8, -4))
  return before > 0 ? mean(weekly.slice(-4)) / before - 1 : null
}
