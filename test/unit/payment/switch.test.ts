import { describe, expect, it } from 'vitest'
import { dueAt } from '../../../src/core/payment/schedule.ts'
import { askToSwitch, currentContext, maySwitch } from '../../../src/core/payment/switch.ts'
import { openAttempt } from '../../../src/core/payment/transition.ts'
import { publicStatus } from '../../../src/core/payment/view.ts'
import { NOON, sampleAttempt, samplePayment } from '../../support/samples.ts'

const action = { type: 'redirect' as const, expiresAt: NOON + 600_000 }
const onPage = samplePayment([sampleAttempt(1, { status: 'requires_action', nextAction: action })])
const wallet = { tender: 'wallet' as const }
const asked = askToSwitch(onPage, wallet, 2, NOON + 60_000)

describe('a payment whose payer wants another tender', () => {
  it('sends the payer nowhere while the old attempt is being closed', () => {
    expect(publicStatus(onPage)).toBe('requires_action')
    expect(publicStatus(asked)).toBe('pending')
  })

  it('is due at once, and not when the redirect would have expired', () => {
    expect(dueAt(onPage, NOON)).toBeGreaterThan(NOON + 2_000)
    expect(dueAt(asked, NOON)).toBeLessThan(NOON + 1_000)
  })

  it('consents to the new tender alone, from the asking on and after it has begun', () => {
    expect(currentContext(onPage).funding.accept).toEqual(onPage.context.funding.accept)
    expect(currentContext(asked).funding.accept).toEqual([wallet])
    const closed = {
      ...asked,
      attempts: asked.attempts.map(each => ({ ...each, status: 'voided' as const })),
    }
    const begun = openAttempt(closed, sampleAttempt(2), NOON)
    expect(begun).not.toHaveProperty('switchTo')
    expect(currentContext(begun).funding.accept).toEqual([wallet])
    expect(begun.context).toEqual(onPage.context)
  })

  it('has as many attempts before it as a new payment', () => {
    expect(asked.attemptsMax).toBe(onPage.attempts.length + 2)
  })

  it.each([{ result: 'declined' as const }, { cancelRequested: true }, { manual: 'no_answer' }])(
    'may not when %j',
    change => {
      expect(maySwitch(onPage)).toBe(true)
      expect(maySwitch({ ...onPage, ...change })).toBe(false)
      expect(() => askToSwitch({ ...onPage, ...change }, wallet, 2, NOON)).toThrow(TypeError)
    },
  )
})
