import { describe, expect, it } from 'vitest'
import { evaluations, lending, level, pay, pool, verdict } from '../../support/lending-pool.ts'
import { NOON } from '../../support/samples.ts'

const HOUR_MS = 3_600_000

describe('the watch over funding pools', () => {
  it('warn of an indicator that enters another band once, though the level does not follow it', async () => {
    const webhooks = [{ id: 'demo/0', events: ['liquidity.indicator_changed'] }]
    const test = await lending(pool(), { webhooks })
    await test.funding.tell('main', { balance: { netAssets: 100, nonStandardDebt: 90 } })
    await evaluations(test, 4)
    const told = await test.gateway.ports.journal.claimOutbox(50, 1_000)
    expect(told.map(({ body }) => JSON.parse(body).data)).toEqual([
      {
        pool: 'main',
        indicator: 'nonStandardLeverage',
        band: 'amber',
        previous: 'green',
        value: 0.9,
        text: {
          en: 'The early-warning indicator nonStandardLeverage of main is amber.',
          'zh-CN': '资金池 main 的预警指标 nonStandardLeverage 为黄色。',
        },
      },
    ])
    expect(level(test)).toBe('green')
  })

  // config-key: pools.sources.nplTriggerBps
  it('close a deal whose receivables have reached its trigger, until the funder sets a cap anew', async () => {
    const deal = {
      id: 'deal',
      kind: 'abs' as const,
      cap: 1_000_000,
      annualCostBps: 0,
      revolvingUntilMs: NOON + 1_000 * HOUR_MS,
      nplTriggerBps: 500,
    }
    const test = await lending(pool({ sources: [deal] }))
    await test.funding.tell('main', { balance: { nplBps: { deal: 499 } } })
    expect(verdict(test)?.allowed).toBe(true)
    await test.funding.tell('main', { balance: { nplBps: { deal: 500 } } })
    expect(verdict(test)?.reasons).toEqual(['LIQ_PARTNER_UNAVAILABLE'])
    expect((await pay(test, 100, 1)).attempts.map(({ route }) => route)).toEqual(['card_a'])
    await test.funding.move({ id: 'm-1', pool: 'main', source: 'deal', kind: 'cap_change', value: 1_000_000 })
    await evaluations(test, 3)
    expect(verdict(test)?.allowed).toBe(true)
  })

  it('tell repayments from a lack of demand', async () => {
    const test = await lending(pool())
    await test.funding.move({ id: 'm-1', pool: 'main', source: 'own', kind: 'drawdown', value: 500_000 })
    await evaluations(test, 1)
    await test.funding.move({ id: 'm-2', pool: 'main', source: 'own', kind: 'repayment', value: 300_000 })
    await pay(test, 200_000, 1)
    await evaluations(test, 1)
    const row = await test.gateway.ports.journal.getRecord('pool_watch', 'main')
    const { lent, repaid } = JSON.parse(row?.body ?? '').monitor
    expect([Math.round(lent.day / 1_000), Math.round(repaid.day / 1_000)]).toEqual([200, 300])
  })

  it('show the demand that is expected, and how well that was foreseen so far', async () => {
    const test = await lending(pool())
    const forecast = () => test.funding.views()[0]?.forecast
    expect(forecast()).toEqual({ state: 'learning', hoursSeen: 0, hoursNeeded: 168 })
    for (let hour = 0; hour < 169; hour++) {
      if (hour % 2 === 0) await pay(test, 1_000, hour)
      await test.clock.advance(HOUR_MS)
      await test.funding.refresh()
    }
    const shown = forecast()
    if (shown?.state !== 'learned') throw new Error('expected a forecast')
    expect(shown.hours).toHaveLength(24)
    expect(shown.next24Hours.mean).toBeGreaterThan(8_000)
    expect(shown.backTest.hours).toBeGreaterThan(70)
    const told = test.events.findLast(event => event.kind === 'pool')
    expect(told?.kind === 'pool' && told.forecastError).toBe(shown.backTest.wape)
  })
})
