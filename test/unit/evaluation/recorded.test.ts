import { describe, expect, it } from 'vitest'
import { type Decision, decide } from '../../../src/core/decision.ts'
import { causesOf } from '../../../src/core/evaluation/causes.ts'
import { evaluateOffPolicy } from '../../../src/core/evaluation/off-policy.ts'
import {
  choicesOfRecords,
  type RecordedAttempt,
  type RecordedDecision,
} from '../../../src/core/evaluation/recorded.ts'
import { randomStream } from '../../../src/core/random.ts'
import { decisionIn, policyIn } from '../../support/sample-decision.ts'

const YARDSTICK = { marginBps: 1_000, unknownCost: 300 }
const OPTIONS = { yardstick: YARDSTICK, currency: 'CNY', draws: 64 }
const COSTS = {
  card_a: { cost: { percentBps: 60, fixed: 10, perAttempt: 3 } },
  card_b: { cost: { percentBps: 45, fixed: 0 } },
}
const split = (a: number) => ({
  rules: [{ id: 's', kind: 'split', weights: { card_a: a, card_b: 100 - a } }],
})
const order = (...routes: string[]) => ({ rules: [{ id: 'first', kind: 'order', routes }] })

/** The status of the first route's attempt. */
function recorded(decision: Decision, status: RecordedAttempt['status'], id = 'dec_1'): RecordedDecision {
  return { id, decision, attempts: [{ route: decision.cascade[0] ?? '', status }] }
}

describe('a recorded decision', () => {
  const decision = decisionIn({ config: { routes: COSTS, policy: order('card_a') } })
  const rowOf = (status: RecordedAttempt['status'], policy: object = order('card_a')) =>
    choicesOfRecords([recorded(decision, status)], () => policyIn({ routes: COSTS, policy }), OPTIONS)

  it.each([
    // 10% of 100.00 is 1000; the price of a success is 60 + 10, of an attempt 3.
    ['approved', 1_000 - 70 - 3],
    ['authorized', 1_000 - 70 - 3],
    ['declined', -3],
    ['not_sent', -3],
    ['unknown', -303],
    ['reversed', -303],
  ] as const)('that was %s has its net value', (status, reward) => {
    expect(rowOf(status).policy[0]?.reward).toBeCloseTo(reward, 9)
  })

  it('expects of a route what was estimated before its outcome', () => {
    // q .9, u .01: p = .891
    const logged = 0.891 * 930 - 3 - 0.01 * 300
    const other = 0.891 * (1_000 - 45) - 0.01 * 300
    const { policy, logged: own } = rowOf('approved', order('card_b'))
    expect(policy[0]).toMatchObject({ target: 0, propensity: 1, cluster: 'o-1' })
    expect(policy[0]?.predicted).toBeCloseTo(logged, 9)
    expect(policy[0]?.predictedTarget).toBeCloseTo(other, 9)
    expect(own[0]).toMatchObject({ target: 1, predictedTarget: own[0]?.predicted })
  })

  it('without a known outcome, in another currency or without a route of the policy is left out and counted', () => {
    const open = rowOf('processing')
    expect([open.policy.length, open.leftOut.withoutOutcome]).toEqual([0, 1])
    const untried = { id: 'dec_2', decision, attempts: [] }
    const { leftOut } = choicesOfRecords([untried], () => policyIn({}), OPTIONS)
    expect(leftOut.withoutOutcome).toBe(1)
    const foreign = choicesOfRecords([recorded(decision, 'approved')], () => policyIn({}), {
      ...OPTIONS,
      currency: 'EUR',
    })
    expect(foreign.leftOut.otherCurrency).toBe(1)
    const { card_b: _gone, ...routes } = decision.inputs.routes
    const older = { ...decision, inputs: { ...decision.inputs, routes } }
    const before = choicesOfRecords([recorded(older, 'approved')], () => policyIn({}), OPTIONS)
    expect(before.leftOut.unknownRoutes).toBe(1)
  })

  it('gives a policy that draws by lot its probabilities', () => {
    const rows = Array.from({ length: 40 }, (_, seed) =>
      recorded(decisionIn({ config: { policy: split(50) }, seed }), 'approved'),
    )
    const { policy } = choicesOfRecords(rows, () => policyIn({ policy: split(80) }), OPTIONS)
    const shares = rows.map(({ decision: made }, i) =>
      made.cascade[0] === 'card_a' ? policy[i]?.target : 1 - (policy[i]?.target ?? 0),
    )
    const mean = shares.reduce<number>((sum, share) => sum + (share ?? 0), 0) / shares.length
    expect(mean).toBeCloseTo(0.8, 1)
    expect(Math.min(...shares.map(share => share ?? 0))).toBeGreaterThan(0.5)
  })
})

