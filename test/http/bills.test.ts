import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isoDateAt } from '../../src/core/credit/calendar.ts'
import { type HookReceiver, type ReceivedEvent, startHookReceiver } from '../support/hook-receiver.ts'
import { startTarget } from './harness.ts'
import { cny, contextOf, decide } from './payments.ts'
import type { Target } from './target.ts'

const SECRET = `whsec_${Buffer.alloc(24, 8).toString('base64')}`
const DAY_MS = 86_400_000
let target: Target
let hooks: HookReceiver
let everything: HookReceiver
beforeAll(async () => {
  hooks = await startHookReceiver(SECRET)
  everything = await startHookReceiver(SECRET)
  target = await startTarget({
    env: { BILL_HOOK: SECRET },
    change: config => {
      const hook = { secretEnv: 'BILL_HOOK', allowPrivate: true }
      Object.assign(config.tenants[0] ?? {}, {
        webhooks: [
          { ...hook, url: hooks.url, events: ['credit.repayment_due', 'credit.overdue'] },
          { ...hook, url: everything.url, events: ['*'] },
        ],
      })
      const credit = config.routes.find(({ id }) => id === 'jd_baitiao')?.['credit'] as object
      // config-key: routes.credit.stages.id, routes.credit.stages.daysFrom, routes.credit.stages.daysTo
      // config-key: routes.credit.stages.blocks, routes.credit.stages.step
      // config-key: routes.credit.stages.notices.kind, routes.credit.stages.notices.days
      Object.assign(credit, {
        stages: STAGES,
        contact: { openMinute: 0, closeMinute: 1_440, attemptsPerDayMax: 3 },
      })
    },
  })
})
afterAll(async () => {
  await target.stop()
  await hooks.close()
  await everything.close()
})

/** Two days of grace, and reminders on each of the first days. */
const STAGES = [
  {
    id: 'grace',
    daysFrom: 0,
    daysTo: 2,
    blocks: ['limit_raise'],
    step: 'none',
    notices: [
      { kind: 'due_soon', days: [-3] },
      { kind: 'due_today', days: [0] },
    ],
  },
  {
    id: 'late',
    daysFrom: 3,
    daysTo: 9,
    blocks: ['new_credit', 'limit_raise'],
    step: 'reminder',
    notices: [{ kind: 'overdue_reminder', days: [3, 4, 5, 6, 7, 8] }],
  },
  {
    id: 'offer',
    daysFrom: 10,
    daysTo: 19,
    blocks: ['new_credit', 'limit_raise'],
    step: 'restructuring_offer',
    notices: [{ kind: 'restructuring_offer', days: [10] }],
  },
  {
    id: 'people',
    daysFrom: 20,
    daysTo: null,
    blocks: ['new_credit', 'limit_raise'],
    step: 'human_review',
    notices: [{ kind: 'human_review', days: [20] }],
  },
]

const newPayer = () => `u-${crypto.randomUUID().slice(0, 8)}`
/** The lender's date so many days from today. */
const day = (offset: number): string => isoDateAt(Date.now() + offset * DAY_MS, 480)
const eventsOf = (payer: string): ReceivedEvent[] =>
  hooks.events.filter(({ data }) => data['payer'] === payer)

async function wish(payer: string): Promise<void> {
  const body = { route: 'jd_baitiao', channels: ['sms', 'email'], locale: 'en', quietHoursConsent: true }
  const { status } = await target.api('PUT', `/v1/payers/${payer}/contact-preference`, { body })
  expect(status).toBe(200)
}

async function report(payer: string, bill: string, dueDate: string, value = 42_000) {
  const body = { route: 'jd_baitiao', amount: cny(value), dueDate }
  return target.api<{ state: string; code?: string }>('PUT', `/v1/payers/${payer}/bills/${bill}`, { body })
}

const happened = (payer: string, bill: string, event: object) =>
  target.api<{ state: string; code?: string }>('POST', `/v1/payers/${payer}/bills/${bill}/events`, {
    body: { route: 'jd_baitiao', ...event },
  })

async function reasonsOf(payer: string): Promise<string[]> {
  const context = contextOf({ payer: { id: payer }, funding: { accept: [{ tender: 'credit' }] } })
  const { body } = await decide(target, context)
  return body.candidates.find(({ tender }) => tender === 'credit')?.reasons.map(({ code }) => code) ?? []
}

