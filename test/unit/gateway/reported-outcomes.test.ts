import { describe, expect, it } from 'vitest'
import { type OutcomeReport, reportOutcome } from '../../../src/gateway/outcome.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { decisionIn } from '../../support/sample-decision.ts'
import { NOON } from '../../support/samples.ts'

const DAY_MS = 86_400_000

async function decided() {
  const { gateway, clock, learned } = buildTestGateway()
  const body = JSON.stringify(decisionIn({}))
  await gateway.ports.journal.appendDecisions([
    { id: 'dec_1', tenant: 'demo', orderId: 'o-1', at: NOON, body },
  ])
  const report = (change: Partial<OutcomeReport> = {}, decision = 'dec_1') =>
    reportOutcome(gateway, 'demo', decision, {
      attempt: 'a-1',
      route: 'card_a',
      status: 'approved',
      latencyMs: 5,
      ...change,
    })
  return { clock, learned, report }
}

describe('the outcome of a decision that the checkout executed', () => {
  it('is counted once when it is told twice', async () => {
    const { learned, report } = await decided()
    expect([await report(), await report()]).toEqual([{ kind: 'counted' }, { kind: 'duplicate' }])
    expect(learned).toHaveLength(1)
  })

  it('is counted two days late, as of when it was sent', async () => {
    const { clock, learned, report } = await decided()
    await clock.advance(2 * DAY_MS)
    expect(await report()).toEqual({ kind: 'counted' })
    expect(learned).toMatchObject([
      { route: 'card_a', stage: 'first', dispatchedAt: NOON, observedAt: clock.now() },
    ])
    expect(clock.now() - NOON).toBe(2 * DAY_MS)
  })

  it('is counted right when its final word comes before "unknown"', async () => {
    const { learned, report } = await decided()
    expect(await report({ status: 'declined', declineCategory: 'insufficient_funds' })).toEqual({
      kind: 'counted',
    })
    await report({ status: 'unknown' })
    // Both have the id of one attempt, of which the learner takes one final result and nothing after it.
    expect(new Set(learned.map(({ attemptId }) => attemptId))).toEqual(new Set(['dec_1/a-1']))
    expect(learned[0]?.result).toMatchObject({ kind: 'declined', category: 'insufficient_funds' })
  })

  it('of an unknown decision or a route that was no candidate is not counted', async () => {
    const { learned, report } = await decided()
    expect(await report({}, 'dec_2')).toEqual({ kind: 'unknown_decision' })
    expect(await report({ route: 'nobody' })).toEqual({ kind: 'unknown_route' })
    expect(learned).toEqual([])
  })
})
