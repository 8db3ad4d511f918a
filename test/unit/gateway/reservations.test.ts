import { describe, expect, it } from 'vitest'
import { readDecision } from '../../../src/core/decision-record.ts'
import type { PayerFacts } from '../../../src/core/eligibility/facts.ts'
import type { OperationKind } from '../../../src/core/payment/payment.ts'
import { begin } from '../../../src/gateway/begin.ts'
import { operate } from '../../../src/gateway/operations.ts'
import { recordEvidence } from '../../../src/gateway/evidence.ts'
import { carryOut } from '../../../src/gateway/pay.ts'
import type { FactsSettings, Pools } from '../../../src/gateway/runtime.ts'
import type { Answer } from '../../../src/gateway/step.ts'
import { approved, authorized, canceled, declined, unknown } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts'
import { accepting, CNY, NOON, sampleRoute } from '../../support/samples.ts'
import type { ConnectorScript } from '../../support/scripted-connector.ts'

const baitiao = sampleRoute('baitiao', {
  tender: 'credit',
  needsFacts: true,
  pool: 'baitiao',
  capability: { instalments: [3] },
})
const card = sampleRoute('card_a')

const provider = (change: Partial<PayerFacts> = {}): FactsSettings => ({
  provider: {
    facts: async () => ({
      kind: 'known',
      facts: {
        activated: true,
        frozen: false,
        availableCredit: 150_000,
        daysPastDue: 0,
        asOf: NOON,
        ...change,
      },
    }),
  },
  timeoutMs: 500,
  freshSeconds: 30,
  staleSeconds: 300,
  negativeSeconds: 10,
})

/** A pool with one source; its snapshot always says yes, so that only the journal can refuse. */
const pools: Pools = {
  verdict: () => ({ allowed: true, reasons: [], shadowBps: 0 }),
  reservation: ({ pool }, context) =>
    pool === undefined ? undefined : { pool, legs: [{ source: 'own', value: context.amount.value }] },
}

async function lending(cap: number, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const test = buildTestGateway({
    routes: [baitiao, card],
    facts: { baitiao: provider() },
    pools,
    ...options,
  })
  await test.gateway.ports.journal.declareFunds('baitiao', 'own', cap)
  return test
}

/** Pays with credit, then card. The quote is taken for accepted. */
async function borrow(test: TestGateway, n = 1): Promise<Extract<Answer, { kind: 'answer' }>['payment']> {
  const context = { orderId: `o-${n}`, funding: accepting('credit', 'card') }
  const step = await begin(test.gateway, test.facts, test.command({ key: `key-${n}`, context }))
  const answer = await carryOut(test.clock, test.core, step)
  if (answer.kind !== 'answer') throw new Error('expected a payment')
  return answer.payment
}

const funds = async (test: TestGateway) => {
  const [source] = await test.gateway.ports.journal.listFunds()
  return { reserved: source?.reserved, used: source?.used }
}

describe('what an attempt reserves', () => {
  it('is held by the INTENT, before anything is sent', async () => {
    const seen: unknown[] = []
    const test: TestGateway = await lending(1_000_000, {
      connectorScripts: {
        baitiao: {
          pay: [
            async ({ amount }) => {
              seen.push(await funds(test))
              return { kind: 'approved', amount }
            },
          ],
        },
      },
    })
    await borrow(test)
    expect(seen).toEqual([{ reserved: 100_000, used: 0 }])
    expect(await funds(test)).toEqual({ reserved: 0, used: 100_000 })
  })

  it('is given back by a decline, in the write that opens the next attempt', async () => {
    const seen: unknown[] = []
    const test: TestGateway = await lending(1_000_000, {
      connectorScripts: {
        baitiao: { pay: [declined] },
        card_a: {
          pay: [
            async ({ amount }) => {
              seen.push(await funds(test))
              return { kind: 'approved', amount }
            },
          ],
        },
      },
    })
    expect(await borrow(test)).toMatchObject({ result: 'succeeded', attempts: [{}, { route: 'card_a' }] })
    expect(seen).toEqual([{ reserved: 0, used: 0 }])
  })

  it('stays with an unknown outcome until it is known', async () => {
    const test = await lending(1_000_000, { connectorScripts: { baitiao: { pay: [unknown] } } })
    const payment = await borrow(test)
    expect(await funds(test)).toEqual({ reserved: 100_000, used: 0 })
    const reference = payment.attempts[0]?.reference ?? ''
    const tell = (result: typeof declined) =>
      recordEvidence(test.gateway, test.facts, { reference, source: 'query', result, at: NOON })
    await tell(declined)
    expect(await funds(test)).toEqual({ reserved: 0, used: 0 })
    // A late approval has moved the money all the same; its reversal gives it back.
    await tell(approved())
    expect(await funds(test)).toEqual({ reserved: 0, used: 100_000 })
    await tell(canceled)
    expect(await funds(test)).toEqual({ reserved: 0, used: 0 })
  })
})