describe('the bills of a payer', () => {
  it('are told when they are due soon and today, in both languages, by the payer’s own channels', async () => {
    const payer = newPayer()
    await wish(payer)
    expect((await report(payer, 'b-soon', day(3))).status).toBe(200)
    await hooks.until(() => eventsOf(payer).length === 1)
    expect(eventsOf(payer)[0]).toMatchObject({
      type: 'credit.repayment_due',
      data: {
        bill: 'b-soon',
        notice: 'due_soon',
        amount: cny(42_000),
        dueDate: day(3),
        daysPastDue: 0,
        lender: 'Sandbox Micro-credit Co.',
        text: {
          en: `Your bill of CNY 420.00 from Sandbox Micro-credit Co. is due on ${day(3)}.`,
          'zh-CN': `您在Sandbox Micro-credit Co.的账单 CNY 420.00 将于 ${day(3)} 到期。`,
        },
        delivery: { channels: ['sms', 'email'], locale: 'en' },
      },
    })
    await report(payer, 'b-today', day(0))
    await hooks.until(() => eventsOf(payer).length === 2)
    expect(eventsOf(payer)[1]?.data).toMatchObject({ bill: 'b-today', notice: 'due_today' })
    // Told again, nothing more goes out; and `*` never means credit.
    await report(payer, 'b-today', day(0))
    expect((await report(payer, 'b-later', day(40))).body.state).toBe('current')
    expect(eventsOf(payer)).toHaveLength(2)
    expect(everything.events.filter(({ type }) => type.startsWith('credit.'))).toEqual([])
  })

  // config-key: routes.credit.contact.openMinute, routes.credit.contact.closeMinute
  it('are told in the configured hours alone, which the event carries', async () => {
    const payer = newPayer()
    await report(payer, 'b-1', day(0))
    await hooks.until(() => eventsOf(payer).length === 1)
    expect(eventsOf(payer)[0]?.data['delivery']).toEqual({
      channels: ['push', 'sms'],
      locale: 'zh-CN',
      quiet: { fromMinute: 1_440, toMinute: 0, utcOffsetMinutes: 480 },
    })
  })

  it('that are overdue block by the configured stages, until they are repaid', async () => {
    const payer = newPayer()
    await wish(payer)
    await report(payer, 'b-1', day(-2))
    expect(await reasonsOf(payer)).toEqual([])
    const line = await target.api<{ stage: string; daysPastDue: number }>(
      'GET',
      `/v1/payers/${payer}/credit?route=jd_baitiao`,
    )
    expect(line.body).toMatchObject({ stage: 'grace', daysPastDue: 2 })
    const late = newPayer()
    await wish(late)
    await report(late, 'b-2', day(-3))
    await hooks.until(() => eventsOf(late).length === 1)
    expect(eventsOf(late)[0]).toMatchObject({
      type: 'credit.overdue',
      data: { notice: 'overdue_reminder', daysPastDue: 3 },
    })
    expect(await reasonsOf(late)).toEqual(['CRD_OVERDUE'])
    expect((await happened(late, 'b-2', { kind: 'repaid' })).body.state).toBe('closed')
    expect((await happened(late, 'b-2', { kind: 'repaid' })).status).toBe(200)
    // A decision that nobody pays by may be a few seconds behind; another payer's is not.
    expect(
      (await target.api<{ stage: string }>('GET', `/v1/payers/${late}/credit?route=jd_baitiao`)).body.stage,
    ).toBe('grace')
  })

  it('climb to people, and past that only people move them', async () => {
    const payer = newPayer()
    await wish(payer)
    await report(payer, 'b-1', day(-20))
    await hooks.until(() => eventsOf(payer).length === 1)
    expect(eventsOf(payer)[0]?.data).toMatchObject({ notice: 'human_review' })
    const stateNow = async (): Promise<string> => {
      const { body } = await target.api<{ bills: { state: string }[] }>(
        'GET',
        `/v1/payers/${payer}/bills?route=jd_baitiao`,
      )
      return body.bills[0]?.state ?? ''
    }
    expect(await stateNow()).toBe('human_review')
    expect((await happened(payer, 'b-1', { kind: 'repaid' })).body.code).toBe('state_conflict')
    const decided = { kind: 'person_decided', actor: 'agent-7', outcome: 'offer_restructuring' }
    expect((await happened(payer, 'b-1', decided)).body.state).toBe('restructuring_offered')
    const accepted = { kind: 'offer_accepted', plan: 'p-1', dueDate: day(10) }
    expect((await happened(payer, 'b-1', accepted)).body).toMatchObject({
      state: 'restructured',
      plan: 'p-1',
      dueDate: day(10),
    })
    expect(await reasonsOf(payer)).toEqual([])
    expect((await happened(payer, 'b-1', { kind: 'review_asked' })).body.state).toBe('human_review')
    const closed = { kind: 'person_decided', actor: 'agent-7', outcome: 'close' }
    expect((await happened(payer, 'b-1', closed)).body).toMatchObject({ state: 'closed', actor: 'agent-7' })
    expect(eventsOf(payer)).toHaveLength(1)
  })
})

