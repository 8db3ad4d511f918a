import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ContactEntry,
  type ContactRequest,
  contactEntry,
  DEFAULT_CONTACT_RULES,
  planContact,
} from '../../../src/core/credit/contact.ts'
import {
  advanceCase,
  assertStages,
  type CaseEvent,
  type CaseState,
  DEFAULT_STAGES,
  type DelinquencyStage,
  noticesDue,
  stageOf,
} from '../../../src/core/credit/delinquency.ts'

const DAY = 86_400_000
const current: CaseState = { kind: 'current' }
const advance = (state: CaseState, event: CaseEvent, atMs = 0): CaseState =>
  advanceCase(state, event, DEFAULT_STAGES, atMs)
const onDay = (state: CaseState, daysPastDue: number): CaseState =>
  advance(state, { kind: 'day', daysPastDue }, daysPastDue * DAY)

describe('delinquency stages', () => {
  it.each([
    [-3, 'M0'],
    [0, 'M0'],
    [1, 'M1'],
    [30, 'M1'],
    [31, 'M2'],
    [60, 'M2'],
    [61, 'M3'],
    [90, 'M3'],
    [91, 'M3+'],
    [4_000, 'M3+'],
  ])('are day ranges: day %i is %s', (days, id) => {
    expect(stageOf(DEFAULT_STAGES, days).id).toBe(id)
  })

  it('block new credit from the first day overdue and nothing before', () => {
    expect(stageOf(DEFAULT_STAGES, 0).blocks).toEqual([])
    expect(stageOf(DEFAULT_STAGES, 1).blocks).toContain('new_credit')
  })

  it('of the defaults are sound', () => {
    expect(() => assertStages(DEFAULT_STAGES)).not.toThrow()
  })

  const change = (index: number, more: Partial<DelinquencyStage>): DelinquencyStage[] =>
    DEFAULT_STAGES.map((stage, i) => (i === index ? { ...stage, ...more } : stage))
  it.each<[string, readonly DelinquencyStage[]]>([
    ['no stage', []],
    ['a gap', change(2, { daysFrom: 32 })],
    ['an overlap', change(1, { daysTo: 31 })],
    ['an end', change(4, { daysTo: 120 })],
    ['an open stage in the middle', change(2, { daysTo: null })],
    ['a ladder that goes back', change(4, { step: 'reminder' })],
    ['a notice outside its stage', change(1, { notices: [{ kind: 'overdue_reminder', days: [31] }] })],
    [
      'an automatic reminder past human review',
      change(4, { notices: [{ kind: 'overdue_reminder', days: [95] }] }),
    ],
  ])('with %s are refused', (_name, stages) => {
    expect(() => assertStages(stages)).toThrow(RangeError)
  })
})

