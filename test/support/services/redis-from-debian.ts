import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from './executables.ts'
import type { RedisBinary } from './redis.ts'

const run = promisify(execFile)
const commandTimeoutMs = 120_000
const basePackages = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1']

/**
 * A `redis-server` from the packages of Debian or Ubuntu, unpacked into the cache folder: nothing is installed, no
 * root is needed, and the next run finds it there.
 */
export async function bringRedis(searchPath: string): Promise<RedisBinary> {
  const target = join(cacheFolder(), `redis-${process.arch}`)
  if (!existsSync(target)) await unpackInto(target, searchPath)
  const libraries = join(target, 'usr/lib')
  // Debian keeps libraries in a folder named after the architecture (usr/lib/x86_64-linux-gnu).
  const folders = readdirSync(libraries).filter(name => name.endsWith('-linux-gnu'))
  return {
    file: join(target, 'usr/bin/redis-server'),
    libraries: folders.map(name => join(libraries, name)).join(':'),
  }
}

async function unpackInto(target: string, searchPath: string): Promise<void> {
  const work = mkdtempSync(`${target}-`)
  const env = { PATH: searchPath, LC_ALL: 'C' }
  try {
    const debs = join(work, 'debs')
    const tree = join(work, 'tree')
    mkdirSync(debs)
    await download(debs, join(work, 'apt'), env)
    for (const deb of readdirSync(debs).filter(name => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', join(debs, deb), tree], { env, timeout: commandTimeoutMs })
    }
    publish(tree, target)
  } catch (error) {
    throw new Error(
      'The tests need a Redis server. Put redis-server on PATH (6.2 or later) or set REDIS_URL to one that they may ' +
        'use; on Debian and Ubuntu they fetch it by themselves through apt-get, which failed here: ' +
        (error instanceof Error ? error.message.trim() : String(error)),
      { cause: error },
    )
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** A rename, so that a half-unpacked tree is never seen; a run beside this one may have been first. */
function publish(tree: string, target: string): void {
  try {
    renameSync(tree, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  }
}

/** With the system's package lists when they serve, else with lists of our own: a container image has none. */
async function download(folder: string, aptState: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await downloadWith([], folder, env)
  } catch {
    for (const part of ['lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(aptState, part), { recursive: true })
    }
    const own = [
      ['-o', `Dir::State::lists=${join(aptState, 'lists')}`, '-o', `Dir::Cache=${join(aptState, 'cache')}`],
      ['-o', 'APT::Sandbox::User=', '-o', 'Debug::NoLocking=1'],
    ].flat()
    await run('apt-get', [...own, '-q', 'update'], { env, timeout: commandTimeoutMs })
    await downloadWith(own, folder, env)
  }
}

async function downloadWith(options: string[], folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const missing = await run(
    'apt-get',
    [...options, '-qq', '--print-uris', '--no-install-recommends', 'install', 'redis-server'],
    { env, timeout: commandTimeoutMs },
  )
  // Each line: 'address' name_version_architecture.deb size hash - only what the system does not have already.
  const libraries = [...missing.stdout.matchAll(/^'\S+' (lib[^_]+)_/gm)].map(match => match[1] ?? '')
  const names = [...new Set([...basePackages, ...libraries])]
  await run('apt-get', [...options, '-q', '-o', 'APT::Sandbox::User=', 'download', ...names], {
    cwd: folder,
    env,
    timeout: commandTimeoutMs,
  })
}
