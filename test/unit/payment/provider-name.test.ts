import { describe, expect, it } from 'vitest'
import { join, told } from '../../support/evidence.ts'
import { CNY, sampleAttempt, samplePayment } from '../../support/samples.ts'

describe('a name that an upstream gives', () => {
  it.each([
    ['as it is', 'prov-1', 'prov-1'],
    ['not with a character that parts texts in a journal', 'a\u001eb', undefined],
    ['not with NUL', 'a\u0000', undefined],
    ['not with half of a character', 'a\ud800', undefined],
    ['not beyond its length', 'a'.repeat(129), undefined],
  ])('is kept %s, and the outcome counts all the same', (_name, providerReference, kept) => {
    const payment = join(
      samplePayment([sampleAttempt(1)]),
      told(1, { kind: 'approved', amount: CNY(100_000), providerReference }),
    )
    expect(payment.attempts[0]).toMatchObject({ status: 'approved' })
    expect(payment.attempts[0]?.providerReference).toBe(kept)
  })
})
