import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { formatChange } from '../config/diff.ts'
import type { RunningGateway } from '../entry/node.ts'

/** Editors write a file in several steps: it is read once they have been quiet for this long, ms. */
const SETTLE_MS = 200

/**
 * Replaces the configuration when its file changes and on SIGHUP. Returns what ends the watching.
 * The folder is watched, not the file, because editors and config maps put a new file in the place of the old one.
 */
export function watchConfig(file: string, running: RunningGateway): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const reload = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void reloadNow(file, running), SETTLE_MS)
  }
  const watcher: FSWatcher = watch(dirname(file), (_event, name) => {
    if (name === null || name === basename(file) || name === '..data') reload()
  })
  watcher.on('error', () => process.stderr.write(`warning: ${file} is not watched any more; use SIGHUP\n`))
  process.on('SIGHUP', reload)
  return () => {
    clearTimeout(timer)
    watcher.close()
    process.off('SIGHUP', reload)
  }
}

async function reloadNow(file: string, running: RunningGateway): Promise<void> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    process.stderr.write(`${file} cannot be read; the configuration stays as it is\n`)
    return
  }
  const applied = await running.reload(text, file)
  if (!applied.ok) {
    process.stderr.write(
      `${file} is not applied; the configuration stays as it is:\n${applied.problems.join('\n')}\n`,
    )
    return
  }
  if (applied.changes.length === 0) return
  process.stdout.write(`configuration ${applied.version}:\n${applied.changes.map(formatChange).join('\n')}\n`)
}
