import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { WorldOptions, WorldResult } from './world-options.ts'
import { askWorker } from '../ask-worker.ts'

export interface SeedTask {
  readonly options: WorldOptions
  /** Runs it a second time, to prove that a seed replays. */
  readonly twice: boolean
}

export interface SeedOutcome {
  readonly options: WorldOptions
  readonly result: WorldResult
  /** The second run's hash, where there was one. */
  readonly hashAgain?: number
  /** Processor time of the first run, ms, of its thread alone. */
  readonly cpuMs: number
}

export interface SeedsOptions {
  readonly threads?: number
  /** The file that a thread runs: for runs of changed code. */
  readonly thread?: URL
  readonly workerData?: unknown
  /** In the order in which they are done, which differs from run to run. */
  readonly onOutcome: (outcome: SeedOutcome) => void
  /** Asked before every task: nothing further is begun when it says so. */
  readonly stop?: () => boolean
}

/** Young objects of a world stay within the caches of a processor; with the default they would not. */
const LIMITS = { maxYoungGenerationSizeMb: 32 }

/** The file beside this one: `.ts` in the sources, `.js` in a build. */
export const SEED_THREAD = new URL(`./seed-thread${extname(import.meta.filename)}`, import.meta.url)

/** Runs worlds in threads, as many at once as there are processors. Rejects when a thread breaks. */
export async function runSeeds(tasks: Iterable<SeedTask>, options: SeedsOptions): Promise<void> {
  const { threads = availableParallelism(), thread = SEED_THREAD, workerData, onOutcome, stop } = options
  const queue = tasks[Symbol.iterator]()
  const take = (): SeedTask | undefined => {
    if (stop?.() === true) return undefined
    const next = queue.next()
    return next.done === true ? undefined : next.value
  }
  const serve = async (): Promise<void> => {
    const first = take()
    if (first === undefined) return
    const worker = new Worker(thread, { workerData, resourceLimits: LIMITS })
    try {
      for (let task: SeedTask | undefined = first; task !== undefined; task = take()) {
        onOutcome(await askWorker<SeedTask, SeedOutcome>(worker, task))
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, threads) }, serve))
}
