import { startNodeTarget } from './node-target.ts'
import type { Target, TargetOptions } from './target.ts'

/** Starts a gateway. The one place that knows on which runtime the suite runs. */
export function startTarget(options: TargetOptions = {}): Promise<Target> {
  return startNodeTarget(options)
}
