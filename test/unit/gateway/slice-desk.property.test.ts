import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { SlicedBooks } from '../../../src/gateway/fund-books.ts'
import { FundingPools } from '../../../src/gateway/pools.ts'
import type { PoolRuntime } from '../../../src/gateway/runtime.ts'
import { SliceDesk } from '../../../src/gateway/slice-desk.ts'
import type { FundSlices } from '../../../src/ports/fund-slices.ts'
import { JournalUnavailable } from '../../../src/ports/journal.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { NOON } from '../../support/samples.ts'

const POOL: PoolRuntime = {
  pool: {
    id: 'main',
    currency: 'CNY',
    sources: [
      { id: 'own', kind: 'own_funds', cap: 60_000, annualCostBps: 300 },
      { id: 'bank', kind: 'loan_facilitation', cap: 50_000, annualCostBps: 700, dailyQuota: 20_000 },
    ],
  },
  evaluateSeconds: 60,
  utcOffsetMinutes: 480,
}

const shard = fc.nat({ max: 2 })
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('lend' as const),
      shard,
      amount: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repay' as const), shard }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('bring' as const, 'bring' as const, 'rest' as const),
      shard,
      /** Whether the coordinator is not reached, or its answer is not heard. */
      lost: fc.constantFrom('nothing' as const, 'nothing' as const, 'question' as const, 'answer' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('room' as const),
      shard,
      amount: fc.integer({ min: 1, max: 90_000 }),
      lost: fc.constantFrom('nothing' as const, 'nothing' as const, 'question' as const, 'answer' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('cap' as const), cap: fc.integer({ min: 0, max: 90_000 }) }),
  },
)

/** Three shards with a journal each, and one coordinator that is not always reached. */
function shards() {
  const clock = new ManualClock(NOON)
  const newJournal = () => new MemoryJournal({ now: () => clock.now() })
  const desk = new SliceDesk(newJournal(), clock)
  const line = { lost: 'nothing' }
  const overLine: FundSlices = {
    exchange: async (pool, question) => {
      if (line.lost === 'question') throw new JournalUnavailable('not reached')
      const answer = await desk.exchange(pool, question)
      if (line.lost === 'answer') throw new JournalUnavailable('not heard')
      return answer
    },
    setCap: movement => desk.setCap(movement),
    getRecord: (...args) => desk.getRecord(...args),
    putRecord: (...args) => desk.putRecord(...args),
    listRecords: (...args) => desk.listRecords(...args),
  }
  const members = ['s0', 's1', 's2'].map((name, seed) => {
    const journal = newJournal()
    const books = new SlicedBooks({ journal, clock }, overLine, { shard: name, shardsMax: 3 })
    const test = buildTestGateway({ journal, clock, fundPools: [POOL], seed })
    const runtime = test.gateway.runtime()
    return { journal, books, pools: new FundingPools(test.gateway.ports, () => runtime, books) }
  })
  return { clock, desk, line, members }
}

