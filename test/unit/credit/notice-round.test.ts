import { describe, expect, it } from 'vitest'
import { isoDateAt } from '../../../src/core/credit/calendar.ts'
import { type ContactEntry, DEFAULT_CONTACT_RULES } from '../../../src/core/credit/contact.ts'
import { DEFAULT_STAGES } from '../../../src/core/credit/delinquency.ts'
import { type Bill, DEFAULT_PREFERENCE, noticeRound } from '../../../src/core/credit/notice-round.ts'

const DAY = 86_400_000
/** 10:00 in China on 8 January 2027. */
const DUE_DAY = Date.parse('2027-01-08T02:00:00Z')
const bill = (change: Partial<Bill> = {}): Bill => ({
  route: 'jd_baitiao',
  amount: { currency: 'CNY', value: 42_000 },
  dueDate: '2027-01-08',
  case: { kind: 'current' },
  seenDay: null,
  ...change,
})
const settings = {
  stages: DEFAULT_STAGES,
  rules: DEFAULT_CONTACT_RULES,
  preference: DEFAULT_PREFERENCE,
  scriptVersion: 'test-1',
}

/** Looks whenever the round before asked to be looked again, as the timer does, until day `to`. */
function live(bills: Readonly<Record<string, Bill>>, from: number, to: number) {
  const told: string[] = []
  const contacts: ContactEntry[] = []
  let state = bills
  let at: number | null = DUE_DAY + from * DAY
  let rounds = 0
  while (at !== null && at <= DUE_DAY + to * DAY && rounds++ < 500) {
    const round = noticeRound('u-1', state, contacts, settings, at)
    for (const { kind, daysPastDue } of round.notices) told.push(`${daysPastDue} ${kind}`)
    contacts.push(...round.contacts)
    state = round.bills
    if (round.nextAtMs !== null && round.nextAtMs <= at) throw new Error('no progress')
    at = round.nextAtMs
  }
  return { told, contacts, state, at, rounds }
}

describe('the notices of a bill', () => {
  it('go out three days before, on the day, up the ladder, and never past human review', () => {
    const { told, state, at } = live({ b1: bill() }, -30, 400)
    expect(told).toEqual([
      '-3 due_soon',
      '0 due_today',
      '1 overdue_reminder',
      '3 overdue_reminder',
      '7 overdue_reminder',
      '14 overdue_reminder',
      '21 overdue_reminder',
      '28 overdue_reminder',
      '31 restructuring_offer',
      '45 restructuring_offer',
      '61 human_review',
    ])
    expect(state['b1']?.case).toMatchObject({ kind: 'human_review', why: 'days_past_due' })
    expect(at).toBeNull()
  })

  it('sleep until the first of them is due', () => {
    const { nextAtMs } = noticeRound('u-1', { b1: bill() }, [], settings, DUE_DAY - 30 * DAY)
    expect(isoDateAt(nextAtMs ?? 0, 480)).toBe('2027-01-05')
    expect(((nextAtMs ?? 0) / 60_000 + 480) % 1_440).toBe(DEFAULT_CONTACT_RULES.openMinute)
  })

  it('wait for the morning in quiet hours, and are not lost', () => {
    const night = DUE_DAY + 12.5 * 3_600_000
    const round = noticeRound('u-1', { b1: bill() }, [], settings, night)
    expect(round.notices).toEqual([])
    expect(round.nextAtMs).toBe(DUE_DAY + DAY - 2 * 3_600_000)
    const wish = { ...settings, preference: { ...DEFAULT_PREFERENCE, quietHoursConsent: true } }
    expect(noticeRound('u-1', { b1: bill() }, [], wish, night).notices).toHaveLength(1)
  })

  it('keep to six a day over all bills, and go on the next morning', () => {
    const bills = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`b${i}`, bill({ dueDate: '2027-01-07' })]),
    )
    const round = noticeRound('u-1', bills, [], settings, DUE_DAY)
    expect(round.notices).toHaveLength(6)
    const next = noticeRound('u-1', round.bills, round.contacts, settings, DUE_DAY + DAY)
    expect(next.notices.map(({ bill: id }) => id)).toEqual(['b6', 'b7'])
  })

  it('are told once, however often it is looked', () => {
    const first = noticeRound('u-1', { b1: bill() }, [], settings, DUE_DAY)
    expect(first.notices).toHaveLength(1)
    expect(noticeRound('u-1', first.bills, first.contacts, settings, DUE_DAY + 60_000).notices).toEqual([])
    // Lost from the record, the log of contacts still remembers.
    expect(noticeRound('u-1', { b1: bill() }, first.contacts, settings, DUE_DAY + 60_000).notices).toEqual([])
  })

  it('after a standstill only the newest one goes out, and only what is still true', () => {
    const missed = noticeRound('u-1', { b1: bill({ seenDay: -10 }) }, [], settings, DUE_DAY + 5 * DAY)
    expect(missed.notices).toMatchObject([{ kind: 'overdue_reminder', daysPastDue: 5 }])
    const soon = noticeRound('u-1', { b1: bill({ seenDay: -10 }) }, [], settings, DUE_DAY - DAY)
    expect(soon.notices).toMatchObject([{ kind: 'due_soon', daysPastDue: -1 }])
    const stages = DEFAULT_STAGES.map(stage => ({
      ...stage,
      notices: stage.notices.filter(({ kind }) => kind === 'due_soon'),
    }))
    const late = noticeRound(
      'u-1',
      { b1: bill({ seenDay: -10 }) },
      [],
      { ...settings, stages },
      DUE_DAY + DAY,
    )
    expect(late.notices).toEqual([])
  })

  it('stop when it is repaid, when the payer asks for a person, and for a broken agreement', () => {
    const closed = bill({ case: { kind: 'closed', sinceMs: 0, by: 'repayment', actor: null } })
    expect(live({ b1: closed }, 0, 90).told).toEqual([])
    const asked = bill({ case: { kind: 'human_review', sinceMs: 0, why: 'asked_by_payer' } })
    expect(live({ b1: asked }, -3, 90)).toMatchObject({ told: [], at: null })
    const agreed = bill({ case: { kind: 'restructured', sinceMs: 0, plan: 'p-1' } })
    const { told, state } = live({ b1: agreed }, -5, 90)
    expect(told).toEqual(['-3 due_soon', '0 due_today'])
    expect(state['b1']?.case).toMatchObject({ kind: 'human_review', why: 'agreement_broken' })
  })

  it('are logged as contacts with the payer alone, by whom, how and with which words', () => {
    const { contacts } = live({ b1: bill() }, -3, 0)
    expect(contacts[0]).toMatchObject({
      payer: 'u-1',
      recipient: 'u-1',
      bill: 'b1',
      channel: 'push',
      actor: 'system',
      scriptVersion: 'test-1',
      outcome: 'sent',
      retainUntil: '2032-01-05',
    })
  })
})
