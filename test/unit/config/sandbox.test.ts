import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SANDBOX_CONFIG_FILE } from '../../../src/cli/config-file.ts'
import { type ParsedConfig, parseConfig } from '../../../src/config/load.ts'
import { formatProblem } from '../../../src/config/problem.ts'

const TEXT = readFileSync(SANDBOX_CONFIG_FILE, 'utf8')

function problems(parsed: ParsedConfig): string[] {
  return (parsed.ok ? parsed.warnings : parsed.problems).map(formatProblem)
}

describe('the sandbox configuration', () => {
  it('is in order, without a warning', () => {
    expect(problems(parseConfig(TEXT, 'sandbox.yaml'))).toEqual([])
  })

  it('stays in order when a reader takes the examples out of their comments', () => {
    const examples = /^( +)# (?=- \{ id: |maintenance: |enabled: |disabledReason: |webhooks: |policy: )/gm
    const taken = TEXT.replaceAll(examples, '$1')
    expect(taken.length).toBeLessThan(TEXT.length - 20)
    const parsed = parseConfig(taken, 'sandbox.yaml')
    expect(problems(parsed)).toEqual([])
    const kinds = parsed.ok ? parsed.config.policy.rules.map(({ kind }) => kind) : []
    expect(new Set(kinds)).toEqual(
      new Set(['prefer', 'deny', 'require', 'avoid', 'order', 'split', 'sticky', 'least_cost', 'commit']),
    )
  })

  it('names the six sandbox upstreams on loopback, two acquirers of one tender among them', () => {
    const parsed = parseConfig(TEXT, 'sandbox.yaml')
    const routes = parsed.ok ? parsed.config.routes : []
    expect(routes.map(({ id, connector }) => `${id} ${connector.baseUrl}`)).toEqual(
      ['jd_baitiao', 'card_a', 'card_b', 'flash_pay', 'wallet', 'balance'].map(
        (id, index) => `${id} http://127.0.0.1:${7001 + index}`,
      ),
    )
    expect(routes.filter(({ tender }) => tender === 'card')).toHaveLength(2)
  })
})
