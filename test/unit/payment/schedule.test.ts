import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { backoffMs, dueAt } from '../../../src/core/payment/schedule.ts'
import { CLOCK_ERROR_MS } from '../../../src/core/payment/transition.ts'
import { CNY, NOON, reference, sampleAttempt, samplePayment } from '../../support/samples.ts'

describe('the backoff', () => {
  it('doubles from half a second to an hour, spread by a fifth to both sides', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.string(), (tries, salt) => {
        const base = Math.min(3_600_000, 500 * 2 ** Math.min(tries, 30))
        const wait = backoffMs(tries, salt)
        expect(wait).toBeGreaterThanOrEqual(Math.floor(base * 0.8))
        expect(wait).toBeLessThanOrEqual(Math.ceil(base * 1.2))
        expect(backoffMs(tries, salt)).toBe(wait)
      }),
    )
  })

  it('does not bring payments back in step', () => {
    const waits = new Set(Array.from({ length: 100 }, (_, i) => backoffMs(8, `pay_${i}`)))
    expect(waits.size).toBeGreaterThan(90)
  })
})

describe('when a payment is due', () => {
  const soon = (payment: Payment) => (dueAt(payment, NOON) ?? Number.NaN) - NOON

  it('an INTENT: when its send must have ended on every clock', () => {
    expect(soon(samplePayment([sampleAttempt(1)]))).toBe(5_000 + 3_000 + CLOCK_ERROR_MS)
  })

  it('is taken on by backoff, and not again and again at once by whoever’s clock is behind', () => {
    const refund = {
      id: 'op_1',
      kind: 'refund',
      reference: reference(9),
      amount: CNY(1),
      status: 'intent',
      openedAt: NOON,
      sendableUntil: NOON + 5_000,
    } as const
    const action = { type: 'redirect', expiresAt: NOON + 600_000 } as const
    const cases = [
      samplePayment([sampleAttempt(1)]),
      samplePayment([sampleAttempt(1, { status: 'requires_action', nextAction: action })]),
      samplePayment([sampleAttempt(1, { status: 'approved' })], {
        result: 'succeeded',
        winner: reference(1),
        operations: [refund],
      }),
    ]
    const skew = fc.integer({ min: -CLOCK_ERROR_MS, max: CLOCK_ERROR_MS })
    fc.assert(
      fc.property(fc.constantFrom(...cases), skew, skew, (payment, first, second) => {
        // What is due is known by the journal's clock; who takes it on reckons by its own.
        let journal = dueAt(payment, NOON + first) as number
        const until = journal + 10_000
        let resolves = 0
        while (journal < until && resolves < 100)
          journal = Math.max(
            journal + 1,
            dueAt({ ...payment, resolves: ++resolves }, journal + second) as number,
          )
        expect(resolves).toBeLessThanOrEqual(8)
      }),
    )
  })

  it('an INTENT that was taken over and is not settled: by backoff, not at once for ever', () => {
    const late = NOON + 60_000
    const due = dueAt(samplePayment([sampleAttempt(1)], { resolves: 3 }), late) ?? 0
    expect(due - late).toBeGreaterThanOrEqual(3_200)
    expect(due - late).toBeLessThanOrEqual(4_800)
  })

  describe('a redirect', () => {
    const expiresAt = NOON + 600_000
    const onPage = sampleAttempt(1, {
      status: 'requires_action',
      nextAction: { type: 'redirect', expiresAt },
    })

    it('is asked about ever less, but at least once a minute, until it expires', () => {
      const at = (resolves: number) => soon(samplePayment([onPage], { resolves }))
      expect(at(0)).toBeGreaterThanOrEqual(3_200)
      expect(at(0)).toBeLessThanOrEqual(4_800)
      expect(at(20)).toBe(60_000)
      expect(dueAt(samplePayment([onPage], { resolves: 20 }), expiresAt - 10)).toBe(
        expiresAt + 2 * CLOCK_ERROR_MS + 1,
      )
    })

    it('is looked at when it has expired for every clock, where it cannot be asked about', () => {
      const blind = { ...onPage, contract: { ...onPage.contract, queryable: false } }
      expect(soon(samplePayment([blind]))).toBe(600_000 + 2 * CLOCK_ERROR_MS + 1)
    })

    it('that has expired and cannot be closed: by backoff since then, not at once for ever', () => {
      const after = (ms: number) => {
        const now = expiresAt + CLOCK_ERROR_MS + ms
        return (dueAt(samplePayment([onPage], { resolves: 30 }), now) ?? 0) - now
      }
      expect(after(1)).toBeGreaterThanOrEqual(400)
      expect(after(1)).toBeLessThanOrEqual(600)
      expect(after(60_000)).toBeGreaterThan(10_000)
      expect(after(86_400_000)).toBeLessThanOrEqual(1.2 * 3_600_000)
    })

    it('that is being closed: by backoff', () => {
      expect(soon(samplePayment([{ ...onPage, canceling: 'close' }]))).toBeLessThanOrEqual(600)
    })
  })

  it('an unknown: by backoff, later after every try', () => {
    const at = (resolves: number) =>
      soon(samplePayment([sampleAttempt(1, { status: 'unknown' })], { resolves }))
    expect(at(0)).toBeGreaterThanOrEqual(400)
    expect(at(0)).toBeLessThanOrEqual(600)
    expect(at(4)).toBeGreaterThan(at(0))
    expect(at(1_000_000)).toBeLessThanOrEqual(1.2 * 3_600_000)
  })

  it('between two attempts: at once', () => {
    expect(soon(samplePayment([sampleAttempt(1, { status: 'declined' })]))).toBe(0)
  })

  it('one that has ended: never, unless money has to go back', () => {
    const ended = samplePayment([sampleAttempt(1, { status: 'declined' })], { result: 'declined' })
    expect(dueAt(ended, NOON)).toBeNull()
    const owed = { reference: reference(1), cause: 'late_approval', openedAt: NOON } as const
    const reversing = [sampleAttempt(1, { status: 'reversing' })]
    const owing = (status: 'pending' | 'manual' | 'done') =>
      samplePayment(reversing, { result: 'declined', obligations: [{ ...owed, status }] })
    expect(soon(owing('pending'))).toBeGreaterThan(0)
    expect(dueAt(owing('manual'), NOON)).toBeNull()
    expect(dueAt(owing('done'), NOON)).toBeNull()
  })

  it('one that only a person can drive: for nobody, so that it is not taken on over and over', () => {
    const obligations = [
      { reference: reference(1), cause: 'late_approval', openedAt: NOON, status: 'manual' },
    ] as const
    const stuck = samplePayment([sampleAttempt(1, { status: 'reversing' })], { obligations })
    expect(dueAt(stuck, NOON)).toBeNull()
  })

  it('an operation: when its send must have ended, then by backoff', () => {
    const operation = {
      id: 'op_1',
      kind: 'refund',
      reference: reference(9),
      amount: CNY(1),
      openedAt: NOON,
      sendableUntil: NOON + 4_000,
    } as const
    const paid = (status: 'intent' | 'unknown' | 'succeeded') =>
      samplePayment([sampleAttempt(1, { status: 'approved' })], {
        result: 'succeeded',
        winner: reference(1),
        operations: [{ ...operation, status }],
      })
    expect(soon(paid('intent'))).toBe(4_000 + CLOCK_ERROR_MS)
    const late = NOON + 60_000
    expect(dueAt(paid('intent'), late)).toBeGreaterThan(late)
    expect(soon(paid('unknown'))).toBeLessThanOrEqual(600)
    expect(dueAt(paid('succeeded'), NOON)).toBeNull()
  })
})
