import { describe, expect, it } from 'vitest'
import { CRASH_POINTS, faultHooks } from '../../../src/entry/fault-hooks.ts'
import type { Outside } from '../../../src/entry/outside.ts'
import { pay } from '../../../src/gateway/pay.ts'
import { buildTestGateway } from '../../support/gateway.ts'

/** Points passed by one payment, told by dying at each of them in turn. */
async function diesAt(point: string, env: Record<string, string> = { FUNDROUTE_CRASH_AT: point }) {
  const test = buildTestGateway()
  const seen: string[] = []
  const { journal } = test.gateway.ports
  const connector = test.connector('card_a')
  const hooks = faultHooks(env, false, () => {
    seen.push(`${connector.sends.length} sent`)
    throw new Error('died')
  })
  const outside = hooks.outside({ connector: () => connector } as unknown as Outside)
  const route = test.gateway.runtime().routes.get('card_a')
  Object.assign(route ?? {}, { connector: outside.connector(undefined as never, undefined) })
  Object.assign(test.gateway.ports, { journal: hooks.journal(journal) })
  await pay(test.clock, test.core, test.command()).catch(() => undefined)
  const [stored] = await journal.findByOrder('demo', test.command().context.orderId, 1)
  return { seen, status: stored?.payment.attempts[0]?.status, result: stored?.payment.result }
}

describe('a process that is told where to die', () => {
  it('dies before the intent: nothing is stored and nothing sent', async () => {
    expect(await diesAt('before-intent')).toEqual({ seen: ['0 sent'], status: undefined, result: undefined })
  })

  it('dies after the intent: it is stored and nothing sent', async () => {
    expect(await diesAt('after-intent')).toEqual({ seen: ['0 sent'], status: 'intent', result: undefined })
  })

  it('dies after the record: the outcome is stored and the client not answered', async () => {
    expect(await diesAt('after-record')).toMatchObject({ seen: ['1 sent'], result: 'succeeded' })
  })

  it('dies at the time it was told', async () => {
    expect((await diesAt('', { FUNDROUTE_CRASH_AT: 'after-intent:2' })).seen).toEqual([])
  })

  it('has a clock that is off by what it was told, and times what it waits truly', () => {
    const clock = {
      now: () => 1_000,
      monotonic: () => 7,
      sleep: async () => undefined,
      timer: () => () => undefined,
    }
    const off = faultHooks({ FUNDROUTE_CLOCK_SKEW_MS: '-900' }, false).clock(clock)
    expect([off.now(), off.monotonic()]).toEqual([100, 7])
  })

  it('has a clock that jumps back and forth when it was told so', () => {
    let monotonic = 0
    const clock = {
      now: () => 1_000,
      monotonic: () => monotonic,
      sleep: async () => undefined,
      timer: () => () => undefined,
    }
    const off = faultHooks({ FUNDROUTE_CLOCK_SKEW_MS: '900,-900' }, false).clock(clock)
    const seen = [0, 2_999, 3_000, 6_000].map(at => {
      monotonic = at
      return off.now()
    })
    expect(seen).toEqual([1_900, 1_900, 100, 1_900])
    expect(() => faultHooks({ FUNDROUTE_CLOCK_SKEW_MS: '900,x' }, false).clock(clock)).toThrow(TypeError)
  })

  it.each(['nowhere', 'after-intent:0', 'after-intent:x', 'after-intent:1.5'])('refuses %j', text => {
    expect(() => faultHooks({ FUNDROUTE_CRASH_AT: text }, false)).toThrow(CRASH_POINTS[0])
  })

  it('is never in production', () => {
    expect(() => faultHooks({ FUNDROUTE_CRASH_AT: 'after-intent' }, true)).toThrow('never for production')
    expect(() => faultHooks({ FUNDROUTE_CLOCK_SKEW_MS: '1' }, true)).toThrow('never for production')
    expect(() => faultHooks({}, true)).not.toThrow()
  })
})
