import { expect, it } from 'vitest'
import type {
  CreditHold,
  FundReservation,
  Journal,
  Reserve,
  Settle,
  StoredPayment,
} from '../../src/ports/journal.ts'
import { begun } from './journal-save.contract.ts'
import { beginWrite, fresh, samplePayment, saveWrite } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

function hold(change: Partial<CreditHold> = {}): CreditHold {
  return { lender: 'jd', payer: 'u-1', value: 400, available: 1000, asOf: 0, ...change }
}

function funds(...legs: [source: string, value: number][]): FundReservation {
  return { pool: 'pool', legs: legs.map(([source, value]) => ({ source, value })) }
}

/** A reservation of a reference of its own. */
function reserve(parts: Omit<Reserve, 'reference'>): Reserve {
  return { reference: fresh('ref'), ...parts }
}

async function state(journal: Journal, source = 's'): Promise<[reserved: number, used: number] | undefined> {
  const row = (await journal.listFunds()).find(one => one.pool === 'pool' && one.source === source)
  return row && [row.reserved, row.used]
}

/** Saves settlements on the payment and gives its next state. */
async function settle(journal: Journal, stored: StoredPayment, ...ends: Settle[]): Promise<StoredPayment> {
  expect((await journal.save(saveWrite(stored, {}, { settle: ends }))).kind).toBe('saved')
  return { ...stored, version: stored.version + 1 }
}

