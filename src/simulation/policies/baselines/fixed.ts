import { type PolicyFactory, indexOfMax } from '../policy.ts'

export const randomRoute: PolicyFactory = ({ routes, random }) => ({
  choose: () => Math.floor(random() * routes.length),
  observe: () => {},
})

/** A priority list that nothing moves. */
export const staticPriority: PolicyFactory = () => ({ choose: () => 0, observe: () => {} })

const WINDOW = 20
const FAILING_BELOW = 0.5
const COOL_PAYMENTS = 200

/** A priority list with a circuit breaker per route: under half of the last 20 approved closes it for 200 payments. */
export const staticBreaker: PolicyFactory = ({ routes }) => {
  const recent = routes.map((): boolean[] => [])
  const blockedUntil = routes.map(() => -1)
  return {
    choose: ({ number }) =>
      Math.max(
        0,
        blockedUntil.findIndex(until => until < number),
      ),
    observe: ({ route, approved, nowNumber }) => {
      const window = recent[route] as boolean[]
      window.push(approved)
      if (window.length > WINDOW) window.shift()
      if (window.length < WINDOW || window.filter(Boolean).length >= WINDOW * FAILING_BELOW) return
      blockedUntil[route] = nowNumber + COOL_PAYMENTS
      recent[route] = []
    },
  }
}

/** djb2 over UTF-16 units, h = 33 h + unit from 5381, as decision-engine picks the arm of an experiment. */
export function djb2(text: string): number {
  let hash = 5_381
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) + text.charCodeAt(i)) >>> 0
  return hash
}

/** Equal shares by a hash of the payment's id. */
export const volumeSplit: PolicyFactory = ({ routes }) => ({
  choose: ({ number }) => djb2(`payment-${number}`) % routes.length,
  observe: () => {},
})

const HOURS_MS = 4 * 3_600_000
const BUCKET_MS = 60_000

/** The route with the highest success rate of the last four hours in the segment; unseen routes count as perfect. */
export const fourHourRate: PolicyFactory = ({ routes, segmentCount, random }) => {
  interface Bucket {
    readonly minute: number
    approved: number
    trials: number
  }
  const cells = Array.from({ length: segmentCount }, () =>
    routes.map(() => ({ buckets: [] as Bucket[], approved: 0, trials: 0 })),
  )
  const expire = (segment: number, now: number): void => {
    for (const cell of cells[segment] as (typeof cells)[number]) {
      while (cell.buckets.length > 0 && (cell.buckets[0] as Bucket).minute * BUCKET_MS < now - HOURS_MS) {
        const gone = cell.buckets.shift() as Bucket
        cell.approved -= gone.approved
        cell.trials -= gone.trials
      }
    }
  }
  return {
    choose: ({ segment, at }) => {
      expire(segment, at)
      const rates = (cells[segment] as (typeof cells)[number]).map(({ approved, trials }) =>
        trials === 0 ? 1 : approved / trials,
      )
      return indexOfMax(rates, random)
    },
    observe: ({ payment, route, approved, now }) => {
      const cell = cells[payment.segment]?.[route]
      if (cell === undefined) return
      const minute = Math.floor(now / BUCKET_MS)
      let last = cell.buckets.at(-1)
      if (last?.minute !== minute) cell.buckets.push((last = { minute, approved: 0, trials: 0 }))
      const success = approved ? 1 : 0
      last.approved += success
      last.trials++
      cell.approved += success
      cell.trials++
    },
  }
}
