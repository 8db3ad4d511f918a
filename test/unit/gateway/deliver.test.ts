import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { Deliveries, nextTryAt } from '../../../src/gateway/deliver.ts'
import { eventBody } from '../../../src/gateway/event-body.ts'
import { disabledEndpoints, enableEndpoint, redeliver } from '../../../src/gateway/undelivered.ts'
import type { EventDelivery, EventMessage } from '../../../src/ports/event-sender.ts'
import type { TelemetryEvent } from '../../../src/ports/telemetry.ts'
import { NOON } from '../../support/samples.ts'
import { flakyJournal } from '../../support/flaky-journal.ts'

const HOUR = 3_600_000
const DAY = '2026-03-02'
type Answer = (message: EventMessage) => EventDelivery | Promise<EventDelivery>

function setUp(answer: Answer = () => ({ kind: 'delivered' }), endpoints = ['demo/a', 'demo/b']) {
  const clock = new ManualClock(Date.parse(`${DAY}T00:00:00Z`))
  const flaky = flakyJournal(new MemoryJournal({ now: () => clock.now() }))
  const { journal } = flaky
  const sent: { endpoint: string; id: string; at: number }[] = []
  const events: TelemetryEvent[] = []
  const script = { answer }
  const newProcess = () =>
    new Deliveries({
      ports: { journal, clock, telemetry: { record: event => events.push(event) } },
      sender: {
        send: async message => {
          sent.push({ endpoint: message.endpoint, id: message.id, at: clock.now() })
          return script.answer(message)
        },
        close: async () => undefined,
      },
      endpoints: () => endpoints,
    })
  const deliveries = newProcess()
  const put = (id: string, endpoint = 'demo/a') => {
    const body = eventBody('payment.succeeded', { id }, clock.now())
    return journal.putOutbox([
      { id, tenant: 'demo', endpoint, type: 'payment.succeeded', body, dueAt: clock.now() },
    ])
  }
  const round = async (of = deliveries) => {
    await of.round()
    await of.settled()
  }
  /** Lets hours pass, a round every minute. */
  const pass = async (hours: number) => {
    for (let minute = 0; minute < hours * 60; minute++) {
      await clock.advance(60_000)
      await round()
    }
  }
  const left = async () => {
    await clock.advance(10 * 365 * 24 * HOUR)
    return (await journal.claimOutbox(100, 0)).map(({ id, endpoint }) => `${endpoint} ${id}`)
  }
  return { clock, journal, flaky, sent, events, script, deliveries, newProcess, put, round, pass, left }
}

const failed: EventDelivery = { kind: 'failed', cause: 'timeout' }

describe('the schedule of an event that fails', () => {
  it('has ten tries over about three days, further and further apart', () => {
    const tries = [NOON]
    for (let at = nextTryAt(NOON, NOON, 'e'); at !== undefined; at = nextTryAt(NOON, at, 'e')) tries.push(at)
    expect(tries).toHaveLength(10)
    const hours = ((tries.at(-1) ?? 0) - NOON) / HOUR
    expect(hours).toBeGreaterThan(66)
    expect(hours).toBeLessThan(84)
    const waits = tries.slice(1).map((at, i) => at - (tries[i] ?? 0))
    expect(waits.every((wait, i) => i === 0 || wait > (waits[i - 1] ?? 0) * 0.9)).toBe(true)
  })

  it('is spread, so that what fails together does not come back together', () => {
    const firsts = new Set(Array.from({ length: 50 }, (_, i) => nextTryAt(NOON, NOON + 6_000, `e${i}`)))
    expect(firsts.size).toBeGreaterThan(40)
  })
})

