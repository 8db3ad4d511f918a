import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { ConsoleLog } from '../../../src/adapters/telemetry/console-log.ts'
import { fanOut } from '../../../src/adapters/telemetry/fan-out.ts'
import { Log } from '../../../src/adapters/telemetry/log.ts'
import type { LogLevel } from '../../../src/adapters/telemetry/log-lines.ts'
import { withoutCardNumbers } from '../../../src/core/payment/card-number.ts'
import type { Telemetry, TelemetryEvent } from '../../../src/ports/telemetry.ts'
import { SAMPLE_EVENTS } from '../../support/telemetry-events.ts'

type Make = (level: LogLevel, write: (line: string) => void) => Telemetry

const logs: [string, Make][] = [
  ['of a process', (level, write) => new Log({ level, write })],
  ['on the console', (level, write) => new ConsoleLog({ clock: new ManualClock(), level, write })],
]

describe.each(logs)('the log %s', (_, make) => {
  const linesOf = (
    events: readonly TelemetryEvent[],
    level: LogLevel = 'info',
  ): Record<string, unknown>[] => {
    const lines: string[] = []
    const log = make(level, line => lines.push(line))
    for (const event of events) log.record(event)
    if (log instanceof Log) log.flush()
    return lines.map(line => JSON.parse(line) as Record<string, unknown>)
  }

  it('has one line per decision and one per attempt, with these fields and no other', () => {
    expect(linesOf([SAMPLE_EVENTS.decided, SAMPLE_EVENTS.attempt])).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        event: 'decision',
        tenant: 'demo',
        decision: 'dec_1',
        orderId: 'o-1',
        outcome: 'routed',
        cascade: 'card_a,card_b',
        durationMs: 0.432,
        requestId: 'req-1',
      },
      {
        level: 'info',
        time: expect.any(String),
        event: 'attempt',
        tenant: 'demo',
        payment: 'pay_1',
        reference: '0123456789abcdef0123456789abcdef',
        route: 'card_a',
        outcome: 'declined',
        category: 'insufficient_funds',
        latencyMs: 120,
      },
    ])
  })

  it.each<[LogLevel, string[]]>([
    [
      'debug',
      [
        'decision',
        'payment',
        'attempt',
        'failover',
        'breaker',
        'redis',
        'webhook',
        'credit_drift',
        'credit_calibration',
        'fault',
      ],
    ],
    [
      'info',
      ['decision', 'attempt', 'breaker', 'redis', 'webhook', 'credit_drift', 'credit_calibration', 'fault'],
    ],
    ['warn', ['breaker', 'webhook', 'credit_drift', 'credit_calibration', 'fault']],
    ['error', ['fault']],
    ['silent', []],
  ])('at level %s tells %j', (level, expected) => {
    expect(linesOf(Object.values(SAMPLE_EVENTS), level).map(({ event }) => event)).toEqual(expected)
  })

  it('lets nothing in that is not on the list', () => {
    const event = {
      ...SAMPLE_EVENTS.attempt,
      payer: 'Zhang San',
      headers: { authorization: 'Bearer s3cret' },
    }
    expect(JSON.stringify(linesOf([event as TelemetryEvent]))).not.toMatch(/Zhang|s3cret/)
  })

  it('never shows a card number, wherever it came in', () => {
    const canaries = ['4111111111111111', '4111 1111 1111 1111', '6222-0212-3456-7894', '378282246310005']
    const cards = canaries.filter(card => withoutCardNumbers(card) !== card)
    expect(cards.length).toBeGreaterThanOrEqual(3)
    for (const card of cards) {
      const lines = linesOf([
        { ...SAMPLE_EVENTS.decided, orderId: `order for ${card}`, requestId: card },
        { ...SAMPLE_EVENTS.attempt, cause: card, payment: `pay_${card}` },
        { ...SAMPLE_EVENTS.fault, cause: `"${card}"`, area: card },
      ])
      expect(lines).toHaveLength(3)
      const text = JSON.stringify(lines).replaceAll(/[ -]/g, '')
      expect(text).not.toContain(card.replaceAll(/[ -]/g, ''))
    }
  })

  it('keeps text from outside short and on one line', () => {
    const [line] = linesOf([{ ...SAMPLE_EVENTS.decided, orderId: `a\n{"event":"fake"}${'x'.repeat(5_000)}` }])
    expect(JSON.stringify(line).length).toBeLessThan(600)
  })

  it('never throws, even for an event that is none', () => {
    const log = make('debug', () => {
      throw new Error('disk full')
    })
    for (const event of [undefined, {}, { kind: 'decided' }, SAMPLE_EVENTS.attempt]) {
      expect(() => log.record(event as TelemetryEvent)).not.toThrow()
    }
  })
})

it('the log for people shows the same as text, one line per event whatever is in it', () => {
  const lines: string[] = []
  const log = new Log({ format: 'text', write: line => lines.push(line) })
  log.record(SAMPLE_EVENTS.decided)
  log.record({ ...SAMPLE_EVENTS.decided, orderId: 'x tenant=other\nfake 4111111111111111' })
  log.flush()
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} info {2}decision tenant=demo decision=dec_1 orderId=o-1 outcome=routed cascade=card_a,card_b durationMs=0\.432 requestId=req-1\n$/,
  )
  expect(lines[1]).toContain('orderId="x tenant=other\\nfake [redacted]"')
  expect(lines[1]?.trimEnd()).not.toContain('\n')
})

describe('what could be a card number', () => {
  it.each([
    ['4111111111111111', '[redacted]'],
    ['pay 4111-1111-1111-1111.', 'pay [redacted].'],
    ['token_5555555555554444', 'token_[redacted]'],
    ['"378282246310005"', '"[redacted]"'],
    ['{"a":6011111111111117}', '{"a":[redacted]}'],
  ])('is taken out of %j', (text, expected) => {
    expect(withoutCardNumbers(text)).toBe(expected)
  })

  it.each([
    '4111111111111112',
    '411111111111',
    '41111111111111111111',
    '0123456789abcdef4111111111111111',
    '2026-11-24T00:45:43.123Z',
    'o-1001',
    '1700000000000',
  ])('is not %j', text => {
    expect(withoutCardNumbers(text)).toBe(text)
  })
})

it('telling several, one that throws does not keep the others from hearing', () => {
  const heard: string[] = []
  const all = fanOut(
    { record: event => heard.push(`one ${event.kind}`) },
    {
      record: () => {
        throw new Error('broken')
      },
    },
    { record: event => heard.push(`other ${event.kind}`) },
  )
  all.record(SAMPLE_EVENTS.redis)
  expect(heard).toEqual(['one redis', 'other redis'])
})