describe('the ladder', () => {
  it('climbs from reminder to restructuring offer to human review', () => {
    const kinds = [0, 1, 30, 31, 60, 61, 91].map(
      (
        state => (days: number) =>
          (state = onDay(state, days)).kind
      )(current as CaseState),
    )
    expect(kinds).toEqual([
      'current',
      'reminded',
      'reminded',
      'restructuring_offered',
      'restructuring_offered',
      'human_review',
      'human_review',
    ])
  })

  it('closes on repayment, and follows an accepted offer on its own schedule', () => {
    expect(advance(onDay(current, 10), { kind: 'repaid' })).toMatchObject({ kind: 'closed', by: 'repayment' })
    const agreed = advance(onDay(current, 40), { kind: 'offer_accepted', plan: 'plan-1' })
    expect(agreed).toMatchObject({ kind: 'restructured', plan: 'plan-1' })
    expect(onDay(agreed, 0)).toEqual(agreed)
    expect(onDay(agreed, 1)).toMatchObject({ kind: 'human_review', why: 'agreement_broken' })
    expect(advance(onDay(current, 5), { kind: 'offer_accepted', plan: 'plan-1' }).kind).toBe('reminded')
  })

  it('lets a payer ask for a person at any time', () => {
    expect(advance(onDay(current, 5), { kind: 'review_asked' })).toMatchObject({
      kind: 'human_review',
      why: 'asked_by_payer',
    })
  })

  it('does nothing by itself past human review: only a named person moves the case', () => {
    const automatic = fc.oneof(
      fc.record({ kind: fc.constant('day' as const), daysPastDue: fc.integer({ min: 0, max: 400 }) }),
      fc.constant<CaseEvent>({ kind: 'repaid' }),
      fc.constant<CaseEvent>({ kind: 'review_asked' }),
      fc.constant<CaseEvent>({ kind: 'offer_accepted', plan: 'p' }),
    )
    const held = onDay(current, 61)
    fc.assert(
      fc.property(fc.array(automatic), events => {
        expect(events.reduce((state, event) => advance(state, event, 100 * DAY), held)).toEqual(held)
      }),
    )
    for (let day = 0; day < 200; day++) expect(noticesDue(DEFAULT_STAGES, held, day)).toEqual([])
    const decide = (outcome: 'close' | 'keep' | 'offer_restructuring', actor = 'ann') =>
      advance(held, { kind: 'person_decided', actor, outcome }, 70 * DAY)
    expect(decide('close')).toMatchObject({ kind: 'closed', by: 'person', actor: 'ann' })
    expect(decide('keep')).toEqual(held)
    expect(() => decide('close', '')).toThrow(RangeError)
    const offered = decide('offer_restructuring')
    expect(advance(offered, { kind: 'day', daysPastDue: 75 }, 75 * DAY)).toEqual(offered)
    expect(noticesDue(DEFAULT_STAGES, offered, 31)).toEqual([])
    expect(advance(offered, { kind: 'day', daysPastDue: 90 }, 90 * DAY)).toMatchObject({
      kind: 'human_review',
      why: 'offer_lapsed',
    })
  })

  it('a person cannot move what people do not hold, and nothing moves what is closed', () => {
    const reminded = onDay(current, 5)
    expect(advance(reminded, { kind: 'person_decided', actor: 'ann', outcome: 'close' })).toEqual(reminded)
    const closed = advance(reminded, { kind: 'repaid' })
    expect(onDay(closed, 80)).toEqual(closed)
  })

  it('sends three days before, on the day, and by stage after', () => {
    const sent: [number, string][] = []
    let state: CaseState = current
    for (let day = -5; day <= 200; day++) {
      for (const kind of noticesDue(DEFAULT_STAGES, state, day)) sent.push([day, kind])
      state = onDay(state, day)
    }
    expect(sent).toEqual([
      [-3, 'due_soon'],
      [0, 'due_today'],
      ...[1, 3, 7, 14, 21, 28].map(day => [day, 'overdue_reminder']),
      [31, 'restructuring_offer'],
      [45, 'restructuring_offer'],
      [61, 'human_review'],
    ])
  })
})

