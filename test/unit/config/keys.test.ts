import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ConfigKey, configDocs, configKeys, PAGE } from '../../../scripts/config-docs.ts'

const TESTS = join(import.meta.dirname, '../..')

/** Keys named by `config-key: a.b, c.d` comments in the sources of the tests. */
function claimed(): Set<string> {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  const comments = files.flatMap(file => [
    ...readFileSync(join(TESTS, file), 'utf8').matchAll(/^\s*\/\/ config-key: (.+)$/gm),
  ])
  return new Set(comments.flatMap(match => (match[1] ?? '').split(',').map(key => key.trim())))
}

/**
 * A key that is accepted and ignored is worse than none. Whoever adds a key adds a test that fails when the key is
 * ignored, and names the key above it: `// config-key: routes.cost.fixed`.
 */
describe('every key of the configuration', () => {
  const keys = configKeys()
  const leaves = keys.filter((key: ConfigKey) => !key.isGroup).map(({ path }) => path)
  const names = claimed()

  it('is found in the schema', () => {
    expect(leaves.length).toBeGreaterThan(100)
    expect(new Set(leaves).size).toBe(leaves.length)
  })

  it('has a test that fails when the key is ignored', () => {
    expect(leaves.filter(key => !names.has(key))).toEqual([])
  })

  it('exists, where a test names it', () => {
    expect([...names].filter(key => !leaves.includes(key))).toEqual([])
  })

  it('has a description and a place in docs/config.md, which is current', () => {
    expect(keys.filter(({ description }) => description.length < 5).map(({ path }) => path)).toEqual([])
    expect(readFileSync(PAGE, 'utf8')).toBe(configDocs())
  })
})
