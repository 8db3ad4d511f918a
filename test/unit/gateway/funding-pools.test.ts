import { describe, expect, it } from 'vitest'
import type { Pool } from '../../../src/core/liquidity/types.ts'
import { resolveSecrets } from '../../../src/config/secrets.ts'
import type { Outside } from '../../../src/entry/outside.ts'
import { buildGeneration } from '../../../src/entry/runtime.ts'
import { unknown } from '../../support/evidence.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { sampleConfig } from '../../support/sample-config.ts'
import {
  baitiao,
  card,
  credit,
  evaluations,
  lending,
  level,
  pay,
  pool,
  verdict,
} from '../../support/lending-pool.ts'
import { NOON, sampleContext } from '../../support/samples.ts'

const HOUR_MS = 3_600_000

const NOWHERE = {
  connector: () => ({}),
  eligibility: () => ({}),
  notifications: () => ({}),
} as unknown as Outside

const TWO: Pool['sources'] = [
  { id: 'own', kind: 'own_funds', cap: 100_000, annualCostBps: 300 },
  { id: 'bank', kind: 'loan_facilitation', cap: 500_000, annualCostBps: 900 },
]

describe('the funding pools of the gateway', () => {
  it('reserve in the journal what an attempt lends, and count it as used when it is approved', async () => {
    const test = await lending(pool())
    await pay(test, 40_000, 1)
    expect(await test.gateway.ports.journal.listFunds()).toEqual([
      { pool: 'main', source: 'own', cap: 1_000_000, reserved: 0, used: 40_000 },
    ])
  })

  it('lend from the cheapest source and go on to the next when another instance was quicker', async () => {
    const test = await lending(pool({ sources: TWO }))
    // Not seen by the snapshot: the first choice is gone when the INTENT is written.
    await test.gateway.ports.journal.moveFunds({
      id: 'm-1',
      pool: 'main',
      source: 'own',
      kind: 'drawdown',
      value: 90_000,
      at: NOON,
    })
    const payment = await pay(test, 20_000, 1)
    expect(payment.attempts.map(({ route }) => route)).toEqual(['baitiao'])
    const funds = await test.gateway.ports.journal.listFunds()
    expect(funds.map(({ source, used }) => [source, used])).toEqual([
      ['bank', 20_000],
      ['own', 90_000],
    ])
  })

  it('send nothing when no source can carry the loan any more, and go on with another tender', async () => {
    const test = await lending(pool({ sources: TWO }))
    const move = { pool: 'main', kind: 'cap_change' as const, value: 10, at: NOON }
    await test.gateway.ports.journal.moveFunds({ ...move, id: 'm-1', source: 'own' })
    await test.gateway.ports.journal.moveFunds({ ...move, id: 'm-2', source: 'bank' })
    const payment = await pay(test, 20_000, 1)
    expect(payment.attempts.map(({ route }) => route)).toEqual(['card_a'])
    expect(payment.considered.find(({ route }) => route === 'baitiao')?.reasons).toEqual([
      'LIQ_AMOUNT_RESTRICTED',
    ])
  })

  it('spread own reservations before the journal is read again', async () => {
    const test = await lending(pool({ sources: TWO }))
    const context = sampleContext(credit(80_000))
    const first = test.funding.reservation(baitiao, context, NOON)
    const second = test.funding.reservation(baitiao, context, NOON)
    expect([first, second].map(funds => funds?.legs.map(({ source }) => source))).toEqual([['own'], ['bank']])
  })

  // config-key: pools.sources.dailyQuota, pools.utcOffsetMinutes
  it('hold a daily quota in the journal, and open a new one at the midnight of the funder', async () => {
    const source = {
      id: 'own',
      kind: 'own_funds' as const,
      cap: 1_000_000,
      annualCostBps: 0,
      dailyQuota: 50_000,
    }
    const test = await lending(pool({ sources: [source] }))
    await pay(test, 30_000, 1)
    await test.funding.refresh()
    expect(verdict(test, 30_000)?.reasons).toEqual(['LIQ_AMOUNT_RESTRICTED'])
    // Even a snapshot that knows nothing of it cannot lend more than the quota.
    const blind = await lending(pool({ sources: [source] }), { journal: test.flaky.journal, seed: 2 })
    await pay(test, 15_000, 2)
    expect((await pay(blind, 15_000, 3)).attempts.map(({ route }) => route)).toEqual(['card_a'])
    // Noon in UTC is 20:00 in China: four hours to midnight.
    await test.clock.advance(4 * HOUR_MS - 60_000)
    await test.funding.refresh()
    expect(verdict(test, 30_000)?.allowed).toBe(false)
    await test.clock.advance(60_000)
    await test.funding.refresh()
    expect(verdict(test, 30_000)?.allowed).toBe(true)
  })

  // config-key: pools.sources.cap
  it('take a cap from the configuration once, and keep what a movement has set since', async () => {
    const test = await lending(pool())
    expect(
      await test.funding.move({ id: 'm-1', pool: 'main', source: 'own', kind: 'cap_change', value: 70 }),
    ).toBe('applied')
    const restarted = await lending(pool(), { journal: test.flaky.journal })
    expect(restarted.funding.views()[0]?.sources[0]?.cap).toBe(70)
    const raised = pool({ sources: [{ id: 'own', kind: 'own_funds', cap: 2_000_000, annualCostBps: 300 }] })
    const changed = await lending(raised, { journal: test.flaky.journal })
    expect(changed.funding.views()[0]?.sources[0]?.cap).toBe(2_000_000)
  })

  it('apply a movement once', async () => {
    const test = await lending(pool())
    await pay(test, 40_000, 1)
    const repaid = { id: 'm-1', pool: 'main', source: 'own', kind: 'repayment' as const, value: 30_000 }
    expect([await test.funding.move(repaid), await test.funding.move(repaid)]).toEqual([
      'applied',
      'duplicate',
    ])
    expect(test.funding.views()[0]?.sources[0]?.used).toBe(10_000)
    expect(await test.funding.move({ ...repaid, id: 'm-2' })).toBe('refused')
    expect(await test.funding.move({ ...repaid, id: 'm-3', source: 'nobody' })).toBe('unknown')
  })

  // config-key: pools.sources.termsMax, pools.sources.ticketMax
  it('offer only terms and amounts that a funder takes', async () => {
    const source = {
      id: 'own',
      kind: 'own_funds' as const,
      cap: 1_000_000,
      annualCostBps: 0,
      termsMax: 12,
      ticketMax: 50_000,
    }
    const test = await lending(pool({ sources: [source] }))
    expect(verdict(test)).toMatchObject({ allowed: true, terms: [1, 3, 12] })
    expect(verdict(test, 100, 24)).toMatchObject({ allowed: false, reasons: ['LIQ_TERM_SUSPENDED'] })
    expect(verdict(test, 50_001)).toMatchObject({ allowed: false, reasons: ['LIQ_AMOUNT_RESTRICTED'] })
  })

  // config-key: pools.sources.shareMaxBps
  it('keep a funder within its share', async () => {
    const [own, bank] = TWO as [Pool['sources'][number], Pool['sources'][number]]
    const test = await lending(pool({ sources: [{ ...own, shareMaxBps: 1_000 }, bank] }))
    const funds = test.funding.reservation(baitiao, sampleContext(credit(50_000)), NOON)
    expect(funds?.legs).toEqual([{ source: 'bank', value: 50_000 }])
  })

  // config-key: pools.sources.ownSource, pools.sources.ownShareBps, pools.sources.annualCostBps
  it('take both parts of a joint loan, from the cheaper kind of money', async () => {
    const joint = {
      id: 'joint',
      kind: 'joint_loan' as const,
      cap: 1_000_000,
      annualCostBps: 100,
      ownSource: 'own',
      ownShareBps: 4_000,
    }
    const own = { id: 'own', kind: 'own_funds' as const, cap: 1_000_000, annualCostBps: 300 }
    const test = await lending(pool({ sources: [own, joint] }))
    await pay(test, 10_001, 1)
    expect((await test.gateway.ports.journal.listFunds()).map(({ source, used }) => [source, used])).toEqual([
      ['joint', 6_000],
      ['own', 4_001],
    ])
  })

  it('drop long terms first, then all but small loans of known payers, then credit, and come back', async () => {
    const test = await lending(pool())
    const drawn = (id: string, value: number) =>
      test.funding.move({ id, pool: 'main', source: 'own', kind: 'drawdown', value })
    await drawn('m-1', 820_000)
    expect(verdict(test)?.shadowBps).toBeGreaterThan(0)
    await evaluations(test, 2)
    expect(level(test)).toBe('amber')
    expect(verdict(test)).toMatchObject({ allowed: true, terms: [1, 3, 12] })
    expect(verdict(test, 100, 24)?.reasons).toEqual(['LIQ_TERM_SUSPENDED'])
    await drawn('m-2', 110_000)
    await evaluations(test, 2)
    expect(level(test)).toBe('red')
    expect(verdict(test, 100, 3)?.reasons).toEqual(['LIQ_DAILY_CAPACITY'])
    expect(verdict(test, 100, 3, true)).toMatchObject({ allowed: true, terms: [1, 3] })
    await drawn('m-3', 70_000)
    // Full is told at once.
    expect(level(test)).toBe('black')
    expect(verdict(test, 100, 3, true)?.reasons).toEqual(['LIQ_DAILY_CAPACITY'])
    await test.funding.move({ id: 'm-4', pool: 'main', source: 'own', kind: 'repayment', value: 900_000 })
    await evaluations(test, 3)
    expect(level(test)).toBe('green')
  })

  it('tell every tenant of a change of level once, however many instances watch', async () => {
    const webhooks = [
      { id: 'demo/0', events: ['*'] },
      { id: 'demo/1', events: ['payment.succeeded'] },
    ]
    const test = await lending(pool(), { webhooks })
    const other = await lending(pool(), { webhooks, journal: test.flaky.journal, clock: test.clock, seed: 2 })
    await test.funding.move({ id: 'm-1', pool: 'main', source: 'own', kind: 'drawdown', value: 950_000 })
    for (let i = 0; i < 4; i++) {
      await test.clock.advance(60_000)
      await Promise.all([test.funding.refresh(), other.funding.refresh()])
    }
    expect([level(test), level(other)]).toEqual(['red', 'red'])
    const all = await test.gateway.ports.journal.claimOutbox(50, 1_000)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const told = all.filter(({ type }) => type === 'liquidity.level_changed')
    expect(told.map(({ endpoint, type }) => [endpoint, type])).toEqual([
      ['demo/0', 'liquidity.level_changed'],
    ])
    expect(JSON.parse(told[0]?.body ?? '').data).toMatchObject({
      pool: 'main',
      previous: 'green',
      level: 'red',
    })
  })

  // config-key: pools.evaluateSeconds
  it('evaluate at the pace of the pool', async () => {
    const slow = { ...pool(), evaluateSeconds: 600 }
    const test = await lending(slow)
    await test.funding.move({ id: 'm-1', pool: 'main', source: 'own', kind: 'drawdown', value: 950_000 })
    await evaluations(test, 9)
    expect(level(test)).toBe('green')
    await evaluations(test, 11)
    expect(level(test)).toBe('red')
  })

  it('show utilisation, level, runway and indicators as metrics', async () => {
    const test = await lending(pool())
    await test.funding.tell('main', { rollRateChange: 0.5 })
    await pay(test, 500_000, 1)
    await evaluations(test, 1)
    const shown = test.events.findLast(event => event.kind === 'pool')
    expect(shown).toMatchObject({ pool: 'main', utilization: 0.5, level: 'green' })
    expect(shown).toMatchObject({ bands: { utilization: 'green', rollRateChange: 'red' } })
    expect(shown?.kind === 'pool' ? shown.runwaySeconds : 0).toBeLessThan(7 * 86_400)
  })

  it('count what has no answer yet as an early warning', async () => {
    const test = await lending(pool(), { connectorScripts: { baitiao: { pay: [unknown] } } })
    await pay(test, 40_000, 1)
    await evaluations(test, 1)
    const exposure = test.funding.views()[0]?.indicators.find(({ id }) => id === 'unknownExposureShare')
    expect(exposure).toEqual({ id: 'unknownExposureShare', value: 0.04, band: 'red' })
  })

  // config-key: pools.sources.revolvingUntil
  it('lend nothing from a deal that no longer revolves, and say that it is not the customer', async () => {
    const deal = {
      id: 'deal',
      kind: 'abs' as const,
      cap: 1_000_000,
      annualCostBps: 0,
      revolvingUntilMs: NOON + HOUR_MS,
      nplTriggerBps: 500,
    }
    const test = await lending(pool({ sources: [deal] }))
    expect(verdict(test)?.allowed).toBe(true)
    await test.clock.advance(HOUR_MS)
    await test.funding.refresh()
    expect(verdict(test)?.reasons).toEqual(['LIQ_PARTNER_UNAVAILABLE'])
  })

  it('lend nothing before the journal has been read', () => {
    const test = buildTestGateway({ routes: [baitiao, card], fundPools: [pool()] })
    expect(verdict(test)?.reasons).toEqual(['LIQ_PARTNER_UNAVAILABLE'])
  })

  // config-key: pools.id, pools.currency, pools.sources.id, pools.sources.kind=own_funds, pools.sources.kind=abs, pools.sources.kind=joint_loan, pools.sources.kind=loan_facilitation
  it('are those of the configuration', () => {
    const terms = { cap: 10, annualCostBps: 20, dailyQuota: 30, termsMax: 12, ticketMax: 40, shareMaxBps: 50 }
    const own = { ...terms, id: 'own', kind: 'own_funds' as const }
    const joint = { ...terms, id: 'j', kind: 'joint_loan' as const, ownSource: 'own', ownShareBps: 3_100 }
    const bank = { ...terms, id: 'b', kind: 'loan_facilitation' as const }
    const deal = { ...terms, id: 'd', kind: 'abs' as const, nplTriggerBps: 600 }
    const revolvingUntil = '2027-01-01T00:00:00+08:00'
    const config = sampleConfig(input => {
      input.pools = [
        {
          id: 'main',
          currency: 'CNY',
          sources: [own, joint, bank, { ...deal, revolvingUntil }],
          evaluateSeconds: 7,
          utcOffsetMinutes: 60,
        },
      ]
    })
    const resolved = resolveSecrets(config, { DEMO_API_KEY: 'k'.repeat(40) })
    if (!resolved.ok) throw new Error(resolved.problems.join())
    expect(buildGeneration(config, 'v', resolved.secrets, NOWHERE).runtime.pools).toEqual([
      {
        pool: {
          id: 'main',
          currency: 'CNY',
          sources: [own, joint, bank, { ...deal, revolvingUntilMs: Date.parse(revolvingUntil) }],
        },
        evaluateSeconds: 7,
        utcOffsetMinutes: 60,
      },
    ])
  })
})