describe('contacts about a bill', () => {
  const ask = (payer: string, change: object = {}, key = crypto.randomUUID()) =>
    target.api<{ allowed: boolean; refusal?: string; notBefore?: string; retainUntil: string }>(
      'POST',
      `/v1/payers/${payer}/contacts`,
      {
        body: {
          route: 'jd_baitiao',
          bill: 'b-1',
          recipient: payer,
          notice: 'overdue_reminder',
          channel: 'call',
          actor: 'agent-7',
          scriptVersion: 's-3',
          ...change,
        },
        headers: { 'idempotency-key': key },
      },
    )

  // config-key: routes.credit.contact.attemptsPerDayMax
  it('reach nobody but the payer, and not more often than configured; all of them are logged', async () => {
    const payer = newPayer()
    await wish(payer)
    await report(payer, 'b-1', day(-4))
    await hooks.until(() => eventsOf(payer).length === 1)
    const third = await ask(payer, { recipient: 'the-payers-mother' })
    expect([third.status, third.body.allowed, third.body.refusal]).toEqual([200, false, 'third_party'])
    const key = crypto.randomUUID()
    expect((await ask(payer, {}, key)).status).toBe(201)
    expect((await ask(payer, {}, key)).status).toBe(201)
    expect((await ask(payer)).status).toBe(201)
    const capped = await ask(payer)
    expect([capped.status, capped.body.refusal]).toEqual([200, 'daily_cap'])
    expect(Date.parse(capped.body.notBefore ?? '')).toBeGreaterThan(Date.now())
    const { body } = await target.api<{
      contacts: { actor: string; outcome: string; refusal: string | null }[]
    }>('GET', `/v1/payers/${payer}/contacts?route=jd_baitiao`)
    expect(body.contacts.map(({ actor, outcome, refusal }) => [actor, outcome, refusal])).toEqual([
      ['system', 'sent', null],
      ['agent-7', 'refused', 'third_party'],
      ['agent-7', 'sent', null],
      ['agent-7', 'sent', null],
      ['agent-7', 'refused', 'daily_cap'],
    ])
  })

  it('need a bill that is known', async () => {
    expect((await ask(newPayer())).status).toBe(404)
  })
})

describe('what is told of bills', () => {
  it.each<[string, object]>([
    ['no date', { amount: cny(1) }],
    ['a day that does not exist', { amount: cny(1), dueDate: '2027-02-30' }],
    ['no amount', { dueDate: '2027-02-01' }],
    ['nothing owed', { amount: cny(0), dueDate: '2027-02-01' }],
  ])('is refused with %s', async (_name, body) => {
    const answer = await target.api<{ code: string }>('PUT', `/v1/payers/${newPayer()}/bills/b-1`, {
      body: { route: 'jd_baitiao', ...body },
    })
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
  })

  it('is refused for more bills than are kept', { timeout: 30_000 }, async () => {
    const payer = newPayer()
    for (let i = 0; i < 100; i++) await report(payer, `b-${i}`, day(40))
    const { status, body } = await report(payer, 'b-100', day(40))
    expect([status, body.code]).toEqual([422, 'too_many_bills'])
    await happened(payer, 'b-7', { kind: 'repaid' })
    expect((await report(payer, 'b-100', day(40))).status).toBe(200)
  })
})
