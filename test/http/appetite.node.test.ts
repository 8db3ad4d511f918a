import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardOfUse } from '../support/card-of-use.ts'
import { type LendingServer, startLending, until } from '../support/lending-server.ts'

/** Some use is 8 % default, which a lender that holds back does not take. */
const SCORECARD = cardOfUse(557.6)

let server: LendingServer
let orders = 0
beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'fundroute-appetite-')), 'scorecard.json')
  writeFileSync(file, JSON.stringify(SCORECARD))
  server = await startLending({ credit: `      scorecard: "${file}"` })
  await server.payer('u-mid', {
    availableCredit: 5_000_000,
    legal: { birthDate: '1990-01-01', isStudent: false, identityVerified: true },
    monthlyIncome: 2_000_000,
    factors: [{ source: 'lender', values: { use: 0.5 } }],
  })
})
afterAll(() => server.close())

async function reasons(): Promise<string[]> {
  const { body } = await server.lender('POST', '/v1/decisions', {
    orderId: `appetite-${++orders}`,
    amount: { currency: 'CNY', value: 10_000 },
    channel: 'app',
    payer: { id: 'u-mid', locale: 'en' },
    funding: { accept: [{ tender: 'credit' }, { tender: 'card' }] },
  })
  return body.candidates[0].reasons.map(({ code }: { code: string }) => code)
}

const order = (change: object = {}) =>
  server.admin('PUT', '/admin/v1/credit/appetite', {
    posture: 'contraction',
    actor: 'risk-officer-1',
    reason: 'the festival is over',
    hours: 24,
    ...change,
  })

describe('the lender’s appetite for risk', () => {
  it('moves by hand, at once, is told as the lender’s doing, and is audited', async () => {
    expect((await server.admin('GET', '/admin/v1/credit/appetite')).body).toMatchObject({
      posture: 'neutral',
    })
    expect(await reasons()).toEqual([])
    expect((await order()).body).toMatchObject({
      posture: 'contraction',
      state: { manual: { actor: 'risk-officer-1' } },
      changes: [
        {
          from: 'neutral',
          to: 'contraction',
          cause: 'manual',
          actor: 'risk-officer-1',
          reason: 'the festival is over',
        },
      ],
    })
    const told = await until(reasons, codes => codes.length > 0)
    expect(told).toEqual(['LIQ_AMOUNT_RESTRICTED'])
    const { body: metrics } = await until(
      () => server.admin('GET', '/metrics'),
      ({ body }) => body.includes('fundroute_credit_appetite -1'),
    )
    expect(metrics).toContain('fundroute_credit_appetite -1')
    await order({ posture: 'neutral', reason: 'back to normal' })
    expect(await until(reasons, codes => codes.length === 0)).toEqual([])
    const { body } = await server.admin('GET', '/admin/v1/credit/appetite')
    expect(body.changes.map(({ to }: { to: string }) => to)).toEqual(['contraction', 'neutral'])
  })

  it.each<[string, object]>([
    ['without an actor', { actor: '' }],
    ['without a reason', { reason: '' }],
    ['without end', { hours: 100_000 }],
    ['that ends before it begins', { hours: 0 }],
    ['that nobody knows', { posture: 'panic' }],
  ])('takes no order %s', async (_name, change) => {
    expect((await order(change)).status).toBe(400)
  })
})

describe('what became of loans', () => {
  const tell = (route: string, outcomes: object[]) =>
    server.admin('POST', `/admin/v1/routes/${route}/credit-outcomes`, { outcomes })

  it('shows in the metrics when more go bad than the scorecard has predicted', async () => {
    await reasons()
    const outcomes = Array.from({ length: 500 }, (_, i) => ({ pd: 0.02, bad: i % 10 === 0 }))
    expect((await tell('jd_baitiao', outcomes)).status).toBe(201)
    expect((await tell('jd_baitiao', outcomes)).status).toBe(201)
    const deviations = /fundroute_credit_calibration_deviations\{route="jd_baitiao"\} ([\d.]+)/
    // A scrape may be a second old.
    const { body: metrics } = await until(
      () => server.admin('GET', '/metrics'),
      ({ body }) => deviations.test(body),
    )
    expect(Number(deviations.exec(metrics)?.[1])).toBeGreaterThan(3)
  })

  it('is refused for a route without a scorecard, and out of bounds', async () => {
    expect((await tell('card_a', [{ pd: 0.1, bad: false }])).status).toBe(404)
    expect((await tell('jd_baitiao', [{ pd: 1.1, bad: false }])).status).toBe(400)
    expect((await tell('jd_baitiao', [])).status).toBe(400)
  })
})
