import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { startServer, type ServiceHandle } from '../support/services/server-process.ts'
import { unusedPort } from '../support/raw-server.ts'

export interface GatewayOptions {
  readonly name: string
  /** The compiled `fundroute` command. */
  readonly program: string
  readonly configFile: string
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  /** How far its clock is off, ms; several with commas for one that jumps. */
  readonly skewMs: string
}

const START_TRIES_MAX = 3

/** How often it is looked whether a process still lives, ms. */
const WATCH_MS = 100

/** One gateway process, started again whenever it has ended. */
export class GatewayProcess {
  readonly name: string
  readonly adminUrl: string
  readonly #handle: ServiceHandle
  readonly #plan: { crashAt?: string }
  readonly #watch: ReturnType<typeof setInterval>
  readonly #onEnd: (point: string | undefined) => void
  #busy: Promise<void> = Promise.resolve()
  #restarting = false
  #stopped = false

  private constructor(
    name: string,
    adminPort: number,
    handle: ServiceHandle,
    plan: { crashAt?: string },
    onEnd: (point: string | undefined) => void,
  ) {
    this.name = name
    this.adminUrl = `http://127.0.0.1:${adminPort}`
    this.#handle = handle
    this.#plan = plan
    this.#onEnd = onEnd
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
  }

  static async start(
    options: GatewayOptions,
    onEnd: (point: string | undefined) => void,
  ): Promise<GatewayProcess> {
    for (let tries = 1; ; tries++) {
      try {
        return await GatewayProcess.#startOn(await unusedPort(), options, onEnd)
      } catch (error) {
        // Somebody else on the machine has taken a port that was free a moment before.
        if (tries === START_TRIES_MAX || !complaints(options).includes('EADDRINUSE')) throw error
      }
    }
  }

  static async #startOn(
    adminPort: number,
    options: GatewayOptions,
    onEnd: (point: string | undefined) => void,
  ): Promise<GatewayProcess> {
    const plan: { crashAt?: string } = {}
    const { program, configFile, dataDir, env, skewMs } = options
    const handle = await startServer({
      name: options.name,
      command: port => ({
        file: '/bin/sh',
        // What it complains of is kept; a shell that has become the process is no process between.
        args: [
          ['-c', 'exec "$0" "$@" 2>>"$COMPLAINTS"', process.execPath],
          [program, 'serve', '--config', configFile, '--data', dataDir],
          ['--port', String(port), '--admin-port', String(adminPort)],
        ].flat(),
        env: {
          ...env,
          COMPLAINTS: complaintsFile(options),
          LOG_LEVEL: 'error',
          ...(skewMs === '0' ? {} : { FUNDROUTE_CLOCK_SKEW_MS: skewMs }),
          ...(plan.crashAt === undefined ? {} : { FUNDROUTE_CRASH_AT: plan.crashAt }),
        },
      }),
      url: port => `http://127.0.0.1:${port}`,
      readyLine: /fundroute is up/,
      stopSignal: 'SIGTERM',
    })
    return new GatewayProcess(options.name, adminPort, handle, plan, onEnd)
  }

  get url(): string {
    return this.#handle.url
  }

  /** Kills it; it is started again after `downMs`, to die at a crash point when one is named. */
  kill(downMs: number, crashAt?: string): Promise<void> {
    return this.#next(async () => {
      await this.#handle.kill('SIGKILL')
      await sleep(downMs)
      await this.#start(crashAt)
    })
  }

  /** Kills it and has it die at a crash point; resolves when it has, or has not within a while. */
  async dieAt(crashAt: string, withinMs: number): Promise<void> {
    await this.kill(0, crashAt)
    for (const until = Date.now() + withinMs; this.#plan.crashAt === crashAt && Date.now() < until; ) {
      await sleep(WATCH_MS)
    }
  }

  /** Freezes it for a while. */
  pause(ms: number): Promise<void> {
    return this.#next(async () => {
      await this.#handle.kill('SIGSTOP')
      await sleep(ms)
      await this.#handle.kill('SIGCONT')
    })
  }

  /** Ends it in order; its data stays. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#watch)
    await this.#busy
    await this.#handle.stop()
  }

  #look(): void {
    if (this.#restarting || this.#stopped || isAlive(this.#handle.pid)) return
    this.#onEnd(this.#plan.crashAt)
    void this.#next(() => this.#start()).catch(() => undefined)
  }

  async #start(crashAt?: string): Promise<void> {
    if (this.#stopped) return
    if (crashAt === undefined) delete this.#plan.crashAt
    else this.#plan.crashAt = crashAt
    // A journal that is just away makes a gateway refuse to start; it is tried until it is back.
    for (let tries = 0; ; tries++) {
      try {
        return await this.#handle.restart()
      } catch (error) {
        if (tries >= 60 || this.#stopped) throw error
        await sleep(500)
      }
    }
  }

  /** One thing at a time, and none of them looked at as a crash. */
  #next(work: () => Promise<void>): Promise<void> {
    const run = this.#busy.then(async () => {
      this.#restarting = true
      try {
        await work()
      } finally {
        this.#restarting = false
      }
    })
    this.#busy = run.catch(() => undefined)
    return run
  }
}

function complaintsFile({ dataDir }: GatewayOptions): string {
  return `${dataDir}.log`
}

function complaints(options: GatewayOptions): string {
  return existsSync(complaintsFile(options)) ? readFileSync(complaintsFile(options), 'utf8') : ''
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** A log of what was done and seen, one line at a time. */
export class Timeline {
  readonly file: string
  readonly #startedAt = Date.now()

  constructor(file: string) {
    this.file = file
  }

  note(text: string): void {
    appendFileSync(this.file, `${((Date.now() - this.#startedAt) / 1000).toFixed(3).padStart(9)} ${text}\n`)
  }
}
