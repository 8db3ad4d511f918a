import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { resolveSecrets, secretReferences } from '../../../src/config/secrets.ts'
import { sampleConfig } from '../../support/sample-config.ts'

const KEY = 'fr_checkout_0123456789abcdef0123456789abcdef'
const SIGNING = `whsec_${'A'.repeat(43)}=`

/** Names a secret in every place that takes one. */
const config = sampleConfig(input => {
  input.tenants[0]?.apiKeys.push({ id: 'second', secretEnv: 'SECOND_KEY', scopes: ['read'] })
  Object.assign(input.tenants[0] ?? {}, {
    webhooks: [{ url: 'https://shop.example/h', secretEnv: 'HOOK_OUT', previousSecretEnv: 'HOOK_OUT_OLD' }],
  })
  Object.assign(input.routes[0]?.connector ?? {}, {
    tokenEnv: 'CONNECTOR_TOKEN',
    notificationSecretEnvs: ['HOOK_IN', 'HOOK_IN_OLD'],
  })
  Object.assign(input.routes[0]?.eligibility ?? {}, { tokenEnv: 'FACTS_TOKEN' })
  input.server = { adminTokenEnv: 'ADMIN_TOKEN', operators: [{ id: 'ann', tokenEnv: 'ANN_TOKEN' }] }
})

const TOKENS = ['CONNECTOR_TOKEN', 'FACTS_TOKEN', 'ADMIN_TOKEN', 'ANN_TOKEN']
const SIGNERS = ['HOOK_OUT', 'HOOK_OUT_OLD', 'HOOK_IN', 'HOOK_IN_OLD']
const environment: Record<string, string> = {
  DEMO_API_KEY: KEY,
  SECOND_KEY: `${KEY}0`,
  ...Object.fromEntries(TOKENS.map(name => [name, `${name}_${'t'.repeat(32)}`])),
  ...Object.fromEntries(SIGNERS.map(name => [name, SIGNING])),
}

function problems(change: Record<string, string | undefined>): readonly string[] {
  const resolved = resolveSecrets(config, { ...environment, ...change })
  return resolved.ok ? [] : resolved.problems
}

describe('the secrets of a configuration', () => {
  it('are found in every place that names one', () => {
    expect(new Set(secretReferences(config).map(({ env }) => env))).toEqual(new Set(Object.keys(environment)))
    expect(secretReferences(config)[0]).toEqual({
      env: 'DEMO_API_KEY',
      kind: 'apiKey',
      path: 'tenants[0].apiKeys[0].secretEnv',
    })
  })

  it('come from the environment, only those that are named', () => {
    const resolved = resolveSecrets(config, { ...environment, PATH: '/bin' })
    if (!resolved.ok) throw new Error(resolved.problems.join())
    expect(resolved.secrets.get('DEMO_API_KEY')).toBe(KEY)
    for (const [name, value] of Object.entries(environment)) expect(resolved.secrets.get(name)).toBe(value)
    expect(() => resolved.secrets.get('PATH')).toThrow('PATH is not a secret of this configuration')
  })

  it.each(Object.keys(environment))('needs %s to be set and long enough', name => {
    expect(problems({ [name]: undefined })).toEqual([
      expect.stringMatching(new RegExp(`^${name} \\(.*\\) is not set; `)),
    ])
    expect(problems({ [name]: '' })).toHaveLength(1)
    expect(problems({ [name]: 'A'.repeat(31) })).toEqual([
      expect.stringContaining('is shorter than 32 characters'),
    ])
  })

  it('that an upstream gives out are not to be made up', () => {
    expect(problems({ CONNECTOR_TOKEN: undefined })).toEqual([
      expect.stringMatching(/who runs the service .* gives it out$/),
    ])
    expect(problems({ DEMO_API_KEY: undefined })).toEqual([expect.stringMatching(/keys create` makes one$/)])
  })

  it('tells all problems at once, and never a secret', () => {
    const told = problems({
      DEMO_API_KEY: undefined,
      SECOND_KEY: 'short-secret',
      HOOK_IN: `no base64! ${'x'.repeat(40)}`,
    })
    expect(told).toHaveLength(3)
    expect(told.join()).not.toMatch(/short-secret|no base64!/)
  })

  it('refuses what no header can carry and what cannot sign', () => {
    expect(problems({ FACTS_TOKEN: `with blank ${'x'.repeat(40)}` })).toEqual([
      expect.stringContaining('no header can carry'),
    ])
    expect(problems({ HOOK_OUT: `whsec_${'_'.repeat(44)}` })).toEqual([
      expect.stringContaining('is not base64'),
    ])
  })

  it('refuses one secret for two keys: their owners could not be told apart', () => {
    expect(problems({ SECOND_KEY: KEY })).toEqual([
      'SECOND_KEY and DEMO_API_KEY hold the same secret; every key needs its own',
    ])
  })

  it('are in no dump', () => {
    const resolved = resolveSecrets(config, environment)
    if (!resolved.ok) throw new Error('refused')
    const dumps = [
      JSON.stringify(resolved),
      inspect(resolved, { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(resolved.secrets)),
    ]
    for (const dump of dumps)
      for (const value of Object.values(environment)) expect(dump).not.toContain(value)
  })
})
