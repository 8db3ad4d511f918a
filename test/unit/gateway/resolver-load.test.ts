import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { localCore, pay } from '../../../src/gateway/pay.ts'
import { perUpstream } from '../../../src/gateway/per-upstream.ts'
import { resolveDue, UPSTREAM_CALLS_MAX } from '../../../src/gateway/resolve.ts'
import { RetryBudget } from '../../../src/gateway/retry-budget.ts'
import { approved, unknown } from '../../support/evidence.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { NOON, sampleRoute } from '../../support/samples.ts'

describe('work for many upstreams at once', () => {
  it('has a bounded number of calls open to each, and does all of it', async () => {
    const open = new Map<string, number>()
    let most = 0
    const done: string[] = []
    const items = Array.from({ length: 30 }, (_, i) => ({ upstream: i % 3 === 0 ? 'a' : 'b', name: `${i}` }))
    await perUpstream(
      items,
      ({ upstream }) => upstream,
      4,
      async ({ upstream, name }) => {
        open.set(upstream, (open.get(upstream) ?? 0) + 1)
        most = Math.max(most, open.get(upstream) ?? 0)
        await Promise.resolve()
        open.set(upstream, (open.get(upstream) ?? 0) - 1)
        done.push(name)
      },
    )
    expect(most).toBe(4)
    expect(done.toSorted()).toEqual(items.map(({ name }) => name).toSorted())
  })

  it('that hang holds up no other upstream', async () => {
    const done: number[] = []
    let release: () => void = () => undefined
    const hang = new Promise<void>(resolve => (release = resolve))
    const all = perUpstream(
      [0, 1, 2, 3],
      n => (n < 2 ? 'hanging' : 'well'),
      1,
      async n => {
        if (n < 2) await hang
        done.push(n)
      },
    )
    await new Promise(setImmediate)
    expect(done).toEqual([2, 3])
    release()
    await all
    expect(done).toEqual([2, 3, 0, 1])
  })
})

describe('the retry budget', () => {
  const budget = () => {
    const clock = new ManualClock(NOON)
    const retries = new RetryBudget(clock)
    const spendAll = () => {
      let spent = 0
      while (spent < 1_000 && retries.spend('card_a')) spent++
      return spent
    }
    return { clock, retries, spendAll }
  }

  it('allows a burst and then a few a second, for each upstream apart', async () => {
    const { clock, retries, spendAll } = budget()
    expect(spendAll()).toBe(20)
    expect(retries.spend('card_b')).toBe(true)
    await clock.advance(3_000)
    expect(spendAll()).toBe(6)
    await clock.advance(3_600_000)
    expect(spendAll()).toBe(20)
  })

  it('grows by a fifth of what is sent for the first time, up to a bound', async () => {
    const { clock, retries, spendAll } = budget()
    spendAll()
    for (let sends = 0; sends < 51; sends++) retries.earn('card_a')
    expect(spendAll()).toBe(10)
    for (let sends = 0; sends < 10_000; sends++) retries.earn('card_a')
    await clock.advance(1_000)
    expect(spendAll()).toBe(100)
  })
})

describe('live payments', () => {
  it('earn resends', async () => {
    const test = buildTestGateway({ routes: [sampleRoute('card_a')] })
    const retries = new RetryBudget(test.clock)
    while (retries.spend('card_a'));
    const core = localCore({ ...test.gateway, retries }, test.facts)
    for (let n = 0; n < 6; n++) {
      await pay(test.clock, core, test.command({ key: `key-${n}`, context: { orderId: `o-${n}` } }))
    }
    expect([retries.spend('card_a'), retries.spend('card_a')]).toEqual([true, false])
  })
})

describe('a resolver round over an upstream that does not answer', () => {
  const blind = sampleRoute('card_a', { capability: { queryable: false, cancel: [] } })

  /** Payments of unknown outcome on one route, all due. */
  async function unknowns(count: number, retries: 'bounded' | 'free' = 'free', route = blind) {
    const test = buildTestGateway({
      routes: [route],
      connectorScripts: { card_a: { pay: [unknown] } },
      breaker: { volumeThreshold: 10_000 },
    })
    const gateway =
      retries === 'free' ? test.gateway : { ...test.gateway, retries: new RetryBudget(test.clock) }
    for (let n = 0; n < count; n++) {
      await test.paid({ key: `key-${n}`, context: { orderId: `o-${n}` } })
    }
    await test.clock.advance(1_000)
    return { test, gateway, connector: test.connector('card_a') }
  }

  it('never has more than a few calls open to it, and gives back in time what had no turn', async () => {
    const { test, gateway, connector } = await unknowns(60)
    let open = 0
    let most = 0
    let calls = 0
    Object.assign(connector, {
      pay: async () => {
        calls++
        most = Math.max(most, ++open)
        await test.clock.sleep(3_000)
        open--
        return unknown
      },
    })
    // Twelve seconds hold three waves of 3 s and their margins; nobody may send when the lease may be over.
    const short = { ...gateway, settings: { ...gateway.settings, leaseMs: 12_000 } }
    const round = resolveDue(short, test.facts)
    await test.elapse(round)
    expect([most, calls]).toEqual([UPSTREAM_CALLS_MAX, 3 * UPSTREAM_CALLS_MAX])
    await test.clock.advance(2_001)
    Object.assign(connector, { pay: async () => approved() })
    expect(await resolveDue(gateway, test.facts)).toBeGreaterThan(30)
  })

  it('sends again no more than the budget allows, and what had to wait keeps its pace', async () => {
    const { test, gateway, connector } = await unknowns(50, 'bounded')
    connector.sends.length = 0
    await resolveDue(gateway, test.facts)
    expect(connector.sends).toHaveLength(20)
    const { journal } = gateway.ports
    const waiting = (await journal.listOpen('demo', 100)).filter(({ payment }) => payment.resolves === 0)
    expect(waiting).toHaveLength(30)
    await test.clock.advance(2_001)
    await resolveDue(gateway, test.facts)
    expect(connector.sends.length).toBeGreaterThan(20)
  })

  it('takes on soon what had to wait, however long its backoff has become', async () => {
    const { test, gateway, connector } = await unknowns(5)
    for (let round = 0; round < 8; round++) {
      await test.clock.advance(120_000)
      await resolveDue(gateway, test.facts)
    }
    const retries = new RetryBudget(test.clock)
    await test.clock.advance(3_600_000)
    while (retries.spend('card_a'));
    connector.sends.length = 0
    expect(await resolveDue({ ...gateway, retries }, test.facts)).toBe(5)
    expect(connector.sends).toEqual([])
    await test.clock.advance(2_001)
    expect(await resolveDue({ ...gateway, retries }, test.facts)).toBe(5)
  })

  it('asks instead of sending again where it can be asked', async () => {
    const { test, gateway, connector } = await unknowns(50, 'bounded', sampleRoute('card_a'))
    connector.sends.length = 0
    await resolveDue(gateway, test.facts)
    expect(connector.sends.length + connector.queries.length).toBe(50)
    expect(connector.sends).toHaveLength(20)
  })
})
