import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HookReceiver, startHookReceiver } from '../support/hook-receiver.ts'
import { startTarget } from './harness.ts'
import { cny, contextOf, decide, pay, quoteFor, type ReasonView } from './payments.ts'
import type { Call, Target } from './target.ts'

interface Line {
  readonly limit: number | null
  readonly used: number
  readonly available: number
  readonly ownLimit: number | null
  readonly frozen: { by: string } | null
  readonly daysPastDue: number
  readonly stage: string
}
interface Change {
  readonly outcome: string
  readonly reasons: readonly ReasonView[]
  readonly credit?: { lender: string; rights: string }
  readonly line: Line
  readonly code?: string
}

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
let target: Target
let hooks: HookReceiver
let others: HookReceiver
beforeAll(async () => {
  hooks = await startHookReceiver(SECRET)
  others = await startHookReceiver(SECRET)
  target = await startTarget({
    env: { LINE_HOOK: SECRET },
    change: config => {
      Object.assign(config.tenants[0] ?? {}, {
        webhooks: [
          {
            url: hooks.url,
            secretEnv: 'LINE_HOOK',
            allowPrivate: true,
            events: ['credit.limit_changed', 'credit.decision'],
          },
          { url: others.url, secretEnv: 'LINE_HOOK', allowPrivate: true, events: ['*'] },
        ],
      })
    },
  })
})
afterAll(async () => {
  await target.stop()
  await hooks.close()
  await others.close()
})

const newPayer = (prefix = 'u') => `${prefix}-${crypto.randomUUID().slice(0, 8)}`

function change(payer: string, verb: string, body: object = {}, { headers, ...call }: Call = {}) {
  return target.api<Change>('POST', `/v1/payers/${payer}/credit/${verb}`, {
    body: { route: 'jd_baitiao', ...body },
    ...call,
    headers: { 'idempotency-key': crypto.randomUUID(), ...headers },
  })
}

const line = async (payer: string): Promise<Line> =>
  (await target.api<Line>('GET', `/v1/payers/${payer}/credit?route=jd_baitiao`)).body

async function payWithCredit(payer: string, value = 129_900) {
  const context = contextOf({ payer: { id: payer }, amount: cny(value) })
  const quote = await quoteFor(target, context)
  return (accept?: object) =>
    pay(target, { ...context, funding: { accept: [{ tender: 'credit', quote }], ...accept } })
}

const reasonsOf = async (payer: string, value: number): Promise<string[]> => {
  const context = contextOf({
    payer: { id: payer },
    amount: cny(value),
    funding: { accept: [{ tender: 'credit' }] },
  })
  const { body } = await decide(target, context)
  return body.candidates.find(({ tender }) => tender === 'credit')?.reasons.map(({ code }) => code) ?? []
}

