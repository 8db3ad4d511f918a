import type { Fault } from './fault-plan.ts'
import { healsAtMs, type WorldOptions, type WorldResult } from './world-options.ts'

export type RunWorld = (options: WorldOptions) => Promise<WorldResult>

export interface Shrunk {
  /** The smallest world found that still breaks the same invariant. */
  readonly options: WorldOptions
  readonly result: WorldResult
  /** Worlds that were tried. */
  readonly runs: number
}

/** Worlds tried at each of the three stages, at most. */
const RUNS_MAX = 100

/**
 * Makes a failing world smaller as long as it goes on breaking the same invariant: fewer orders first, then fewer
 * classes of faults, then a shorter time in which they strike.
 */
export async function shrink(first: WorldOptions, failing: WorldResult, run: RunWorld): Promise<Shrunk> {
  const [violation] = failing.violations
  if (violation === undefined) throw new TypeError('the world does not fail')
  let best = first
  let result = failing
  let runs = 0
  let left = RUNS_MAX
  const fails = async (options: WorldOptions): Promise<boolean> => {
    if (left <= 0) return false
    left--
    runs++
    const tried = await run(options)
    if (!tried.violations.some(({ invariant }) => invariant === violation.invariant)) return false
    best = options
    result = tried
    return true
  }
  await fewerOrders(first, violation.order, fails)
  left = RUNS_MAX
  await fewerFaults(best, result.faults, fails)
  left = RUNS_MAX
  await shorter(best, violation.at, fails)
  return { options: best, result, runs }
}

type Fails = (options: WorldOptions) => Promise<boolean>

/** The order itself, if that is enough; else whatever halves, quarters and so on can be left out. */
async function fewerOrders(options: WorldOptions, order: number | undefined, fails: Fails): Promise<void> {
  if (order !== undefined && (await fails({ ...options, only: [order] }))) return
  let kept = [...(options.only ?? Array.from({ length: options.orders }, (_, i) => i))]
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let start = 0; start < kept.length && kept.length > 1; ) {
      const less = [...kept.slice(0, start), ...kept.slice(start + size)]
      if (less.length > 0 && (await fails({ ...options, only: less }))) kept = less
      else start += size
    }
  }
}

async function fewerFaults(options: WorldOptions, faults: readonly Fault[], fails: Fails): Promise<void> {
  let without: readonly Fault[] = options.without ?? []
  for (const fault of faults) {
    const more = [...without, fault]
    if (await fails({ ...options, without: more })) without = more
  }
}

/** Halves the time in which faults strike, from a little after the violation. */
async function shorter(options: WorldOptions, violatedAt: number, fails: Fails): Promise<void> {
  let healAtMs = Math.ceil(Math.min(healsAtMs(options), violatedAt + 1))
  while (healAtMs >= 1 && (await fails({ ...options, healAtMs }))) healAtMs = Math.floor(healAtMs / 2)
}
