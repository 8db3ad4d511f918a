import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryCache } from '../../../src/adapters/memory/cache.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { PostgresJournal } from '../../../src/adapters/postgres/journal.ts'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import { holdsMoney, isClosed } from '../../../src/core/payment/transition.ts'
import { begin } from '../../../src/gateway/begin.ts'
import { carryOut } from '../../../src/gateway/pay.ts'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import type { PoolRuntime } from '../../../src/gateway/runtime.ts'
import type { Cache } from '../../../src/ports/cache.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import { approved, declined, unknown } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'
import { CNY, NOON, sampleRoute } from '../../support/samples.ts'
import { freshDatabase } from '../../support/shared-services.ts'

const SOURCES = ['own', 'joint', 'bank'] as const

const POOL: PoolRuntime = {
  pool: {
    id: 'main',
    currency: 'CNY',
    sources: [
      { id: 'own', kind: 'own_funds', cap: 60_000, annualCostBps: 300 },
      {
        id: 'joint',
        kind: 'joint_loan',
        cap: 90_000,
        annualCostBps: 200,
        ownSource: 'own',
        ownShareBps: 3_000,
      },
      { id: 'bank', kind: 'loan_facilitation', cap: 50_000, annualCostBps: 700, dailyQuota: 40_000 },
    ],
  },
  evaluateSeconds: 60,
  utcOffsetMinutes: 480,
}

const ROUTES = [
  sampleRoute('baitiao', {
    tender: 'credit',
    pool: 'main',
    capability: { instalments: [1, 3], settleWindowMs: 1_000, cancel: [] },
  }),
]

type Ending = 'approved' | 'declined' | 'unknown' | 'crash_before_send' | 'crash_after_send'

type Act =
  | { readonly do: 'pay'; readonly instance: number; readonly amount: number; readonly ending: Ending }
  | {
      readonly do: 'move'
      readonly instance: number
      readonly source: number
      readonly kind: number
      readonly value: number
    }
  | { readonly do: 'flush' }
  | { readonly do: 'refresh' | 'resolve'; readonly instance: number }

const instance = fc.nat({ max: 2 })
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      instance,
      amount: fc.integer({ min: 1, max: 30_000 }),
      ending: fc.constantFrom<Ending>(
        'approved',
        'approved',
        'declined',
        'unknown',
        'crash_before_send',
        'crash_after_send',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      instance,
      source: fc.nat({ max: 2 }),
      kind: fc.nat({ max: 2 }),
      value: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'flush' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('refresh' as const, 'resolve' as const), instance }),
  },
)
/** What happens at the same moment, moment by moment. */
const history = (moments: number) =>
  fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: moments })

/** Three instances over one journal and one cache, which may be emptied at any moment. */
class Fleet {
  readonly #journal: Journal
  readonly #clock: ManualClock
  readonly #instances: TestGateway[]
  readonly #orders: string[] = []
  #cache: MemoryCache
  #moved = 0
  #drawn = 0
  /** What upstreams would answer: by reference. */
  readonly #truth = new Map<string, UpstreamResult>()
  /** What they answer to the send. */
  readonly #answers = new Map<string, UpstreamResult>()

