import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ALARM_TRIAL, tryAlarm } from '../../../src/simulation/liquidity/alarm.ts'
import { htmlReport } from '../../../src/simulation/liquidity/report-html.ts'
import { textReport } from '../../../src/simulation/liquidity/report-text.ts'
import { runStress } from '../../../src/simulation/liquidity/run.ts'
import { parseScenario } from '../../../src/simulation/liquidity/scenario.ts'

const BUNDLED = join(import.meta.dirname, '../../../scenarios/liquidity')
const NAME = { en: 'Trial', 'zh-CN': '试验' }

function scenario(change: object = {}) {
  return parseScenario(JSON.stringify({ id: 'trial', name: NAME, horizonHours: 72, shocks: [], ...change }))
}

const SURGE = { kind: 'demand', atHour: 24, hours: 24, factor: 5 }

describe('a stress run', () => {
  it('leaves a calm world calm: no level, nothing shifted, nothing lost', async () => {
    const report = await runStress(scenario(), { seed: 1 })
    expect(report.hoursTo).toEqual({ amber: null, red: null, black: null })
    expect(report.shifted).toEqual({ card: 0, wallet: 0, balance: 0 })
    expect(report.lost).toEqual({ approvals: 0, amount: 0, value: 0 })
    expect(report.hoursIn.green).toBe(72)
    expect(report.credit.lent).toBeGreaterThan(0)
  })

  it('is the same to the last digit for a seed, and another for another', async () => {
    const run = async (seed: number) =>
      JSON.stringify(await runStress(scenario({ shocks: [SURGE] }), { seed }))
    const first = await run(5)
    expect(await run(5)).toBe(first)
    expect(await run(6)).not.toBe(first)
  })

  it('passes amber, red and black in this order when demand is five times as high for a day', async () => {
    const report = await runStress(scenario({ shocks: [SURGE] }), { seed: 1 })
    const { amber, red, black } = report.hoursTo
    expect(amber).not.toBeNull()
    expect(red).toBeGreaterThan(amber ?? Number.NaN)
    expect(black).toBeGreaterThan(red ?? Number.NaN)
    expect(report.shifted.card).toBeGreaterThan(0)
    expect(report.lost.approvals).toBeGreaterThan(0)
    expect(report.peakShortfall.amount).toBeGreaterThan(0)
    expect(report.levelChanges.at(-1)?.to).toBe('green')
  })

  it('refuses for liquidity only with liquidity reasons, funders gone with theirs', async () => {
    const shocks = ['own', 'bank_a', 'bank_b', 'abs_1'].map(source => ({
      kind: 'source_closed',
      source,
      atHour: 24,
    }))
    const report = await runStress(scenario({ shocks }), { seed: 1 })
    expect(report.hoursTo.black).toBe(0)
    expect(report.refusals.LIQ_PARTNER_UNAVAILABLE).toBeGreaterThan(0)
    expect(report.refusals.LIQ_AMOUNT_RESTRICTED).toBe(0)
  })

  it('stops a securitisation for good when its non-performing share reaches the trigger', async () => {
    const delinquency = (factor: number) => ({ kind: 'delinquency', atHour: 24, hours: 1_400, factor })
    const run = (factor: number) =>
      runStress(scenario({ horizonHours: 1_440, shocks: [delinquency(factor)] }), { seed: 1 })
    const abs = 3
    const mild = await run(1)
    const severe = await run(8)
    const worst = (report: typeof mild) =>
      report.indicators.find(({ indicator }) => indicator === 'nplOfTrigger')
    expect(worst(mild)?.band).toBe('green')
    expect(worst(severe)?.band).toBe('red')
    const last = (report: typeof mild) => report.series.at(-1)?.out[abs] ?? 0
    expect(last(severe)).toBeLessThan(last(mild) * 0.9)
  }, 180_000)

  it('returns refunded credit to its funders a day later', async () => {
    const wave = { kind: 'refund_wave', atHour: 30, hours: 4, shareOfDay: 0.5, settlementHours: 24 }
    const calm = await runStress(scenario(), { seed: 1 })
    const refunded = await runStress(scenario({ shocks: [wave] }), { seed: 1 })
    expect(refunded.credit.refunded).toBeGreaterThan(0)
    const more = refunded.credit.repaid - calm.credit.repaid
    expect(more).toBeGreaterThan(0)
    expect(more).toBeLessThan(refunded.credit.refunded)
  })

  it('lends dearer money when funding costs rise', async () => {
    const dear = { kind: 'funding_cost', atHour: 0, addBps: 1_000 }
    const calm = await runStress(scenario(), { seed: 1 })
    const report = await runStress(scenario({ shocks: [dear] }), { seed: 1 })
    expect(report.valueElsewhere).toBeLessThan(calm.valueElsewhere)
  })

  it('balances: what is out is what was out, lent and not yet repaid', async () => {
    const surge = scenario({
      shocks: [SURGE, { kind: 'settlement_delay', atHour: 30, hours: 6, delayHours: 12 }],
    })
    const { series, credit } = await runStress(surge, { seed: 3 })
    const opening = surge.world.sources.reduce((sum, source) => sum + source.opening, 0)
    const out = series.at(-1)?.out.reduce((sum, amount) => sum + amount, 0) ?? 0
    // The last state is taken at the start of the last five minutes.
    expect(Math.abs(opening + credit.lent - credit.repaid - out)).toBeLessThan(credit.lent * 0.01)
  })

  it('tells progress and lets others work once a simulated day', async () => {
    const hours: number[] = []
    let pauses = 0
    const pause = (): Promise<void> => {
      pauses++
      return Promise.resolve()
    }
    await runStress(scenario(), { seed: 1, onProgress: done => hours.push(done), pause })
    expect(hours).toEqual([0, 24, 48, 72])
    expect(pauses).toBe(3)
  })
})

