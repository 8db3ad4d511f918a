import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { workerData } from 'node:worker_threads'
import { SEED_THREAD } from '../../src/simulation/faults/seeds.ts'
import { type Edit, mutated } from './mutated.ts'

const SRC = join(import.meta.dirname, '../../src')
const { edits } = workerData as { readonly edits: readonly Edit[] }
const files = new Map<string, Edit[]>()
for (const edit of edits) {
  const url = pathToFileURL(join(SRC, edit.file)).href
  files.set(url, [...(files.get(url) ?? []), edit])
}

/** From here on this thread loads the changed text instead of the file's. No other thread does. */
registerHooks({
  load(url, context, nextLoad) {
    const mine = files.get(url)
    if (mine === undefined) return nextLoad(url, context)
    const source = mutated(readFileSync(new URL(url), 'utf8'), mine)
    return { format: 'module-typescript', shortCircuit: true, source }
  },
})

await import(SEED_THREAD.href)
