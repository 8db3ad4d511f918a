import { describe, expect, it } from 'vitest'
import { type Decision, decide } from '../../../src/core/decision.ts'
import { readDecision } from '../../../src/core/decision-record.ts'
import { sequentialDifference } from '../../../src/core/evaluation/sequential.ts'
import { randomStream } from '../../../src/core/random.ts'
import { Estimates } from '../../../src/gateway/estimates.ts'
import { experimentOf, trialSides } from '../../../src/gateway/tallies.ts'
import { buildTestGateway, cardRoutes } from '../../support/gateway.ts'
import { attemptOn, ROUTES } from '../../support/lessons.ts'
import { NOON, samplePolicy } from '../../support/samples.ts'

const TRIAL = { key: 'demo/t/1', percent: 20, share: 0.2, approvalDropBps: 0 }

/** Runs an experiment of two approval rates and looks after every outcome: when it is stopped, if ever. */
function stoppedAfter(seed: number, control: number, arm: number, count: number): number | undefined {
  const random = randomStream(seed)
  const sums = { arm: { count: 0, sum: 0 }, control: { count: 0, sum: 0 } }
  for (let i = 1; i <= count; i++) {
    const side = random() < TRIAL.share ? 'arm' : 'control'
    sums[side].count++
    if (random() < (side === 'arm' ? arm : control)) sums[side].sum++
    const result = sequentialDifference(sums.arm, sums.control, TRIAL.share)
    if (result !== undefined && (result.high < 0 || result.low > 0)) return i
  }
  return undefined
}

describe('the sequential test', () => {
  it('keeps its error although it is read after every outcome', () => {
    const alarms = Array.from({ length: 200 }, (_, seed) => stoppedAfter(seed, 0.9, 0.9, 4_000))
    const wrong = alarms.filter(after => after !== undefined).length
    // At most 5% in the long run; a fixed-time test read this often is wrong in about half of all runs.
    expect(wrong).toBeLessThanOrEqual(15)
  })

  it('finds a real drop', () => {
    const found = Array.from({ length: 20 }, (_, seed) => stoppedAfter(seed, 0.9, 0.8, 20_000))
    expect(found.every(after => after !== undefined)).toBe(true)
    expect(Math.max(...found.map(after => after ?? Infinity))).toBeLessThan(10_000)
  })

  it('says nothing before both arms were seen', () => {
    expect(sequentialDifference({ count: 0, sum: 0 }, { count: 9, sum: 9 }, 0.5)).toBeUndefined()
    const result = sequentialDifference({ count: 1, sum: 0 }, { count: 1, sum: 1 }, 0.5)
    expect(result?.low).toBeLessThan(-1)
    expect(result?.high).toBeGreaterThan(1)
  })
})

describe('who takes part', () => {
  const two = [TRIAL, { ...TRIAL, key: 'demo/u/1', percent: 10 }]
  const payers = Array.from({ length: 5_000 }, (_, i) => `u-${i}`)

  it('is drawn by payer, in the given shares, in one experiment at most', () => {
    const arms = payers.map(payer => experimentOf(two, payer)?.key ?? 'none')
    const share = (key: string) => arms.filter(arm => arm === key).length / payers.length
    expect(share('demo/t/1')).toBeCloseTo(0.2, 1)
    expect(share('demo/u/1')).toBeCloseTo(0.1, 1)
    expect(payers.map(payer => experimentOf(two, payer)?.key ?? 'none')).toEqual(arms)
  })

  it('counts for the own arm, or as control of every experiment', () => {
    const of = (key: string | undefined) => payers.find(payer => experimentOf(two, payer)?.key === key) ?? ''
    expect(trialSides(two, of('demo/t/1'))).toEqual([['demo/t/1', 'arm']])
    expect(trialSides(two, of(undefined))).toEqual([
      ['demo/t/1', 'control'],
      ['demo/u/1', 'control'],
    ])
  })
})

