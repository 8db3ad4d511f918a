import { readdirSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { staticPriority } from '../../../src/simulation/policies/baselines/fixed.ts'
import { cascadeQuality } from '../../../src/simulation/policies/cascade-quality.ts'
import { CATALOGUE } from '../../../src/simulation/policies/catalogue.ts'
import { comparePolicies } from '../../../src/simulation/policies/compare.ts'
import { createEnvironment } from '../../../src/simulation/policies/environment.ts'
import { fundroute } from '../../../src/simulation/policies/fundroute.ts'
import { loadScenario, ScenarioError } from '../../../src/simulation/policies/load.ts'
import { asHtml } from '../../../src/simulation/policies/report.ts'
import { runPolicy } from '../../../src/simulation/policies/run.ts'
import { type Scenario, scenarioProblems, scenarioSchema } from '../../../src/simulation/policies/scenario.ts'
import { geometricMeans, measure, summarize } from '../../../src/simulation/policies/summary.ts'
import { asText } from '../../../src/simulation/policies/table.ts'
import { readTraffic } from '../../../src/simulation/policies/traffic.ts'

const FOLDER = join(import.meta.dirname, '../../../scenarios/policies')

const OUTAGE: Scenario = scenarioSchema.parse({
  version: 1,
  name: 'T1',
  title: 'test',
  payments: 4_000,
  routes: [
    { id: 'a', approval: 0.95 },
    { id: 'b', approval: 0.9 },
  ],
  changes: [{ from: 2_000, to: 3_000, approval: { a: 0.2 } }],
})

describe('scenarios', () => {
  it('that come along are all in order', async () => {
    const files = readdirSync(FOLDER).filter(file => file.endsWith('.yaml'))
    expect(files.length).toBeGreaterThanOrEqual(17)
    for (const file of files)
      expect((await loadScenario(join(FOLDER, file))).scenario.payments).toBeGreaterThan(0)
  })

  it.each([
    [{ ...OUTAGE, changes: [{ from: 5, to: 5, approval: { a: 0.1 } }] }, 'changes[0]'],
    [{ ...OUTAGE, changes: [{ from: 1, to: 5, approval: { z: 0.1 } }] }, 'no route "z"'],
    [{ ...OUTAGE, marginBps: 100 }, 'needs amounts'],
    [{ ...OUTAGE, routes: [OUTAGE.routes[0]!, OUTAGE.routes[0]!] }, 'same id'],
    [{ ...OUTAGE, waves: [{ route: 'z', amplitude: 0.1, cycles: 1 }] }, 'waves[0]'],
  ])('that contradict themselves are refused with the place', (scenario, place) => {
    expect(scenarioProblems(scenario as Scenario).join('\n')).toContain(place)
  })

  it('with unknown fields, or that cannot be read, are refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scenario-'))
    const file = join(folder, 's.yaml')
    await writeFile(file, 'version: 1\nname: X\nsurprise: 1\n')
    await expect(loadScenario(file)).rejects.toThrow(/surprise/)
    await writeFile(file, 'a: [1\n')
    await expect(loadScenario(file)).rejects.toThrow(ScenarioError)
    await expect(loadScenario(join(folder, 'none.yaml'))).rejects.toThrow(ScenarioError)
  })
})

describe('worlds', () => {
  it('are the same for the same seed and others for another', () => {
    const world = { ...OUTAGE, segments: { count: 5, spread: 0.6 } }
    const look = (seed: number): number[] => {
      const environment = createEnvironment(world, seed)
      return Array.from({ length: 50 }, (_, i) => {
        const payment = environment.payment(i)
        return payment.segment + (environment.approvals(payment)[0] as number) + environment.draw()
      })
    }
    expect(look(3)).toEqual(look(3))
    expect(look(3)).not.toEqual(look(4))
  })

  it('change when they are told to, in the segments they are told to, and come back', () => {
    const world: Scenario = {
      ...OUTAGE,
      segments: { count: 4, spread: 0 },
      changes: [{ from: 10, to: 20, every: 100, approval: { a: 0.1 }, segments: { every: 2, offset: 1 } }],
    }
    const environment = createEnvironment(world, 1)
    const at = (number: number, segment: number): number =>
      environment.approvals({ number, at: 0, segment, amount: 0 })[0] as number
    expect([at(9, 1), at(10, 1), at(19, 3), at(20, 1), at(115, 1), at(12, 0)]).toEqual([
      0.95, 0.1, 0.1, 0.95, 0.1, 0.95,
    ])
  })

  it('count regret under the true rates: a fixed route loses exactly the gap', () => {
    const { regret, slices, bestSingleRegret } = runPolicy(OUTAGE, staticPriority, 1)
    expect(regret).toBeCloseTo(1_000 * 0.7, 6)
    expect(slices.reduce((sum, slice) => sum + slice, 0)).toBeCloseTo(regret, 6)
    expect(bestSingleRegret).toBeCloseTo(3_000 * 0.05, 6)
  })

  it('hand every outcome over once, late, with the time it was sent', () => {
    const seen = new Map<number, number>()
    const scenario = { ...OUTAGE, payments: 1_000, feedbackDelay: 100 }
    runPolicy(
      scenario,
      () => ({
        choose: () => 0,
        observe: ({ payment, nowNumber }) => {
          expect(seen.has(payment.number)).toBe(false)
          seen.set(payment.number, nowNumber - payment.number)
        },
      }),
      1,
    )
    expect(seen.size).toBeGreaterThan(840)
    for (const delay of seen.values()) {
      expect(delay).toBeGreaterThanOrEqual(50)
      expect(delay).toBeLessThanOrEqual(151)
    }
  })
})

