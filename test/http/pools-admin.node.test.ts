import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stressThread } from '../../src/cli/stress-thread.ts'
import { type LendingServer, startLending, until } from '../support/lending-server.ts'

let server: LendingServer

beforeAll(async () => {
  server = await startLending({ start: { stress: stressThread } })
})
afterAll(() => server.close())

const pool = async () => (await server.admin('GET', '/admin/v1/pools')).body.pools[0]
const move = (body: object) => server.admin('POST', '/admin/v1/pools/baitiao/movements', body)

describe('funding pools of a running gateway', () => {
  it('are shown with what is left and how scarce it is', async () => {
    expect(await pool()).toMatchObject({
      id: 'baitiao',
      currency: 'CNY',
      level: 'green',
      headroom: 10_000_000,
      sources: [{ id: 'own', cap: 10_000_000, used: 0, reserved: 0, open: true }],
    })
  })

  it('take movements once, and refuse what cannot be', async () => {
    const drawdown = { id: 'd-1', source: 'own', kind: 'drawdown', value: 1_000 }
    expect([(await move(drawdown)).status, (await move(drawdown)).status]).toEqual([201, 200])
    expect((await pool()).sources[0].used).toBe(1_000)
    expect((await move({ id: 'r-1', source: 'own', kind: 'repayment', value: 1_001 })).body.code).toBe(
      'state_conflict',
    )
    expect((await move({ id: 'r-2', source: 'own', kind: 'repayment', value: 1_000 })).status).toBe(201)
    expect((await pool()).sources[0].used).toBe(0)
  })

  it.each([
    [{ id: 'x', source: 'nobody', kind: 'repayment', value: 1 }, '/source'],
    [{ id: 'x', source: 'own', kind: 'repayment', value: 0 }, '/value'],
    [{ id: 'x', source: 'own', kind: 'gift', value: 1 }, '/kind'],
    [{ id: 'x', source: 'own', kind: 'repayment', value: 1, note: 'x' }, '/note'],
    [{ source: 'own', kind: 'repayment', value: 1 }, '/id'],
  ])('refuse a movement that is not in order: %j', async (body, pointer) => {
    const { status, body: problem } = await move(body)
    expect([status, problem.errors[0].pointer]).toEqual([400, pointer])
  })

  it('are not found under another name', async () => {
    const path = '/admin/v1/pools/other/movements'
    const body = { id: 'x', source: 'own', kind: 'repayment', value: 1 }
    expect((await server.admin('POST', path, body)).status).toBe(404)
  })

  it('show what demand they expect, or how much they have to see first', async () => {
    const seen = await until(pool, ({ forecast }) => forecast !== undefined)
    expect(seen.forecast).toMatchObject({ state: 'learning', hoursNeeded: 168 })
  })

  it('reckon ratios from a balance sheet, and refuse one that is not in order', async () => {
    const path = '/admin/v1/pools/baitiao/indicators'
    const balance = { netAssets: 1_000, nonStandardDebt: 960, tier1: { own: 5 } }
    expect((await server.admin('PUT', path, { balance })).status).toBe(200)
    const seen = await until(pool, ({ indicators }) =>
      indicators.some((one: { id: string }) => one.id === 'nonStandardLeverage'),
    )
    expect(seen.indicators).toContainEqual({ id: 'nonStandardLeverage', value: 0.96, band: 'red' })
    for (const wrong of [{ netAssets: -1 }, { nplBps: { own: 10_001 } }, { gold: 1 }]) {
      expect((await server.admin('PUT', path, { balance: wrong })).status).toBe(400)
    }
  })

  it('take in early-warning indicators from the treasury', async () => {
    const path = '/admin/v1/pools/baitiao/indicators'
    expect((await server.admin('PUT', path, { rollRateChange: 0.5 })).status).toBe(200)
    const seen = await until(pool, ({ indicators }) =>
      indicators.some((one: { id: string }) => one.id === 'rollRateChange'),
    )
    expect(seen.indicators).toContainEqual({ id: 'rollRateChange', value: 0.5, band: 'red' })
    const { body: metrics } = await server.admin('GET', '/metrics')
    expect(metrics).toContain('fundroute_pool_indicator_band{pool="baitiao",indicator="rollRateChange"} 2')
    expect(metrics).toMatch(/fundroute_pool_utilization_ratio\{pool="baitiao"\} 0\b/)
    expect(metrics).toContain('fundroute_liquidity_level{pool="baitiao"} 0')
    expect((await server.admin('PUT', path, { rollRateChange: 'high' })).status).toBe(400)
  })
})

describe('stress tests from the operators’ listener', () => {
  const scenario = `
id: short
name: { en: Two days, zh-CN: 两天 }
horizonHours: 48
shocks: [{ kind: demand, atHour: 24, hours: 12, factor: 5 }]`

  it('run one at a time beside the payments, and are the same for a seed', { timeout: 60_000 }, async () => {
    const first = server.admin('POST', '/admin/v1/stress', { scenario, seed: 3 })
    await new Promise(resolve => setTimeout(resolve, 50))
    const second = await server.admin('POST', '/admin/v1/stress', { scenario, seed: 3 })
    expect([second.status, second.body.code]).toEqual([429, 'too_many_requests'])
    expect((await server.admin('GET', '/admin/v1/pools')).status).toBe(200)
    const report = await first
    expect(report.status).toBe(200)
    const again = await server.admin('POST', '/admin/v1/stress', { scenario, seed: 3 })
    expect(again.body).toEqual(report.body)
  })

  it('refuse a scenario that is not in order, and say where', async () => {
    const { status, body } = await server.admin('POST', '/admin/v1/stress', { scenario: 'id: x\nshocks: 3' })
    expect([status, body.errors[0].pointer]).toEqual([400, '/scenario'])
    expect(body.errors[0].message).toContain('shocks')
  })
})
