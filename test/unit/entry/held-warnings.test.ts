import { describe, expect, it } from 'vitest'
import { heldWarnings } from '../../../src/entry/held-warnings.ts'
import type { Found } from '../../../src/gateway/restore-watch.ts'

const FOUND: readonly Found[] = ['whole', 'behind', 'gone']

describe('the start of a gateway', () => {
  it.each(FOUND)('says that nothing is sent exactly while sends are held: %s', found => {
    expect(heldWarnings(found, true)).toEqual([expect.stringContaining('nothing is sent until')])
    expect(heldWarnings(found, false)).toEqual([])
  })
})
