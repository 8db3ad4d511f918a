import { describe, expect, it } from 'vitest'
import { diffConfigs, formatChange } from '../../../src/config/diff.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { sampleConfig } from '../../support/sample-config.ts'

function changes(change: (input: ConfigInput) => void): string[] {
  return diffConfigs(sampleConfig(), sampleConfig(change)).map(formatChange)
}

describe('what changes between two configurations', () => {
  it('is nothing when only defaults are written out', () => {
    expect(changes(input => Object.assign(input, { policy: { attemptsMax: 3 } }))).toEqual([])
  })

  it('names entries by their id, with the old and the new value', () => {
    expect(changes(input => Object.assign(input.routes[1] ?? {}, { cost: { fixed: 10 } }))).toEqual([
      '~ routes[card_a].cost.fixed: 0 -> 10',
    ])
    expect(changes(input => Object.assign(input, { policy: { economics: { marginBps: 5 } } }))).toEqual([
      '~ policy.economics.marginBps: 1000 -> 5',
    ])
  })

  it('tells what is new and what is gone', () => {
    expect(changes(input => input.routes.splice(1, 1))).toEqual([
      expect.stringMatching(/^- routes\[card_a\]: \{"id":"card_a"/),
    ])
    expect(changes(input => Object.assign(input.routes[0] ?? {}, { lender: 'L' }))).toEqual([
      '+ routes[credit_a].lender: "L"',
    ])
    const rules = [{ id: 'r', kind: 'order' as const, routes: ['card_b'] }]
    expect(changes(input => Object.assign(input, { policy: { rules } }))).toEqual([
      expect.stringMatching(/^\+ policy\.rules\[r\]/),
    ])
  })

  it('tells a move as a move, not as a rewrite of everything behind it', () => {
    expect(changes(input => input.routes.reverse())).toEqual([
      '~ routes (order): ["credit_a","card_a","card_b"] -> ["card_b","card_a","credit_a"]',
    ])
  })
})
