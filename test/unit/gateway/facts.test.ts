import { describe, expect, it } from 'vitest'
import type { FactState, PayerFacts } from '../../../src/core/eligibility/facts.ts'
import type { FactsSettings } from '../../../src/gateway/runtime.ts'
import type { FactsAnswer } from '../../../src/ports/eligibility-provider.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { NOON, sampleRoute } from '../../support/samples.ts'

const known = (change: Partial<PayerFacts> = {}): FactsAnswer => ({
  kind: 'known',
  facts: { activated: true, frozen: false, availableCredit: 1, daysPastDue: 0, asOf: NOON, ...change },
})
const unavailable: FactsAnswer = { kind: 'unavailable', cause: 'timeout' }

/** A lender that answers as told, with facts fresh for 30 s, stale until 300 s, and no payer remembered for 10 s. */
function lender() {
  const calls: string[] = []
  let answer: FactsAnswer | Promise<FactsAnswer> = known()
  const settings: FactsSettings = {
    provider: {
      facts: async (payer, currency) => {
        calls.push(`${payer} ${currency}`)
        return answer
      },
    },
    timeoutMs: 500,
    freshSeconds: 30,
    staleSeconds: 300,
    negativeSeconds: 10,
  }
  const routes = [sampleRoute('baitiao', { tender: 'credit', needsFacts: true }), sampleRoute('card_a')]
  const test = buildTestGateway({ routes, facts: { baitiao: settings } })
  const runtime = test.gateway.runtime()
  return {
    test,
    calls,
    says: (next: FactsAnswer | Promise<FactsAnswer>) => {
      answer = next
    },
    ask: async (paying: boolean, payer = 'u-1', currency = 'CNY', tenant = 'demo') => {
      const found = await test.facts.forPayer(runtime, tenant, payer, currency, routes, () =>
        paying ? 'fresh' : 'known',
      )
      return found.get('baitiao') as FactState
    },
    invalidate: () => test.facts.invalidate(runtime, 'demo', 'u-1', 'CNY', 'baitiao'),
    seconds: (n: number) => test.clock.advance(n * 1_000),
    results: () => test.events.flatMap(event => (event.kind === 'eligibility_cache' ? [event.result] : [])),
  }
}

describe('facts about a payer', () => {
  it('are asked for once and then read from the cache while they are fresh', async () => {
    const bank = lender()
    expect(await bank.ask(true)).toMatchObject({ kind: 'known', fresh: true })
    await bank.seconds(30)
    expect(await bank.ask(true)).toMatchObject({ kind: 'known', fresh: true })
    expect(bank.calls).toEqual(['u-1 CNY'])
    expect(bank.results()).toEqual(['miss', 'fresh'])
  })

  it('when stale serve a quote at once and are refreshed behind it', async () => {
    const bank = lender()
    await bank.ask(false)
    await bank.seconds(31)
    bank.says(known({ availableCredit: 2 }))
    expect(await bank.ask(false)).toMatchObject({ fresh: false, facts: { availableCredit: 1 } })
    await bank.seconds(0)
    expect(await bank.ask(false)).toMatchObject({ fresh: true, facts: { availableCredit: 2 } })
    expect(bank.calls).toHaveLength(2)
  })

  it('when stale do not serve a payment: it waits for fresh ones', async () => {
    const bank = lender()
    await bank.ask(true)
    await bank.seconds(31)
    bank.says(known({ availableCredit: 2 }))
    expect(await bank.ask(true)).toMatchObject({ fresh: true, facts: { availableCredit: 2 } })
  })

  it('stay stale for a payment when the lender is away, so that its gate closes', async () => {
    const bank = lender()
    await bank.ask(true)
    await bank.seconds(31)
    bank.says(unavailable)
    expect(await bank.ask(true)).toMatchObject({ kind: 'known', fresh: false })
  })

  it('are gone after the hard limit', async () => {
    const bank = lender()
    await bank.ask(false)
    bank.says(unavailable)
    await bank.seconds(300)
    expect(await bank.ask(false)).toMatchObject({ kind: 'known', fresh: false })
    await bank.seconds(1)
    expect(await bank.ask(false)).toEqual({ kind: 'unavailable' })
  })

  it('remember for a while that a payer is unknown', async () => {
    const bank = lender()
    bank.says({ kind: 'unknown_payer' })
    expect(await bank.ask(true)).toEqual({ kind: 'unknown_payer' })
    await bank.seconds(9)
    expect(await bank.ask(true)).toEqual({ kind: 'unknown_payer' })
    expect(bank.results()).toEqual(['miss', 'negative'])
    await bank.seconds(2)
    await bank.ask(true)
    expect(bank.calls).toHaveLength(2)
  })

  it('do not remember that the lender was away', async () => {
    const bank = lender()
    bank.says(unavailable)
    await bank.ask(true)
    bank.says(known())
    expect(await bank.ask(true)).toMatchObject({ kind: 'known', fresh: true })
  })

  it('are asked for once, however many wait', async () => {
    const bank = lender()
    const states = await Promise.all(Array.from({ length: 100 }, () => bank.ask(true)))
    expect(bank.calls).toHaveLength(1)
    expect(states.every(({ kind }) => kind === 'known')).toBe(true)
  })

  it('belong to one tenant, payer and currency', async () => {
    const bank = lender()
    await bank.ask(true)
    await bank.ask(true, 'u-2')
    await bank.ask(true, 'u-1', 'USD')
    await bank.ask(true, 'u-1', 'CNY', 'other')
    expect(bank.calls).toEqual(['u-1 CNY', 'u-2 CNY', 'u-1 USD', 'u-1 CNY'])
  })

  it('are asked for anew after an invalidation', async () => {
    const bank = lender()
    await bank.ask(true)
    await bank.invalidate()
    await bank.ask(true)
    expect(bank.calls).toHaveLength(2)
  })

  it('that were on their way during an invalidation are not kept', async () => {
    const bank = lender()
    const slow = Promise.withResolvers<FactsAnswer>()
    bank.says(slow.promise)
    const first = bank.ask(true)
    await bank.seconds(0)
    await bank.invalidate()
    bank.says(known({ availableCredit: 2 }))
    expect(await bank.ask(true)).toMatchObject({ facts: { availableCredit: 2 } })
    slow.resolve(known({ availableCredit: 1 }))
    await first
    expect(await bank.ask(true)).toMatchObject({ facts: { availableCredit: 2 } })
    expect(bank.calls).toHaveLength(2)
  })

  it('never know more than what had happened when they were asked for', async () => {
    const bank = lender()
    bank.says(known({ asOf: NOON + 600_000 }))
    expect(await bank.ask(true)).toMatchObject({ facts: { asOf: NOON } })
  })

  it('cost one round trip to the cache, however many routes need them', async () => {
    const ids = ['a', 'b', 'c']
    const routes = ids.map(id => sampleRoute(id, { tender: 'credit', needsFacts: true }))
    const provider = { facts: async () => known() }
    const settings = { provider, timeoutMs: 1, freshSeconds: 30, staleSeconds: 300, negativeSeconds: 10 }
    const test = buildTestGateway({ routes, facts: Object.fromEntries(ids.map(id => [id, settings])) })
    const { cache } = test.gateway.ports
    let trips = 0
    const getMany = cache.getMany.bind(cache)
    cache.getMany = keys => {
      trips++
      return getMany(keys)
    }
    await test.facts.forPayer(test.gateway.runtime(), 'demo', 'u-1', 'CNY', routes, () => 'fresh')
    expect(trips).toBe(1)
  })
})