describe('scenario files', () => {
  it('bundled ones are in order and complete', () => {
    const files = readdirSync(BUNDLED).toSorted()
    const parsed = files.map(file => parseScenario(readFileSync(join(BUNDLED, file), 'utf8')))
    expect(parsed.map(({ id }) => id)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6'])
  })

  it.each([
    ['an unknown key', { shocks: [{ ...SURGE, speed: 3 }] }, /speed/],
    [
      'a source that this world lacks',
      { shocks: [{ kind: 'source_closed', source: 'bank_z', atHour: 1 }] },
      /bank_z/,
    ],
    ['a shock past the horizon', { shocks: [{ ...SURGE, atHour: 80 }] }, /horizon/],
    [
      'more orders than a run may draw',
      { horizonHours: 8_784, shocks: [{ ...SURGE, hours: 8_000 }] },
      /orders/,
    ],
    [
      'a joint loan with less of our own money than the law asks',
      {
        world: {
          sources: [
            { id: 'own', kind: 'own_funds', cap: 100, annualCostBps: 1 },
            { id: 'b', kind: 'joint_loan', cap: 100, annualCostBps: 1, ownSource: 'own', ownShareBps: 2_000 },
          ],
        },
      },
      /legal_minimum/,
    ],
  ])('refuses %s', (_, change, told) => {
    expect(() => scenario(change)).toThrow(told)
  })
})

describe('the report', () => {
  it('shows every scenario in both languages, and needs nothing from elsewhere', async () => {
    const report = await runStress(
      scenario({ shocks: [SURGE], name: { en: '<b>Trial</b>', 'zh-CN': '试验' } }),
      { seed: 1 },
    )
    expect(textReport([report], 'en')).toContain('Hours to red')
    expect(textReport([report], 'zh-CN')).toContain('试验')
    const page = htmlReport([report], 'en')
    expect(page).toContain('&lt;b&gt;Trial&lt;/b&gt;')
    expect(page).not.toMatch(/<script|https?:|src=|NaN|undefined|Infinity/)
    expect(page.match(/<svg/g)).toHaveLength(3)
  })
})

describe('the alarm', () => {
  it('comes at least half an hour before red in nine of ten surges, on 1,000 simulated days', () => {
    const alarm = tryAlarm(ALARM_TRIAL)
    console.log(
      `alarm at surge x${ALARM_TRIAL.surgeFactor}, ${ALARM_TRIAL.paths} days: ${JSON.stringify(alarm)}`,
    )
    expect(alarm.breaches).toBeGreaterThan(500)
    expect(alarm.leadMinutesP10).toBeGreaterThanOrEqual(30)
    expect(alarm.missed).toBe(0)
    expect(alarm.falseAlarmsPerWeek).toBeLessThan(1)
  }, 120_000)
})
