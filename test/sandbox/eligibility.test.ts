import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'
import { call, clientOf, cny, order } from './client.ts'

let sandbox: Sandbox
let baitiao: ReturnType<typeof clientOf>

beforeAll(async () => {
  sandbox = await startSandbox({ ports: 0, dials: { jd_baitiao: { slowMs: 80, hangMs: 2_000 } } })
  baitiao = clientOf(sandbox, 'jd_baitiao')
})
afterAll(() => sandbox.close())

function facts(payer: string, timeoutMs?: number) {
  return call('GET', `${baitiao.baseUrl}/eligibility?payer=${payer}&currency=CNY`, undefined, timeoutMs)
}

describe('the eligibility service', () => {
  it('knows an ordinary payer in good standing', async () => {
    const { status, body } = await facts('u-ordinary')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      activated: true,
      frozen: false,
      availableCredit: 5_000_000,
      daysPastDue: 0,
      tier: 'A',
    })
    expect(Math.abs(Number(body.asOf) - Date.now())).toBeLessThan(5_000)
  })

  it.each([
    ['sbx-not-activated', { activated: false }],
    ['sbx-frozen-3', { frozen: true }],
    ['sbx-overdue', { daysPastDue: 17 }],
    ['sbx-low-credit-9', { availableCredit: 1_000 }],
    ['sbx-student', { restrictions: ['CRD_NOT_ELIGIBLE_BY_RULE'] }],
    ['sbx-unverified', { restrictions: ['CRD_INFO_UNVERIFIED'] }],
  ])('%s is told as such, and is not lent to', async (payer, expected) => {
    expect((await facts(payer)).body).toMatchObject(expected)
    expect((await baitiao.pay(order({ payer }))).body).toMatchObject({
      status: 'declined',
      declineCategory: 'credit_refused',
    })
  })

  it('misbehaves for the payers that ask for it', async () => {
    expect((await facts('sbx-unknown')).status).toBe(404)
    expect((await facts('sbx-down')).status).toBe(503)
    await expect(facts('sbx-garbage')).rejects.toThrow('JSON')
    await expect(facts('sbx-hang', 150)).rejects.toThrow('timeout')
    const before = performance.now()
    expect((await facts('sbx-slow')).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(70)
  })

  it('lowers the available credit with each approval, refuses beyond it, and raises it when money goes back', async () => {
    const payer = 'u-borrower'
    const available = async () => (await facts(payer)).body.availableCredit
    const first = order({ payer, amount: cny(3_000_000) })
    await baitiao.pay(first)
    expect(await available()).toBe(2_000_000)
    expect((await baitiao.pay(order({ payer, amount: cny(2_000_001) }))).body.declineCode).toBe(
      'LIMIT_INSUFFICIENT',
    )
    await baitiao.refund(first.reference, 'r1', 500_000)
    expect(await available()).toBe(2_500_000)
    const held = order({ payer, amount: cny(1_000_000), capture: 'manual' })
    await baitiao.pay(held)
    expect(await available()).toBe(1_500_000)
    await baitiao.capture(held.reference, 400_000)
    expect(await available()).toBe(1_500_000)
    await baitiao.cancel(held.reference, 'void')
    expect(await available()).toBe(2_500_000)
  })

  it('takes new facts from the control API, under a new version', async () => {
    const before = (await facts('u-changed')).body.version
    await call('PATCH', `${sandbox.control}/payers/u-changed`, { frozen: true, tier: 'C' })
    expect((await facts('u-changed')).body).toMatchObject({
      frozen: true,
      tier: 'C',
      availableCredit: 5_000_000,
    })
    expect((await facts('u-changed')).body.version).not.toBe(before)
  })

  it('is found on the lending route only', async () => {
    expect((await call('GET', `${clientOf(sandbox, 'card_a').baseUrl}/eligibility?payer=u-1`)).status).toBe(
      404,
    )
  })
})