describe('a reservation that the journal refuses', () => {
  it('takes the payment to the next route, and nothing was sent to the first', async () => {
    const test = await lending(99_999)
    const payment = await borrow(test)
    expect(payment).toMatchObject({ result: 'succeeded', attempts: [{ route: 'card_a' }] })
    expect(test.connector('baitiao').sends).toEqual([])
    const row = await test.gateway.ports.journal.findDecision('demo', payment.decision)
    expect(readDecision(row?.body ?? '').candidates[0]).toMatchObject({
      route: 'baitiao',
      reasons: ['LIQ_DAILY_CAPACITY'],
    })
  })

  it('on a failover takes it to the one after', async () => {
    const wallet = sampleRoute('wallet', { tender: 'wallet' })
    const test = await lending(99_999, {
      routes: [card, baitiao, wallet],
      connectorScripts: { card_a: { pay: [declined] } },
    })
    const step = await begin(
      test.gateway,
      test.facts,
      test.command({ context: { funding: accepting('card', 'credit', 'wallet') } }),
    )
    expect(await carryOut(test.clock, test.core, step)).toMatchObject({
      payment: { result: 'succeeded', attempts: [{ route: 'card_a' }, { route: 'wallet' }] },
    })
  })

  it('gives the breaker its permit back', async () => {
    const test = await lending(99_999, { breaker: { volumeThreshold: 2 } })
    for (let n = 1; n <= 5; n++) await borrow(test, n)
    await test.clock.advance(60_001)
    expect(test.gateway.ports.breaker.state('baitiao')).toBe('closed')
  })
})

describe("the payer's credit", () => {
  it('is not lent twice to payments at once, whatever the facts in the cache say', async () => {
    const test = await lending(1_000_000)
    const payments = await Promise.all([1, 2, 3].map(n => borrow(test, n)))
    const lent = payments.flatMap(({ attempts }) => attempts).filter(({ route }) => route === 'baitiao')
    expect(lent).toHaveLength(1)
    expect(payments.every(({ result }) => result === 'succeeded')).toBe(true)
    const refused = payments.find(({ attempts }) => attempts[0]?.route === 'card_a')
    const row = await test.gateway.ports.journal.findDecision('demo', refused?.decision ?? '')
    expect(readDecision(row?.body ?? '').candidates[0]?.reasons).toEqual(['CRD_LIMIT_INSUFFICIENT'])
  })

  it('counts our own approvals that a lender with a fast clock claims to know', async () => {
    const test = await lending(1_000_000, { facts: { baitiao: provider({ asOf: NOON + 600_000 }) } })
    expect((await borrow(test, 1)).attempts[0]?.route).toBe('baitiao')
    await test.clock.advance(1_000)
    await test.facts.invalidate(test.gateway.runtime(), 'demo', 'u-1', 'CNY', 'baitiao')
    expect((await borrow(test, 2)).attempts[0]?.route).toBe('baitiao')
  })

  it('is asked for anew after it was drawn on or given back, not read from the cache', async () => {
    let asked = 0
    const { provider: inner, ...settings } = provider()
    const counting: FactsSettings = {
      ...settings,
      provider: {
        facts: (...args) => {
          asked++
          return inner.facts(...args)
        },
      },
    }
    const test = await lending(1_000_000, {
      facts: { baitiao: counting },
      connectorScripts: { baitiao: { pay: [approved(), declined] } },
    })
    const payment = await borrow(test, 1)
    await borrow(test, 2)
    expect(asked).toBe(2)
    await borrow(test, 3)
    expect(asked).toBe(2)
    const reference = payment.attempts[0]?.reference ?? ''
    const evidence = { reference, source: 'query', result: canceled, at: NOON } as const
    await recordEvidence(test.gateway, test.facts, evidence)
    await borrow(test, 4)
    expect(asked).toBe(3)
  })
})

