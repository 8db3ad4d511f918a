import { expect, it } from 'vitest'
import type { BreakerSettings } from '../../src/adapters/breaker/circuit.ts'
import type { BreakerSnapshot, GuardedBreakerOptions } from '../../src/adapters/breaker/guarded-breaker.ts'
import { seededRandom } from '../../src/adapters/memory/random.ts'
import type { Breaker, BreakerState, Permit } from '../../src/ports/breaker.ts'
import type { Clock } from '../../src/ports/clock.ts'

export interface BreakerBench {
  readonly clock: Clock
  readonly make: (options: GuardedBreakerOptions) => Breaker & {
    snapshot(): BreakerSnapshot[]
    stop(): void
  }
  /** Lets time pass for the clock and for every timer. */
  readonly pass: (ms: number) => Promise<void>
}

const SETTINGS: BreakerSettings = {
  volumeThreshold: 4,
  errorThresholdPercentage: 50,
  windowMs: 10_000,
  resetMs: 12_000,
  resetMaxMs: 12_000,
  resetJitter: 0,
  permitMs: 30_000,
}

/** What every adapter of the breaker port promises. Each test begins with the same empty bench. */
export function breakerContract(bench: () => BreakerBench): void {
  const setup = (
    settings: Partial<BreakerSettings> = {},
    restored?: readonly BreakerSnapshot[],
    { clock, make, pass } = bench(),
  ) => {
    const changes: BreakerState[] = []
    const breaker = make({
      clock,
      random: seededRandom(1),
      settings: () => ({ ...SETTINGS, ...settings }),
      onChange: (_, state) => changes.push(state),
      ...(restored === undefined ? {} : { restored }),
    })
    const permit = () => breaker.permit('r') as Permit
    const call = (outcome: 'success' | 'failure', times = 1) => {
      for (let n = 0; n < times; n++) breaker.settle(permit(), outcome)
    }
    return { breaker, clock, make, pass, changes, permit, call }
  }

  it('opens when more than the threshold of enough calls failed, not before', () => {
    const { breaker, call, changes } = setup()
    call('failure', 3)
    expect(breaker.state('r')).toBe('closed')
    call('failure')
    expect(breaker.state('r')).toBe('open')
    expect(breaker.permit('r')).toBeUndefined()
    expect(changes).toEqual(['open'])
  })

  it('does not open at exactly the threshold', () => {
    const { breaker, call } = setup()
    call('success', 4)
    call('failure', 4)
    expect(breaker.state('r')).toBe('closed')
    call('failure')
    expect(breaker.state('r')).toBe('open')
  })

  it('takes a decline, told as success, for health: any number of them never opens', () => {
    const { breaker, call } = setup()
    call('success', 100)
    expect(breaker.state('r')).toBe('closed')
  })

  it('keeps routes apart', () => {
    const { breaker, call } = setup()
    call('failure', 4)
    expect(breaker.state('other')).toBe('closed')
    expect(breaker.permit('other')).toBeDefined()
  })

  it('forgets failures that have left the window', async () => {
    const { breaker, call, pass } = setup()
    call('failure', 3)
    await pass(11_000)
    call('failure', 3)
    expect(breaker.state('r')).toBe('closed')
  })

  it('counts calls by when they ended, so that calls longer than the window count too', async () => {
    const { breaker, permit, pass } = setup({ permitMs: 60_000 })
    const permits = Array.from({ length: 4 }, permit)
    await pass(20_000)
    for (const each of permits) breaker.settle(each, 'failure')
    expect(breaker.state('r')).toBe('open')
  })

  it('lets one probe through after the open time, and closes on its success', async () => {
    const { breaker, permit, call, pass, changes } = setup()
    call('failure', 4)
    await pass(11_900)
    expect(breaker.permit('r')).toBeUndefined()
    await pass(200)
    expect(breaker.state('r')).toBe('half_open')
    const probe = permit()
    expect(probe).toBeDefined()
    expect(breaker.permit('r')).toBeUndefined()
    breaker.settle(probe, 'success')
    expect(breaker.state('r')).toBe('closed')
    expect(breaker.permit('r')).toBeDefined()
    expect(changes).toEqual(['open', 'half_open', 'closed'])
  })

  it('opens again when the probe fails', async () => {
    const { breaker, permit, call, pass } = setup()
    call('failure', 4)
    await pass(12_100)
    breaker.settle(permit(), 'failure')
    expect(breaker.state('r')).toBe('open')
    await pass(12_100)
    expect(breaker.state('r')).toBe('half_open')
  })

  it('starts with a clean window after it closed: one failure does not reopen it', async () => {
    const { breaker, permit, call, pass } = setup({ resetMs: 1_000, resetMaxMs: 1_000 })
    call('failure', 4)
    await pass(1_100)
    breaker.settle(permit(), 'success')
    call('failure', 3)
    expect(breaker.state('r')).toBe('closed')
  })

  it('is never stuck half-open: a probe that nobody settles fails when its permit expires', async () => {
    const { breaker, call, pass } = setup()
    call('failure', 4)
    await pass(12_100)
    expect(breaker.permit('r')).toBeDefined()
    await pass(29_000)
    expect(breaker.state('r')).toBe('half_open')
    await pass(1_100)
    expect(breaker.state('r')).toBe('open')
    await pass(12_100)
    expect(breaker.permit('r')).toBeDefined()
  })

  it('counts a permit that is never settled as a failure', async () => {
    const { breaker, permit, pass } = setup()
    for (let n = 0; n < 4; n++) permit()
    await pass(30_100)
    expect(breaker.state('r')).toBe('open')
  })

  it('ignores a report after the expiry and a second report', async () => {
    const { breaker, permit, call, pass } = setup()
    const late = permit()
    await pass(30_100)
    call('success', 3)
    breaker.settle(late, 'failure')
    const once = permit()
    for (let n = 0; n < 10; n++) breaker.settle(once, 'failure')
    expect(breaker.state('r')).toBe('closed')
  })

  it('does not let reports of an older generation change the state', async () => {
    const { breaker, permit, call, pass } = setup({ permitMs: 90_000 })
    const old = Array.from({ length: 20 }, permit)
    call('failure', 4)
    await pass(12_100)
    expect(breaker.state('r')).toBe('half_open')
    breaker.settle(old[0] as Permit, 'success')
    expect(breaker.state('r')).toBe('half_open')
    breaker.settle(old[1] as Permit, 'failure')
    expect(breaker.state('r')).toBe('half_open')
    breaker.settle(permit(), 'success')
    for (const each of old) breaker.settle(each, 'failure')
    expect(breaker.state('r')).toBe('closed')
  })

  it('takes nothing from a permit given back: no success, no failure, and the probe is free again', async () => {
    const { breaker, permit, call, pass } = setup()
    call('failure', 3)
    for (let n = 0; n < 20; n++) breaker.cancel(permit())
    expect(breaker.state('r')).toBe('closed')
    call('failure')
    await pass(12_100)
    breaker.cancel(permit())
    expect(breaker.state('r')).toBe('half_open')
    expect(breaker.permit('r')).toBeDefined()
    await pass(31_000)
    expect(breaker.state('r')).toBe('open')
  })

  it('knows a permit that was copied on its way, as between a Worker and its object', async () => {
    const { breaker, permit, call, pass } = setup()
    call('failure', 4)
    await pass(12_100)
    breaker.settle(structuredClone(permit()), 'success')
    expect(breaker.state('r')).toBe('closed')
  })

  it('stays open longer after each probe that fails, up to the maximum, and begins anew after a close', async () => {
    const { breaker, permit, call, pass } = setup({ resetMs: 12_000, resetMaxMs: 30_000 })
    const opensFor = async () => {
      for (let seconds = 0; seconds < 100; seconds++) {
        if (breaker.state('r') !== 'open') return seconds
        await pass(1_000)
      }
      return Number.NaN
    }
    call('failure', 4)
    const times = [await opensFor()]
    for (let n = 0; n < 3; n++) {
      breaker.settle(permit(), 'failure')
      times.push(await opensFor())
    }
    breaker.settle(permit(), 'success')
    call('failure', 4)
    times.push(await opensFor())
    expect(times).toEqual([12, 24, 30, 30, 12])
  })

  it('is held open by an operator until the time given, then probes', async () => {
    const { breaker, permit, clock, pass } = setup()
    const until = clock.now() + 5_000
    breaker.force('r', 'open', 'maintenance at the bank', until)
    expect(breaker.permit('r')).toBeUndefined()
    expect(breaker.views()).toMatchObject([
      { route: 'r', state: 'open', forced: { state: 'open', reason: 'maintenance at the bank', until } },
    ])
    await pass(5_100)
    expect(breaker.state('r')).toBe('half_open')
    expect(breaker.views()[0]?.forced).toBeUndefined()
    breaker.settle(permit(), 'success')
    expect(breaker.state('r')).toBe('closed')
  })

  it('is held closed by an operator whatever fails, and starts clean afterwards', async () => {
    const { breaker, call, clock, pass } = setup()
    call('failure', 4)
    breaker.force('r', 'closed', 'false alarm', clock.now() + 20_000)
    expect(breaker.state('r')).toBe('closed')
    call('failure', 50)
    expect(breaker.state('r')).toBe('closed')
    await pass(20_100)
    expect(breaker.state('r')).toBe('closed')
    call('failure', 3)
    expect(breaker.state('r')).toBe('closed')
    call('failure')
    expect(breaker.state('r')).toBe('open')
  })

  it('goes back to itself when the operator says auto, and a force that is over does nothing', () => {
    const { breaker, clock } = setup()
    breaker.force('r', 'open', 'now', clock.now() + 60_000)
    breaker.force('r', 'auto', '', 0)
    expect(breaker.state('r')).toBe('half_open')
    breaker.force('other', 'open', 'yesterday', clock.now() - 1)
    expect(breaker.state('other')).toBe('closed')
  })

  it('does not count what was let through before or during a force', async () => {
    const { breaker, permit, clock, pass } = setup()
    const before = Array.from({ length: 10 }, permit)
    breaker.force('r', 'closed', 'test', clock.now() + 1_000)
    const during = Array.from({ length: 10 }, permit)
    await pass(1_100)
    for (const each of [...before, ...during]) breaker.settle(each, 'failure')
    expect(breaker.state('r')).toBe('closed')
  })

  it('survives a restart: an open one stays open for what is left of its time, counted from when it opened', async () => {
    const first = setup()
    first.call('success', 2)
    await first.pass(60_000)
    first.call('failure', 4)
    await first.pass(5_000)
    const snapshot = structuredClone(first.breaker.snapshot())
    first.breaker.stop()
    const second = setup({}, snapshot, first)
    expect(second.breaker.permit('r')).toBeUndefined()
    expect(second.breaker.views()[0]?.since).toBe(snapshot[0]?.since)
    await second.pass(6_900)
    expect(second.breaker.permit('r')).toBeUndefined()
    await second.pass(200)
    second.breaker.settle(second.permit(), 'success')
    expect(second.breaker.state('r')).toBe('closed')
  })

  it.each(['half_open', 'forced'])('survives a restart while %s', async kind => {
    const first = setup()
    if (kind === 'forced') first.breaker.force('r', 'open', 'drill', first.clock.now() + 60_000)
    else {
      first.call('failure', 4)
      await first.pass(12_100)
      first.breaker.permit('r')
    }
    first.breaker.state('r')
    const snapshot = first.breaker.snapshot()
    first.breaker.stop()
    const second = setup({}, snapshot, first)
    expect(second.breaker.views()).toEqual(first.breaker.views())
    if (kind === 'half_open') expect(second.breaker.permit('r')).toBeDefined()
    else expect(second.breaker.permit('r')).toBeUndefined()
  })

  it('is not disturbed by a listener that throws', () => {
    const { clock, make } = bench()
    const breaker = make({
      clock,
      random: seededRandom(1),
      settings: () => SETTINGS,
      onChange: () => {
        throw new Error('a metric with a wrong label')
      },
    })
    for (let n = 0; n < 4; n++) breaker.settle(breaker.permit('r') as Permit, 'failure')
    expect(breaker.state('r')).toBe('open')
  })

  it('hands out a limited number of permits', () => {
    const { breaker } = setup()
    let given = 0
    while (given < 20_000 && breaker.permit('r') !== undefined) given++
    expect(given).toBe(10_000)
  })
}
