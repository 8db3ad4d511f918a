import { parentPort, workerData } from 'node:worker_threads'
import { CATALOGUE } from './catalogue.ts'
import type { WorkerMessage, WorkerTask, WorkerWorld } from './compare.ts'
import { runPolicy } from './run.ts'

const { worlds } = workerData as { readonly worlds: readonly WorkerWorld[] }

parentPort?.on('message', (task: WorkerTask) => {
  const world = worlds[task.world] as WorkerWorld
  const entry = CATALOGUE.find(({ name }) => name === task.policy)
  if (entry === undefined) throw new RangeError(`no policy "${task.policy}"`)
  const result = runPolicy(world.scenario, entry.create, task.seed, world.traffic)
  parentPort?.postMessage({ task, result } satisfies WorkerMessage)
})
