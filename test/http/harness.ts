import { startNodeTarget } from './node-target.ts'
import type { Target, TargetOptions } from './target.ts'
import { startWorkerTarget } from './worker-target.ts'

/** Starts a gateway. The one place that knows on which runtime the suite runs: each has a vitest project of its own. */
export function startTarget(options: TargetOptions = {}): Promise<Target> {
  return process.env.TEST_RUNTIME === 'workerd' ? startWorkerTarget(options) : startNodeTarget(options)
}