describe('what an authorization has reserved', () => {
  /** A purchase on credit of 100,000 that is authorized and not captured yet. */
  async function authorizedOnCredit(script: ConnectorScript = {}) {
    const lendingRoute = { ...baitiao, capability: { ...baitiao.capability, cancel: ['void'] as const } }
    const test = await lending(1_000_000, {
      routes: [lendingRoute],
      connectorScripts: { baitiao: { pay: [authorized()], ...script } },
    })
    // Later than what the lender knows.
    await test.clock.advance(1_000)
    const context = { capture: 'manual' as const, funding: accepting('credit') }
    const step = await begin(test.gateway, test.facts, test.command({ context }))
    const answer = await carryOut(test.clock, test.core, step)
    if (answer.kind !== 'answer') throw new Error('expected a payment')
    let keys = 0
    const operation = (kind: OperationKind, value?: number, final?: boolean) =>
      operate(test.gateway, {
        tenant: 'demo',
        payment: answer.payment.id,
        kind,
        key: { key: `op-${++keys}`, fingerprint: 'f' },
        ...(value === undefined ? {} : { amount: CNY(value) }),
        ...(final === undefined ? {} : { final }),
      })
    /** Whether the payer, who has 150,000, may borrow so much more by what the lender knew before. */
    const mayBorrow = async (amount: number, n: number): Promise<boolean> => {
      const command = test.command({
        key: `more-${n}`,
        context: { orderId: `more-${n}`, amount: CNY(amount), funding: accepting('credit') },
      })
      const more = await begin(test.gateway, test.facts, command)
      return more.kind === 'send'
    }
    return { test, operation, mayBorrow }
  }

  it('is given back when it is voided', async () => {
    const { test, operation, mayBorrow } = await authorizedOnCredit()
    expect(await funds(test)).toEqual({ reserved: 0, used: 100_000 })
    expect(await mayBorrow(50_001, 1)).toBe(false)
    await operation('void')
    expect(await funds(test)).toEqual({ reserved: 0, used: 0 })
    expect(await mayBorrow(150_000, 2)).toBe(true)
  })

  it('stays while the void is not known to have worked', async () => {
    const { test, operation } = await authorizedOnCredit({ cancel: [unknown] })
    await operation('void')
    expect(await funds(test)).toEqual({ reserved: 0, used: 100_000 })
  })

  it('stays while more may be captured', async () => {
    const { test, operation } = await authorizedOnCredit()
    await operation('capture', 30_000)
    expect(await funds(test)).toEqual({ reserved: 0, used: 100_000 })
  })

  it('is no more than what was captured after the last capture', async () => {
    const { test, operation, mayBorrow } = await authorizedOnCredit()
    await operation('capture', 30_000)
    await operation('capture', 10_000, true)
    expect(await funds(test)).toEqual({ reserved: 0, used: 40_000 })
    expect(await mayBorrow(110_001, 1)).toBe(false)
    expect(await mayBorrow(110_000, 2)).toBe(true)
  })

  it('allows no capture beside or after the last one, unless that has failed', async () => {
    const { operation } = await authorizedOnCredit()
    await operation('capture', 30_000, true)
    expect(await operation('capture', 1)).toEqual({ kind: 'refused', code: 'state_conflict' })
    expect(await operation('capture')).toEqual({ kind: 'refused', code: 'state_conflict' })
    const other = await authorizedOnCredit()
    Object.assign(other.test.connector('baitiao'), { capture: async () => ({ kind: 'declined' }) })
    await other.operation('capture', 30_000, true)
    expect(await funds(other.test)).toEqual({ reserved: 0, used: 100_000 })
    expect((await other.operation('capture', 30_000)).kind).toBe('done')
  })
})