describe('the guardrail', () => {
  const run = (armRate: number, count: number): Estimates => {
    const estimates = new Estimates(ROUTES)
    const random = randomStream(5)
    for (let i = 0; i < count; i++) {
      const side = random() < 0.2 ? ('arm' as const) : ('control' as const)
      const result = random() < (side === 'arm' ? armRate : 0.9) ? 'approved' : 'declined'
      estimates.learn(attemptOn('card_a', i, result, { trials: [['demo/t/1', side]] }))
    }
    return estimates
  }

  it('stops an arm that approves less, for good, also after a restart', () => {
    const estimates = run(0.6, 4_000)
    expect(estimates.isStopped(TRIAL)).toBe(true)
    const again = new Estimates(ROUTES)
    again.restore(JSON.parse(JSON.stringify(estimates.snapshot())))
    expect(again.isStopped(TRIAL)).toBe(true)
    expect(again.trial(TRIAL)?.arm).toEqual(estimates.trial(TRIAL)?.arm)
  })

  it('leaves one alone that does not, or not by more than was allowed', () => {
    expect(run(0.9, 4_000).isStopped(TRIAL)).toBe(false)
    expect(run(0.6, 4_000).isStopped({ ...TRIAL, approvalDropBps: 4_000 })).toBe(false)
  })

  it('counts first attempts alone, each once', () => {
    const estimates = new Estimates(ROUTES)
    const trials = [['demo/t/1', 'arm']] as const
    for (const _ of [1, 2]) estimates.learn(attemptOn('card_a', 1, 'approved', { trials }))
    estimates.learn(attemptOn('card_a', 2, 'approved', { trials, stage: 'insufficient_funds' }))
    estimates.learn(attemptOn('card_a', 3, { kind: 'unknown', cause: 'timeout' }, { trials }))
    estimates.learn(attemptOn('card_a', 4, { kind: 'not_sent', cause: 'refused' }, { trials }))
    expect(estimates.trial(TRIAL)?.arm).toEqual({ count: 2, sum: 1 })
  })
})

describe('in payments', () => {
  const routes = cardRoutes()
  const policy = samplePolicy(routes)
  const reversed = samplePolicy(routes, {
    version: 'v1/t',
    rules: [{ id: 'r', kind: 'order', when: 'true', routes: ['card_b', 'card_a'] }],
  })
  const everybody = { ...TRIAL, id: 't', percent: 100, policy: reversed }
  const recordOf = async (tester: ReturnType<typeof buildTestGateway>): Promise<Decision> => {
    const payment = await tester.paid()
    const row = await tester.gateway.ports.journal.findDecision('demo', payment.decision)
    return readDecision(row?.body ?? '')
  }

  it('an arm’s payers are served by its policy, whose name the record has', async () => {
    const tester = buildTestGateway({ tenant: { experiments: [everybody] } })
    const record = await recordOf(tester)
    expect(record).toMatchObject({ policyVersion: 'v1/t', cascade: ['card_b', 'card_a'] })
    expect(tester.learned[0]?.trials).toEqual([['demo/t/1', 'arm']])
    expect(JSON.stringify(decide(reversed, record.inputs))).toBe(JSON.stringify(record))
  })

  it('and by the running policy once it is stopped', async () => {
    const tester = buildTestGateway({
      tenant: { experiments: [everybody] },
      estimator: { isStopped: () => true },
    })
    expect(await recordOf(tester)).toMatchObject({
      policyVersion: policy.version,
      cascade: ['card_a', 'card_b'],
    })
  })

  it('a shadow is in the record and does not act', async () => {
    const record = await recordOf(buildTestGateway({ tenant: { shadows: [reversed] } }))
    expect(record.cascade).toEqual(['card_a', 'card_b'])
    expect(record.shadows).toEqual([{ policyVersion: 'v1/t', cascade: ['card_b', 'card_a'], propensity: 1 }])
  })
})

describe('volume', () => {
  it('counts approvals once, by the day they came, in the calendar’s month', () => {
    const estimates = new Estimates(ROUTES)
    const day = 86_400_000
    const approve = (number: number, at: number) =>
      estimates.learn(attemptOn('card_a', number, 'approved', { observedAt: at, dispatchedAt: at }))
    for (const _ of [1, 2]) for (let i = 0; i < 5; i++) approve(i, NOON)
    approve(5, NOON + day)
    approve(6, NOON - day)
    estimates.learn(attemptOn('card_a', 7, 'declined'))
    expect(estimates.volume('card_a', NOON)).toEqual({ day: 5, month: 5 })
    expect(estimates.volume('card_a', NOON + day)).toEqual({ day: 1, month: 6 })
    expect(estimates.volume('card_a', NOON - day)).toEqual({ day: 1, month: 1 })
    expect(estimates.volume('card_b', NOON)).toEqual({ day: 0, month: 0 })
  })

  it('is asked for where a rule commits some', async () => {
    const rule = {
      id: 'c',
      kind: 'commit',
      when: 'true',
      route: 'card_b',
      payments: 10,
      period: 'day',
      bps: 9_000,
    } as const
    const tester = buildTestGateway({ policy: { rules: [rule] } })
    const payment = await tester.paid()
    expect(payment.attempts[0]?.route).toBe('card_b')
    const row = await tester.gateway.ports.journal.findDecision('demo', payment.decision)
    const { inputs } = readDecision(row?.body ?? '')
    expect(inputs.routes['card_b']?.volume).toEqual({ day: 0, month: 0 })
    expect(inputs.routes['card_a']?.volume).toBeUndefined()
  })
})
