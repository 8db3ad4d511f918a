import { parseArgs } from 'node:util'
import { LOG_LEVELS, type LogLevel, startGateway, StartRefused, type StartOptions } from '../entry/node.ts'
import { readConfigFile, SANDBOX_CONFIG_FILE } from './config-file.ts'
import { watchConfig } from './watch-config.ts'
import { banner } from './serve-banner.ts'
import { stressThread } from './stress-thread.ts'
import { isPortTaken, setTheStage } from './stage.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: fundroute serve [options]

Starts the gateway. Without --config it plays with six sandbox upstreams on this machine.

  --config FILE       configuration (FUNDROUTE_CONFIG)
  --host HOST         address of the API (HOST, 127.0.0.1)
  --port PORT         port of the API, 0 for a free one (PORT, 8080)
  --admin-host HOST   address of metrics and admin API (127.0.0.1)
  --admin-port PORT   their port (ADMIN_PORT, 9090)
  --data DIR          folder of the embedded journal (FUNDROUTE_DATA, ./data)
  --help              this text

REDIS_URL        shared hints in Redis; without it in this process
DATABASE_URL     journal in PostgreSQL (postgres://...); without it SQLite in the data folder
LOG_LEVEL        debug, info, warn, error or silent (info; warn while playing)
LOG_FORMAT       json or text (json)
`

/** `fundroute serve`. Runs until SIGINT or SIGTERM, then drains. SIGHUP and a changed file replace the configuration. */
export async function serve(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (options === undefined) {
    process.stdout.write(help)
    return 0
  }
  const config = await readConfigFile(options.config)
  const playing = config.file === SANDBOX_CONFIG_FILE
  if (playing && process.env['NODE_ENV'] === 'production') {
    throw new UsageError('in production name a configuration of your own with --config: this one plays')
  }
  const stage = playing ? await setTheStage(config.text, options.data) : undefined
  const start: StartOptions = {
    configText: stage?.configText ?? config.text,
    configFile: config.file,
    host: options.host,
    port: options.port,
    adminHost: options.adminHost,
    adminPort: options.adminPort,
    dataDir: options.data,
    stress: stressThread,
    env: stage === undefined ? process.env : { ...stage.secrets, ...process.env },
    logLevel: logLevelFrom(process.env['LOG_LEVEL'] ?? (playing ? 'warn' : 'info')),
    logFormat: process.env['LOG_FORMAT'] === 'text' ? 'text' : 'json',
    ...(process.env['REDIS_URL'] === undefined ? {} : { redisUrl: process.env['REDIS_URL'] }),
    ...(process.env['DATABASE_URL'] === undefined ? {} : { databaseUrl: process.env['DATABASE_URL'] }),
  }
  try {
    const running = await startGateway(start)
    stage?.sandbox.setGateway(running.url)
    for (const warning of running.warnings) process.stderr.write(`warning: ${warning}\n`)
    const stopWatching = playing ? undefined : watchConfig(config.file, running)
    process.stdout.write(banner(running, options.data, start, stage))
    await untilSignal()
    stopWatching?.()
    await running.stop()
    return 0
  } catch (error) {
    if (!(error instanceof StartRefused) && !isPortTaken(error)) throw error
    process.stderr.write(`The gateway does not start:\n${messageOf(error)}\n`)
    return 1
  } finally {
    await stage?.sandbox.close()
  }
}

interface ServeOptions {
  readonly config: string | undefined
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  readonly data: string
}

function readOptions(args: string[]): ServeOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      'admin-host': { type: 'string' },
      'admin-port': { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const { env } = process
  return {
    config: values.config,
    host: values.host ?? env['HOST'] ?? '127.0.0.1',
    port: portFrom(values.port ?? env['PORT'] ?? '8080'),
    adminHost: values['admin-host'] ?? '127.0.0.1',
    adminPort: portFrom(values['admin-port'] ?? env['ADMIN_PORT'] ?? '9090'),
    data: values.data ?? env['FUNDROUTE_DATA'] ?? './data',
  }
}

function portFrom(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`${text} is not a port`)
  return port
}

function logLevelFrom(text: string): LogLevel {
  const level = LOG_LEVELS.find(known => known === text)
  if (level === undefined) throw new UsageError(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`)
  return level
}

function messageOf(error: unknown): string {
  if (error instanceof StartRefused) return error.problems.map(problem => `  ${problem}`).join('\n')
  return `  ${error instanceof Error ? error.message : String(error)}\n  Another program has the port: use --port and --admin-port, or 0 for free ones.`
}

async function untilSignal(): Promise<void> {
  await new Promise<void>(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  // A second signal ends at once.
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
}
