import { afterEach, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { contextOf, pay, quotes } from './payments.ts'
import type { RawConfig, Target, TargetOptions } from './target.ts'

/** What keys of the configuration do to a running gateway. Each starts one of its own. */
let target: Target
afterEach(() => target.stop())

async function start(change: (config: RawConfig) => void, more: TargetOptions = {}): Promise<void> {
  target = await startTarget({ ...more, change })
}

const withServer = (server: object) => (config: RawConfig) => Object.assign(config, { server })
const routeOf = (config: RawConfig, id: string) =>
  config.routes.find(route => route.id === id) as RawConfig['routes'][0]

interface PlanView {
  instalments: number
  schedule: { dueDate: string }[]
  feeItems: { code: string; payee: string; bearer: string; total: number }[]
  totalFee: number
  feeRefundable: boolean
  expiresAt: string
}

async function creditPlans(): Promise<PlanView[]> {
  const { body } = await quotes(target, contextOf({ amount: { currency: 'CNY', value: 120_000 } }))
  return (body.options.find(({ tender }) => tender === 'credit')?.plans ?? []) as unknown as PlanView[]
}

describe('terms of credit', () => {
  // config-key: routes.credit.terms.instalments, routes.credit.terms.monthlyFeePpm, routes.credit.terms.feePayee
  // config-key: routes.credit.terms.feeRefundable, routes.credit.terms.upfrontFees.code
  // config-key: routes.credit.terms.upfrontFees.payee, routes.credit.terms.upfrontFees.amount
  // config-key: routes.credit.terms.merchantDiscountBps, routes.credit.quoteSeconds, routes.credit.utcOffsetMinutes
  it('are quoted as they are configured', async () => {
    await start(config => {
      routeOf(config, 'jd_baitiao')['credit'] = {
        quoteSeconds: 60,
        utcOffsetMinutes: 840,
        terms: [
          {
            instalments: 6,
            monthlyFeePpm: 4_000,
            feePayee: 'Fee Payee Ltd.',
            feeRefundable: true,
            upfrontFees: [{ code: 'stamp', payee: 'Stamp Office', amount: 123 }],
            merchantDiscountBps: 100,
          },
        ],
      }
    })
    const before = Date.now()
    const [plan, ...others] = await creditPlans()
    expect(others).toEqual([])
    expect(plan).toMatchObject({ instalments: 6, feeRefundable: true, totalFee: 6 * 480 + 123 })
    expect(plan?.feeItems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'stamp', payee: 'Stamp Office', total: 123 }),
        expect.objectContaining({ code: 'instalment_fee', payee: 'Fee Payee Ltd.', total: 2_880 }),
        expect.objectContaining({ code: 'merchant_discount', bearer: 'merchant', total: 1_200 }),
      ]),
    )
    const lifeMs = Date.parse(plan?.expiresAt ?? '') - before
    expect(lifeMs).toBeGreaterThan(50_000)
    expect(lifeMs).toBeLessThan(70_000)
    // Fourteen hours east of Greenwich: the day of the lender, whose month on is the first due date.
    const day = new Date(Date.now() + 840 * 60_000)
    const month = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 2, 0)).getUTCDate()
    expect(Number(plan?.schedule[0]?.dueDate.slice(8))).toBe(Math.min(day.getUTCDate(), month))
  })

  // config-key: priceCaps.effectiveFrom, priceCaps.basis, priceCaps.capBps
  it('above the legal cap in effect are not offered', async () => {
    const instalments = async (cap: object[]) => {
      await start(config => Object.assign(config, { priceCaps: cap }))
      const plans = await creditPlans()
      if (cap.length > 0) return plans.map(plan => plan.instalments)
      return []
    }
    // 0.75 % a month for 24 months is 16.4 % simple and 17.7 % compound a year.
    expect(await instalments([{ effectiveFrom: '2020-01-01', basis: 'simple', capBps: 1_700 }])).toContain(24)
    await target.stop()
    expect(
      await instalments([{ effectiveFrom: '2020-01-01', basis: 'compound', capBps: 1_700 }]),
    ).not.toContain(24)
    await target.stop()
    expect(
      await instalments([{ effectiveFrom: '2020-01-01', basis: 'simple', capBps: 1_000 }]),
    ).not.toContain(12)
    await target.stop()
    expect(await instalments([{ effectiveFrom: '2099-01-01', basis: 'simple', capBps: 9_999 }])).toEqual([])
  })
})

