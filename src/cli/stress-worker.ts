import { parentPort, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { runStress } from '../simulation/liquidity/run.ts'
import { parseScenario } from '../simulation/liquidity/scenario.ts'
import type { StressJob, StressAnswer } from './stress-thread.ts'

/** Runs one scenario in a thread of its own and posts the report. */
async function answer({ scenario, seed }: StressJob): Promise<StressAnswer> {
  try {
    return { ok: true, report: await runStress(parseScenario(scenario), { seed }) }
  } catch (cause) {
    if (cause instanceof z.ZodError) return { ok: false, problem: z.prettifyError(cause) }
    return { ok: false, problem: cause instanceof Error ? cause.message : 'the scenario cannot be run' }
  }
}

parentPort?.postMessage(await answer(workerData as StressJob))
