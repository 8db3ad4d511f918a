import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { annualRates, monthlyRate } from '../../../src/core/credit/annual-rate.ts'
import {
  type InstalmentTerms,
  type Purchase,
  planInstalments,
} from '../../../src/core/credit/instalment-plan.ts'
import {
  DEFAULT_PRICE_CAPS,
  highestMonthlyFeePpm,
  offerInstalmentPlans,
  priceCapOn,
  withinPriceCap,
} from '../../../src/core/credit/price-cap.ts'

const purchase = (principal: number): Purchase => ({ currency: 'CNY', principal, startDate: '2026-03-31' })
const terms = (
  instalments: number,
  monthlyFeePpm: number,
  more: Partial<InstalmentTerms> = {},
): InstalmentTerms => ({
  instalments,
  monthlyFeePpm,
  feePayee: 'lender',
  feeRefundable: false,
  ...more,
})
const percent = (fraction: number): string => (fraction * 100).toFixed(2)

describe('annual rates', () => {
  it("reproduce the regulator's example: 12.80 % simple, 13.58 % compound", () => {
    const rates = annualRates(100_000 - 1_000, Array<number>(12).fill(8_833.3))
    expect((rates.simple * 100).toFixed(4)).toBe('12.8038')
    expect((rates.compound * 100).toFixed(4)).toBe('13.5826')
  })

  it.each([
    [5_000, 3, '8.98', '9.36', 1.5],
    [5_000, 6, '10.21', '10.71', 3],
    [5_000, 12, '10.90', '11.46', 6],
    [5_000, 24, '11.13', '11.71', 12],
    [6_000, 12, '13.03', '13.84', 7.2],
    [7_500, 12, '16.22', '17.48', 9],
    [10_000, 12, '21.46', '23.70', 12],
    [10_000, 24, '21.57', '23.84', 24],
    [12_000, 3, '21.47', '23.72', 3.6],
    [12_000, 6, '24.28', '27.17', 7.2],
    [12_000, 12, '25.60', '28.82', 14.4],
  ])('are those of the fee and term table: %i ppm x %i', (ppm, instalments, simple, compound, feePercent) => {
    const plan = planInstalments(purchase(120_000_000), terms(instalments, ppm))
    expect(percent(plan.annualRateSimple)).toBe(simple)
    expect(percent(plan.annualRateCompound)).toBe(compound)
    expect((plan.totalFee / plan.principal) * 100).toBeCloseTo(feePercent, 9)
  })

  it('make the present value of the payments equal to what was received', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 10_000_000 }),
        fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 36 }),
        (received, payments) => {
          const rate = monthlyRate(received, payments)
          const value = payments.reduce((sum, payment, k) => sum + payment / (1 + rate) ** (k + 1), 0)
          const paid = payments.reduce((sum, payment) => sum + payment, 0)
          if (paid <= received) expect(rate).toBe(0)
          else expect(value / received).toBeCloseTo(1, 9)
        },
      ),
    )
  })

  it('refuse nonsense instead of answering NaN', () => {
    expect(() => monthlyRate(0, [1])).toThrow(RangeError)
    expect(() => monthlyRate(10, [])).toThrow(RangeError)
    expect(() => monthlyRate(10, [-1, 20])).toThrow(RangeError)
    expect(() => monthlyRate(10, [Number.NaN])).toThrow(RangeError)
  })
})

