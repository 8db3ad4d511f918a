import { drawBeta } from '../../../core/learning/sample.ts'
import { indexOfMax, perSegment, type PolicyFactory } from '../policy.ts'

/** Arms of one segment: plays and successes. */
interface Arms {
  readonly plays: Float64Array
  readonly successes: Float64Array
  total: number
}

function newArms(count: number): Arms {
  return { plays: new Float64Array(count), successes: new Float64Array(count), total: 0 }
}

/** epsilon-greedy over exponentially weighted means that start at 1. */
export const epsilonGreedy =
  (epsilon: number, rate: number): PolicyFactory =>
  ({ routes, segmentCount, random }) => {
    const means = perSegment(segmentCount, () => new Float64Array(routes.length).fill(1))
    return {
      choose: ({ segment }) =>
        random() < epsilon ? Math.floor(random() * routes.length) : indexOfMax(means(segment)),
      observe: ({ payment, route, approved }) => {
        const own = means(payment.segment)
        own[route] = (own[route] as number) + rate * ((approved ? 1 : 0) - (own[route] as number))
      },
    }
  }

/** Index policies share this: unplayed arms first, then the greatest mean plus width. */
function chooseByIndex(arms: Arms, width: (plays: number, total: number) => number, total: number): number {
  const unplayed = arms.plays.findIndex(plays => plays < 1e-6)
  if (unplayed >= 0) return unplayed
  return indexOfMax(arms.plays.map((plays, i) => (arms.successes[i] as number) / plays + width(plays, total)))
}

/** UCB1 (Auer, Cesa-Bianchi and Fischer 2002). */
export const ucb1: PolicyFactory = ({ routes, segmentCount }) => {
  const segments = perSegment(segmentCount, () => newArms(routes.length))
  return {
    choose: ({ segment }) => {
      const arms = segments(segment)
      return chooseByIndex(arms, (plays, total) => Math.sqrt((2 * Math.log(total)) / plays), arms.total)
    },
    observe: ({ payment, route, approved }) => {
      const arms = segments(payment.segment)
      arms.plays[route] = (arms.plays[route] as number) + 1
      arms.successes[route] = (arms.successes[route] as number) + (approved ? 1 : 0)
      arms.total++
    },
  }
}

interface SlidingOptions {
  /** Outcomes that are remembered: per route, or of all routes together. */
  readonly window: number
  readonly perRoute: boolean
  readonly xi: number
}

/** SW-UCB (Garivier and Moulines 2008); `perRoute` as payment routers have used it, forgetting nothing unplayed. */
export const slidingWindowUcb =
  ({ window, perRoute, xi }: SlidingOptions): PolicyFactory =>
  ({ routes, segmentCount }) => {
    const segments = perSegment(segmentCount, () => ({
      arms: newArms(routes.length),
      queues: Array.from(
        { length: perRoute ? routes.length : 1 },
        () => [] as { route: number; success: number }[],
      ),
    }))
    return {
      choose: ({ segment }) => {
        const { arms } = segments(segment)
        const seen = perRoute ? arms.total : Math.min(arms.total, window)
        return chooseByIndex(
          arms,
          (plays, total) => Math.sqrt((xi * Math.log(Math.max(2, total))) / plays),
          seen,
        )
      },
      observe: ({ payment, route, approved }) => {
        const { arms, queues } = segments(payment.segment)
        const queue = queues[perRoute ? route : 0] as { route: number; success: number }[]
        const success = approved ? 1 : 0
        arms.total++
        arms.plays[route] = (arms.plays[route] as number) + 1
        arms.successes[route] = (arms.successes[route] as number) + success
        queue.push({ route, success })
        if (queue.length <= window) return
        const gone = queue.shift() as { route: number; success: number }
        arms.plays[gone.route] = (arms.plays[gone.route] as number) - 1
        arms.successes[gone.route] = (arms.successes[gone.route] as number) - gone.success
      },
    }
  }