describe('limits of the server', () => {
  // config-key: server.bodyBytesMax, server.jsonDepthMax
  it('bound the size and depth of a body', async () => {
    await start(withServer({ bodyBytesMax: 1_024, jsonDepthMax: 4 }))
    const long = await pay(target, contextOf({ metadata: { note: 'x'.repeat(450), more: 'y'.repeat(450) } }))
    expect(long.status).toBe(413)
    const deep = await pay(target, contextOf({ merchant: { a: { b: { c: { d: 1 } } } } }))
    expect(deep.body).toMatchObject({ errors: [{ message: 'must not be nested deeper than 4' }] })
  })

  // config-key: server.inFlightMax
  it('bound the requests at one time', async () => {
    await start(withServer({ inFlightMax: 1 }))
    const slow = pay(target, contextOf({ metadata: { sandbox: 'slow' } }))
    await new Promise(resolve => setTimeout(resolve, 200))
    const refused = await pay(target, contextOf({}))
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } })
    expect((await slow).status).toBe(201)
  })

  // config-key: server.answerMsMax
  it('bound how long a payment is waited for', async () => {
    await start(withServer({ answerMsMax: 200 }))
    await target.sandbox.tell(null)
    const { status, body } = await pay(target, contextOf({ metadata: { sandbox: 'slow' } }))
    expect([status, body.status]).toEqual([202, 'pending'])
  })

  // config-key: server.drainMsMax
  it('bound how long stopping waits for work in flight', async () => {
    await start(withServer({ drainMsMax: 100 }))
    const slow = pay(target, contextOf({ metadata: { sandbox: 'slow' } })).catch(() => 'cut off')
    await new Promise(resolve => setTimeout(resolve, 200))
    await target.stop()
    expect(await slow).toBe('cut off')
  })

  // config-key: server.adminTokenEnv
  it('keep the listener of operators to those who have its token', async () => {
    await start(withServer({ adminTokenEnv: 'ADMIN_TOKEN' }), { env: { ADMIN_TOKEN: 'a'.repeat(40) } })
    const routes = (header: Record<string, string>) =>
      fetch(`${target.adminUrl}/admin/v1/routes`, { headers: header })
    expect((await routes({})).status).toBe(401)
    expect((await routes({ authorization: `Bearer ${'b'.repeat(40)}` })).status).toBe(401)
    expect((await routes({ authorization: `Bearer ${'a'.repeat(40)}` })).status).toBe(200)
  })
})

describe('a route that is switched off', () => {
  // config-key: routes.disabledReason
  it('tells operators why', async () => {
    await start(config => {
      Object.assign(routeOf(config, 'card_b'), { enabled: false, disabledReason: 'settlement file missing' })
    })
    const { body } = await target.admin<{ routes: { id: string }[] }>('GET', '/admin/v1/routes')
    expect(body.routes.find(({ id }) => id === 'card_b')).toMatchObject({
      enabled: false,
      disabledReason: 'settlement file missing',
    })
  })
})

describe('the id of a rule', () => {
  // config-key: policy.rules.id
  it('draws its split apart from that of other rules', async () => {
    const heads = async (id: string) => {
      const rule = { id, kind: 'split', weights: { card_a: 50, card_b: 50 } }
      await start(config => Object.assign(config.policy, { rules: [rule] }))
      const decisions = Array.from({ length: 40 }, () =>
        target.api<{ seed: number; cascade: string[] }>('POST', '/v1/decisions', { body: contextOf({}) }),
      )
      const found = (await Promise.all(decisions)).map(({ body }) => body.cascade[0])
      return found.filter(head => head === 'card_a').length
    }
    // Both arms are drawn; that the draw depends on the id is a matter of the decision's own tests.
    const first = await heads('first-split')
    expect(first).toBeGreaterThan(5)
    expect(first).toBeLessThan(35)
  })
})