describe('an instalment plan', () => {
  it('of 1,200 yuan over 12 months at 0.5 % is 106 yuan each, 0.90803 % a month', () => {
    const plan = planInstalments(purchase(120_000), terms(12, 5_000))
    expect(plan.schedule.map(instalment => instalment.total)).toEqual(Array(12).fill(10_600))
    expect(((plan.annualRateSimple / 12) * 100).toFixed(5)).toBe('0.90803')
    expect([percent(plan.annualRateSimple), percent(plan.annualRateCompound)]).toEqual(['10.90', '11.46'])
  })

  it('gives principal remainders to the first instalments', () => {
    const plan = planInstalments(purchase(100_000), terms(3, 6_000))
    expect(plan.schedule.map(instalment => instalment.principal)).toEqual([33_334, 33_333, 33_333])
    expect(plan.schedule.map(instalment => instalment.total)).toEqual([33_934, 33_933, 33_933])
    expect([percent(plan.annualRateSimple), percent(plan.annualRateCompound)]).toEqual(['10.77', '11.32'])
    expect(plan).toMatchObject({ totalFee: 1_800, totalPayable: 101_800 })
  })

  it('keeps the day of the month and clamps it without drifting', () => {
    const dates = planInstalments(purchase(120_000), terms(12, 0)).schedule.map(
      instalment => instalment.dueDate,
    )
    expect(dates.slice(0, 3)).toEqual(['2026-04-30', '2026-05-31', '2026-06-30'])
    expect(dates.at(-2)).toBe('2027-02-28')
    expect(dates.at(-1)).toBe('2027-03-31')
    const leap = planInstalments({ ...purchase(100), startDate: '2028-01-31' }, terms(1, 0))
    expect(leap.schedule[0]?.dueDate).toBe('2028-02-29')
  })

  it('tells a merchant-funded offer apart: the payer pays nothing, the lender earns 14.64 % / 15.67 %', () => {
    const plan = planInstalments(purchase(1_200_000), terms(12, 0, { merchantDiscountBps: 750 }))
    expect([plan.annualRateSimple, plan.annualRateCompound, plan.totalFee]).toEqual([0, 0, 0])
    expect([percent(plan.lenderYieldSimple), percent(plan.lenderYieldCompound)]).toEqual(['14.64', '15.67'])
    expect(plan.merchantSubsidy).toBe(90_000)
    expect(plan.feeItems.find(item => item.code === 'merchant_discount')).toMatchObject({
      bearer: 'merchant',
    })
  })

  it('lists every upfront fee and counts it into the rate', () => {
    const upfrontFees = [
      { code: 'service', payee: 'platform', amount: 600 },
      { code: 'guarantee', payee: 'guarantor', amount: 400 },
    ]
    const plain = planInstalments(purchase(100_000), terms(12, 5_000))
    const plan = planInstalments(purchase(100_000), terms(12, 5_000, { upfrontFees }))
    expect(plan.totalFee).toBe(plain.totalFee + 1_000)
    expect(plan.feeItems.map(item => item.code)).toEqual(['service', 'guarantee', 'instalment_fee'])
    expect(plan.annualRateSimple).toBeGreaterThan(plain.annualRateSimple)
  })

  it('never understates its price by an early first due date', () => {
    const early = { ...purchase(100_000), firstDueDate: '2026-04-10' }
    expect(() => planInstalments(early, terms(3, 5_000))).toThrow(/first due date/)
    expect(planInstalments(early, terms(1, 0)).schedule[0]?.dueDate).toBe('2026-04-10')
    const late = planInstalments({ ...purchase(100_000), firstDueDate: '2026-05-05' }, terms(3, 5_000))
    expect(late.schedule.map(instalment => instalment.dueDate)).toEqual([
      '2026-05-05',
      '2026-06-05',
      '2026-07-05',
    ])
  })

  it('adds up to the minor unit, with every instalment above zero', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 5_000_000_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 20_000 }),
        (principal, instalments, ppm) => {
          const plan = planInstalments(purchase(principal), terms(instalments, ppm))
          const sum = (of: 'principal' | 'fee' | 'total'): number =>
            plan.schedule.reduce((total, instalment) => total + instalment[of], 0)
          const fee = Number((BigInt(principal) * BigInt(ppm) * 2n + 1_000_000n) / 2_000_000n)
          expect(sum('principal')).toBe(principal)
          expect(sum('fee')).toBe(fee * instalments)
          expect(sum('total')).toBe(plan.totalPayable)
          expect(plan.schedule.every(instalment => instalment.principal > 0 && instalment.total > 0)).toBe(
            true,
          )
          const shares = plan.schedule.map(instalment => instalment.principal)
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
          expect(shares).toEqual(shares.toSorted((a, b) => b - a))
          expect(plan.annualRateCompound).toBeGreaterThanOrEqual(plan.annualRateSimple)
        },
      ),
    )
  })

  it.each([
    ['a fraction of a fen', () => planInstalments(purchase(100.5), terms(3, 0))],
    ['no principal', () => planInstalments(purchase(0), terms(1, 0))],
    ['less than one fen an instalment', () => planInstalments(purchase(11), terms(12, 0))],
    ['a negative fee', () => planInstalments(purchase(100), terms(3, -1))],
    ['more than a lifetime of instalments', () => planInstalments(purchase(100_000), terms(61, 0))],
    [
      'a date that does not exist',
      () => planInstalments({ ...purchase(100), startDate: '2026-02-30' }, terms(1, 0)),
    ],
    [
      'fees that swallow the principal',
      () =>
        planInstalments(
          purchase(100),
          terms(1, 0, { upfrontFees: [{ code: 'a', payee: 'b', amount: 100 }] }),
        ),
    ],
    ['amounts beyond exact arithmetic', () => planInstalments(purchase(2 ** 52), terms(3, 5_000))],
  ])('refuses %s', (_name, make) => {
    expect(make).toThrow(RangeError)
  })
})

