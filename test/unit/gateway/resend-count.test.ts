import { describe, expect, it } from 'vitest'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import { unknown } from '../../support/evidence.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { sampleRoute } from '../../support/samples.ts'

const YEAR_HOURS = 8_760
const DAYS = 4

/** What became of an attempt that its upstream never answers, though it remembers keys for a year. */
async function unanswered(queryable: boolean) {
  const idempotency = { mode: 'key', retentionHours: YEAR_HOURS, replaysErrors: true } as const
  const { capability, ...route } = sampleRoute('card_a')
  const test = buildTestGateway({
    routes: [{ ...route, capability: { ...capability, queryable, cancel: [], idempotency } }],
    connectorScripts: { card_a: { pay: [unknown], query: [unknown] } },
  })
  const { id } = await test.elapse(test.paid())
  const end = test.clock.now() + DAYS * 24 * 3_600_000
  for (let waitMs = 500; test.clock.now() < end; waitMs = Math.min(waitMs * 1.5, 600_000)) {
    await test.clock.advance(waitMs)
    await resolveDue(test.gateway, test.facts)
  }
  const stored = await test.gateway.ports.journal.find('demo', id)
  return { payment: stored?.payment, sends: test.sends() }
}

describe('an attempt without an answer on an upstream that remembers keys for long', () => {
  it.each([
    [false, 'route_cannot_tell'],
    [true, 'no_answer'],
  ])(
    'is sent some forty times at most, and then is for a person (queryable: %s)',
    async (queryable, manual) => {
      const { payment, sends } = await unanswered(queryable)
      expect(sends).toBeGreaterThan(10)
      expect(sends).toBeLessThan(50)
      expect(payment).toMatchObject({ manual, attempts: [{ status: 'unknown' }] })
      expect(payment?.result).toBeUndefined()
    },
  )
})
