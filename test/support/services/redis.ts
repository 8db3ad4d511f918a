import { findExecutable } from './executables.ts'
import { bringRedis } from './redis-from-debian.ts'
import { type ServiceHandle, startServer } from './server-process.ts'

export interface RedisBinary {
  readonly file: string
  /** Where its shared libraries are, when they are not the system's. */
  readonly libraries?: string
}

/** `redis-server` on the search path, else the one brought from Debian's packages. Throws when there is neither. */
export async function locateRedis(searchPath = process.env.PATH ?? ''): Promise<RedisBinary> {
  const file = findExecutable('redis-server', searchPath)
  return file === undefined ? bringRedis(searchPath) : { file }
}

export interface RedisOptions {
  /** Where to look for `redis-server`, in `PATH` syntax. */
  readonly searchPath?: string
  /** Further settings in the server's own words, for example `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[]
}

/** Starts an empty Redis of one's own that keeps nothing on disk. */
export async function startRedis(options: RedisOptions = {}): Promise<ServiceHandle> {
  const binary = await locateRedis(options.searchPath)
  return startServer({
    name: 'redis',
    command: (port, dataFolder) => ({
      file: binary.file,
      args: [
        ['--bind', '127.0.0.1', '--port', String(port), '--dir', dataFolder],
        ['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
        options.args ?? [],
      ].flat(),
      env: binary.libraries === undefined ? {} : { LD_LIBRARY_PATH: binary.libraries },
    }),
    url: port => `redis://127.0.0.1:${port}`,
    readyLine: /ready to accept connections/i,
    stopSignal: 'SIGTERM',
  })
}
