import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

export interface StressJob {
  /** YAML or JSON of a scenario. */
  readonly scenario: string
  readonly seed: number
}

export type StressAnswer =
  | { readonly ok: true; readonly report: object }
  | { readonly ok: false; readonly problem: string }

/** Longer than the largest scenario that is allowed takes, ms. */
const RUN_MS_MAX = 120_000
const HEAP_MB_MAX = 512

/** Runs a stress scenario beside the gateway: a thread of its own, so that no payment waits for it. Never rejects. */
export async function stressThread(job: StressJob): Promise<StressAnswer> {
  const url = new URL(`./stress-worker${extname(import.meta.filename)}`, import.meta.url)
  const worker = new Worker(url, { workerData: job, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX } })
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await new Promise<StressAnswer>(resolve => {
      const fail = (problem: string) => () => resolve({ ok: false, problem })
      timer = setTimeout(fail('the scenario takes too long'), RUN_MS_MAX)
      worker.once('message', resolve)
      worker.once('error', fail('the scenario cannot be run'))
      worker.once('exit', fail('the scenario ended without a report'))
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
