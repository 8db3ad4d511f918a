import { describe, expect, it } from 'vitest'
import { readDecision } from '../../../src/core/decision-record.ts'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { neededMs } from '../../../src/core/payment/route.ts'
import { recordEvidence } from '../../../src/gateway/evidence.ts'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import type { Journal } from '../../../src/ports/journal.ts'
import { declined } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'
import { NOON, sampleRoute } from '../../support/samples.ts'

const PAYMENT_MS = 8_000

describe('a payment that has less time left than a route needs', () => {
  /** The first route refuses after five of eight seconds; the others need as much as is given here. */
  async function afterFiveSeconds(needed: Readonly<Record<string, number>>) {
    const routes = Object.entries({ first: 0, ...needed }).map(([id, minRemainingMs], position) =>
      sampleRoute(id, {
        minRemainingMs,
        priors: { approval: 0.95 - position / 10, unknown: 0, latencyMs: 300, strength: 1_000 },
      }),
    )
    const test: TestGateway = buildTestGateway({
      routes,
      settings: { paymentMs: PAYMENT_MS },
      connectorScripts: {
        first: {
          pay: [
            async () => {
              await test.clock.advance(5_000)
              return declined
            },
          ],
        },
      },
    })
    return { test, payment: await test.paid() }
  }

  it('skips the route, says why, and takes one that needs less', async () => {
    const { test, payment } = await afterFiveSeconds({ slow: 3_001, quick: 3_000 })
    expect(payment).toMatchObject({
      result: 'succeeded',
      attempts: [{ route: 'first' }, { route: 'quick' }],
    })
    expect(test.connector('slow').sends).toEqual([])
    const row = await test.gateway.ports.journal.findDecision('demo', payment.decision)
    const { candidates } = readDecision(row?.body ?? '')
    expect(candidates.find(({ route }) => route === 'slow')?.reasons).toEqual(['TECH_SESSION_EXPIRED'])
  })

  it('ends where no other is left, and the payer is told to begin anew', async () => {
    const { test, payment } = await afterFiveSeconds({ slow: 3_001 })
    expect(payment).toMatchObject({ result: 'declined', attempts: [{ route: 'first' }] })
    expect(payment.reasons).toContain('TECH_SESSION_EXPIRED')
    expect(test.sends()).toBe(1)
  })

  it('is told what was refused, and what would work anew, where nothing could be opened any more anyway', async () => {
    const action = { type: 'redirect' as const, url: 'https://pay.example/1', expiresAt: NOON + 3_600_000 }
    const test = buildTestGateway({
      routes: [sampleRoute('card_a'), sampleRoute('wallet_a', { tender: 'wallet' })],
      connectorScripts: {
        card_a: { pay: [{ kind: 'requires_action', nextAction: action }], query: [declined, declined] },
      },
    })
    const { id, attempts } = await test.paid({ context: { funding: { accept: [{ tender: 'card' }] } } })
    await test.clock.advance(120_000)
    const reference = attempts[0]?.reference ?? ''
    const refusal = { reference, source: 'notification' as const, result: declined, at: test.clock.now() }
    await recordEvidence(test.gateway, test.facts, refusal)
    for (let round = 0; round < 3; round++) {
      await test.clock.advance(5_000)
      await resolveDue(test.gateway, test.facts)
    }
    const ended = (await test.gateway.ports.journal.find('demo', id))?.payment
    expect(ended?.result).toBe('declined')
    expect(ended?.reasons).not.toContain('TECH_SESSION_EXPIRED')
    expect(ended?.alternatives).toEqual([{ tender: 'wallet', route: 'wallet_a' }])
  })

  it('sends nothing when the time became too short while the INTENT was written', async () => {
    const clock = new ManualClock(NOON)
    const memory = new MemoryJournal({ now: () => clock.now() })
    const begin: Journal['begin'] = async write => {
      await clock.advance(1_500)
      return memory.begin(write)
    }
    const journal = new Proxy<Journal>(memory, {
      get: (_target, name) => {
        const method = name === 'begin' ? begin : (Reflect.get(memory, name) as () => unknown)
        return method.bind(memory)
      },
    })
    const routes = [sampleRoute('only', { minRemainingMs: PAYMENT_MS - 1_000 })]
    const test = buildTestGateway({ routes, clock, journal, settings: { paymentMs: PAYMENT_MS } })
    const payment = await test.paid()
    expect([payment.attempts.map(({ status }) => status), test.sends()]).toEqual([['not_sent'], 0])
  })
})

describe('what a route needs', () => {
  it.each([
    ['its timeout', { timeoutMs: 3_000 }, 3_000],
    ['half of what a payment has at most', { timeoutMs: 60_000 }, 30_000],
    ['what is configured', { timeoutMs: 3_000, minRemainingMs: 12_000 }, 12_000],
  ])('is %s', (_name, change, ms) => {
    expect(neededMs(sampleRoute('a', change))).toBe(ms)
  })
})
