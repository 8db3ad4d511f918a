import { afterEach, describe, expect, it, vi } from 'vitest'
import { simulateFaults } from '../../src/cli/simulate-faults.ts'
import { timelineOf } from '../../src/simulation/faults/timeline.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Processors are shared with other tests. */
const PATIENCE_MS = 60_000

async function print(...args: string[]): Promise<string> {
  const out = vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await simulateFaults(args)).toBe(0)
  const text = out.mock.calls.flat().join('\n')
  out.mockClear()
  return text
}

describe('fundroute simulate faults', { timeout: PATIENCE_MS }, () => {
  it('prints what a program can read, the same in every run of the same seeds', async () => {
    const args = [
      '--seeds',
      '2',
      '--seed',
      '3',
      '--type',
      'expiring',
      '--orders',
      '5',
      '--verify-replay',
      '--json',
    ]
    const first = JSON.parse(await print(...args)) as { types: Record<string, unknown>[] }
    const again = JSON.parse(await print(...args, '--threads', '1')) as { types: Record<string, unknown>[] }
    expect(first).toMatchObject({
      types: [{ type: 'expiring', seeds: 2, violating: 0, replayed: 2, diverged: 0 }],
      failures: [],
    })
    expect(again.types[0]?.['hash']).toBe(first.types[0]?.['hash'])
    expect(first.types[0]?.['payments']).toBeGreaterThan(0)
  })

  it('tells the story of every order that was placed', async () => {
    const world = ['--seed', '3', '--type', 'reversible', '--orders', '5']
    const all = await print(...world, '--timeline')
    expect(all).toContain('client 1')
    expect(all).toContain('client 4')
    const one = await print(...world, '--only', '4', '--timeline')
    expect(one).toContain('client 4')
    expect(one).not.toContain('client 1')
    expect(one).toMatch(/hash [0-9a-f]{8} after \d+ events/)
  })

  it('can tell the story of one order among others', async () => {
    const { lines } = await timelineOf({ seed: 3, type: 'reversible', orders: 20 }, 4)
    const story = lines.join('\n')
    expect(story).toMatch(/client 4 +asks to pay \d+ under key-4-1/)
    expect(new Set(story.match(/client \d+/g))).toEqual(new Set(['client 4']))
    expect(new Set(story.match(/pay_\w+/g)).size).toBe(1)
    expect(story).toMatch(/gateway \d\.\d +asks route-\d to pay [0-9a-f]{32}/)
  })

  it.each([
    [['--seeds', '0']],
    [['--seed', 'x']],
    [['--type', 'magic']],
    [['--without', 'gremlins']],
    [['--only', '100']],
    [['--timeline']],
    [['--timeline', '--seed', '1']],
  ])('refuses misuse %j', async args => {
    await expect(simulateFaults(args)).rejects.toThrow(UsageError)
  })
})
