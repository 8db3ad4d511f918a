import { describe, expect, it } from 'vitest'
import { poolOf } from '../../../src/config/pool-of.ts'
import type { PoolConfig } from '../../../src/config/schema-pool.ts'
import { sampleConfig } from '../../support/sample-config.ts'

describe('a configured pool', () => {
  it('reaches the core with every term of its sources, instants in Unix ms', () => {
    const [pool] = sampleConfig(input => {
      input.pools?.[0]?.sources.push(
        {
          id: 'bank',
          kind: 'joint_loan',
          cap: 5,
          ownSource: 'own',
          annualCostBps: 400,
          dailyQuota: 4,
          termsMax: 12,
        },
        {
          id: 'deal',
          kind: 'abs',
          cap: 6,
          revolvingUntil: '2026-07-01T00:00:00+08:00',
          ticketMax: 3,
          shareMaxBps: 2_000,
        },
      )
    }).pools
    expect(poolOf(pool as PoolConfig)).toEqual({
      id: 'main',
      currency: 'CNY',
      sources: [
        { id: 'own', kind: 'own_funds', cap: 1_000_000, annualCostBps: 0 },
        {
          id: 'bank',
          kind: 'joint_loan',
          cap: 5,
          annualCostBps: 400,
          dailyQuota: 4,
          termsMax: 12,
          ownSource: 'own',
          ownShareBps: 3_000,
        },
        {
          id: 'deal',
          kind: 'abs',
          cap: 6,
          annualCostBps: 0,
          ticketMax: 3,
          shareMaxBps: 2_000,
          nplTriggerBps: 500,
          revolvingUntilMs: Date.UTC(2026, 5, 30, 16),
        },
      ],
    })
  })
})
