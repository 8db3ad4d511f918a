import { describe, expect, it } from 'vitest'
import type { Outside } from '../../../src/entry/outside.ts'
import { buildGeneration } from '../../../src/entry/runtime.ts'
import { resolveSecrets } from '../../../src/config/secrets.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { complaints, sampleConfig } from '../../support/sample-config.ts'

const SIGNING = `whsec_${'A'.repeat(43)}=`
const env = { DEMO_API_KEY: 'k'.repeat(32), HOOK: SIGNING }

const withHooks =
  (...webhooks: object[]) =>
  (input: ConfigInput): void => {
    Object.assign(input.tenants[0] ?? {}, {
      webhooks: webhooks.map(hook => ({ secretEnv: 'HOOK', ...hook })),
    })
  }

function reachOf(hook: object): unknown {
  const config = sampleConfig(withHooks(hook))
  const resolved = resolveSecrets(config, env)
  if (!resolved.ok) throw new Error(resolved.problems.join())
  const outside = { connector: () => ({}), eligibility: () => ({}), notifications: () => ({}) }
  const { targets } = buildGeneration(config, 'v1', resolved.secrets, outside as unknown as Outside)
  return [...targets.values()][0]?.reach
}

describe('the endpoints of webhooks', () => {
  // config-key: tenants.webhooks.allowPrivate
  it('are reached in the own network only by an explicit word', () => {
    expect(complaints(withHooks({ url: 'http://10.0.0.5/hooks' }))).toEqual([
      'error: tenants[0].webhooks[0].url: is not https; for a receiver in your own network say allowPrivate: true',
    ])
    expect(complaints(withHooks({ url: 'http://10.0.0.5/hooks', allowPrivate: true }))).toEqual([])
    expect(reachOf({ url: 'http://10.0.0.5/hooks', allowPrivate: true })).toBe('private')
    expect(reachOf({ url: 'https://shop.example/hooks' })).toBe('public')
  })

  it.each([
    'http://127.0.0.1:7100/hooks',
    'http://localhost/hooks',
    'http://[::1]/hooks',
    'http://0x7f.1/hooks',
  ])('may be on this machine for trying things out: %s', url => {
    expect(complaints(withHooks({ url }))).toEqual([])
    expect(reachOf({ url })).toBe('loopback')
  })

  it('are each listed once, because their URL is their name', () => {
    expect(complaints(withHooks({ url: 'https://a.example/h' }, { url: 'https://a.example/h' }))).toEqual([
      'error: tenants[0].webhooks[1].url: is listed twice; name all its events in one place',
    ])
  })
})
