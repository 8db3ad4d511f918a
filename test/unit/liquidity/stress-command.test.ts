import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { stress } from '../../../src/cli/stress.ts'
import { UsageError } from '../../../src/cli/usage-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'fundroute-stress-'))
const own = join(folder, 'mine.yaml')
const wrong = join(folder, 'wrong.yaml')
writeFileSync(
  own,
  `id: mine
name: { en: My own surge, zh-CN: 自定的大促 }
horizonHours: 36
shocks: [{ kind: demand, atHour: 24, hours: 8, factor: 5 }]
`,
)
writeFileSync(wrong, 'id: wrong\nshocks: 3\n')

afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  vi.restoreAllMocks()
})

async function run(
  ...args: string[]
): Promise<{ status: number; out: string; progress: string; err: string }> {
  const out = vi.spyOn(console, 'log').mockImplementation(() => {})
  const err = vi.spyOn(console, 'error').mockImplementation(() => {})
  const progress = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const status = await stress(args)
  const text = (spy: { mock: { calls: unknown[][] } }): string => spy.mock.calls.flat().join('\n')
  const told = { status, out: text(out), progress: text(progress), err: text(err) }
  vi.restoreAllMocks()
  return told
}

describe('fundroute stress', () => {
  it('runs a scenario of one’s own, tells progress apart from the report, and repeats itself for a seed', async () => {
    const args = ['--scenario', own, '--seed', '7', '--json']
    const first = await run(...args)
    expect(first.status).toBe(0)
    expect(first.progress).toContain('mine: day 2 of 2')
    const { seed, reports } = JSON.parse(first.out) as { seed: number; reports: { hoursTo: object }[] }
    expect([seed, reports.length]).toEqual([7, 1])
    expect(reports[0]?.hoursTo).toMatchObject({ amber: expect.any(Number) })
    expect((await run(...args)).out).toBe(first.out)
    const other = JSON.parse((await run('--scenario', own, '--seed', '8', '--json')).out) as {
      reports: object
    }
    expect(other.reports).not.toEqual(reports)
  })

  it('prints a table in either language and writes a page with charts', async () => {
    const page = join(folder, 'page.html')
    const { out } = await run('--scenario', own, '--lang', 'zh-CN', '--html', page)
    expect(out).toContain('自定的大促')
    expect(readFileSync(page, 'utf8').match(/<svg/g)).toHaveLength(3)
  })

  it('says what is wrong with a scenario, and refuses what it cannot take', async () => {
    const { status, err } = await run('--scenario', wrong)
    expect([status, err.includes('shocks')]).toEqual([1, true])
    for (const args of [
      ['--seed', 'x'],
      ['--lang', 'fr'],
      ['--scenario', join(folder, 'none.yaml')],
    ]) {
      await expect(stress(args)).rejects.toThrow(UsageError)
    }
  })
})
