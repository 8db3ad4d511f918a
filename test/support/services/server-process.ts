import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const startTimeoutMs = 20_000
const exitTimeoutMs = 10_000
const logTailChars = 4_000

/** The account that runs servers which refuse root; `nobody` on Debian. */
export const unprivilegedId = 65_534

/** A server of this run's own, on a free loopback port with a throw-away data folder. */
export interface ServiceHandle {
  readonly url: string
  readonly port: number
  /** Process id of the server as it runs now; changes with `restart()`. */
  readonly pid: number
  /**
   * Sends a signal to the server and all its child processes (default SIGKILL: a crash). SIGSTOP freezes it and
   * SIGCONT thaws it; any other signal is taken to end it, and the promise then waits for the exit.
   */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Ends the server if it still runs and starts it again on the same port and data. */
  restart(): Promise<void>
  /** Ends the server and deletes its data; safe to call twice. */
  stop(): Promise<void>
}

export interface ServerPlan {
  /** Named in errors and in the data folder's name. */
  readonly name: string
  /** Makes the data folder ready for the first start. */
  prepare?(dataFolder: string): Promise<void>
  command(port: number, dataFolder: string): { file: string; args: string[]; env?: NodeJS.ProcessEnv }
  url(port: number): string
  /** What the server logs when it takes connections. */
  readonly readyLine: RegExp
  /** The signal for an orderly, quick end. */
  readonly stopSignal: NodeJS.Signals
  /** Run as this user and group; set only when the present user is root. */
  readonly dropTo?: number
}

/** Starts a server and waits until it takes connections. Throws with the tail of its log when it does not. */
export async function startServer(plan: ServerPlan): Promise<ServiceHandle> {
  const dataFolder = mkdtempSync(join(tmpdir(), `fundroute-${plan.name}-`))
  try {
    if (plan.dropTo !== undefined) chownSync(dataFolder, plan.dropTo, plan.dropTo)
    await plan.prepare?.(dataFolder)
    // Another process may take the free port between our look and the server's bind.
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort()
      try {
        return handleOf(plan, port, dataFolder, await launch(plan, port, dataFolder))
      } catch (error) {
        if (attempt === 3 || !String(error).toLowerCase().includes('address already in use')) throw error
      }
    }
  } catch (error) {
    rmSync(dataFolder, { recursive: true, force: true })
    throw error
  }
}

interface Running {
  readonly child: ChildProcess
  readonly pid: number
  readonly guard: ChildProcess
}

function handleOf(plan: ServerPlan, port: number, dataFolder: string, first: Running): ServiceHandle {
  let running = first
  let stopped = false
  const end = async (signal: NodeJS.Signals) => {
    running.guard.kill('SIGKILL')
    if (hasExited(running.child)) return
    // A frozen server cannot act on a signal until it is thawed; a crash must not let it act at all.
    if (signal === 'SIGKILL') signalTree(running.pid, 'SIGKILL')
    else {
      running.child.kill(signal)
      signalTree(running.pid, 'SIGCONT')
    }
    await exited(running)
  }
  return {
    url: plan.url(port),
    port,
    get pid() {
      return running.pid
    },
    async kill(signal = 'SIGKILL') {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') signalTree(running.pid, signal)
      else await end(signal)
    },
    async restart() {
      if (stopped) throw new Error(`${plan.name} was stopped and its data deleted; start a new one.`)
      await end(plan.stopSignal)
      running = await launch(plan, port, dataFolder)
    },
    async stop() {
      stopped = true
      await end(plan.stopSignal)
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function launch(plan: ServerPlan, port: number, dataFolder: string): Promise<Running> {
  const { file, args, env } = plan.command(port, dataFolder)
  const child = spawn(file, args, {
    cwd: dataFolder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C reaches the tests, which then stop their servers in order.
    detached: true,
    ...(plan.dropTo === undefined ? {} : { uid: plan.dropTo, gid: plan.dropTo }),
  })
  const ready = readyLine(child, plan)
  if (child.pid === undefined) {
    await ready
    throw new Error(`${plan.name} did not start.`)
  }
  const running = { child, pid: child.pid, guard: guardOf(child.pid, plan, dataFolder) }
  try {
    await ready
    return running
  } catch (error) {
    running.guard.kill('SIGKILL')
    signalTree(running.pid, 'SIGKILL')
    await exited(running)
    throw error
  }
}

/** Resolves when the ready line shows in the output; rejects when the server ends before or takes too long. */
async function readyLine(child: ChildProcess, plan: ServerPlan): Promise<void> {
  let log = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // The listeners stay after readiness: an unread pipe would block the server once it is full.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-logTailChars)
      if (plan.readyLine.test(log)) resolve()
    })
  }
  child.once('error', error => reject(new Error(`${plan.name} did not start: ${error.message}`)))
  child.once('close', code => reject(new Error(`${plan.name} ended with ${code} at its start:\n${log}`)))
  const timer = setTimeout(
    () => reject(new Error(`${plan.name} was not ready within ${startTimeoutMs} ms:\n${log}`)),
    startTimeoutMs,
  )
  try {
    await promise
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A shell that waits on a pipe from us. However this process ends (Ctrl-C, SIGKILL, a crash), the pipe closes and
 * the shell ends the server and deletes its data, so that no run leaves anything behind.
 */
function guardOf(pid: number, plan: ServerPlan, dataFolder: string): ChildProcess {
  const script =
    'cat >/dev/null; kill -s "$1" "$2"; kill -s CONT "$2"; sleep 2; kill -s KILL "$2"; rm -rf "$3"'
  const signal = plan.stopSignal.replace('SIG', '')
  const guard = spawn('/bin/sh', ['-c', script, 'guard', signal, String(pid), dataFolder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  return guard
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Waits for the exit of the server, ending it by force when it takes too long. */
async function exited(running: Running): Promise<void> {
  if (hasExited(running.child)) return
  const timer = setTimeout(() => signalTree(running.pid, 'SIGKILL'), exitTimeoutMs)
  await once(running.child, 'exit')
  clearTimeout(timer)
}

/** PostgreSQL's backends are sessions of their own, so a signal to the group would miss them. */
function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const id of [pid, ...childrenOf(pid)]) {
    try {
      process.kill(id, signal)
    } catch {
      // Gone already.
    }
  }
}

function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return list.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