describe('a payment by card where there is a lender too', () => {
  const stuck = new Promise<FactsAnswer>(() => undefined)
  const card = { funding: { accept: [{ tender: 'card' as const }] } }

  it('does not wait for the lender, which is asked all the same', async () => {
    const bank = lender()
    bank.says(stuck)
    const payment = await bank.test.paid({ context: card })
    expect(payment).toMatchObject({
      result: 'succeeded',
      // Nothing is said of the payer's credit or of the lender: nobody has looked.
      considered: [
        { route: 'baitiao', reasons: ['TENDER_NOT_ACCEPTED'] },
        { route: 'card_a', reasons: [] },
      ],
    })
    expect(bank.calls).toHaveLength(1)
  })

  it('that no card takes waits for it, so that credit is offered where it works', async () => {
    const bank = lender()
    bank.says(known({ availableCredit: 1_000_000_000 }))
    bank.test.gateway.ports.breaker.force('card_a', 'open', 'test', NOON + 60_000)
    const payment = await bank.test.paid({ context: card })
    expect(payment).toMatchObject({
      result: 'declined',
      alternatives: [{ tender: 'credit', route: 'baitiao' }],
    })
    expect(bank.calls).toHaveLength(1)
  })
})

describe('a cache that lies', () => {
  const key = 'fundroute:facts:{demo:u-1}:baitiao:CNY:v1'
  const facts = { activated: true, frozen: false, availableCredit: 9, daysPastDue: 0, asOf: NOON }

  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['another shape', JSON.stringify({ at: NOON })],
    ['amounts that are none', JSON.stringify({ at: NOON, facts: { ...facts, availableCredit: '9' } })],
    [
      'facts that are newer than their reading',
      JSON.stringify({ at: NOON, facts: { ...facts, asOf: NOON + 1 } }),
    ],
    ['a clock far ahead', JSON.stringify({ at: NOON + 3_600_000, facts })],
  ])('with %s is a miss', async (_name, text) => {
    const bank = lender()
    await bank.test.gateway.ports.cache.set(key, text, 300)
    expect(await bank.ask(true)).toMatchObject({ facts: { availableCredit: 1 } })
    expect(bank.results()).toEqual(['error'])
  })

  it('is believed where it looks like what we wrote', async () => {
    const bank = lender()
    await bank.test.gateway.ports.cache.set(key, JSON.stringify({ at: NOON, facts }), 300)
    expect(await bank.ask(true)).toMatchObject({ facts: { availableCredit: 9 } })
  })
})
