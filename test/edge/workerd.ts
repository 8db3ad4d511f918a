import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'

/** A bundled Worker and the bindings that it is started with. */
export interface WorkerOptions {
  /** Folder of the bundle: `worker.js`, and text modules beside it. */
  readonly bundle: string
  /** Durable Object classes by the binding that leads to them. */
  readonly objects: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  /** What the objects hold is kept here and found again by the next start. */
  readonly dataDir: string
}

export interface RunningWorker {
  readonly url: string
  /** Ends at once, as when the machine loses power but for the disk. */
  kill(): Promise<void>
}

/** Path of the program, which is what its package exports. */
const { default: WORKERD } = createRequire(import.meta.url)('workerd') as { default: string }

const COMPATIBILITY_DATE = '2026-10-01'
const START_MS = 15_000

/** Starts the runtime of Workers itself, without anything in front of it. Rejects with what it has printed. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const port = await freePort()
  const storage = join(options.dataDir, 'objects')
  mkdirSync(storage, { recursive: true })
  const config = join(options.dataDir, 'workerd.capnp')
  writeFileSync(config, capnp(options, storage, port))
  const child = spawn(WORKERD, ['serve', config, '--experimental'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-20_000)
      if (process.env.EDGE_LOG) process.stderr.write(chunk)
    })
  }
  const exited = once(child, 'exit')
  // A test that fails may not come to stop it.
  const reap = (): boolean => child.kill('SIGKILL')
  process.once('exit', reap)
  child.once('exit', () => process.off('exit', reap))
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  const url = `http://127.0.0.1:${port}`
  const until = Date.now() + START_MS
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > until) {
      await kill()
      throw new Error(`workerd did not start:\n${printed}`)
    }
    await new Promise(resolve => setTimeout(resolve, 30))
  }
  return { url, kill }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/livez`).then(
    () => true,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** The runtime's own configuration language. A JSON string is a valid string in it. */
function capnp(
  { bundle, objects, dataDir, variables = {} }: WorkerOptions,
  storage: string,
  port: number,
): string {
  const modules = readdirSync(bundle)
    .filter(name => /\.(js|ya?ml)$/.test(name))
    .sort((a, b) => Number(b.endsWith('.js')) - Number(a.endsWith('.js')))
    .map(name => {
      const kind = name.endsWith('.js') ? 'esModule' : 'text'
      return `(name = ${text(name)}, ${kind} = embed ${text(relative(dataDir, join(bundle, name)))})`
    })
  const bindings = [
    ...Object.entries(objects).map(
      ([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
  ]
  const namespaces = Object.values(objects).map(
    className => `(className = ${text(className)}, uniqueKey = ${text(className)}, enableSql = true)`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.join(',\n        ')}],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = ["nodejs_compat"],
      bindings = [${bindings.join(',\n        ')}],
      durableObjectNamespaces = [${namespaces.join(', ')}],
      durableObjectStorage = (localDisk = "storage"),
    )),
    (name = "storage", disk = (path = ${text(storage)}, writable = true)),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`
}

function text(value: string): string {
  return JSON.stringify(value)
}