/** D-UCB (Garivier and Moulines 2008), index mean + 2 sqrt(xi log n / n_i). */
export const discountedUcb =
  (gamma: number, xi: number): PolicyFactory =>
  ({ routes, segmentCount }) => {
    const segments = perSegment(segmentCount, () => newArms(routes.length))
    return {
      choose: ({ segment }) => {
        const arms = segments(segment)
        const total = arms.plays.reduce((sum, plays) => sum + plays, 0)
        const width = (plays: number, all: number): number =>
          2 * Math.sqrt((xi * Math.log(Math.max(1.01, all))) / plays)
        return chooseByIndex(arms, width, total)
      },
      observe: ({ payment, route, approved }) => {
        const { plays, successes } = segments(payment.segment)
        for (let i = 0; i < plays.length; i++) {
          plays[i] = (plays[i] as number) * gamma
          successes[i] = (successes[i] as number) * gamma
        }
        plays[route] = (plays[route] as number) + 1
        successes[route] = (successes[route] as number) + (approved ? 1 : 0)
      },
    }
  }

/** Thompson sampling from Beta(1 + successes, 1 + failures), discounted per outcome of the segment. */
export const thompson =
  (gamma: number): PolicyFactory =>
  ({ routes, segmentCount, random }) => {
    const segments = perSegment(segmentCount, () => ({
      successes: new Float64Array(routes.length),
      failures: new Float64Array(routes.length),
    }))
    return {
      choose: ({ segment }) => {
        const { successes, failures } = segments(segment)
        return indexOfMax(successes.map((won, i) => drawBeta(random, 1 + won, 1 + (failures[i] as number))))
      },
      observe: ({ payment, route, approved }) => {
        const { successes, failures } = segments(payment.segment)
        for (let i = 0; gamma < 1 && i < successes.length; i++) {
          successes[i] = (successes[i] as number) * gamma
          failures[i] = (failures[i] as number) * gamma
        }
        const sums = approved ? successes : failures
        sums[route] = (sums[route] as number) + 1
      },
    }
  }

interface CusumOptions {
  /** Outcomes that make the reference mean. */
  readonly reference: number
  readonly drift: number
  readonly threshold: number
  readonly explore: number
  readonly xi: number
}

/** CUSUM-UCB (Liu, Lee and Shroff 2018): an arm starts anew when its mean has moved; uniform exploration. */
export const cusumUcb =
  ({ reference, drift, threshold, explore, xi }: CusumOptions): PolicyFactory =>
  ({ routes, segmentCount, random }) => {
    const fresh = (): { plays: number; successes: number; mean: number; up: number; down: number } => ({
      plays: 0,
      successes: 0,
      mean: 0,
      up: 0,
      down: 0,
    })
    const segments = perSegment(segmentCount, () => routes.map(fresh))
    return {
      choose: ({ segment }) => {
        if (random() < explore) return Math.floor(random() * routes.length)
        const arms = segments(segment)
        const unplayed = arms.findIndex(({ plays }) => plays === 0)
        if (unplayed >= 0) return unplayed
        const total = arms.reduce((sum, { plays }) => sum + plays, 0)
        return indexOfMax(
          arms.map(({ plays, successes }) => successes / plays + Math.sqrt((xi * Math.log(total)) / plays)),
        )
      },
      observe: ({ payment, route, approved }) => {
        const arms = segments(payment.segment)
        const arm = arms[route] as (typeof arms)[number]
        const success = approved ? 1 : 0
        arm.plays++
        arm.successes += success
        if (arm.plays <= reference) {
          arm.mean = arm.successes / arm.plays
          return
        }
        arm.down = Math.max(0, arm.down + arm.mean - success - drift)
        arm.up = Math.max(0, arm.up + success - arm.mean - drift)
        if (Math.max(arm.up, arm.down) > threshold) arms[route] = fresh()
      },
    }
  }
