import { type ParsedConfig, parseConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Config, ConfigInput } from '../../src/config/schema.ts'

/** A small configuration: one tenant, credit with a pool, two acquirers of one card, all defaults left out. */
export function sampleInput(): ConfigInput {
  return {
    version: 1,
    tenants: [
      {
        id: 'demo',
        apiKeys: [{ id: 'checkout', secretEnv: 'DEMO_API_KEY', scopes: ['decide', 'pay', 'explain'] }],
      },
    ],
    routes: [
      {
        id: 'credit_a',
        tender: 'credit',
        connector: { type: 'http', baseUrl: 'http://127.0.0.1:7001' },
        capability: {
          channels: ['app'],
          currencies: ['CNY'],
          amount: { max: 5_000_000 },
          instalments: [1, 3],
          queryable: true,
        },
        eligibility: { type: 'http', url: 'http://127.0.0.1:7001/eligibility' },
        pool: 'main',
      },
      cardRoute('card_a', 7002),
      cardRoute('card_b', 7003),
    ],
    pools: [{ id: 'main', currency: 'CNY', sources: [{ id: 'own', kind: 'own_funds', cap: 1_000_000 }] }],
  }
}

function cardRoute(id: string, port: number): ConfigInput['routes'][number] {
  return {
    id,
    tender: 'card',
    connector: { type: 'http', baseUrl: `http://127.0.0.1:${port}` },
    capability: {
      channels: ['app', 'web'],
      currencies: ['CNY'],
      amount: { max: 5_000_000 },
      queryable: true,
    },
  }
}

/** Reads an input as if it were written in a file: JSON is YAML. */
export function parseInput(input: unknown): ParsedConfig {
  return parseConfig(JSON.stringify(input, undefined, 2), 'test.yaml')
}

/** The sample after a change, which must leave it in order. */
export function sampleConfig(change: (input: ConfigInput) => void = () => {}): Config {
  const input = sampleInput()
  change(input)
  const parsed = parseInput(input)
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'))
  return parsed.config
}

/** Messages, with their path, about the sample after a change. */
export function complaints(change: (input: ConfigInput) => void): string[] {
  const input = sampleInput()
  change(input)
  const parsed = parseInput(input)
  return (parsed.ok ? parsed.warnings : parsed.problems).map(
    ({ severity, path, message }) => `${severity}: ${path}: ${message}`,
  )
}
