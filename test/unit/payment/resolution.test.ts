import { describe, expect, it } from 'vitest'
import type { Attempt, Payment } from '../../../src/core/payment/payment.ts'
import {
  giveBackEnds,
  giveBackReference,
  mayRepeat,
  mayResend,
  nextMove,
} from '../../../src/core/payment/resolution.ts'
import type { UpstreamContract } from '../../../src/core/payment/route.ts'
import { NOON, reference, sampleAttempt, samplePayment } from '../../support/samples.ts'

const { contract: FULL } = sampleAttempt(1)
const APPROVALS_ONLY = { ...FULL.idempotency, replaysErrors: false }
const DAY_MS = 24 * 3_600_000

const attemptOn = (contract: Partial<UpstreamContract>, change: Partial<Attempt> = {}) =>
  sampleAttempt(1, { status: 'unknown', contract: { ...FULL, cancel: [], ...contract }, ...change })

/** Every kind of move that is made about an attempt over many rounds, from the moment given. */
function moves(attempt: Attempt, now: number, change: Partial<Payment> = {}): Set<string> {
  const kinds = new Set<string>()
  for (let resolves = 0; resolves < 20; resolves++) {
    const move = nextMove(samplePayment([attempt], { ...change, resolves }), attempt, now)
    kinds.add(move.kind === 'manual' ? `manual: ${move.reason}` : move.kind)
  }
  return kinds
}

describe('sending again', () => {
  it('is for upstreams that replay every answer under the key', () => {
    expect(mayResend(attemptOn({}), NOON)).toBe(true)
  })

  it.each([0, 20_000, 70_001, 3_600_000])(
    'is never done where refusals are not kept, %i ms later: a refusal heard of one send would not bind the other',
    ms => {
      expect(mayResend(attemptOn({ idempotency: APPROVALS_ONLY }), NOON + ms)).toBe(false)
      expect(moves(attemptOn({ idempotency: APPROVALS_ONLY }), NOON + ms)).toEqual(new Set(['query']))
    },
  )

  it('brings the answer of an approval again where approvals are kept', () => {
    const approved = attemptOn({ idempotency: APPROVALS_ONLY }, { status: 'approved' })
    expect(mayRepeat(approved, NOON)).toBe(true)
  })

  it.each(['reference', 'none'] as const)('is never done where the mode is %s', mode => {
    expect(mayResend(attemptOn({ idempotency: { ...FULL.idempotency, mode } }), NOON)).toBe(false)
  })

  it('ends before the key is forgotten, by more than clocks and travel can take', () => {
    const attempt = attemptOn({})
    expect(mayResend(attempt, attempt.keyWindowEndsAt - 10 * 60_000 - 1)).toBe(true)
    expect(mayResend(attempt, attempt.keyWindowEndsAt - 10 * 60_000)).toBe(false)
  })

  it('is not done once a cancel may be under way, nor past an expiry that the upstream honours', () => {
    expect(mayResend(attemptOn({}, { canceling: 'reverse' }), NOON)).toBe(false)
    expect(mayResend(attemptOn({ honoursExpiry: true }), NOON + 8_000)).toBe(false)
  })
})

describe('an upstream that cannot be asked, but replays', () => {
  const blind = { queryable: false }

  it.each(['unknown', 'processing'] as const)('is asked by sending again while it is %s', status => {
    expect(moves(attemptOn(blind, { status }), NOON + 60_000)).toEqual(new Set(['resend']))
  })

  it.each([{ cancelRequested: true }, { switchTo: { tender: 'wallet' } }, { result: 'succeeded' }] as const)(
    'is asked so too when the attempt is not wanted any more, for nothing else can tell: %j',
    change => {
      expect(moves(attemptOn(blind), NOON + 60_000, change)).toEqual(new Set(['resend']))
    },
  )

  it('is not sent to again for an unwanted attempt that it can undo', () => {
    const undoable = attemptOn({ ...blind, cancel: ['reverse'] })
    expect(moves(undoable, NOON + 60_000, { cancelRequested: true })).toEqual(new Set(['cancel']))
  })

  it('is for a person only when it may have forgotten the key', () => {
    expect(moves(attemptOn(blind), NOON + DAY_MS)).toEqual(new Set(['manual: route_cannot_tell']))
  })
})

describe('a closed attempt', () => {
  it('is left alone', () => {
    expect(moves(attemptOn({}, { status: 'declined' }), NOON)).toEqual(new Set(['wait']))
  })

  it('of which an approval was claimed is asked about, and never sent or undone', () => {
    const claimed = attemptOn({ cancel: ['reverse'] }, { status: 'declined', approvalClaimed: NOON })
    expect(moves(claimed, NOON + 60_000)).toEqual(new Set(['query']))
    expect(moves(claimed, NOON + 2 * DAY_MS)).toEqual(new Set(['manual: no_answer']))
  })
})

describe('giving back', () => {
  const owed = { reference: reference(1), cause: 'late_approval', status: 'pending', openedAt: NOON } as const

  it('is for a person when it was refused for certain, or when nobody has answered for a day', () => {
    expect(giveBackEnds({ ...owed, refusals: 4 }, NOON)).toBeUndefined()
    expect(giveBackEnds({ ...owed, refusals: 5 }, NOON)).toBe('give_back_refused')
    expect(giveBackEnds(owed, NOON + DAY_MS)).toBeUndefined()
    expect(giveBackEnds(owed, NOON + DAY_MS + 1)).toBe('give_back_unconfirmed')
  })

  it('tries each time under a reference of its own, which no attempt and no refund of a client has', () => {
    const made = [0, 1, 2, 3, 4].map(refusals => giveBackReference(reference(1), refusals))
    expect(new Set([...made, reference(1)]).size).toBe(6)
    for (const each of made) expect(each).toMatch(/^[1-9a-f][0-9a-f]{31}$/)
    expect(giveBackReference(reference(1))).toBe(made[0])
  })
})
