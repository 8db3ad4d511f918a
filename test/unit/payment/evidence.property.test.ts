import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../../src/core/payment/outcome.ts'
import type { Attempt, Payment } from '../../../src/core/payment/payment.ts'
import { applyEvidence, holdsMoney, isClosed } from '../../../src/core/payment/transition.ts'
import { publicStatus } from '../../../src/core/payment/view.ts'
import {
  alreadyPaid,
  approved,
  authorized,
  canceled,
  declined,
  join,
  LATER,
  notFound,
  notSent,
  processing,
  requiresAction,
  told,
  unknown,
} from '../../support/evidence.ts'
import { reference, sampleAttempt, samplePayment } from '../../support/samples.ts'

/**
 * What can be told about one attempt, by what became of it at the upstream. Every story may also be told in part:
 * any subset in any order and with any repetition has to lead to the same end.
 */
const early = (n: number) => [told(n, unknown, 'caller'), told(n, processing), told(n, notFound)]
const STORIES: Readonly<Record<string, (n: number) => Evidence[]>> = {
  paid: n => [
    ...early(n),
    told(n, requiresAction, 'caller'),
    told(n, approved(), 'notification'),
    told(n, approved()),
    told(n, alreadyPaid, 'cancel'),
  ],
  'paid in two steps': n => [
    ...early(n),
    told(n, authorized(), 'caller'),
    told(n, approved(), 'notification'),
  ],
  refused: n => [...early(n), told(n, requiresAction), told(n, declined), told(n, declined, 'notification')],
  'refused, then paid': n => [...early(n), told(n, declined, 'caller'), told(n, approved(), 'notification')],
  'never arrived': n => [told(n, unknown, 'caller'), told(n, notFound), told(n, notFound, 'query', LATER)],
  'never arrived, as it seemed': n => [
    told(n, unknown, 'caller'),
    told(n, notFound, 'query', LATER),
    told(n, approved(), 'notification', LATER),
  ],
  'never left': n => [told(n, notSent, 'caller'), told(n, notFound)],
  'not decided yet': n => [...early(n), told(n, requiresAction)],
  canceled: n => [...early(n), told(n, requiresAction), told(n, canceled, 'cancel')],
  'refused and canceled': n => [...early(n), told(n, declined, 'caller'), told(n, canceled, 'cancel')],
  mismatched: n => [
    ...early(n),
    told(n, approved(1), 'notification'),
    told(n, { kind: 'unknown', cause: 'mismatch' }, 'caller'),
    told(n, approved()),
  ],
}

/** Stories of an attempt that is being voided or reversed: a `canceled` then gives back what was approved. */
const UNDONE: typeof STORIES = {
  'approved and undone': n => [
    ...early(n),
    told(n, approved(), 'caller'),
    told(n, approved(), 'notification'),
    told(n, canceled, 'cancel'),
  ],
  'approved, and too late to undo': n => [...early(n), told(n, approved()), told(n, alreadyPaid, 'cancel')],
  'nothing to undo': n => [...early(n), told(n, canceled, 'cancel')],
  'undoing, not answered yet': n => [...early(n), told(n, approved())],
}

/** A subset of a story, told in some order with repetitions, twice. */
const tellings = (story: readonly Evidence[]) =>
  fc.subarray([...story]).chain(part => {
    const telling = fc
      .tuple(fc.shuffledSubarray(part, { minLength: part.length }), fc.array(fc.constantFrom(...part, null)))
      .chain(([all, again]) => {
        const more = [...all, ...again.filter(evidence => evidence !== null)]
        return fc.shuffledSubarray(more, { minLength: more.length })
      })
    return fc.tuple(telling, telling)
  })

/** Lets every reversal be confirmed by its upstream, as the resolver drives it to be. */
function drive(payment: Payment): Payment {
  return payment.obligations
    .filter(({ status }) => status === 'pending')
    .reduce(
      (driven, owed) => applyEvidence(driven, { ...told(0, canceled, 'cancel'), reference: owed.reference }),
      payment,
    )
}

function money(attempt: Attempt): 'kept' | 'none' | 'open' {
  if (isClosed(attempt)) return 'none'
  return holdsMoney(attempt) ? 'kept' : 'open'
}

const moneyState = (payment: Payment) => ({
  status: publicStatus(payment),
  manual: payment.manual,
  attempts: payment.attempts.map(money),
  owed: payment.obligations.filter(({ status }) => status !== 'done').length,
})

