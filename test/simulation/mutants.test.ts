import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSeeds, type SeedOutcome } from '../../src/simulation/faults/seeds.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { type Edit, mutated } from './mutated.ts'

const SRC = join(import.meta.dirname, '../../src')

function filesOf(edits: readonly Edit[]): Map<string, Edit[]> {
  const files = new Map<string, Edit[]>()
  for (const edit of edits) files.set(edit.file, [...(files.get(edit.file) ?? []), edit])
  return files
}

async function brokenBy(edits: readonly Edit[]): Promise<string[]> {
  const outcomes: SeedOutcome[] = []
  const options = { type: 'reversible-blind', orders: 10 }
  await runSeeds(
    [1, 2, 3].map(seed => ({ options: { ...options, seed }, twice: false })),
    {
      threads: 1,
      thread: new URL('./mutant-thread.ts', import.meta.url),
      workerData: { edits },
      onOutcome: outcome => outcomes.push(outcome),
    },
  )
  return outcomes.flatMap(({ result }) => result.violations.map(({ invariant }) => invariant))
}

/** Processors are shared with other tests. */
const PATIENCE_MS = 60_000

/** The gate itself takes minutes: `npm run test:mutants`. Here is what can rot unseen between its runs. */
describe('the mutants', { timeout: PATIENCE_MS }, () => {
  it.each(MUTANTS)('change code that is still there: $name', ({ edits }: Mutant) => {
    for (const [file, mine] of filesOf(edits)) {
      const text = readFileSync(join(SRC, file), 'utf8')
      expect(mutated(text, mine)).not.toBe(text)
    }
  })

  it('are refused when their code is not there, or there twice', () => {
    const edit = { file: 'a.ts', find: 'b', replace: 'c' }
    expect(() => mutated('a', [edit])).toThrow('found 0 times')
    expect(() => mutated('bab', [edit])).toThrow('found 2 times')
  })

  it('break a promise where the code as it is breaks none', async () => {
    const eager = MUTANTS.filter(({ name }) => name === 'sends before the intent is durable')
    expect(eager).toHaveLength(1)
    expect(await brokenBy([])).toEqual([])
    expect(await brokenBy((eager[0] as Mutant).edits)).toContain('I2')
  })
})
