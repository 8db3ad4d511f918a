import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/** The measured side has a core to itself; everything that drives or serves it shares the other. */
export const MEASURED_CORE = 0
export const OTHER_CORE = 1

/**
 * Before the first reading: until every payer is known, and until the compiler has seen some ten thousand requests. A
 * gateway runs for days; its first seconds cost twice as much.
 */
export const WARM_SECONDS = 20

const READY_MS = 20_000
const STOP_MS = 15_000

/** What this process does itself and starts from now on, databases too, stays off the measured core. */
export function leaveMeasuredCore(): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(OTHER_CORE), String(process.pid)], { stdio: 'ignore' })
}

/** Nothing that was started outlives the run, however it ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface Side {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Starts a script on one core and waits for the line of JSON that it prints when it listens. `hear` is given every line
 * that it prints after that one.
 */
export async function startSide(
  script: string,
  core: number,
  env: Record<string, string> = {},
  hear?: (line: string) => void,
): Promise<Side> {
  const child = spawn('taskset', ['-c', String(core), process.execPath, script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const url = await firstUrl(child, script)
  if (hear === undefined) child.stdout?.resume()
  else createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', hear)
  return { url, pid: child.pid as number, stop: () => stop(child) }
}

/** The kernel counts in ticks of 10 ms. */
const TICKS_PER_SECOND = 100

/** Processor time that a process has used so far, with all its threads. */
export function cpuSeconds(pid: number): number {
  // The name, in parentheses, may hold blanks; the fields that are wanted are the 12th and 13th after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/**
 * Runs a load to its end, on the cores of this process, and gives the JSON that it prints last. Not waited for in step:
 * meanwhile this process reads the logs that the sides print, and one that nobody reads would stop them.
 */
export async function drive<T>(
  load: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [load, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as T
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function firstUrl(child: ChildProcess, script: string): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS)
  for await (const line of lines) {
    if (!line.startsWith('{"url"')) continue
    clearTimeout(timer)
    lines.close()
    return (JSON.parse(line) as { url: string }).url
  }
  throw new Error(`${script} did not start`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exited
  clearTimeout(timer)
}
