import { describe, expect, it } from 'vitest'
import type { CreditApproval, CreditRefusal } from '../../../src/core/credit/credit-decision.ts'
import {
  availableCredit,
  type CreditLine,
  freezeLine,
  lowerLimit,
  requestRaise,
  unfreezeLine,
} from '../../../src/core/credit/credit-line.ts'
import { DEFAULT_CREDIT_POLICY } from '../../../src/core/credit/credit-policy.ts'

const DAY = 86_400_000
const line: CreditLine = { limit: 500_000, used: 200_000, frozen: null, raiseDecidedAtMs: null }
const record = {
  policyVersion: 'p',
  modelVersion: 'm',
  posture: 'neutral',
  date: '2026-06-01',
  pd: 0.01,
  score: 600,
} as const
const approval = (limit: number, kind: 'tier' | 'appetite' = 'tier'): CreditApproval => ({
  kind: 'approved',
  tier: 'B',
  limit,
  ticketMax: limit,
  instalments: [1, 3],
  monthlyFeePpm: 5_000,
  limitComponents: [{ kind, limit }],
  limitReasons: kind === 'tier' ? ['CRD_ASSESSMENT_NOT_MET'] : [],
  record,
})
const refusal: CreditRefusal = {
  kind: 'refused',
  lender: 'lender',
  cause: 'risk',
  reasons: ['CRD_ASSESSMENT_NOT_MET', 'CRD_OBLIGATIONS_HIGH'],
  factors: [],
  humanReview: true,
  record,
}
const raise = (asked: number, decision: CreditApproval | CreditRefusal, on = line, atMs = 100 * DAY) =>
  requestRaise(on, asked, decision, DEFAULT_CREDIT_POLICY, atMs)

describe('lowering a limit', () => {
  it('works at once, even under what is used, and leaves nothing to spend', () => {
    const answer = lowerLimit(line, 100_000, 5)
    expect(answer).toMatchObject({
      kind: 'changed',
      line: { limit: 100_000, used: 200_000 },
      change: { kind: 'lowered', by: 'payer', atMs: 5, limitBefore: 500_000, limitAfter: 100_000 },
    })
    expect(availableCredit(answer.line)).toBe(0)
  })

  it('is safe to repeat and cannot raise', () => {
    expect(lowerLimit(line, 500_000, 5).kind).toBe('unchanged')
    expect(lowerLimit(line, 500_001, 5)).toMatchObject({ kind: 'refused', problem: 'not_lower', line })
    expect(() => lowerLimit(line, -1, 5)).toThrow(RangeError)
    expect(() => lowerLimit(line, 0.5, 5)).toThrow(RangeError)
  })
})

describe('freezing', () => {
  it('leaves nothing to spend and comes off again', () => {
    const frozen = freezeLine(line, 'payer', 5)
    expect(availableCredit(frozen.line)).toBe(0)
    expect(freezeLine(frozen.line, 'payer', 6).kind).toBe('unchanged')
    const open = unfreezeLine(frozen.line, 'payer', 7)
    expect(open).toMatchObject({ kind: 'changed', line, change: { kind: 'unfrozen' } })
    expect(unfreezeLine(open.line, 'payer', 8).kind).toBe('unchanged')
  })

  it('by the lender is not the payer’s to take off', () => {
    const frozen = freezeLine(freezeLine(line, 'payer', 5).line, 'lender', 6).line
    expect(frozen.frozen).toEqual({ by: 'lender', atMs: 6 })
    expect(freezeLine(frozen, 'payer', 7).kind).toBe('unchanged')
    expect(unfreezeLine(frozen, 'payer', 8)).toMatchObject({ kind: 'refused', problem: 'frozen_by_lender' })
    expect(unfreezeLine(frozen, 'lender', 8).kind).toBe('changed')
  })
})

describe('asking for a raise', () => {
  it('is granted in full, in part with reasons, or refused with reasons and a person', () => {
    expect(raise(800_000, approval(1_000_000))).toMatchObject({
      kind: 'granted',
      line: { limit: 800_000, raiseDecidedAtMs: 100 * DAY },
      reasons: [],
    })
    expect(raise(800_000, approval(600_000))).toMatchObject({
      kind: 'partly_granted',
      line: { limit: 600_000 },
      reasons: ['CRD_ASSESSMENT_NOT_MET'],
    })
    expect(raise(800_000, refusal)).toMatchObject({
      kind: 'refused',
      line: { limit: 500_000, raiseDecidedAtMs: 100 * DAY },
      reasons: refusal.reasons,
      humanReview: true,
    })
  })

  it('never lowers: a decision under the present limit refuses, and an appetite is not the payer’s fault', () => {
    expect(raise(800_000, approval(300_000))).toMatchObject({
      kind: 'refused',
      cause: 'risk',
      line: { limit: 500_000 },
    })
    expect(raise(800_000, approval(300_000, 'appetite'))).toMatchObject({
      kind: 'refused',
      cause: 'appetite',
      reasons: [],
    })
    expect(raise(400_000, approval(1_000_000)).kind).toBe('not_higher')
  })

  it('is decided again only after the wait', () => {
    const decided = raise(800_000, refusal).line
    expect(raise(800_000, approval(1_000_000), decided, 129 * DAY)).toMatchObject({
      kind: 'too_soon',
      reviewAtMs: 130 * DAY,
    })
    expect(raise(800_000, approval(1_000_000), decided, 130 * DAY).kind).toBe('granted')
  })

  it('waits for a frozen line to be opened', () => {
    const frozen = freezeLine(line, 'payer', 5).line
    expect(raise(800_000, approval(1_000_000), frozen)).toMatchObject({
      kind: 'refused',
      cause: 'frozen',
      reasons: ['CRD_FROZEN_BY_USER'],
    })
  })
})
