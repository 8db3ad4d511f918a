import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MemoryJournal } from '../../src/adapters/memory/journal.ts'
import type { Payment, PaymentResult } from '../../src/core/payment/payment.ts'
import type { Journal, Reserve, Settle } from '../../src/ports/journal.ts'
import { sampleAttempt, samplePayment } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

/** One step of a random sequence; small numbers, so that keys, orders, payments and references often meet. */
type Step =
  | {
      readonly do: 'begin'
      readonly id: number
      readonly key: number
      readonly order: number
      readonly extras: Extras
    }
  | { readonly do: 'save'; readonly id: number; readonly behind: number; readonly extras: Extras }
  | { readonly do: 'claimDue'; readonly limit: number }
  | { readonly do: 'claim'; readonly id: number }
  | {
      readonly do: 'move'
      readonly id: number
      readonly kind: 'repayment' | 'drawdown' | 'cap_change'
      readonly value: number
    }
  | { readonly do: 'advance'; readonly ms: number }

interface Extras {
  readonly result: PaymentResult | undefined
  readonly due: boolean
  readonly leaseMs: number
  readonly reserve: { readonly value: number; readonly hold: boolean; readonly joint: boolean } | undefined
  readonly settle: Omit<Settle, 'reference'> | undefined
  readonly key: number | undefined
  readonly event: number | undefined
  readonly epoch: number | undefined
}

const small = fc.integer({ min: 0, max: 4 })
const extras: fc.Arbitrary<Extras> = fc.record({
  result: fc.option(fc.constantFrom<PaymentResult>('succeeded', 'declined', 'canceled', 'authorized'), {
    nil: undefined,
  }),
  due: fc.boolean(),
  leaseMs: fc.constantFrom(0, 0, 50_000),
  reserve: fc.option(
    fc.record({ value: fc.integer({ min: 0, max: 60 }), hold: fc.boolean(), joint: fc.boolean() }),
    {
      nil: undefined,
    },
  ),
  settle: fc.option(
    fc.oneof(
      fc.constantFrom<Omit<Settle, 'reference'>>({ outcome: 'commit' }, { outcome: 'release' }),
      fc.integer({ min: 0, max: 70 }).map(value => ({ outcome: 'commit' as const, value })),
    ),
    { nil: undefined },
  ),
  key: fc.option(small, { nil: undefined }),
  event: fc.option(small, { nil: undefined }),
  epoch: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('begin'), id: small, key: small, order: small, extras }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('save'), id: small, behind: fc.constantFrom(0, 0, 0, 1), extras }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('claimDue'), limit: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('claim'), id: small }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('move'),
      id: small,
      kind: fc.constantFrom('repayment', 'drawdown', 'cap_change'),
      value: fc.integer({ min: 0, max: 150 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(1_000, 60_000) }) },
)

/** Applies the steps; versions are followed through the journal itself, so that two journals can be compared. */
async function play(
  journal: Journal,
  steps: readonly Step[],
  run: string,
  advance: (ms: number) => Promise<void>,
): Promise<unknown[]> {
  const told: unknown[] = []
  for (const [index, one] of steps.entries()) {
    told.push(
      await perform(journal, one, run, index, advance).catch((error: Error) => error.constructor.name),
    )
  }
  for (const id of [0, 1, 2, 3, 4]) {
    told.push(await journal.find(run, `${id}`))
    told.push((await journal.history(run, `${id}`)).map(({ version, epoch, body }) => [version, epoch, body]))
    told.push(await journal.findByKey(run, `k${id}`), await journal.findByOrder(run, `o${id}`, 9))
  }
  told.push(
    await journal.listOpen(run, 99),
    (await journal.listFunds()).filter(({ pool }) => pool === run),
  )
  return told
}

