import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from './exchange.ts'
import { startTarget } from './harness.ts'
import {
  cny,
  codes,
  contextOf,
  type ContextBody,
  type OptionView,
  type ProblemView,
  quotes,
} from './payments.ts'
import type { Target } from './target.ts'

const LENDER = 'Sandbox Micro-credit Co.'
let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      const credit = config.routes.find(({ id }) => id === 'jd_baitiao')
      if (credit === undefined) return
      credit.capability.instalments = [3, 6, 12]
      credit.credit = {
        quoteSeconds: 600,
        terms: [
          { instalments: 3, monthlyFeePpm: 6_000, feePayee: LENDER },
          { instalments: 12, monthlyFeePpm: 5_000, feePayee: LENDER, feeRefundable: true },
          // 1.2 % a month for 6 months is 24.28 % simple and 27.17 % compound a year: above the legal cap.
          { instalments: 6, monthlyFeePpm: 12_000, feePayee: LENDER },
        ],
      }
    },
  })
})
afterAll(() => target.stop())

const optionOf = ({ body }: Answer<{ options: OptionView[] }>, tender: string): OptionView => {
  const option = body.options.find(other => other.tender === tender)
  if (option === undefined) throw new Error(`no option for ${tender}`)
  return option
}
const creditFor = async (change: Partial<ContextBody>): Promise<OptionView> =>
  optionOf(await quotes(target, contextOf(change)), 'credit')

describe('the options of a checkout page', () => {
  it('names every tender once, what can be used first, and why the others cannot', async () => {
    const { status, body } = await quotes(target, contextOf({ payer: { id: 'u-9', locale: 'en' } }))
    expect(status).toBe(200)
    expect(body.options.map(({ tender }) => tender).sort()).toEqual([
      'balance',
      'card',
      'credit',
      'flash_pay',
      'wallet',
    ])
    expect(body.options.at(-1)).toEqual({
      tender: 'flash_pay',
      route: 'flash_pay',
      available: false,
      reasons: [
        {
          code: 'TECH_CHANNEL_UNSUPPORTED',
          message: 'This payment channel does not support Flash Pay at present.',
          remedy: 'Choose another way to pay.',
        },
      ],
      plans: [],
    })
  })

  it('does not need a quote for credit, nor consent to it', async () => {
    const option = await creditFor({ funding: { accept: [{ tender: 'card' }] } })
    expect(option).toMatchObject({ available: true, lender: LENDER, reasons: [] })
    expect(option.plans.length).toBeGreaterThan(0)
  })

  it('charges nothing', async () => {
    const context = contextOf()
    await quotes(target, context)
    expect(await target.sandbox.ledger(context.orderId)).toEqual([])
  })
})

describe('a plan', () => {
  it('shows the whole price: 100,000 in 3 at 0.6 % a month', async () => {
    const { plans } = await creditFor({ amount: cny(100_000) })
    const plan = plans.find(({ instalments }) => instalments === 3)
    expect(plan).toMatchObject({
      quote: expect.stringMatching(/^quo_/),
      totalFee: 1_800,
      totalPayable: 101_800,
      feeRefundable: false,
      feeItems: [{ payee: LENDER, bearer: 'payer', total: 1_800 }],
    })
    expect(plan?.schedule.map(({ principal, fee, total }) => [principal, fee, total])).toEqual([
      [33_334, 600, 33_934],
      [33_333, 600, 33_933],
      [33_333, 600, 33_933],
    ])
    expect(plan?.annualRateSimple).toBeCloseTo(0.1077, 4)
    expect(plan?.annualRateCompound).toBeCloseTo(0.1132, 4)
  })

  it('shows the whole price: 120,000 in 12 at 0.5 % a month', async () => {
    const { plans } = await creditFor({ amount: cny(120_000) })
    const plan = plans.find(({ instalments }) => instalments === 12)
    expect(plan?.schedule.map(({ total }) => total)).toEqual(Array.from({ length: 12 }, () => 10_600))
    expect(plan).toMatchObject({ totalFee: 7_200, totalPayable: 127_200, feeRefundable: true })
    expect(plan?.annualRateSimple).toBeCloseTo(0.109, 4)
    expect(plan?.annualRateCompound).toBeCloseTo(0.1146, 4)
  })

  it('is not offered above the legal cap', async () => {
    const { plans } = await creditFor({ amount: cny(100_000) })
    expect(plans.map(({ instalments }) => instalments).sort((a, b) => a - b)).toEqual([3, 12])
  })

  it('is the only one when the payer has named a number of instalments', async () => {
    const { plans } = await creditFor({ funding: { accept: [{ tender: 'credit', instalments: 12 }] } })
    expect(plans.map(({ instalments }) => instalments)).toEqual([12])
  })

  it('stands for as long as the lender says', async () => {
    const before = Date.now()
    const { plans } = await creditFor({})
    const lifeMs = Date.parse(plans[0]?.expiresAt ?? '') - before
    expect(lifeMs).toBeGreaterThan(595_000)
    expect(lifeMs).toBeLessThan(630_000)
  })

  it('has an id of its own every time', async () => {
    const context = contextOf()
    const ids = await Promise.all(
      [1, 2].map(async () =>
        optionOf(await quotes(target, context), 'credit').plans.map(({ quote }) => quote),
      ),
    )
    expect(new Set(ids.flat()).size).toBe(ids.flat().length)
  })
})

describe('credit that is not on offer', () => {
  it.each([
    ['sbx-not-activated', 'CRD_NOT_ACTIVATED'],
    ['sbx-frozen', 'CRD_FROZEN_BY_USER'],
    ['sbx-overdue', 'CRD_OVERDUE'],
    ['sbx-low-credit', 'CRD_LIMIT_INSUFFICIENT'],
    ['sbx-student', 'CRD_NOT_ELIGIBLE_BY_RULE'],
    ['sbx-unverified', 'CRD_INFO_UNVERIFIED'],
    ['sbx-unknown', 'CRD_NOT_ACTIVATED'],
    ['sbx-down', 'TECH_ROUTE_UNSTABLE'],
    ['sbx-garbage', 'TECH_ROUTE_UNSTABLE'],
    ['sbx-hang', 'TECH_ROUTE_UNSTABLE'],
  ])('%s: %s, and no plan', async (payer, code) => {
    const option = await creditFor({ payer: { id: `${payer}-${crypto.randomUUID().slice(0, 8)}` } })
    expect(option).toMatchObject({ available: false, plans: [] })
    expect(codes(option.reasons)).toContain(code)
  })

  it('leaves the payer’s own money on offer when the lender cannot be asked', async () => {
    const answer = await quotes(target, contextOf({ payer: { id: 'sbx-down-2' } }))
    expect(optionOf(answer, 'card').available).toBe(true)
    expect(optionOf(answer, 'balance').available).toBe(true)
  })

  it('is told neutrally to a key without the scope for credit reasons', async () => {
    const answer = await quotes(target, contextOf({ payer: { id: 'sbx-overdue-9' } }), { key: 'shop' })
    expect(codes(optionOf(answer, 'credit').reasons)).toEqual(['CRD_UNAVAILABLE'])
    expect(answer.text).not.toMatch(/OVERDUE|overdue|逾期/)
  })
})

describe('a request for quotes', () => {
  it('is checked like a payment', async () => {
    const { status, body } = await quotes<ProblemView>(target, { ...contextOf(), channel: 'carrier_pigeon' })
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([400, 'invalid_request', '/channel'])
  })
})