describe('traffic from a file', () => {
  const csv = {
    file: 'x.csv',
    segment: ['card', 'band'],
    amount: 'amount',
    route: 'psp',
    approved: { column: 'ok', equals: '1' },
  }
  const text = [
    'card;band;amount;psp;ok',
    ...Array.from({ length: 200 }, (_, i) => `${i % 2 ? 'visa' : 'mc'};1;12.34;a;${i % 2}`),
  ].join('\n')

  it('keeps the order of segments and amounts, and fits approval per segment and route', () => {
    const traffic = readTraffic(text, csv)
    expect(traffic.segments.slice(0, 4)).toEqual([0, 1, 0, 1])
    expect(traffic.amounts?.[0]).toBe(1_234)
    expect(traffic.approvals?.[0]?.['a']).toBeCloseTo(10 / 120, 9)
    expect(traffic.approvals?.[1]?.['a']).toBeCloseTo(110 / 120, 9)
  })

  it('is refused when a column is missing or an amount is none', () => {
    expect(() => readTraffic(text, { ...csv, amount: 'price' })).toThrow(/price/)
    expect(() => readTraffic(text.replace('12.34', 'much'), csv)).toThrow(/much/)
    expect(() => readTraffic('card;band;amount;psp;ok\n', csv)).toThrow(/no rows/)
  })
})

describe('the comparison', () => {
  it('runs in worker threads with the results of one thread', async () => {
    const worlds = [{ scenario: OUTAGE }]
    const progress: number[] = []
    const results = await comparePolicies(worlds, ['fundroute', 'static'], [1, 2, 3], {
      workers: 2,
      onProgress: done => progress.push(done),
    })
    expect(progress).toEqual([1, 2, 3, 4, 5, 6])
    expect(results.map(({ task }) => [task.policy, task.seed])).toEqual(
      ['fundroute', 'static'].flatMap(policy => [1, 2, 3].map(seed => [policy, seed])),
    )
    expect(results[0]?.result).toEqual(runPolicy(OUTAGE, fundroute(), 1))

    const policies = ['fundroute', 'static']
    const summaries = summarize(worlds, policies, results)
    const means = geometricMeans(summaries, policies)
    expect(summaries[0]?.policies[1]?.regret).toEqual({
      mean: expect.closeTo(700, 6),
      halfWidth: expect.closeTo(0, 6),
    })
    expect(means[1]?.regret.mean).toBeCloseTo(710, 6)
    expect(asText(summaries, means)).toContain('static priority')
    const html = asHtml(summaries, means)
    expect(html).toContain('<svg')
    expect(html).not.toMatch(/https?:|<script|<link|src=/)
  })

  it('fails when a worker fails, instead of waiting', async () => {
    await expect(comparePolicies([{ scenario: OUTAGE }], ['no-such-policy'], [1])).rejects.toThrow(
      /no-such-policy/,
    )
  })

  it('measures with Student intervals', () => {
    expect(measure([1, 2, 3, 4, 5])).toEqual({ mean: 3, halfWidth: expect.closeTo(1.963, 2) })
    expect(measure([1]).halfWidth).toBeNaN()
  })

  it.each(CATALOGUE.map(({ name }) => name))('%s runs through segments, delay and money', name => {
    const { create } = CATALOGUE.find(entry => entry.name === name)!
    const scenario: Scenario = {
      ...OUTAGE,
      payments: 600,
      segments: { count: 3, spread: 0.5 },
      feedbackDelay: 20,
      marginBps: 1_000,
      amount: { median: 10_000, spread: 0.5 },
    }
    const result = runPolicy(scenario, create, 1)
    expect(result.regret).toBeGreaterThanOrEqual(0)
    expect(result.approvals).toBeGreaterThan(0)
    expect(runPolicy(scenario, create, 1)).toEqual(result)
  })
})

describe('our policy', () => {
  it('leaves an outage, comes back from it, and loses less than a breaker or success rates do', () => {
    const seeds = [7_001, 7_002, 7_003, 7_004]
    const mean = (name: string): number => {
      const { create } = CATALOGUE.find(entry => entry.name === name)!
      return seeds.reduce((sum, seed) => sum + runPolicy(OUTAGE, create, seed).regret, 0) / seeds.length
    }
    const ours = mean('fundroute')
    expect(ours).toBeLessThan(100)
    expect(ours).toBeLessThan(0.6 * mean('sr-v3'))
    expect(ours).toBeLessThan(mean('static-breaker'))
  })
})

describe('the order of fallbacks', () => {
  it('is always the best of all orders, where greedy is not', () => {
    const quality = cascadeQuality(4, 200, 11)
    expect(quality.closedFormOptimal).toBe(1)
    expect(quality.closedFormLoss.mean).toBeCloseTo(0, 9)
    expect(quality.greedyOptimal).toBeLessThan(0.6)
    expect(quality.greedyLoss.mean).toBeGreaterThan(0.005)
    expect(() => cascadeQuality(9, 1, 1)).toThrow(RangeError)
  })
})
