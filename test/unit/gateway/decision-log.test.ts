import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { DecisionLog } from '../../../src/gateway/decision-log.ts'
import type { DecisionRow } from '../../../src/ports/journal.ts'
import type { TelemetryEvent } from '../../../src/ports/telemetry.ts'
import { type FlakyJournal, flakyJournal } from '../../support/flaky-journal.ts'

const row = (i: number): DecisionRow => ({
  id: `dec_${i}`,
  tenant: 'demo',
  orderId: 'o-1',
  at: i,
  body: '{}',
})

describe('the write-behind of decisions', () => {
  let clock: ManualClock
  let flaky: FlakyJournal
  let events: TelemetryEvent[]
  let log: DecisionLog
  const commits = (): number => flaky.calls('appendDecisions')

  beforeEach(() => {
    clock = new ManualClock()
    flaky = flakyJournal(new MemoryJournal({ now: () => clock.now() }))
    events = []
    const telemetry = { record: (event: TelemetryEvent) => void events.push(event) }
    log = new DecisionLog({ clock, journal: flaky.journal, telemetry })
  })

  it('commits what comes within a moment together, and is readable before', async () => {
    for (let i = 0; i < 10; i++) await log.append(row(i))
    await clock.advance(10)
    expect(commits()).toBe(0)
    expect(log.find('demo', 'dec_3')).toEqual(row(3))
    await clock.advance(50)
    expect(commits()).toBe(1)
    expect(log.find('demo', 'dec_3')).toBeUndefined()
    expect(await flaky.journal.findDecision('demo', 'dec_9')).toEqual(row(9))
  })

  it('does not wait when a batch is full', async () => {
    for (let i = 0; i < 256; i++) await log.append(row(i))
    await clock.advance(0)
    expect(commits()).toBe(1)
  })

  it('does not wait when somebody waits for it', async () => {
    await log.append(row(1))
    await log.drain()
    expect(commits()).toBe(1)
    expect(await flaky.journal.findDecision('demo', 'dec_1')).toEqual(row(1))
  })

  it('counts what a journal that is away has lost, and goes on', async () => {
    flaky.fail('appendDecisions', 1)
    await log.append(row(1))
    await log.drain()
    await log.append(row(2))
    await log.drain()
    expect(events).toEqual([{ kind: 'fault', area: 'decision_log', cause: 'journal_unavailable' }])
    expect(await flaky.journal.findDecision('demo', 'dec_2')).toEqual(row(2))
  })
})