describe('a contact about a debt', () => {
  /** China time on 1 June 2026. */
  const at = (hour: number, minute = 0): number => Date.UTC(2026, 5, 1, hour - 8, minute)
  const request: ContactRequest = {
    payer: 'u-1',
    recipient: 'u-1',
    bill: 'b-1',
    kind: 'overdue_reminder',
    channel: 'sms',
    daysPastDue: 3,
    scriptVersion: 's-1',
    actor: 'system',
    quietHoursConsent: false,
  }
  const sent = (
    more: Partial<ContactRequest>,
    atMs: number,
    outcome: ContactEntry['outcome'] = 'sent',
  ): ContactEntry =>
    contactEntry(
      { ...request, ...more },
      { outcome, refusal: outcome === 'refused' ? 'quiet_hours' : null },
      DEFAULT_CONTACT_RULES,
      atMs,
    )
  const plan = (more: Partial<ContactRequest>, log: readonly ContactEntry[], atMs: number) =>
    planContact({ ...request, ...more }, log, DEFAULT_CONTACT_RULES, atMs)

  it.each([
    [7, 59, 8, 1],
    [22, 0, 8, 2],
    [0, 0, 8, 1],
    [23, 59, 8, 2],
  ])('at %i:%i waits for eight o’clock', (hour, minute, opens, day) => {
    expect(plan({}, [], at(hour, minute))).toEqual({
      kind: 'later',
      why: 'quiet_hours',
      notBeforeMs: Date.UTC(2026, 5, day, opens - 8),
    })
  })

  it('may be made from 08:00 to 21:59, and in quiet hours when the payer wishes', () => {
    expect(plan({}, [], at(8)).kind).toBe('send')
    expect(plan({}, [], at(21, 59)).kind).toBe('send')
    expect(plan({ quietHoursConsent: true }, [], at(3)).kind).toBe('send')
  })

  it('reaches nobody but the payer', () => {
    expect(plan({ recipient: 'u-2' }, [], at(12))).toEqual({ kind: 'never', why: 'third_party' })
  })

  it('is made six times a day at most, over all channels, and refusals do not count', () => {
    const log = Array.from({ length: 6 }, (_, i) =>
      sent({ bill: `b-${i}`, channel: i % 2 ? 'call' : 'push' }, at(9 + i)),
    )
    expect(plan({ bill: 'b-9' }, log, at(16))).toEqual({
      kind: 'later',
      why: 'daily_cap',
      notBeforeMs: Date.UTC(2026, 5, 2, 0),
    })
    expect(plan({ bill: 'b-9' }, log, at(9) + DAY).kind).toBe('send')
    const refused = log.map((entry, i) => (i === 0 ? sent({ bill: 'b-0' }, entry.atMs, 'refused') : entry))
    expect(plan({ bill: 'b-9' }, refused, at(16)).kind).toBe('send')
    expect(plan({ payer: 'u-2', recipient: 'u-2' }, log, at(16)).kind).toBe('send')
  })

  it('is not repeated by the system, on any channel', () => {
    expect(plan({ channel: 'email' }, [sent({}, at(9))], at(12))).toEqual({ kind: 'never', why: 'duplicate' })
    expect(plan({ daysPastDue: 7 }, [sent({}, at(9))], at(12)).kind).toBe('send')
    expect(plan({ actor: 'ann', channel: 'call' }, [sent({}, at(9))], at(12)).kind).toBe('send')
  })

  it('never breaks a rule, whatever is asked when', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 * 1_440 }), fc.integer({ min: 0, max: 40 })), {
          maxLength: 120,
        }),
        asks => {
          const log: ContactEntry[] = []
          for (const [minute, bill] of asks.toSorted((a, b) => a[0] - b[0])) {
            const atMs = at(0) + minute * 60_000
            if (plan({ bill: `b-${bill}` }, log, atMs).kind === 'send')
              log.push(sent({ bill: `b-${bill}` }, atMs))
          }
          const days = new Map<number, number>()
          for (const { atMs } of log) {
            const minuteOfDay = ((atMs - at(0)) / 60_000) % 1_440
            expect(minuteOfDay).toBeGreaterThanOrEqual(480)
            expect(minuteOfDay).toBeLessThan(1_320)
            const day = Math.floor((atMs - at(0)) / DAY)
            days.set(day, (days.get(day) ?? 0) + 1)
          }
          expect(Math.max(0, ...days.values())).toBeLessThanOrEqual(6)
          expect(new Set(log.map(entry => entry.dedupeKey)).size).toBe(log.length)
        },
      ),
    )
  })

  it('is logged with who, when, how and which words, for five years', () => {
    expect(sent({}, at(9))).toEqual({
      payer: 'u-1',
      recipient: 'u-1',
      bill: 'b-1',
      kind: 'overdue_reminder',
      channel: 'sms',
      daysPastDue: 3,
      scriptVersion: 's-1',
      actor: 'system',
      atMs: at(9),
      outcome: 'sent',
      refusal: null,
      dedupeKey: 'u-1/b-1/overdue_reminder/3',
      retainUntil: '2031-06-01',
    })
  })
})
