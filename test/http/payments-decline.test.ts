import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { behaving, codes, contextOf, decide, inFixedOrder, pay, type PaymentView } from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget({ change: inFixedOrder })
})
afterAll(() => target.stop())

const tried = ({ attempts }: PaymentView): string[] =>
  attempts.map(({ route, status, declineCategory }) =>
    [route, status, declineCategory].filter(Boolean).join(' '),
  )

describe('after a refusal by the first acquirer', () => {
  it.each([
    'upstream_unavailable',
    'insufficient_funds',
    'limit_exceeded',
    'authentication_required',
    'not_permitted',
    'funding_unavailable',
    'issuer_declined',
  ])('%s: the next acquirer is tried', async category => {
    const context = behaving(category, ['card', 'wallet'], 'card_a')
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([201, 'succeeded'])
    expect(tried(body)).toEqual([`card_a declined ${category}`, 'card_b approved'])
    expect(await target.sandbox.ledger(context.orderId)).toEqual(['card_b charged 129900'])
  })

  it.each(['credential_invalid', 'instrument_blocked'])(
    '%s: the other acquirer of the same card is left out, another accepted tender is tried',
    async category => {
      const context = behaving(category, ['card', 'wallet'], 'card_a')
      const { body } = await pay(target, context)
      expect(tried(body)).toEqual([`card_a declined ${category}`, 'wallet approved'])
      expect(await target.sandbox.ledger(context.orderId)).toEqual(['wallet charged 129900'])
    },
  )

  it.each(['suspected_fraud', 'invalid_request'])('%s: nothing else is ever tried', async category => {
    const context = behaving(category, ['card', 'wallet', 'balance'], 'card_a')
    const { status, body } = await pay(target, context)
    expect([status, body.status]).toEqual([201, 'declined'])
    expect(tried(body)).toEqual([`card_a declined ${category}`])
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })

  it('issuer_declined: one more route, and then it stands', async () => {
    const context = behaving('issuer_declined', ['card', 'wallet'])
    const { body } = await pay(target, context)
    expect(tried(body)).toEqual(['card_a declined issuer_declined', 'card_b declined issuer_declined'])
    expect(body.status).toBe('declined')
  })

  it('tries no more routes than the policy allows', async () => {
    const context = behaving('limit_exceeded', ['card', 'wallet', 'balance'])
    const { body } = await pay(target, context)
    expect(tried(body).map(attempt => attempt.split(' ')[0])).toEqual(['card_a', 'card_b', 'wallet'])
    expect(body.status).toBe('declined')
  })

  it('never moves to a tender that the payer has not accepted, and offers those that would work', async () => {
    const context = behaving('insufficient_funds', ['card'], 'card_a')
    const { body } = await pay(target, { ...context, metadata: { sandbox: 'insufficient_funds' } })
    expect(body.status).toBe('declined')
    expect(tried(body).map(attempt => attempt.split(' ')[0])).toEqual(['card_a', 'card_b'])
    expect(body.alternatives?.map(({ tender }) => tender).sort()).toEqual(['balance', 'credit', 'wallet'])
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })

  it('offers alternatives that do work when they are accepted', async () => {
    const { body } = await pay(target, behaving('limit_exceeded', ['card']))
    const [first] = body.alternatives ?? []
    const accept = [{ tender: first?.tender ?? '' }]
    const decided = await decide(target, contextOf({ funding: { accept } }))
    expect(decided.body.cascade).toContain(first?.route)
  })

  it('offers nothing that it would not do itself after a suspicion of fraud', async () => {
    const { body } = await pay(target, behaving('suspected_fraud', ['card']))
    expect(body.alternatives).toEqual([])
    expect(codes(body.reasons)).toEqual(['SEC_CANNOT_PROCESS'])
  })

  it('tells why: the reason of the refusal, not the upstream’s code', async () => {
    const { body } = await pay(target, behaving('credential_invalid', ['card']))
    expect(codes(body.reasons)).toEqual(['TECH_CREDENTIAL_INVALID'])
    expect(body.reasons[0]?.remedy).toMatch(/another card/)
  })

  it('leaves the record of the decision after the refusal, with what was tried before', async () => {
    const { body } = await pay(target, behaving('insufficient_funds', ['card'], 'card_a'))
    const record = await target.api<{ inputs: { prior: object[] } }>('GET', `/v1/decisions/${body.decision}`)
    expect(record.body.inputs.prior).toEqual([
      { route: 'card_a', tender: 'card', category: 'insufficient_funds' },
    ])
  })
})