describe('the price cap', () => {
  it('refuses 1.2 % x 12 under 24 %, and lets 1.0 % x 12 and x 24 through on both bases', () => {
    const offers = offerInstalmentPlans(purchase(1_200_000), [
      terms(12, 12_000),
      terms(12, 10_000),
      terms(24, 10_000),
    ])
    expect(offers.plans.map(plan => plan.instalments)).toEqual([12, 24])
    expect(offers.refused).toEqual([
      { instalments: 12, reason: 'above_price_cap', annualRate: expect.closeTo(0.2882, 4) },
    ])
  })

  it('gates on both bases unless a rule names one: 1.2 % x 3 passes, 1.2 % x 6 fails on simple already', () => {
    const rule = { effectiveFrom: '2020-01-01', capBps: 2150 } as const
    const plan = planInstalments(purchase(1_200_000), terms(12, 10_000))
    expect(withinPriceCap(plan, { ...rule, basis: 'simple' })).toBe(true)
    expect(withinPriceCap(plan, { ...rule, basis: 'compound' })).toBe(false)
    expect(withinPriceCap(plan, { ...rule, basis: 'both' })).toBe(false)
  })

  it('is dated: the latest rule in effect holds, and without a rule nothing is offered', () => {
    const rules = [
      { effectiveFrom: '2028-01-01', basis: 'both', capBps: 1200 },
      ...DEFAULT_PRICE_CAPS,
    ] as const
    expect(priceCapOn(rules, '2025-09-30')).toBeUndefined()
    expect(priceCapOn(rules, '2025-10-01')?.capBps).toBe(2400)
    expect(priceCapOn(rules, '2028-01-01')?.capBps).toBe(1200)
    const before = offerInstalmentPlans(
      { ...purchase(100_000), startDate: '2025-09-30' },
      [terms(3, 0)],
      rules,
    )
    expect(before).toEqual({ plans: [], refused: [{ instalments: 3, reason: 'no_price_cap_rule' }] })
    const after = offerInstalmentPlans(
      { ...purchase(120_000), startDate: '2028-01-01' },
      [terms(12, 6_000)],
      rules,
    )
    expect(after.plans).toEqual([])
  })

  it('sees what rounding does to a tiny purchase', () => {
    // 0.84 % of 60 fen is half a fen, rounded up to 1 fen a month: 20 % flat where 10 % was meant.
    const offers = offerInstalmentPlans(purchase(60), [terms(12, 8_400)])
    expect(offers.refused[0]?.reason).toBe('above_price_cap')
    expect(offerInstalmentPlans(purchase(11), [terms(12, 0)]).refused[0]?.reason).toBe('principal_too_small')
  })

  it.each([
    [2400, 'simple', ['1.342', '1.186', '1.123', '1.120']],
    [2400, 'compound', ['1.213', '1.071', '1.012', '1.007']],
    [1200, 'simple', ['0.669', '0.588', '0.552', '0.541']],
    [1200, 'compound', ['0.635', '0.558', '0.523', '0.512']],
  ] as const)('at %i bps %s allows at most the flat fees of the table', (capBps, basis, expected) => {
    const ppm = [3, 6, 12, 24].map(instalments => highestMonthlyFeePpm(instalments, capBps, basis))
    // The table is rounded to .001 %, the allowed fee itself is cut to whole ppm (.0001 %).
    for (const [i, text] of expected.entries())
      expect(Math.abs((ppm[i] as number) / 10_000 - Number(text))).toBeLessThan(0.0006 + 1e-9)
    for (const [i, instalments] of [3, 6, 12, 24].entries()) {
      const rule = { effectiveFrom: '2020-01-01', basis, capBps }
      const big = purchase(120_000_000)
      expect(withinPriceCap(planInstalments(big, terms(instalments, ppm[i] as number)), rule)).toBe(true)
      expect(withinPriceCap(planInstalments(big, terms(instalments, (ppm[i] as number) + 2)), rule)).toBe(
        false,
      )
    }
  })

  it('is never exceeded by an offer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 24, max: 3_000_000 }),
        fc.integer({ min: 0, max: 20_000 }),
        (principal, ppm) => {
          const { plans } = offerInstalmentPlans(
            purchase(principal),
            [3, 6, 12, 24].map(n => terms(n, ppm)),
          )
          for (const plan of plans) {
            expect(plan.annualRateSimple).toBeLessThanOrEqual(0.24)
            expect(plan.annualRateCompound).toBeLessThanOrEqual(0.24)
          }
        },
      ),
    )
  })
})
