import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configVersion, loadConfig, parseConfig } from '../../../src/config/load.ts'
import { formatProblem } from '../../../src/config/problem.ts'
import { parseInput, sampleConfig, sampleInput } from '../../support/sample-config.ts'

const HEAD = `version: 1
tenants:
  - id: demo
    apiKeys: [{ id: checkout, secretEnv: DEMO_API_KEY, scopes: [pay] }]
routes:
  - id: card_a
    tender: card
    connector: { type: http, baseUrl: "http://127.0.0.1:7002" }
    capability: { channels: [app], currencies: [CNY], amount: { max: 100 }, queryable: true }
`

function lines(text: string): string[] {
  const parsed = parseConfig(text, 'f.yaml')
  return (parsed.ok ? parsed.warnings : parsed.problems).map(formatProblem)
}

describe('reading a configuration', () => {
  it('fills in every default', () => {
    const config = sampleConfig()
    expect(config.policy).toEqual({
      economics: { marginBps: 1000, abandonmentPerSecond: 0.02, unknownCost: 300, lossGivenDefault: 0.6 },
      attemptsMax: 3,
      preference: 'payer_order',
      unprofitable: 'last',
      fallback: [],
      rules: [],
      exploration: { shareMax: 0.05, valueAtRiskMax: 20_000 },
      objective: { value: 100, approval: 0, cost: 0 },
      shadows: [],
      experiments: [],
    })
    expect(config.routes[1]).toMatchObject({
      enabled: true,
      maintenance: [],
      cost: { percentBps: 0, fixed: 0, perAttempt: 0 },
      priors: { approval: 0.9, unknown: 0.003, latencyMs: 800, strength: 20 },
      breaker: { volumeMin: 20, errorPercent: 50, windowMs: 30_000, resetMs: 35_000 },
      connector: { timeoutMs: 3000, notificationSecretEnvs: [] },
      capability: { instalments: [], cancel: [], idempotency: { mode: 'none' }, honoursExpiry: false },
    })
  })

  it('promises nothing that the file does not: safety features of an upstream are off unless declared', () => {
    const { capability } = sampleConfig(input => {
      delete input.routes[1]?.capability.queryable
    }).routes[1] as ReturnType<typeof sampleConfig>['routes'][number]
    expect(capability).toMatchObject({
      queryable: false,
      cancelTombstones: false,
      idempotency: { mode: 'none' },
    })
    expect(capability.settleWindowMs).toBeUndefined()
  })

  it.each([
    ['polcy: {}\n', 'f.yaml:10:1: error: polcy: unknown key'],
    ['policy: { attemptMax: 3 }\n', 'f.yaml:10:11: error: policy.attemptMax: unknown key'],
    ['policy:\n  attemptsMax: 2.5\n', 'f.yaml:11:16: error: policy.attemptsMax: must be an integer'],
    ['policy:\n  attemptsMax: 99\n', 'f.yaml:11:16: error: policy.attemptsMax: must be at most 10'],
    [
      'policy: { economics: { unknownCost: -1 } }\n',
      'f.yaml:10:37: error: policy.economics.unknownCost: must be at least 0',
    ],
    [
      'policy: { preference: cheapest }\n',
      'f.yaml:10:23: error: policy.preference: must be one of payer_order, best_value',
    ],
    [
      'pools:\n  - { id: Main, currency: CNY, sources: [] }\n',
      'f.yaml:11:11: error: pools[0].id: must be 1 to 48 of a-z, 0-9, _ and -, starting with a letter',
    ],
    ['pools:\n  - { id: main }\n', 'f.yaml:11:5: error: pools[0].currency: is missing'],
    ['version: 1\n', 'f.yaml:10:1: error: Map keys must be unique'],
    [
      'policy: [\n',
      'f.yaml:11:1: error: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('tells file, line, column and path of %j', (text, message) => {
    expect(lines(HEAD + text)).toContain(message)
  })

  it('tells every problem at once, in the order of the file', () => {
    const problems = lines(HEAD.replace('tender: card', 'tender: coins').replace('max: 100', 'max: -1'))
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('f.yaml:7:13')
    expect(problems[1]).toContain('f.yaml:9:70')
  })

  it('never repeats a value, because it may be a pasted secret', () => {
    const secret = 'sk_live_0123456789abcdef0123456789abcdef'
    for (const text of [
      HEAD.replace('DEMO_API_KEY', secret),
      HEAD.replace('tender: card', `tender: ${secret}`),
      HEAD.replace('http://127.0.0.1:7002', `http://user:${secret}@127.0.0.1`),
      HEAD.replace('id: card_a', `id: "${secret}!"`),
    ]) {
      const told = lines(text)
      expect(told.length).toBeGreaterThan(0)
      expect(told.join('\n')).not.toContain(secret)
    }
  })

  it('refuses what is not a configuration at all, with a message', () => {
    for (const text of [
      '',
      '42',
      '[]',
      'null',
      '---\n---\n',
      '\t',
      'a: &a [*a]',
      'x'.repeat(1_000_001),
      '{__proto__: {a: 1}}',
    ]) {
      const parsed = parseConfig(text, 'f.yaml')
      expect(parsed.ok, text.slice(0, 20)).toBe(false)
    }
  })

  it('refuses aliases that multiply', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'
        .split('')
        .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join()}]`),
    ]
    expect(lines(bomb.join('\n')).join()).toContain('repeats aliases too often')
  })

  it('survives any text, and gives every problem a place within it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string().map(piece => HEAD + piece),
    )
    fc.assert(
      fc.property(text, input => {
        const parsed = parseConfig(input, 'f.yaml')
        const told = parsed.ok ? parsed.warnings : parsed.problems
        return (parsed.ok || told.length > 0) && told.every(({ line, column }) => line >= 1 && column >= 1)
      }),
      { numRuns: 300 },
    )
  })

  // config-key: version
  it('knows one version of the format', () => {
    expect(lines(HEAD.replace('version: 1', 'version: 2'))).toEqual([
      'f.yaml:1:10: error: version: must be 1',
    ])
  })
})

describe('the version of a configuration', () => {
  const versionOf = async (text: string) => {
    const loaded = await loadConfig(text, 'f.yaml')
    return loaded.ok ? loaded.version : 'refused'
  }

  it('does not change with comments, order of keys, quoting or written-out defaults', async () => {
    const version = await versionOf(HEAD)
    expect(version).toMatch(/^[0-9a-f]{16}$/)
    expect(await versionOf(`# note\n${HEAD}policy: { attemptsMax: 3 }\n`)).toBe(version)
    expect(
      await versionOf(HEAD.replace('  - id: card_a\n    tender: card', '  - tender: "card"\n    id: card_a')),
    ).toBe(version)
  })

  it('changes with every change of meaning', async () => {
    const base = await configVersion(sampleConfig())
    const changes = [
      sampleConfig(input => Object.assign(input, { policy: { attemptsMax: 2 } })),
      sampleConfig(input => input.routes.reverse()),
      sampleConfig(input => Object.assign(input.routes[1] as object, { cost: { fixed: 1 } })),
    ]
    const versions = await Promise.all(changes.map(configVersion))
    expect(new Set([base, ...versions]).size).toBe(4)
  })

  it('is the same for the same content in every run', async () => {
    const content = { b: 1, a: [{ d: '二', c: undefined }] } as never
    expect(await configVersion(content)).toBe('832c6ca9c22e6f5c')
  })
})

describe('a configuration written as JSON', () => {
  it('is read like one written as YAML', () => {
    expect(parseInput(sampleInput()).ok).toBe(true)
  })
})
