import type { Volume } from '../core/eligibility/policy.ts'
import { type ArmSums, sequentialDifference, type SequentialResult } from '../core/evaluation/sequential.ts'
import { hashUnit } from '../core/hash.ts'

const DAY_MS = 86_400_000
const DAYS_KEPT = 32
const ROUTES_MAX = 1_000
const EXPERIMENTS_MAX = 100

/** First attempts of an experiment, and whether its guardrail has stopped it. */
interface Trial {
  arm: ArmSums
  control: ArmSums
  stopped: boolean
}

export interface TalliesSnapshot {
  /** Per route: day number (of Unix time) and approvals in turn. */
  readonly volumes: Readonly<Record<string, readonly number[]>>
  readonly trials: Readonly<Record<string, Trial>>
}

/** An experiment as far as counting and stopping need it. */
export interface CountedExperiment {
  /** Tenant, name and content: a changed experiment starts anew. */
  readonly key: string
  readonly percent: number
  /** Of those compared, the share of the arm: the control is the payers in no experiment. 0..1 */
  readonly share: number
  readonly approvalDropBps: number
}

/** Which side of which experiments a payment counts for. */
export type TrialSides = readonly (readonly [key: string, side: 'arm' | 'control'])[]

/** What has to be counted exactly once beside the estimates: volume for commitments, and experiments. */
export class Tallies {
  readonly #volumes = new Map<string, Map<number, number>>()
  readonly #trials = new Map<string, Trial>()

  /** An approval on a route, at Unix ms. */
  approved(route: string, at: number): void {
    let days = this.#volumes.get(route)
    if (days === undefined) {
      if (this.#volumes.size >= ROUTES_MAX) return
      days = new Map()
      this.#volumes.set(route, days)
    }
    const day = Math.floor(at / DAY_MS)
    days.set(day, (days.get(day) ?? 0) + 1)
    for (const old of days.keys()) if (old <= day - DAYS_KEPT) days.delete(old)
  }

  /** Approvals so far in the calendar day and month of a time, UTC. */
  volume(route: string, now: number): Volume {
    const days = this.#volumes.get(route)
    const today = Math.floor(now / DAY_MS)
    const first = today - new Date(now).getUTCDate() + 1
    let month = 0
    for (const [day, count] of days ?? []) if (day >= first && day <= today) month += count
    return { day: days?.get(today) ?? 0, month }
  }

  /** One first attempt of a payment that takes part in an experiment. */
  tried(key: string, side: 'arm' | 'control', approved: boolean): void {
    let trial = this.#trials.get(key)
    if (trial === undefined) {
      if (this.#trials.size >= EXPERIMENTS_MAX) return
      trial = { arm: { count: 0, sum: 0 }, control: { count: 0, sum: 0 }, stopped: false }
      this.#trials.set(key, trial)
    }
    if (trial.stopped) return
    const { count, sum } = trial[side]
    trial[side] = { count: count + 1, sum: sum + (approved ? 1 : 0) }
  }

  /** How an experiment stands. Looking stops it when its guardrail is broken, for good: it never starts again. */
  trial(
    experiment: Omit<CountedExperiment, 'percent'>,
  ): (Trial & { readonly result?: SequentialResult }) | undefined {
    const trial = this.#trials.get(experiment.key)
    if (trial === undefined) return undefined
    const result = sequentialDifference(trial.arm, trial.control, experiment.share)
    if (result !== undefined && result.high < -experiment.approvalDropBps / 10_000) trial.stopped = true
    return { ...trial, ...(result === undefined ? {} : { result }) }
  }

  snapshot(): TalliesSnapshot {
    return {
      volumes: Object.fromEntries(Array.from(this.#volumes, ([route, days]) => [route, [...days].flat()])),
      trials: Object.fromEntries(this.#trials),
    }
  }

  /** @throws RangeError when it holds anything but counts */
  static restore({ volumes, trials }: TalliesSnapshot): Tallies {
    const tallies = new Tallies()
    for (const [route, pairs] of Object.entries(volumes)) {
      const days = new Map<number, number>()
      for (let i = 0; i + 1 < pairs.length; i += 2) days.set(count(pairs[i]), count(pairs[i + 1]))
      tallies.#volumes.set(route, days)
    }
    for (const [key, { arm, control, stopped }] of Object.entries(trials)) {
      const sums = [arm, control].map(side => ({ count: count(side.count), sum: count(side.sum) }))
      tallies.#trials.set(key, { arm: sums[0] as ArmSums, control: sums[1] as ArmSums, stopped })
    }
    return tallies
  }
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new RangeError('a tally holds something other than counts')
  return value
}

/**
 * The experiment whose arm a payer is in, drawn by hash: always the same one, whatever else is asked. The first
 * takes the payers from 0 up to its share, the next those after it.
 */
export function experimentOf<E extends CountedExperiment>(
  experiments: readonly E[],
  payer: string,
): E | undefined {
  if (experiments.length === 0) return undefined
  let left = hashUnit(`experiments|${payer}`) * 100
  for (const experiment of experiments) {
    left -= experiment.percent
    if (left < 0) return experiment
  }
  return undefined
}

/** What a payer's first attempts count for: the arm they are in, or the control of every experiment. */
export function trialSides(experiments: readonly CountedExperiment[], payer: string): TrialSides {
  const own = experimentOf(experiments, payer)
  return own === undefined
    ? experiments.map(({ key }) => [key, 'control'] as const)
    : [[own.key, 'arm'] as const]
}