export function journalFundsContract(get: () => JournalUnderTest): void {
  it('holds credit until it would be more than is available, and then writes nothing', async () => {
    const { journal } = get()
    const begin = (parts: CreditHold) =>
      journal.begin(beginWrite(samplePayment(), { reserve: reserve({ hold: parts }) }))
    expect((await begin(hold())).kind).toBe('begun')
    expect((await begin(hold({ value: 600 }))).kind).toBe('begun')
    const write = beginWrite(samplePayment(), {
      reserve: reserve({ hold: hold({ value: 1 }) }),
      decision: { id: fresh('dec'), tenant: 'demo', orderId: 'o', at: 1, body: '{}' },
      outbox: [{ id: fresh('evt'), tenant: 'demo', endpoint: 'e', type: 't', body: '{}', dueAt: 0 }],
    })
    expect(await journal.begin(write)).toEqual({ kind: 'refused', reason: 'credit_held' })
    expect(await journal.find('demo', write.payment.id)).toBeUndefined()
    expect(await journal.findByKey('demo', write.key.key)).toBeUndefined()
    expect(await journal.findDecision('demo', write.decision?.id ?? '')).toBeUndefined()
    expect(await journal.claimOutbox(10, 1000)).toEqual([])
    const { reserve: _none, ...without } = write
    expect((await journal.begin(without)).kind).toBe('begun')
  })

  it("counts a payer's credit by lender, payer and tenant", async () => {
    const { journal } = get()
    const all = hold({ value: 1000 })
    const begin = (parts: CreditHold, tenant = 'demo') =>
      journal.begin(beginWrite(samplePayment({ tenant }), { reserve: reserve({ hold: parts }) }))
    expect((await begin(all)).kind).toBe('begun')
    expect((await begin({ ...all, payer: 'u-2' })).kind).toBe('begun')
    expect((await begin({ ...all, lender: 'bank' })).kind).toBe('begun')
    expect((await begin(all, 'other')).kind).toBe('begun')
    expect((await begin(all)).kind).toBe('refused')
  })

  it('gives held credit back when it is released, and counts an approval until the facts know it', async () => {
    const { journal, now } = get()
    const kept = reserve({ hold: hold() })
    const given = reserve({ hold: hold() })
    let stored = await begun(journal, { attempts: [] })
    for (const parts of [kept, given]) {
      expect((await journal.save(saveWrite(stored, {}, { reserve: parts }))).kind).toBe('saved')
      stored = { ...stored, version: stored.version + 1 }
    }
    stored = await settle(
      journal,
      stored,
      { reference: kept.reference, outcome: 'commit' },
      { reference: given.reference, outcome: 'release' },
    )
    const begin = (value: number, asOf: number) =>
      journal.begin(beginWrite(samplePayment(), { reserve: reserve({ hold: hold({ value, asOf }) }) }))
    const before = now() - 60_000
    const after = now() + 60_000
    expect((await begin(601, before)).kind).toBe('refused')
    expect((await begin(600, before)).kind).toBe('begun')
    expect((await begin(401, after)).kind).toBe('refused')
    expect((await begin(300, after)).kind).toBe('begun')
    // A reversal gives the approval back, also to facts that do not know of it yet.
    expect((await begin(100, before)).kind).toBe('refused')
    await settle(journal, stored, { reference: kept.reference, outcome: 'release' })
    expect((await begin(100, before)).kind).toBe('begun')
    expect((await begin(1, after)).kind).toBe('refused')
  })

  it('never holds more credit than is available, however many ask at once', async () => {
    const { journal, other } = get()
    // Several rounds: on cold connections one instance may be done before the other has begun.
    for (let round = 0; round < 6; round++) {
      const parts = hold({ payer: `u-${round}`, value: 90 })
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          (i % 2 ? journal : other).begin(beginWrite(samplePayment(), { reserve: reserve({ hold: parts }) })),
        ),
      )
      expect(results.filter(({ kind }) => kind === 'begun')).toHaveLength(11)
    }
  })

  it('reserves all legs or none', async () => {
    const { journal } = get()
    await journal.declareFunds('pool', 's', 100)
    await journal.declareFunds('pool', 'own', 30)
    const begin = (parts: FundReservation) =>
      journal.begin(beginWrite(samplePayment(), { reserve: reserve({ funds: parts }) }))
    expect((await begin(funds(['s', 70], ['own', 30]))).kind).toBe('begun')
    expect(await begin(funds(['s', 30], ['own', 1]))).toEqual({ kind: 'refused', reason: 'funds_exhausted' })
    expect(await begin(funds(['s', 31]))).toEqual({ kind: 'refused', reason: 'funds_exhausted' })
    expect(await begin(funds(['nowhere', 1]))).toEqual({ kind: 'refused', reason: 'funds_exhausted' })
    expect((await begin(funds(['s', 20], ['s', 10]))).kind).toBe('begun')
    expect(await journal.listFunds()).toEqual([
      { pool: 'pool', source: 'own', cap: 30, reserved: 30, used: 0 },
      { pool: 'pool', source: 's', cap: 100, reserved: 100, used: 0 },
    ])
  })

  it('never oversubscribes a source, however many ask at once', async () => {
    const { journal, other } = get()
    await journal.declareFunds('pool', 'a', 305)
    await journal.declareFunds('pool', 'b', 405)
    const results = await Promise.all(
      Array.from({ length: 80 }, (_, i) => {
        const legs: [string, number][] =
          i % 3
            ? [
                ['a', 10],
                ['b', 10],
              ]
            : [
                ['b', 10],
                ['a', 10],
              ]
        return (i % 2 ? journal : other).begin(
          beginWrite(samplePayment(), {
            reserve: reserve({ funds: funds(...legs), hold: hold({ payer: `u-${i}` }) }),
          }),
        )
      }),
    )
    expect(results.filter(({ kind }) => kind === 'begun')).toHaveLength(30)
    expect(results.filter(({ kind }) => kind === 'refused')).toHaveLength(50)
    expect(await state(journal, 'a')).toEqual([300, 0])
    expect(await state(journal, 'b')).toEqual([300, 0])
  })

  it('moves a reservation by its outcome, once, and follows a late approval and a reversal', async () => {
    const { journal } = get()
    await journal.declareFunds('pool', 's', 100)
    const parts = reserve({ funds: funds(['s', 60]) })
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { reserve: parts }))
    let stored: StoredPayment = { payment, version: 1, epoch: 1 }
    const outcomes: [Settle['outcome'], [number, number]][] = [
      ['commit', [0, 60]],
      ['commit', [0, 60]],
      ['release', [0, 0]],
      ['release', [0, 0]],
      ['commit', [0, 60]],
    ]
    expect(await state(journal)).toEqual([60, 0])
    for (const [outcome, expected] of outcomes) {
      stored = await settle(journal, stored, { reference: parts.reference, outcome })
      expect(await state(journal)).toEqual(expected)
    }
  })

  it('takes a part of what was reserved, of several legs in proportion, and gives the rest back for good', async () => {
    const { journal } = get()
    await journal.declareFunds('pool', 's', 100)
    await journal.declareFunds('pool', 'own', 100)
    const parts = reserve({ funds: funds(['s', 70], ['own', 30]) })
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { reserve: parts }))
    let stored: StoredPayment = { payment, version: 1, epoch: 1 }
    const steps: [Omit<Settle, 'reference'>, [s: number, own: number]][] = [
      [{ outcome: 'commit' }, [70, 30]],
      [{ outcome: 'commit', value: 49 }, [34, 15]],
      [{ outcome: 'commit', value: 49 }, [34, 15]],
      // It never grows again.
      [{ outcome: 'commit', value: 80 }, [34, 15]],
      [{ outcome: 'commit' }, [34, 15]],
      [{ outcome: 'release' }, [0, 0]],
      [{ outcome: 'commit', value: 9 }, [6, 3]],
    ]
    for (const [end, [s, own]] of steps) {
      stored = await settle(journal, stored, { reference: parts.reference, ...end })
      expect([await state(journal), await state(journal, 'own')]).toEqual([
        [0, s],
        [0, own],
      ])
    }
    const held = reserve({ funds: funds(['s', 50]) })
    await journal.begin(beginWrite(samplePayment(), { reserve: held }))
    stored = await settle(journal, stored, { reference: held.reference, outcome: 'commit', value: 20 })
    expect(await state(journal)).toEqual([0, 26])
    const wrong = settle(journal, stored, { reference: held.reference, outcome: 'commit', value: 0.5 })
    await expect(wrong).rejects.toBeInstanceOf(TypeError)
  })

  it("takes from the row of a day's quota what it takes from its source, not a share of the money twice", async () => {
    const { journal } = get()
    for (const source of ['s', 's@20605', 'own']) await journal.declareFunds('pool', source, 100)
    const parts = reserve({ funds: funds(['s', 70], ['s@20605', 70], ['own', 30]) })
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { reserve: parts }))
    let stored: StoredPayment = { payment, version: 1, epoch: 1 }
    for (const [value, s, own] of [
      [100, 70, 30],
      [49, 34, 15],
    ] as const) {
      stored = await settle(journal, stored, { reference: parts.reference, outcome: 'commit', value })
      expect([await state(journal), await state(journal, 's@20605'), await state(journal, 'own')]).toEqual([
        [0, s],
        [0, s],
        [0, own],
      ])
    }
  })

  it('holds only as much credit as was taken in the end', async () => {
    const { journal, now } = get()
    const parts = reserve({ hold: hold({ value: 900 }) })
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { reserve: parts }))
    const begin = (value: number) =>
      journal.begin(
        beginWrite(samplePayment(), { reserve: reserve({ hold: hold({ value, asOf: now() - 60_000 }) }) }),
      )
    expect((await begin(101)).kind).toBe('refused')
    const end = { reference: parts.reference, outcome: 'commit' as const, value: 300 }
    await settle(journal, { payment, version: 1, epoch: 1 }, end)
    expect((await begin(701)).kind).toBe('refused')
    expect((await begin(700)).kind).toBe('begun')
  })

  it('counts a late approval above the cap, and settles nothing for an unknown reference', async () => {
    const { journal } = get()
    await journal.declareFunds('pool', 's', 100)
    const parts = reserve({ funds: funds(['s', 100]) })
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { reserve: parts }))
    let stored: StoredPayment = { payment, version: 1, epoch: 1 }
    stored = await settle(journal, stored, { reference: parts.reference, outcome: 'release' })
    await journal.begin(beginWrite(samplePayment(), { reserve: reserve({ funds: funds(['s', 50]) }) }))
    stored = await settle(
      journal,
      stored,
      { reference: parts.reference, outcome: 'commit' },
      { reference: 'unknown', outcome: 'commit' },
    )
    expect(await state(journal)).toEqual([50, 100])
  })

  it('settles nothing with a write that is refused', async () => {
    const { journal } = get()
    await journal.declareFunds('pool', 's', 100)
    const parts = reserve({ funds: funds(['s', 60]) })
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { reserve: parts }))
    const settled = [{ reference: parts.reference, outcome: 'release' as const }]
    const late = saveWrite({ payment, version: 5, epoch: 1 }, {}, { settle: settled })
    expect((await journal.save(late)).kind).toBe('conflict')
    const stored = { payment, version: 1, epoch: 1 }
    const greedy = saveWrite(
      stored,
      { reasons: ['x'] },
      {
        settle: settled,
        reserve: reserve({ funds: funds(['s', 101]) }),
        inbox: { route: 'r', eventId: 'e' },
      },
    )
    expect(await journal.save(greedy)).toEqual({ kind: 'refused', reason: 'funds_exhausted' })
    expect(await state(journal)).toEqual([60, 0])
    expect(await journal.find('demo', payment.id)).toEqual(stored)
    // What one attempt gives back, the next may take: settlements come first.
    const fits = saveWrite(
      stored,
      {},
      {
        settle: settled,
        reserve: reserve({ funds: funds(['s', 100]) }),
        inbox: { route: 'r', eventId: 'e' },
      },
    )
    expect((await journal.save(fits)).kind).toBe('saved')
    expect(await state(journal)).toEqual([100, 0])
  })

  it('lets a reference reserve once', async () => {
    const { journal } = get()
    await journal.declareFunds('pool', 's', 100)
    const parts = reserve({ funds: funds(['s', 10]) })
    await journal.begin(beginWrite(samplePayment(), { reserve: parts }))
    const again = journal.begin(beginWrite(samplePayment(), { reserve: parts }))
    await expect(again).rejects.toBeInstanceOf(TypeError)
    expect(await state(journal)).toEqual([10, 0])
  })

  it('applies a movement once, keeps usage when a cap changes, and refuses what cannot be', async () => {
    const { journal } = get()
    const move = (kind: 'repayment' | 'drawdown' | 'cap_change', value: number, id = fresh('move')) =>
      journal.moveFunds({ id, pool: 'pool', source: 's', kind, value, at: 1 })
    expect(await move('drawdown', 1)).toBe('refused')
    await journal.declareFunds('pool', 's', 100)
    expect(await move('drawdown', 101)).toBe('refused')
    expect(await move('drawdown', 80, 'once')).toBe('applied')
    expect(await move('drawdown', 80, 'once')).toBe('duplicate')
    expect(await move('repayment', 81)).toBe('refused')
    expect(await move('repayment', 30)).toBe('applied')
    expect(await move('cap_change', 40)).toBe('applied')
    expect(await journal.listFunds()).toEqual([{ pool: 'pool', source: 's', cap: 40, reserved: 0, used: 50 }])
    const asked = journal.begin(beginWrite(samplePayment(), { reserve: reserve({ funds: funds(['s', 1]) }) }))
    expect((await asked).kind).toBe('refused')
    await journal.declareFunds('pool', 's', 60)
    expect(await journal.listFunds()).toEqual([{ pool: 'pool', source: 's', cap: 60, reserved: 0, used: 50 }])
    await expect(move('repayment', 0.5)).rejects.toBeInstanceOf(TypeError)
    await expect(journal.declareFunds('pool', 's', -1)).rejects.toBeInstanceOf(TypeError)
  })

  it('applies one of many copies of a movement', async () => {
    const { journal, other } = get()
    await journal.declareFunds('pool', 's', 1000)
    const movement = {
      id: fresh('move'),
      pool: 'pool',
      source: 's',
      kind: 'drawdown',
      value: 7,
      at: 1,
    } as const
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? journal : other).moveFunds(movement)),
    )
    expect(results.filter(result => result === 'applied')).toHaveLength(1)
    expect(await state(journal)).toEqual([0, 7])
  })
}
