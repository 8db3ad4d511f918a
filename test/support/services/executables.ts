import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

/** First executable file of this name on a search path (`PATH` syntax), or undefined. */
export function findExecutable(name: string, searchPath = process.env.PATH ?? ''): string | undefined {
  for (const folder of searchPath.split(delimiter)) {
    if (folder === '') continue
    const file = join(folder, name)
    if (mayAccess(file, constants.X_OK)) return file
  }
  return undefined
}

/** A writable folder that outlives the run: `.cache/` of the project, else the user's cache folder. */
export function cacheFolder(): string {
  const candidates = [
    resolve(import.meta.dirname, '../../../.cache'),
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fundroute'),
  ]
  for (const folder of candidates) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      // Not writable for this user: the next candidate.
    }
  }
  throw new Error(`No writable cache folder for test services; tried ${candidates.join(' and ')}.`)
}

function mayAccess(file: string, mode: number): boolean {
  try {
    accessSync(file, mode)
    return true
  } catch {
    return false
  }
}