async function perform(
  journal: Journal,
  one: Step,
  run: string,
  index: number,
  advance: (ms: number) => Promise<void>,
): Promise<unknown> {
  switch (one.do) {
    case 'begin': {
      const payment = samplePayment({
        id: `${one.id}`,
        tenant: run,
        orderId: `o${one.order}`,
        createdAt: index,
        decision: 'd',
        attempts: [sampleAttempt({ reference: `${run}-${one.id}` })],
      })
      const key = { key: `k${one.key}`, fingerprint: `f${index}`, target: 'payment' }
      const { epoch: _epoch, ...parts } = partsOf(one.extras, payment, run, index)
      return journal.begin({ ...parts, key, leaseMs: one.extras.leaseMs })
    }
    case 'save': {
      const stored = await journal.find(run, `${one.id}`)
      if (stored === undefined) return 'none'
      return journal.save({
        ...partsOf(one.extras, stored.payment, run, index),
        version: stored.version - one.behind,
        leaseMs: one.extras.leaseMs,
        ...(one.extras.key === undefined
          ? {}
          : { key: { key: `k${one.extras.key}`, fingerprint: `s${index}`, target: 't' } }),
        ...(one.extras.event === undefined ? {} : { inbox: { route: run, eventId: `${one.extras.event}` } }),
      })
    }
    case 'claimDue':
      return journal.claimDue(one.limit, 10_000)
    case 'claim':
      return journal.claim(run, `${one.id}`, 10_000)
    case 'move': {
      const { kind, value } = one
      return journal.moveFunds({ id: `${run}-${one.id}`, pool: run, source: 's', kind, value, at: 1 })
    }
    case 'advance':
      return advance(one.ms)
  }
}

function partsOf(parts: Extras, before: Payment, run: string, index: number) {
  const { result: _before, ...rest } = before
  const payment = {
    ...rest,
    ...(parts.result === undefined ? {} : { result: parts.result }),
    resolves: index,
  }
  return {
    payment,
    dueAt: parts.due ? index : null,
    ...(parts.epoch === undefined ? {} : { epoch: parts.epoch }),
    ...(parts.reserve === undefined ? {} : { reserve: reserveOf(parts.reserve, run, index) }),
    ...(parts.settle === undefined ? {} : { settle: settleOf(parts.settle, run, index) }),
  }
}

function reserveOf(
  { value, hold, joint }: NonNullable<Extras['reserve']>,
  run: string,
  index: number,
): Reserve {
  const legs = [{ source: 's', value }, ...(joint ? [{ source: 'own', value: value % 7 }] : [])]
  return {
    reference: `${run}-r${index}`,
    funds: { pool: run, legs },
    ...(hold ? { hold: { lender: 'l', payer: 'p', value, available: 100, asOf: 0 } } : {}),
  }
}

/** Settles what the steps before have reserved, if they did. */
function settleOf(end: Omit<Settle, 'reference'>, run: string, index: number): Settle[] {
  return [1, 2, 3].map(back => ({ reference: `${run}-r${index - back}`, ...end }))
}

export function journalModelContract(get: () => JournalUnderTest): void {
  it('gives the same answers as the journal in memory, whatever the sequence', async () => {
    const { journal, advance } = get()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
        run += 1
        const name = `run-${run}`
        let now = 1_800_000_000_000
        const model = new MemoryJournal({ now: () => now })
        for (const one of [journal, model]) {
          await one.declareFunds(name, 's', 100)
          await one.declareFunds(name, 'own', 50)
        }
        const expected = await play(model, steps, name, async ms => {
          now += ms
        })
        // What other runs left due would be claimed here too.
        expect(await play(journal, steps, name, advance)).toEqual(expected)
        await retire(journal, name)
      }),
      { numRuns: 60, seed: 20_260, endOnFailure: true },
    )
  })
}

async function retire(journal: Journal, tenant: string): Promise<void> {
  for (const { payment, version } of await journal.listOpen(tenant, 99)) {
    await journal.save({ payment, version, dueAt: null })
  }
}