describe('evaluation from records', () => {
  /** Truth: card_a approves 90%, card_b 60%; the gateway believes 90% of both. */
  function log(policy: object, count: number): RecordedDecision[] {
    const random = randomStream(5)
    const made = policyIn({ policy })
    const { inputs } = decisionIn({ config: { policy } })
    return Array.from({ length: count }, (_, seed) => {
      const context = { ...inputs.context, orderId: `o-${seed}` }
      const decision = decide(made, { ...inputs, context, seed })
      const chance = decision.cascade[0] === 'card_a' ? 0.9 : 0.6
      const status = random() < chance ? 'approved' : 'declined'
      return recorded(decision, status, `dec_${seed}`)
    })
  }
  const judge = (records: readonly RecordedDecision[], policy: object) => {
    const judged = policyIn({ policy })
    return evaluateOffPolicy(choicesOfRecords(records, () => judged, { ...OPTIONS, draws: 8 }).policy, {
      resamples: 300,
    })
  }

  it('of a split finds what each route is worth, though the model is wrong', () => {
    const records = log(split(70), 3_000)
    for (const [route, approval] of [
      ['card_a', 0.9],
      ['card_b', 0.6],
    ] as const) {
      const { doublyRobust, snips, refusal } = judge(records, order(route))
      const truth = approval * 1_000
      expect(refusal).toBeUndefined()
      for (const { low, high } of [doublyRobust, snips]) {
        expect(low).toBeLessThan(truth)
        expect(high).toBeGreaterThan(truth)
        expect(high - low).toBeLessThan(80)
      }
    }
  })

  it('gives no verdict on what was never tried', () => {
    const records = log(order('card_a'), 1_000)
    expect(judge(records, order('card_b')).refusal?.code).toBe('no_overlap')
    expect(judge(records, split(60)).refusal?.code).toBe('untried')
    expect(judge(records, order('card_a')).refusal).toBeUndefined()
  })
})

describe('why a decision changes', () => {
  const { inputs } = decisionIn({ config: { routes: COSTS } })
  const running = policyIn({
    routes: COSTS,
    policy: { rules: [{ id: 'avoid_b', kind: 'avoid', routes: ['card_b'], bps: 300 }] },
  })

  it('is told by the rule or part without which it would not', () => {
    const changed = policyIn({
      routes: COSTS,
      policy: {
        attemptsMax: 2,
        rules: [
          { id: 'never', kind: 'deny', routes: ['card_a'], when: 'amount.value > 1000000.0' },
          { id: 'avoid_b', kind: 'avoid', routes: ['card_b'], bps: 300 },
          { id: 'first', kind: 'order', routes: ['card_b'] },
        ],
      },
    })
    expect(causesOf(running, changed, inputs)).toEqual(['rule first'])
  })

  it('are several where each would be enough', () => {
    const changed = policyIn({ routes: COSTS, policy: { ...order('card_b'), attemptsMax: 2 } })
    expect(causesOf(running, changed, inputs)).toEqual(['rule first', 'rule avoid_b'])
  })

  it('is a rule that is gone, where that is the reason', () => {
    expect(causesOf(running, policyIn({ routes: COSTS }), inputs)).toEqual(['rule avoid_b'])
  })

  it('is nothing where nothing changes', () => {
    expect(causesOf(running, running, inputs)).toEqual([])
  })
})