describe('evidence in any order and with any repetition leads to the same end', () => {
  it.each(Object.entries(STORIES))('%s', (_name, story) => {
    fc.assert(
      fc.property(tellings(story(1)), ([one, other]) => {
        const payment = samplePayment([sampleAttempt(1)])
        expect(moneyState(drive(join(payment, ...one)))).toEqual(moneyState(drive(join(payment, ...other))))
      }),
      { numRuns: 300 },
    )
  })

  it.each(
    Object.entries(UNDONE).flatMap(([name, story]) =>
      (['void', 'reverse'] as const).map(verb => [name, verb, story] as const),
    ),
  )('%s, by %s', (_name, canceling, story) => {
    fc.assert(
      fc.property(tellings(story(1)), ([one, other]) => {
        const payment = samplePayment([sampleAttempt(1, { canceling })])
        expect(moneyState(drive(join(payment, ...one)))).toEqual(moneyState(drive(join(payment, ...other))))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the money of one attempt, and owes back that of every other', () => {
    const late = [told(1, approved(), 'notification'), told(1, declined)]
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(STORIES)).chain(story => tellings([...late, ...story(2)])),
        ([one, other]) => {
          const payment = samplePayment([sampleAttempt(1, { status: 'declined' }), sampleAttempt(2)])
          const ends = [join(payment, ...one), join(payment, ...other)]
          for (const end of ends) expectOneCharge(end)
          const kept = ends.map(
            end => drive(end).attempts.filter(attempt => money(attempt) === 'kept').length,
          )
          expect(kept[0]).toBe(kept[1])
          expect(ends[0]?.result === undefined).toBe(ends[1]?.result === undefined)
        },
      ),
      { numRuns: 500 },
    )
  })
})

/** Every approval is the winner's, or an obligation to give it back. */
function expectOneCharge(payment: Payment): void {
  for (const attempt of payment.attempts.filter(holdsMoney)) {
    if (attempt.reference === payment.winner) continue
    expect(attempt.status).toBe('reversing')
    expect(payment.obligations).toContainEqual(
      expect.objectContaining({ reference: attempt.reference, status: 'pending' }),
    )
  }
  expect(payment.winner !== undefined).toBe(payment.result === 'succeeded' || payment.result === 'authorized')
}

const ANY_RESULT = [
  approved(),
  approved(1),
  authorized(),
  declined,
  unknown,
  { kind: 'unknown', cause: 'mismatch' } as const,
  processing,
  notFound,
  canceled,
  alreadyPaid,
  notSent,
  requiresAction,
]

const anyEvidence = fc
  .record({
    n: fc.constantFrom(1, 2),
    result: fc.constantFrom(...ANY_RESULT),
    source: fc.constantFrom('caller' as const, 'query' as const, 'cancel' as const, 'notification' as const),
    at: fc.constantFrom(undefined, LATER),
  })
  .map(({ n, result, source, at }) => told(n, result, source, at))
const anyVerb = fc.constantFrom(undefined, 'close' as const, 'void' as const, 'reverse' as const)

describe('whatever upstreams say, also what contradicts itself', () => {
  const runs = fc.tuple(fc.array(anyEvidence, { maxLength: 14 }), anyVerb, anyVerb)
  const begin = (one: Attempt['canceling'], two: Attempt['canceling']) =>
    samplePayment([
      sampleAttempt(1, { status: 'declined', ...(one && { canceling: one }) }),
      sampleAttempt(2, two && { canceling: two }),
    ])

  it('the result is set once, and what was told with it never changes', () => {
    fc.assert(
      fc.property(runs, ([evidence, one, two]) => {
        let payment = begin(one, two)
        for (const next of evidence) {
          const after = applyEvidence(payment, next)
          if (payment.result !== undefined) {
            expect(after).toMatchObject({ result: payment.result, winner: payment.winner })
            expect(after.answered).toBe(payment.answered)
          }
          payment = after
        }
      }),
      { numRuns: 500 },
    )
  })

  it('no approval is lost: its money is the result, owed back, given back, or still being asked about', () => {
    fc.assert(
      fc.property(runs, ([evidence, one, two]) => {
        const end = join(begin(one, two), ...evidence)
        expectOneCharge(end)
        for (const n of [1, 2]) {
          const about = evidence.filter(other => other.reference === reference(n)).map(({ result }) => result)
          const paid = about.some(({ kind, ...rest }) => {
            const amount = 'amount' in rest ? rest.amount.value : undefined
            return (kind === 'approved' || kind === 'authorized') && amount === 100_000
          })
          const givenBack = about.some(({ kind }) => kind === 'canceled')
          if (paid && !givenBack) expect(money(end.attempts[n - 1] as Attempt)).not.toBe('none')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('the same evidence again adds nothing', () => {
    fc.assert(
      fc.property(runs, anyEvidence, ([evidence, one, two], last) => {
        const end = join(begin(one, two), ...evidence, last)
        expect(applyEvidence(end, last)).toBe(end)
      }),
      { numRuns: 500 },
    )
  })

  it('identity, amount and consent stay as they were', () => {
    fc.assert(
      fc.property(runs, ([evidence, one, two]) => {
        const start = begin(one, two)
        const end = join(start, ...evidence)
        expect(end).toMatchObject({ id: start.id, tenant: start.tenant, context: start.context })
        expect(end.attempts.map(({ reference: r, amount, route }) => [r, amount, route])).toEqual(
          start.attempts.map(({ reference: r, amount, route }) => [r, amount, route]),
        )
      }),
    )
  })
})
