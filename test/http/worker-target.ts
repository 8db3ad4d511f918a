import { inject } from 'vitest'
import { startWorker } from '../edge/workerd.ts'
import { stageTarget } from './staged-target.ts'
import type { Target, TargetOptions } from './target.ts'

const ADMIN_TOKEN = 'operators_of_the_worker_under_test_00'

/** The gateway as it would be deployed to Workers, in the runtime of Workers. */
export function startWorkerTarget(options: TargetOptions): Promise<Target> {
  return stageTarget(options, async ({ configText, dataDir, env }) => {
    const worker = await startWorker({
      bundle: inject('workerBundle'),
      objects: { STATE: 'StateCore', DIRECTORY: 'Directory', TREASURY: 'Treasury' },
      variables: {
        ...env,
        FUNDROUTE_CONFIG_TEXT: configText,
        ADMIN_TOKEN,
        LOG_LEVEL: 'silent',
        ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
      },
      dataDir,
    })
    return { url: worker.url, adminUrl: worker.url, adminToken: ADMIN_TOKEN, stop: () => worker.kill() }
  })
}
