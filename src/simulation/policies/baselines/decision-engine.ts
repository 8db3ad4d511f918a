import type { RandomStream } from '../../../core/random.ts'
import { drawBeta } from '../../../core/learning/sample.ts'
import { indexOfMax, perSegment, type PolicyFactory, type PolicyWorld } from '../policy.ts'
import { eliminationScore, type EliminationState, newElimination } from './elimination.ts'

export interface SrOptions {
  /** Outcomes in the window of a route; starts full of successes. */
  readonly window: number
  /** Share of payments that explores, 0..1. */
  readonly hedge: number
  /** Lifts routes left far behind back into contention. */
  readonly reset?: boolean
  /** Draws scores from Beta(B s, B (1 - s)). */
  readonly sampling?: boolean
  /** Score below which a route's ranking score is divided by five. */
  readonly elimination?: number
  /** Judges by auth x (margin - cost) after ranking. */
  readonly costRule?: boolean
  /**
   * As shipped in its explore mode rather than as meant: exploring makes all scores equal and takes the first in
   * the order of a hash map (here: by lot over all), only explored outcomes enter the window, and feedback that
   * comes twice counts twice (here 5% does).
   */
  readonly asShipped?: boolean
}

const DUPLICATES = 0.05

/** Ring of the last outcomes of one route. */
export interface Window {
  readonly outcomes: Uint8Array
  next: number
  sum: number
}

export function fullWindow(size: number): Window {
  return { outcomes: new Uint8Array(size).fill(1), next: 0, sum: size }
}

function push(window: Window, success: 0 | 1): void {
  window.sum += success - (window.outcomes[window.next] as number)
  window.outcomes[window.next] = success
  window.next = (window.next + 1) % window.outcomes.length
}

export interface ResetTerms {
  readonly sigma: number
  readonly bound: number
  readonly zeros: number
  readonly score: number
}

/** sigma = sqrt(max(m (1 - m), .09) / B); below m - 3 sigma a route restarts with z evenly spaced zeros. */
export function resetTerms(best: number, size: number): ResetTerms {
  const sigma = Math.sqrt(Math.max(best * (1 - best), 0.09) / size)
  const bound = best - 3 * sigma
  const zeros = Math.min(size, Math.max(2, Math.floor((1 - bound) * size)))
  return { sigma, bound, zeros, score: (size - zeros) / size }
}

function reset(window: Window, { zeros }: ResetTerms): void {
  const size = window.outcomes.length
  window.outcomes.fill(1)
  for (let i = 0; i < zeros; i++) window.outcomes[Math.round((i * (size - 1)) / (zeros - 1))] = 0
  window.next = 0
  window.sum = window.outcomes.reduce((sum, outcome) => sum + outcome, 0)
}

interface SrState {
  readonly windows: Window[]
  readonly elimination: EliminationState[]
}

/** decision-engine's success rate v3: the greatest mean of the last B outcomes, and a hedge. */
export const successRateV3 =
  (options: SrOptions): PolicyFactory =>
  world => {
    const { routes, segmentCount, random } = world
    const states = perSegment<SrState>(segmentCount, () => ({
      windows: routes.map(() => fullWindow(options.window)),
      elimination: routes.map(newElimination),
    }))
    const explored = new Set<number>()
    return {
      choose: ({ segment, amount, number, at }) => {
        const state = states(segment)
        const scores = scoresOf(state, options, random, at)
        const head = withCost(indexOfMax(scores, random), scores, options, world, amount)
        if (random() >= options.hedge) return head
        if (options.asShipped === true) {
          explored.add(number)
          return Math.floor(random() * routes.length)
        }
        const other = Math.floor(random() * (routes.length - 1))
        return other >= head ? other + 1 : other
      },
      observe: ({ payment, route, approved, now }) => {
        const state = states(payment.segment)
        if (options.asShipped === true && !explored.delete(payment.number)) return
        const times = options.asShipped === true && random() < DUPLICATES ? 2 : 1
        for (let i = 0; i < times; i++) push(state.windows[route] as Window, approved ? 1 : 0)
        if (options.elimination !== undefined)
          (state.elimination[route] as EliminationState).observe(approved, now)
      },
    }
  }

function scoresOf(state: SrState, options: SrOptions, random: RandomStream, now: number): number[] {
  const size = options.window
  const means = state.windows.map(({ sum }) => sum / size)
  if (options.reset === true) {
    const terms = resetTerms(Math.max(...means), size)
    state.windows.forEach((window, i) => {
      if ((means[i] as number) >= terms.bound) return
      reset(window, terms)
      means[i] = window.sum / size
    })
  }
  const drawn = options.sampling === true ? means.map(mean => drawScore(mean, size, random)) : means
  const { elimination } = options
  if (elimination === undefined) return drawn
  return drawn.map((score, i) =>
    eliminationScore(score, (state.elimination[i] as EliminationState).score(now, elimination), elimination),
  )
}

function drawScore(mean: number, size: number, random: RandomStream): number {
  return drawBeta(random, Math.max(1e-3, size * mean), Math.max(1e-3, size * (1 - mean)))
}

/** EV = auth (margin - cost); takes the head's place only with strictly more. */
export function expectedValue(auth: number, margin: number, costBps: number): number {
  return auth * (margin - costBps / 10_000)
}

function withCost(
  head: number,
  scores: readonly number[],
  options: SrOptions,
  world: PolicyWorld,
  amount: number,
): number {
  if (options.costRule !== true || world.marginBps === undefined || amount <= 0) return head
  const margin = world.marginBps / 10_000
  const values = scores.map((score, i) => {
    const { costBps, costFixed } = world.routes[i] as PolicyWorld['routes'][number]
    return expectedValue(score, margin, costBps + (costFixed / amount) * 10_000)
  })
  const best = indexOfMax(values)
  return (values[best] as number) > (values[head] as number) ? best : head
}

/** Window and hedge from hourly volume: B = 5 sqrt(V / (n - 1)) in steps of 25, hedge B / V per alternative. */
export function autopilot(volumePerHour: number, routes: number): { window: number; hedge: number } {
  const raw = 5 * Math.sqrt(volumePerHour / (routes - 1))
  const window = Math.min(2_000, Math.max(100, Math.round(raw / 25) * 25))
  const each = Math.max(0.01, Math.min(window / volumePerHour, 0.3 / (routes - 1)))
  return { window, hedge: Math.min(0.3, each * (routes - 1)) }
}

/** Success rate v3 with window and hedge set for the scenario's volume per segment. */
export const successRateAutopilot: PolicyFactory = world => {
  const perHour = (world.paymentsPerSecond * 3_600) / world.segmentCount
  return successRateV3(autopilot(Math.max(100, perHour), world.routes.length))(world)
}