  constructor(journal: Journal, clock: ManualClock) {
    this.#journal = journal
    this.#clock = clock
    this.#cache = new MemoryCache({ clock })
    const cache: Cache = {
      getMany: keys => this.#cache.getMany(keys),
      set: (...args) => this.#cache.set(...args),
      delete: keys => this.#cache.delete(keys),
      healthy: () => true,
    }
    this.#instances = [1, 2, 3].map(seed => {
      const test = buildTestGateway({ routes: ROUTES, fundPools: [POOL], journal, clock, cache, seed })
      const connector = test.connector('baitiao')
      connector.query = async reference => this.#truth.get(reference) ?? { kind: 'not_found' }
      connector.pay = async ({ reference }) => this.#answers.get(reference) ?? unknown
      return test
    })
  }

  async start(): Promise<void> {
    for (const { funding } of this.#instances) await funding.refresh()
  }

  /** Runs what happens at one moment, all at once, and checks the books. */
  async moment(acts: readonly Act[]): Promise<void> {
    const before = await this.#journal.listFunds()
    await Promise.all(acts.map(next => this.#act(next)))
    await this.#clock.advance(5_000)
    await this.#check(before)
  }

  async #act(next: Act): Promise<void> {
    switch (next.do) {
      case 'pay':
        return this.#pay(this.#instances[next.instance] as TestGateway, next.amount, next.ending)
      case 'move':
        return this.#move(next)
      case 'flush':
        this.#cache = new MemoryCache({ clock: this.#clock })
        return
      case 'refresh':
        return this.#instances[next.instance]?.funding.refresh()
      case 'resolve': {
        const test = this.#instances[next.instance] as TestGateway
        await resolveDue(test.gateway, test.facts)
      }
    }
  }

  async #pay(test: TestGateway, amount: number, ending: Ending): Promise<void> {
    const orderId = `o-${this.#orders.length}`
    this.#orders.push(orderId)
    const context = {
      orderId,
      amount: CNY(amount),
      funding: { accept: [{ tender: 'credit' as const, instalments: 3, quote: 'quo_1' }] },
    }
    const step = await begin(test.gateway, test.facts, test.command({ key: orderId, context }))
    if (step.kind !== 'send' || ending === 'crash_before_send') return
    const { reference } = step.attempt
    const lent = ending === 'approved' || (ending !== 'declined' && amount % 2 === 0)
    const truth = lent ? approved(amount) : declined
    this.#truth.set(reference, truth)
    if (ending === 'crash_after_send') return
    this.#answers.set(reference, ending === 'unknown' ? unknown : truth)
    await carryOut(this.#clock, test.core, step)
  }

  async #move({ source, kind, value, instance: at }: Extract<Act, { do: 'move' }>): Promise<void> {
    const id = `m-${this.#moved++}`
    const words = ['repayment', 'drawdown', 'cap_change'] as const
    const movement = {
      id,
      pool: 'main',
      source: SOURCES[source] as string,
      kind: words[kind] as 'repayment',
      value,
    }
    const { funding } = this.#instances[at] as TestGateway
    const results = await Promise.all([funding.move(movement), funding.move(movement)])
    expect(results.filter(result => result === 'applied').length).toBeLessThanOrEqual(1)
    if (!results.includes('applied')) return
    if (words[kind] === 'repayment') this.#drawn -= value
    if (words[kind] === 'drawdown') this.#drawn += value
  }

  /** To the fen: what is used is what was lent and moved, what is reserved is what is open; no source grew above its cap. */
  async #check(before: Awaited<ReturnType<Journal['listFunds']>>): Promise<void> {
    const now = await this.#journal.listFunds()
    for (const { source, cap, used, reserved } of now) {
      const was = before.find(row => row.source === source)
      const room = Math.max(cap, was?.cap ?? 0, (was?.used ?? 0) + (was?.reserved ?? 0))
      expect(used + reserved, source).toBeLessThanOrEqual(room)
      expect(Math.min(used, reserved), source).toBeGreaterThanOrEqual(0)
    }
    const books = await this.#lent()
    const sources = now.filter(({ source }) => !source.includes('@'))
    expect(sources.reduce((sum, { used }) => sum + used, 0)).toBe(books.lent + this.#drawn)
    expect(sources.reduce((sum, { reserved }) => sum + reserved, 0)).toBe(books.open)
  }

  async #lent(): Promise<{ lent: number; open: number }> {
    let [lent, open] = [0, 0]
    for (const orderId of this.#orders) {
      for (const { payment } of await this.#journal.findByOrder('demo', orderId, 10)) {
        for (const attempt of payment.attempts) {
          if (holdsMoney(attempt)) lent += attempt.amount.value
          else if (!isClosed(attempt)) open += attempt.amount.value
        }
      }
    }
    return { lent, open }
  }
}

/** Redis never holds a pool counter, so nothing that happens to it can matter; neither may crashes. */
describe('three instances over one journal never oversubscribe a pool', () => {
  it('in memory, with crashes, unknown outcomes, movements and flushes of the cache', async () => {
    await fc.assert(
      fc.asyncProperty(history(40), async moments => {
        const clock = new ManualClock(NOON)
        const fleet = new Fleet(new MemoryJournal({ now: () => clock.now() }), clock)
        await fleet.start()
        for (const acts of moments) await fleet.moment(acts)
      }),
      { numRuns: 40 },
    )
  })

  it('in PostgreSQL', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history(15), async moments => {
        const journal = await PostgresJournal.open({ url: await freshDatabase() })
        try {
          const fleet = new Fleet(journal, new ManualClock(Date.now()))
          await fleet.start()
          for (const acts of moments) await fleet.moment(acts)
        } finally {
          await journal.close()
        }
      }),
      { numRuns: 6 },
    )
  })
})
