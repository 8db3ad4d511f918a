import type { Pool } from '../../src/core/liquidity/types.ts'
import type { PaymentContext } from '../../src/core/payment/context.ts'
import type { Payment } from '../../src/core/payment/payment.ts'
import { begin } from '../../src/gateway/begin.ts'
import { carryOut } from '../../src/gateway/pay.ts'
import type { PoolRuntime } from '../../src/gateway/runtime.ts'
import { buildTestGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts'
import { CNY, sampleContext, sampleRoute } from './samples.ts'

/** A credit route over the pool, and a card beside it. */
export const baitiao = sampleRoute('baitiao', {
  tender: 'credit',
  pool: 'main',
  capability: { instalments: [1, 3, 12, 24] },
})
export const card = sampleRoute('card_a')

/** A pool with one source, unless told otherwise. */
export const pool = (change: Partial<Pool> = {}): PoolRuntime => ({
  pool: {
    id: 'main',
    currency: 'CNY',
    sources: [{ id: 'own', kind: 'own_funds', cap: 1_000_000, annualCostBps: 300 }],
    ...change,
  },
  evaluateSeconds: 60,
  utcOffsetMinutes: 480,
})

/** A gateway whose pool has been looked at once. */
export async function lending(config: PoolRuntime, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const test = buildTestGateway({ routes: [baitiao, card], fundPools: [config], ...options })
  await test.funding.refresh()
  return test
}

/** A payment that takes credit first, then a card. */
export const credit = (value: number, instalments = 3, n = 1): Partial<PaymentContext> => ({
  orderId: `o-${n}`,
  amount: CNY(value),
  funding: { accept: [{ tender: 'credit', instalments, quote: 'quo_1' }, { tender: 'card' }] },
})

/** The quote is taken for accepted. */
export async function pay(test: TestGateway, value: number, n: number, instalments = 3): Promise<Payment> {
  const command = test.command({ key: `k-${n}`, context: credit(value, instalments, n) })
  const answer = await carryOut(test.clock, test.core, await begin(test.gateway, test.facts, command))
  if (answer.kind !== 'answer') throw new Error('expected a payment')
  return answer.payment
}

/** What the pool says of a payment now. */
export const verdict = (test: TestGateway, value = 100, instalments?: number, highGrade = false) => {
  const accept =
    instalments === undefined ? [{ tender: 'credit' as const }] : [{ tender: 'credit' as const, instalments }]
  const context = sampleContext({ amount: CNY(value), funding: { accept } })
  return test.funding.verdict(baitiao, context, test.clock.now(), highGrade)
}

/** Evaluations at the pool's own pace; the level follows when two of three agree. */
export async function evaluations(test: TestGateway, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await test.clock.advance(60_000)
    await test.funding.refresh()
  }
}

export const level = (test: TestGateway) => test.funding.views()[0]?.level
