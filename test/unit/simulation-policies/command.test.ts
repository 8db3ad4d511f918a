import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { simulatePolicies } from '../../../src/cli/simulate-policies.ts'
import { UsageError } from '../../../src/cli/usage-error.ts'

const SCENARIO = join(import.meta.dirname, '../../../scenarios/policies/l1-worst-route-becomes-the-best.yaml')

afterEach(() => {
  vi.restoreAllMocks()
})

describe('fundroute simulate policies', () => {
  it('prints JSON that a program can read, and writes a report', async () => {
    const out = vi.spyOn(console, 'log').mockImplementation(() => {})
    const html = join(await mkdtemp(join(tmpdir(), 'report-')), 'report.html')
    const args = [
      SCENARIO,
      '--policy',
      'static',
      '--policy',
      'sr-v3',
      '--seeds',
      '2',
      '--json',
      '--html',
      html,
    ]
    expect(await simulatePolicies(args)).toBe(0)
    const printed = JSON.parse(String(out.mock.calls[0]?.[0]))
    expect(printed.scenarios[0].policies[0]).toMatchObject({
      policy: 'static',
      regret: { mean: expect.closeTo(800, 6) },
    })
    expect(await readFile(html, 'utf8')).toContain('Worst route becomes the best')
  })

  it('answers 1 for a scenario that is not in order', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(await simulatePolicies(['no-such-file.yaml'])).toBe(1)
    expect(error).toHaveBeenCalledWith(expect.stringContaining('no-such-file.yaml'))
  })

  it.each([
    [[]],
    [[SCENARIO, '--seeds', '0']],
    [[SCENARIO, '--seeds', 'many']],
    [[SCENARIO, '--policy', 'magic']],
    [[SCENARIO, '--workers', '1000']],
  ])('refuses misuse %j', async args => {
    await expect(simulatePolicies(args)).rejects.toThrow(UsageError)
  })

  it('lists what it can compare', async () => {
    const out = vi.spyOn(console, 'log').mockImplementation(() => {})
    expect(await simulatePolicies(['--list'])).toBe(0)
    expect(out.mock.calls.flat().join('\n')).toContain('sr-v3-reset')
  })
})