describe('a payer’s own credit line', () => {
  it('is lowered at once, and holds for the next payment though it was quoted before', async () => {
    const payer = newPayer()
    const attempt = await payWithCredit(payer)
    const { status, body } = await change(payer, 'limit', { limit: cny(100_000) })
    expect([status, body.outcome, body.line.limit, body.line.available]).toEqual([
      200,
      'lowered',
      100_000,
      100_000,
    ])
    const paid = await attempt()
    expect([paid.body.status, paid.body.reasons.map(({ code }) => code)]).toEqual([
      'declined',
      ['CRD_LIMIT_INSUFFICIENT'],
    ])
    expect(await reasonsOf(payer, 100_000)).toEqual([])
    expect(await reasonsOf(payer, 100_001)).toEqual(['CRD_LIMIT_INSUFFICIENT'])
  })

  it('is frozen at once for a payment that was quoted before, and unfrozen again', async () => {
    const payer = newPayer()
    const attempt = await payWithCredit(payer)
    expect((await change(payer, 'freeze')).body).toMatchObject({
      outcome: 'frozen',
      line: { frozen: { by: 'payer' } },
    })
    const refused = await attempt()
    expect([refused.body.status, refused.body.reasons.map(({ code }) => code)]).toEqual([
      'declined',
      ['CRD_FROZEN_BY_USER'],
    ])
    expect((await change(payer, 'unfreeze')).body).toMatchObject({
      outcome: 'unfrozen',
      line: { frozen: null },
    })
    const again = await payWithCredit(payer)
    expect((await again()).body.status).toBe('succeeded')
  })

  it('what the lender has frozen, the payer cannot unfreeze', async () => {
    const { status, body } = await change(newPayer('sbx-frozen'), 'unfreeze')
    expect([status, body.code]).toEqual([409, 'state_conflict'])
  })

  it('is raised after a decision, up to what the lender lends, and told as one decision and one change', async () => {
    const payer = newPayer()
    await change(payer, 'limit', { limit: cny(100_000) })
    const { body } = await change(payer, 'limit', { limit: cny(200_000) })
    expect([body.outcome, body.line.limit]).toEqual(['granted', 200_000])
    expect(await reasonsOf(payer, 200_000)).toEqual([])
    await hooks.until(events => events.filter(({ data }) => data['payer'] === payer).length === 3)
    const told = hooks.events.filter(({ data }) => data['payer'] === payer)
    expect(
      told.map(({ type, data }) => `${type} ${String(data['change'] ?? data['decision'])}`).sort(),
    ).toEqual(['credit.decision granted', 'credit.limit_changed lowered', 'credit.limit_changed raised'])
    expect(told.find(({ data }) => data['change'] === 'raised')?.data).toMatchObject({
      lender: 'Sandbox Micro-credit Co.',
      limitBefore: cny(100_000),
      limit: cny(200_000),
      text: {
        en: 'Your limit at Sandbox Micro-credit Co. is now CNY 2,000.00.',
        'zh-CN': '您在Sandbox Micro-credit Co.的额度现为 CNY 2,000.00。',
      },
      delivery: { channels: ['push', 'sms'], quiet: { fromMinute: 1_320, toMinute: 480 } },
    })
    // `*` never means credit.
    expect(others.events.filter(({ type }) => type.startsWith('credit.'))).toEqual([])
  })

  it('is not raised for a payer with an overdue bill, who is told why, by whom, and their rights', async () => {
    const payer = newPayer('sbx-overdue')
    const { status, body } = await change(payer, 'limit', { limit: cny(9_000_000) })
    expect([status, body.outcome, body.reasons.map(({ code }) => code)]).toEqual([
      200,
      'refused',
      ['CRD_OVERDUE'],
    ])
    expect(body.credit).toMatchObject({ lender: 'Sandbox Micro-credit Co.' })
    expect(body.credit?.rights).toMatch(/right to an explanation.*have a person review it/)
    expect((await change(payer, 'limit', { limit: cny(9_000_000) })).body.outcome).toBe('too_soon')
  })

  it('beyond what the lender lends is for the lender’s people where nothing here judges payers', async () => {
    const payer = newPayer()
    const { body } = await change(payer, 'limit', { limit: cny(9_000_000) })
    expect([body.outcome, body.reasons, body.line.limit]).toEqual(['to_review', [], 5_000_000])
    await hooks.until(events => events.some(({ data }) => data['payer'] === payer))
    expect(hooks.events.find(({ data }) => data['payer'] === payer)).toMatchObject({
      type: 'credit.decision',
      data: { about: 'limit', decision: 'to_review', asked: cny(9_000_000), humanReview: true },
    })
  })

  it('reasons of a refusal are told only to keys that may read credit reasons', async () => {
    const wish = { limit: cny(9_000_000) }
    const { body } = await change(newPayer('sbx-overdue'), 'limit', wish, { key: 'only-credit' })
    expect(body.reasons.map(({ code }) => code)).toEqual(['CRD_UNAVAILABLE'])
  })

  it('can be frozen and lowered while the lender cannot be asked, and not raised', async () => {
    const payer = newPayer('sbx-down')
    expect((await change(payer, 'freeze')).body.outcome).toBe('frozen')
    expect((await change(payer, 'limit', { limit: cny(100) })).body).toMatchObject({ outcome: 'lowered' })
    const raised = await change(payer, 'limit', { limit: cny(200) })
    expect([raised.status, raised.body.code]).toEqual([503, 'facts_unavailable'])
    expect(raised.headers.get('retry-after')).toBe('5')
  })

  it('a repeated change answers as before, and the same key for another wish is refused', async () => {
    const payer = newPayer()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const wish = { limit: cny(100_000) }
    expect((await change(payer, 'limit', wish, { headers })).body.outcome).toBe('lowered')
    await change(payer, 'limit', { limit: cny(50_000) })
    const again = await change(payer, 'limit', wish, { headers })
    expect([again.body.outcome, again.headers.get('idempotency-replayed'), again.body.line.limit]).toEqual([
      'lowered',
      'true',
      50_000,
    ])
    const other = await change(payer, 'limit', { limit: cny(100_001) }, { headers })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  })

  it('of one tenant is nothing to another', async () => {
    const payer = newPayer()
    await change(payer, 'freeze')
    expect((await change(payer, 'freeze', {}, { key: 'stranger' })).body.outcome).toBe('frozen')
    expect((await change(payer, 'unfreeze')).body.outcome).toBe('unfrozen')
  })

  it.each<[string, string, object, number, string]>([
    ['a limit below nothing', 'limit', { limit: { currency: 'CNY', value: -1 } }, 400, 'invalid_request'],
    ['a limit with a fraction', 'limit', { limit: { currency: 'CNY', value: 1.5 } }, 400, 'invalid_request'],
    [
      'a limit of another currency',
      'limit',
      { limit: { currency: 'EUR', value: 1 } },
      422,
      'currency_mismatch',
    ],
    ['no limit', 'limit', {}, 400, 'invalid_request'],
    ['a route without credit', 'freeze', { route: 'card_a' }, 404, 'not_found'],
    ['no such route', 'freeze', { route: 'nobody' }, 404, 'not_found'],
    ['a field that is not known', 'freeze', { by: 'lender' }, 400, 'invalid_request'],
  ])('refuses %s', async (_name, verb, body, status, code) => {
    const answer = await change(newPayer(), verb, body)
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })

  it('refuses a payer that the lender does not know, and a read without a route', async () => {
    expect((await change(newPayer('sbx-unknown'), 'freeze')).status).toBe(404)
    expect((await target.api('GET', '/v1/payers/u-1/credit')).status).toBe(400)
    expect((await line(newPayer())).stage).toBe('M0')
  })
})