describe('shards with a journal each', () => {
  it('never lend more than a cap between them, whatever the coordinator does not hear', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 80 }), async acts => {
        const { clock, desk, line, members } = shards()
        let caps: Record<string, number> = { own: 60_000, bank: 50_000 }
        let highest = { ...caps }
        const rowsOf = async (source: string) =>
          (await Promise.all(members.map(({ journal }) => journal.listFunds())))
            .flat()
            .filter(row => row.source === source)
        const out = async (source: string) =>
          (await rowsOf(source)).reduce((sum, { used, reserved }) => sum + used + reserved, 0)
        /** What the shards may lend between them. */
        const limits = async (source: string) => (await rowsOf(source)).reduce((sum, { cap }) => sum + cap, 0)
        const move = (
          at: number,
          movement: { id: string; source: string; kind: 'drawdown' | 'repayment'; value: number },
        ) => members[at]?.journal.moveFunds({ ...movement, pool: 'main', at: clock.now() })
        for (const [turn, next] of acts.entries()) {
          switch (next.do) {
            case 'lend': {
              const source = turn % 2 === 0 ? 'own' : 'bank'
              await move(next.shard, { id: `loan-${turn}`, source, kind: 'drawdown', value: next.amount })
              break
            }
            case 'repay': {
              const rows = await members[next.shard]?.journal.listFunds()
              const value = rows?.find(({ source }) => source === 'own')?.used ?? 0
              if (value > 0)
                await move(next.shard, { id: `back-${turn}`, source: 'own', kind: 'repayment', value })
              break
            }
            case 'cap': {
              const told = { id: `cap-${turn}`, pool: 'main', source: 'own', kind: 'cap_change' as const }
              // Refused before any shard has declared the source.
              if ((await desk.setCap({ ...told, value: next.cap, at: clock.now() })) !== 'applied') break
              caps = { ...caps, own: next.cap }
              highest = { ...highest, own: Math.max(highest.own ?? 0, next.cap) }
              break
            }
            default: {
              line.lost = next.lost
              const books = members[next.shard]?.books
              const asked =
                next.do === 'room'
                  ? books?.makeRoom([POOL], { pool: 'main', source: 'own', value: next.amount })
                  : next.do === 'bring'
                    ? books?.bring([POOL])
                    : books?.rest([POOL])
              await asked?.catch((error: unknown) => {
                if (!(error instanceof JournalUnavailable)) throw error
              })
            }
          }
          for (const source of ['own', 'bank']) {
            expect(await limits(source)).toBeLessThanOrEqual(highest[source] ?? 0)
          }
        }
        // Once every shard has heard the last cap, nothing is lent above it.
        line.lost = 'nothing'
        for (let round = 0; round < 6; round++) for (const { books } of members) await books.bring([POOL])
        for (const source of ['own', 'bank']) {
          expect(await limits(source)).toBeLessThanOrEqual(Math.max(caps[source] ?? 0, await out(source)))
        }
      }),
      { numRuns: 25 },
    )
  })

  it('draw what is told to be needed at once, up to all that nobody else has', async () => {
    const { members } = shards()
    for (let round = 0; round < 4; round++) for (const { books } of members) await books.bring([POOL])
    const [first, ...others] = members
    for (const { books } of others) await books.rest([POOL])
    const draw = (id: string, value: number) =>
      first?.pools.move({ id, pool: 'main', source: 'own', kind: 'drawdown', value })
    expect(await draw('above the cap', 60_001)).toBe('refused')
    expect(await draw('the whole cap', 60_000)).toBe('applied')
    expect(await draw('the whole cap', 60_000)).toBe('duplicate')
  })

  it('lend all of it between them, and the last one awake has the whole rest', async () => {
    const { members, clock } = shards()
    for (let round = 0; round < 4; round++) for (const { books } of members) await books.bring([POOL])
    const limits = async () =>
      (await Promise.all(members.map(({ journal }) => journal.listFunds()))).map(
        rows => rows.find(({ source }) => source === 'own')?.cap,
      )
    expect(await limits()).toEqual([20_000, 20_000, 20_000])
    await members[0]?.books.rest([POOL])
    await members[1]?.books.rest([POOL])
    await clock.advance(1_000)
    for (let round = 0; round < 3; round++) await members[2]?.books.bring([POOL])
    // One part stays for whoever wakes.
    expect(await limits()).toEqual([0, 0, 30_000])
  })

  it('see one level, reckoned on all of them, and take movements of caps once', async () => {
    const { members } = shards()
    for (let round = 0; round < 3; round++) for (const { pools } of members) await pools.refresh()
    const drawn = { pool: 'main', source: 'own', kind: 'drawdown' as const }
    for (const [at, { pools }] of members.entries()) {
      expect(await pools.move({ ...drawn, id: `d-${at}`, value: 20_000 })).toBe('applied')
    }
    for (const { pools } of members) await pools.refresh()
    const views = members.map(({ pools }) => pools.views()[0]?.sources[0])
    expect(views.map(view => [view?.cap, view?.used])).toEqual([
      [60_000, 60_000],
      [60_000, 60_000],
      [60_000, 60_000],
    ])
    const cap = { id: 'c-1', pool: 'main', source: 'own', kind: 'cap_change' as const, value: 80_000 }
    expect(await members[0]?.pools.move(cap)).toBe('applied')
    expect(await members[2]?.pools.move(cap)).toBe('duplicate')
    await members[1]?.pools.refresh()
    expect(members[1]?.pools.views()[0]?.sources[0]?.cap).toBe(80_000)
  })
})
