import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { RunResult } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { Traffic } from './traffic.ts'
import { askWorker } from '../ask-worker.ts'

export interface WorkerWorld {
  readonly scenario: Scenario
  readonly traffic?: Traffic
}

export interface WorkerTask {
  /** Index into the worlds. */
  readonly world: number
  readonly policy: string
  readonly seed: number
}

export interface WorkerMessage {
  readonly task: WorkerTask
  readonly result: RunResult
}

export interface CompareOptions {
  readonly workers?: number
  readonly onProgress?: (done: number, total: number) => void
}

/** The file beside this one: `.ts` in the sources, `.js` in a build. */
const WORKER = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url)

/** Runs every policy through every world under every seed, in worker threads. Results come in the order of tasks. */
export async function comparePolicies(
  worlds: readonly WorkerWorld[],
  policies: readonly string[],
  seeds: readonly number[],
  options: CompareOptions = {},
): Promise<WorkerMessage[]> {
  const tasks = worlds.flatMap((_, world) =>
    policies.flatMap(policy => seeds.map(seed => ({ world, policy, seed }))),
  )
  const results: WorkerMessage[] = Array.from({ length: tasks.length })
  let next = 0
  let done = 0
  const count = Math.max(1, Math.min(options.workers ?? availableParallelism(), tasks.length))

  const serve = async (worker: Worker): Promise<void> => {
    try {
      for (let index = next++; index < tasks.length; index = next++) {
        results[index] = await askWorker<WorkerTask, WorkerMessage>(worker, tasks[index] as WorkerTask)
        options.onProgress?.(++done, tasks.length)
      }
    } finally {
      await worker.terminate()
    }
  }
  const workers = Array.from({ length: count }, () => new Worker(WORKER, { workerData: { worlds } }))
  await Promise.all(workers.map(serve))
  return results
}
