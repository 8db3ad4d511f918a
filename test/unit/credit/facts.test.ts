import { describe, expect, it } from 'vitest'
import { type FactConsent, type FactSource, gatherFacts, mayUse } from '../../../src/core/credit/facts.ts'

const now = Date.UTC(2026, 5, 1)
const platform: FactSource = {
  id: 'platform',
  dimension: 'payment_history',
  consentRequired: false,
  freshSeconds: 60,
  enquiryCost: 0,
}
const bureau: FactSource = {
  ...platform,
  id: 'bureau',
  dimension: 'bureau',
  consentRequired: true,
  freshSeconds: 86_400,
  enquiryCost: 50,
}
const consent = (more: Partial<FactConsent> = {}): FactConsent => ({
  source: 'bureau',
  grantedAtMs: now - 1_000,
  ...more,
})
const readings = [
  { source: 'platform', asOfMs: now - 1_000, values: { late: 1, income: null } },
  { source: 'bureau', asOfMs: now - 3_600_000, values: { late: 5, income: 8_000 } },
]

describe('facts for a decision', () => {
  it('come from every source that may be used, the first one configured winning', () => {
    const facts = gatherFacts([platform, bureau], [consent()], readings, now)
    expect(facts.values).toEqual({ late: 1, income: 8_000 })
    expect(facts.used.map(({ source }) => source)).toEqual(['platform', 'bureau'])
    expect(facts.unknownDimensions).toEqual([])
  })

  it.each([
    ['none was given', []],
    ['it was withdrawn', [consent({ withdrawnAtMs: now - 1 })]],
    ['it has expired', [consent({ expiresAtMs: now })]],
    ['it begins later', [consent({ grantedAtMs: now + 1 })]],
    ['it is for another source', [consent({ source: 'platform' })]],
  ])('leave out a source without consent: %s', (_name, consents) => {
    expect(mayUse(bureau, consents, now)).toBe(false)
    const facts = gatherFacts([platform, bureau], consents, readings, now)
    expect(facts.values).toEqual({ late: 1, income: null })
    expect(facts.omitted).toEqual([{ source: 'bureau', why: 'no_consent' }])
    expect(facts.unknownDimensions).toEqual(['bureau'])
  })

  it('do not betray whether a source without consent has anything to say', () => {
    const facts = gatherFacts([bureau], [], [], now)
    expect(facts.omitted).toEqual([{ source: 'bureau', why: 'no_consent' }])
  })

  it('are not used when stale, absent or dated in the future; the latest reading counts', () => {
    const at = (asOfMs: number) => [{ source: 'platform', asOfMs, values: { late: 0 } }]
    expect(gatherFacts([platform], [], at(now - 60_001), now).omitted).toEqual([
      { source: 'platform', why: 'stale' },
    ])
    expect(gatherFacts([platform], [], at(now + 60_001), now).omitted[0]?.why).toBe('from_the_future')
    expect(gatherFacts([platform], [], [], now).omitted[0]?.why).toBe('absent')
    const two = [...at(now - 50_000), { source: 'platform', asOfMs: now - 10, values: { late: 2 } }]
    expect(gatherFacts([platform], [], two, now).values).toEqual({ late: 2 })
  })
})
