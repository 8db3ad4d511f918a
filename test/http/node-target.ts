import { startGateway } from '../../src/entry/node.ts'
import { stageTarget } from './staged-target.ts'
import type { Target, TargetOptions } from './target.ts'

/** The gateway in this process. */
export function startNodeTarget(options: TargetOptions): Promise<Target> {
  return stageTarget(options, ({ configText, dataDir, env }) =>
    startGateway({
      configText,
      configFile: 'test.yaml',
      host: '127.0.0.1',
      port: 0,
      adminHost: '127.0.0.1',
      adminPort: 0,
      dataDir,
      env,
      logLevel: 'silent',
      ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
      ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    }),
  )
}
