import type { World } from './scenario.ts'

/** Hours in a month of the run: thirty days. */
const MONTH_HOURS = 720
/** Half of what is late comes after 45 days; what is lost leaves the books slowly, recovered or written off. */
const LATE_HOURS = 45 * 24
const LOST_DECAY_PER_HOUR = 1 / (120 * 24)

/** When principal comes back, per source and hour; what is late, and what does not come back. */
export interface RunOff {
  lend(source: string, amount: number, instalments: number, hour: number): void
  /** Whole fen that come back in an hour, after arrears. What is late is due again later, or never. */
  takeDue(source: string, hour: number, arrearsShare: number): number
  /** Postpones what is due in an hour. */
  delay(hour: number, byHours: number): void
  /** Principal comes back at `hour` that would have been due over later months. */
  bringForward(source: string, amount: number, hour: number): void
  /** Principal due in the hours [from, to) of all sources, before arrears. */
  due(from: number, to: number): number
  /** Principal of a source that will not be repaid by itself. */
  lost(source: string): number
}

export function createRunOff(world: World, horizonHours: number): RunOff {
  const width = horizonHours + MONTH_HOURS + 1
  const due = new Map(world.sources.map(({ id }) => [id, new Float64Array(width)]))
  const total = new Float64Array(width)
  const lost = new Map<string, number>()
  const carry = new Map<string, number>()
  const add = (source: string, hour: number, amount: number): void => {
    const hours = due.get(source)
    if (!hours || hour >= width) return
    hours[hour] = (hours[hour] ?? 0) + amount
    total[hour] = (total[hour] ?? 0) + amount
  }
  for (const source of world.sources) {
    openingRunOff(source.opening, world, width).forEach((amount, hour) => add(source.id, hour, amount))
    if (source.kind === 'abs') lost.set(source.id, (source.opening * source.openingNplBps) / 10_000)
  }
  return {
    lend(source, amount, instalments, hour) {
      for (let month = 1; month <= instalments; month++) {
        const at = Math.floor(hour) + month * MONTH_HOURS
        if (at >= width) break
        add(source, at, amount / instalments)
      }
    },
    takeDue(source, hour, arrearsShare) {
      const amount = due.get(source)?.[hour] ?? 0
      const late = amount * arrearsShare
      const newlyLost = late * world.arrears.lostShare
      add(source, hour + LATE_HOURS, late - newlyLost)
      const stock = lost.get(source) ?? 0
      const resolved = stock * LOST_DECAY_PER_HOUR
      lost.set(source, stock + newlyLost - resolved)
      const exact = amount - late + resolved + (carry.get(source) ?? 0)
      carry.set(source, exact % 1)
      return Math.floor(exact)
    },
    delay(hour, byHours) {
      for (const [source, hours] of due) {
        const amount = hours[hour] ?? 0
        add(source, hour, -amount)
        add(source, hour + Math.round(byHours), amount)
      }
    },
    bringForward(source, amount, hour) {
      const hours = due.get(source)
      if (!hours) return
      let later = 0
      for (let at = hour; at < width; at++) later += hours[at] ?? 0
      const kept = later > 0 ? Math.max(0, 1 - amount / later) : 1
      for (let at = hour; at < width; at++) add(source, at, -(hours[at] ?? 0) * (1 - kept))
      add(source, hour, amount)
    },
    due(from, to) {
      let sum = 0
      for (let hour = Math.floor(from); hour < Math.min(to, width); hour++) sum += total[hour] ?? 0
      return sum
    },
    lost: source => lost.get(source) ?? 0,
  }
}

/**
 * How a book that has been lent steadily runs off: of the loans over n months, those with more than j months to
 * run each pay a part in month j, so the weight of month j is the sum of share x (n - j) / n.
 */
function openingRunOff(opening: number, world: World, width: number): Float64Array {
  const terms = Object.entries(world.demand.terms).map(([months, share]) => ({
    months: Number(months),
    share,
  }))
  const longest = Math.max(...terms.map(({ months }) => months))
  const weights = Array.from({ length: longest }, (_, month) =>
    terms.reduce((sum, { months, share }) => sum + (share * Math.max(0, months - month)) / months, 0),
  )
  const all = weights.reduce((sum, weight) => sum + weight, 0) || 1
  return Float64Array.from({ length: width }, (_, hour) => {
    const weight = weights[Math.floor(hour / MONTH_HOURS)] ?? 0
    return (opening * weight) / all / MONTH_HOURS
  })
}
