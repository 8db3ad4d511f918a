import { describe, expect, it } from 'vitest'
import { claimApproval } from '../../../src/core/payment/claim.ts'
import {
  applyResolution,
  awaitsPerson,
  refuseResolution,
  standing,
} from '../../../src/core/payment/intervention.ts'
import { isOpenPayment } from '../../../src/core/payment/trail.ts'
import { hasOpenWork } from '../../../src/core/payment/transition.ts'
import { LATER } from '../../support/evidence.ts'
import { CNY, NOON, reference, sampleAttempt, samplePayment } from '../../support/samples.ts'

const declined = samplePayment(
  [sampleAttempt(1, { status: 'declined', declineCategory: 'issuer_declined' })],
  { result: 'declined' },
)

describe('an approval that was claimed of a closed attempt and that nobody answers for', () => {
  const claimed = { ...claimApproval(declined, reference(1), NOON), manual: 'no_answer' }

  it('is denied by people: nothing is left to do', () => {
    const denial = { kind: 'no_money', reference: reference(1) } as const
    expect(refuseResolution(claimed, denial)).toBeUndefined()
    const after = applyResolution(claimed, denial, LATER)
    expect(hasOpenWork(after) || awaitsPerson(after)).toBe(false)
    expect(after.result).toBe('declined')
  })

  it('is confirmed by people: the money is owed back', () => {
    const approval = { kind: 'approved', reference: reference(1), amount: CNY(100_000) } as const
    expect(refuseResolution(claimed, approval)).toBeUndefined()
    expect(applyResolution(claimed, approval, LATER)).toMatchObject({
      attempts: [{ status: 'reversing' }],
      obligations: [{ status: 'pending' }],
    })
  })

  it('makes what a proposal rests on another: one from before it is not confirmed after it', () => {
    expect(standing(claimed)).not.toBe(standing({ ...declined, manual: 'no_answer' }))
    expect(refuseResolution(declined, { kind: 'no_money', reference: reference(1) })).toBe('attempt_not_open')
  })
})

describe('money that could not be given back', () => {
  it('is settled by people who know that it has gone back', () => {
    const owed = {
      reference: reference(1),
      cause: 'late_approval',
      openedAt: NOON,
      status: 'manual',
    } as const
    const stuck = samplePayment([sampleAttempt(1, { status: 'reversing' })], {
      result: 'declined',
      manual: 'give_back_refused',
      obligations: [{ ...owed, refusals: 5 }],
    })
    const given = { kind: 'given_back', reference: reference(1) } as const
    expect(refuseResolution(stuck, given)).toBeUndefined()
    const after = applyResolution(stuck, given, LATER)
    expect(after).toMatchObject({ attempts: [{ status: 'reversed' }], obligations: [{ status: 'done' }] })
    expect(isOpenPayment(after) || awaitsPerson(after)).toBe(false)
  })
})
