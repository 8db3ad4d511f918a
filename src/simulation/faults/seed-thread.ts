import { threadCpuUsage } from 'node:process'
import { parentPort } from 'node:worker_threads'
import type { SeedOutcome, SeedTask } from './seeds.ts'
import { World } from './world.ts'

/** Runs the worlds that it is sent, one after the other, and posts what came of each. */
async function run({ options, twice }: SeedTask): Promise<SeedOutcome> {
  const before = threadCpuUsage()
  const result = await new World(options).run()
  const { user, system } = threadCpuUsage(before)
  const cpuMs = (user + system) / 1_000
  if (!twice) return { options, result, cpuMs }
  const again = await new World(options).run()
  return { options, result, cpuMs, hashAgain: again.hash }
}

parentPort?.on('message', (task: SeedTask) => {
  void run(task).then(outcome => parentPort?.postMessage(outcome))
})