describe('the delivery of events', () => {
  it('takes an event out of the outbox when it was taken, and not before', async () => {
    const test = setUp()
    await test.put('e1')
    await test.round()
    expect(test.sent.map(({ id }) => id)).toEqual(['e1'])
    expect(await test.left()).toEqual([])
  })

  it('tries again until it succeeds', async () => {
    let tries = 0
    const test = setUp(() => (++tries < 4 ? failed : { kind: 'delivered' }))
    await test.put('e1')
    await test.round()
    await test.pass(3)
    expect(test.sent).toHaveLength(4)
    expect(await test.left()).toEqual([])
  })

  it('gives up after three days, keeps the event, and sends it again when an operator says so', async () => {
    const test = setUp(() => failed)
    await test.put('e1')
    await test.round()
    await test.pass(90)
    expect(test.sent).toHaveLength(10)
    expect(test.events).toContainEqual(
      expect.objectContaining({ kind: 'webhook', result: 'undelivered', cause: 'given_up' }),
    )
    const day = new Date(test.sent.at(-1)?.at ?? 0).toISOString().slice(0, 10)
    test.script.answer = () => ({ kind: 'delivered' })
    expect(await redeliver(test.journal, 'demo/b', day, test.clock.now())).toEqual({ count: 0, more: false })
    expect(await redeliver(test.journal, 'demo/a', day, test.clock.now())).toEqual({ count: 1, more: false })
    await test.pass(1)
    expect(test.sent).toHaveLength(11)
    expect(await redeliver(test.journal, 'demo/a', day, test.clock.now())).toEqual({ count: 0, more: false })
    expect(await test.left()).toEqual([])
  })

  it('stops at 410, on every instance, until the endpoint is enabled; then what was kept can be sent', async () => {
    const test = setUp(() => ({ kind: 'gone' }))
    await test.put('e1')
    await test.round()
    expect(await disabledEndpoints(test.journal)).toEqual(new Set(['demo/a']))
    const other = test.newProcess()
    await test.put('e2')
    await test.round(other)
    expect(test.sent).toHaveLength(1)
    expect(await other.views()).toMatchObject([{ endpoint: 'demo/a', state: 'disabled' }, { state: 'ok' }])
    test.script.answer = () => ({ kind: 'delivered' })
    await enableEndpoint(test.journal, 'demo/a', test.clock.now())
    expect((await redeliver(test.journal, 'demo/a', DAY, test.clock.now())).count).toBe(2)
    await test.pass(0.2)
    expect(test.sent.map(({ id }) => id).sort()).toEqual(['e1', 'e1', 'e2'])
    expect(await test.left()).toEqual([])
  })

  it('lets an endpoint that hangs keep nobody else waiting', async () => {
    let release = (): void => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const test = setUp(async ({ endpoint }) => {
      if (endpoint === 'demo/b') return { kind: 'delivered' }
      await held
      return failed
    })
    for (let i = 0; i < 100; i++) await test.put(`a${i}`)
    for (let i = 0; i < 20; i++) await test.put(`b${i}`, 'demo/b')
    for (let i = 0; i < 5; i++) await test.deliveries.round()
    await test.clock.advance(0)
    expect(test.sent.filter(({ endpoint }) => endpoint === 'demo/b')).toHaveLength(20)
    expect(test.sent.filter(({ endpoint }) => endpoint === 'demo/a').length).toBeLessThanOrEqual(8)
    release()
    await test.deliveries.settled()
    // One failure of what was under way together rests the endpoint; the others were not even tried.
    expect(test.sent.filter(({ endpoint }) => endpoint === 'demo/a').length).toBeLessThanOrEqual(8)
    expect(await test.deliveries.views()).toMatchObject([{ state: 'failing', failures: 1 }, { state: 'ok' }])
    expect((await test.left()).length).toBe(100)
  })

  it('is done by another process when one dies with events in hand', async () => {
    let dead = true
    const test = setUp(() => (dead ? new Promise<EventDelivery>(() => undefined) : { kind: 'delivered' }))
    await test.put('e1')
    await test.deliveries.round()
    dead = false
    const other = test.newProcess()
    await test.round(other)
    expect(test.sent).toHaveLength(1)
    await test.clock.advance(3 * 60_000)
    await test.round(other)
    expect(test.sent.map(({ id }) => id)).toEqual(['e1', 'e1'])
    expect(await test.left()).toEqual([])
  })

  it('comes back to an event whose end could not be written', async () => {
    const test = setUp()
    await test.put('e1')
    test.flaky.fail('settleOutbox', 1)
    await test.round()
    expect(test.events).toContainEqual({ kind: 'fault', area: 'webhooks', cause: 'JournalUnavailable' })
    await test.pass(0.1)
    expect(test.sent).toHaveLength(2)
    expect(await test.left()).toEqual([])
  })

  it('keeps events of an endpoint that is no longer configured', async () => {
    const test = setUp()
    await test.put('e1', 'demo/removed')
    await test.round()
    expect(test.sent).toEqual([])
    expect((await redeliver(test.journal, 'demo/removed', DAY, test.clock.now())).count).toBe(1)
  })
})
