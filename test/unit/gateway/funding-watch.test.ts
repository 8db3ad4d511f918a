import { describe, expect, it } from 'vitest'
import type { Pool } from '../../../src/core/liquidity/types.ts'
import type { PaymentContext } from '../../../src/core/payment/context.ts'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { begin } from '../../../src/gateway/begin.ts'
import { carryOut } from '../../../src/gateway/pay.ts'
import type { PoolRuntime } from '../../../src/gateway/runtime.ts'
import { buildTestGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts'
import { CNY, NOON, sampleContext, sampleRoute } from '../../support/samples.ts'

const HOUR_MS = 3_600_000

const baitiao = sampleRoute('baitiao', {
  tender: 'credit',
  pool: 'main',
  capability: { instalments: [1, 3, 12, 24] },
})
const card = sampleRoute('card_a')

const pool = (change: Partial<Pool> = {}): PoolRuntime => ({
  pool: {
    id: 'main',
    currency: 'CNY',
    sources: [{ id: 'own', kind: 'own_funds', cap: 1_000_000, annualCostBps: 300 }],
    ...change,
  },
  evaluateSeconds: 60,
  utcOffsetMinutes: 480,
})

async function lending(config: PoolRuntime, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const test = buildTestGateway({ routes: [baitiao, card], fundPools: [config], ...options })
  await test.funding.refresh()
  return test
}

const credit = (value: number, instalments = 3, n = 1): Partial<PaymentContext> => ({
  orderId: `o-${n}`,
  amount: CNY(value),
  funding: { accept: [{ tender: 'credit', instalments, quote: 'quo_1' }, { tender: 'card' }] },
})

/** The quote is taken for accepted. */
async function pay(test: TestGateway, value: number, n: number, instalments = 3): Promise<Payment> {
  const command = test.command({ key: `k-${n}`, context: credit(value, instalments, n) })
  const answer = await carryOut(test.clock, test.core, await begin(test.gateway, test.facts, command))
  if (answer.kind !== 'answer') throw new Error('expected a payment')
  return answer.payment
}

const verdict = (test: TestGateway, value = 100, instalments?: number, highGrade = false) => {
  const accept =
    instalments === undefined ? [{ tender: 'credit' as const }] : [{ tender: 'credit' as const, instalments }]
  const context = sampleContext({ amount: CNY(value), funding: { accept } })
  return test.funding.verdict(baitiao, context, test.clock.now(), highGrade)
}

/** Evaluations at the pool's own pace; the level follows when two of three agree. */
async function evaluations(test: TestGateway, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await test.clock.advance(60_000)
    await test.funding.refresh()
  }
}

const level = (test: TestGateway) => test.funding.views()[0]?.level

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
