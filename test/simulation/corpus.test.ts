import { describe, expect, it } from 'vitest'
import { World } from '../../src/simulation/faults/world.ts'
import type { WorldOptions } from '../../src/simulation/faults/world-options.ts'
import corpus from './corpus.json' with { type: 'json' }

interface Pinned {
  readonly options: WorldOptions
  /** What it broke. */
  readonly once: string
}

/** Processors are shared with other tests. */
const PATIENCE_MS = 60_000

describe('seeds that broke a promise once', { timeout: PATIENCE_MS }, () => {
  it.each(corpus as readonly Pinned[])(
    'seed $options.seed of $options.type keeps it now',
    async ({ options }) => {
      const { violations } = await new World(options).run()
      expect(violations).toEqual([])
    },
  )
})
