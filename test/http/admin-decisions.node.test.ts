import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { evaluate } from '../../src/cli/evaluate.ts'
import { startTarget } from './harness.ts'
import { contextOf, decide, pay, type ProblemView } from './payments.ts'
import type { Target } from './target.ts'

interface PageView {
  readonly decisions: readonly {
    readonly id: string
    readonly decision: { readonly propensity: number; readonly cascade: readonly string[] }
    readonly attempts: readonly { readonly route: string; readonly status: string }[]
  }[]
  readonly next?: string
}

let target: Target
const folder = mkdtempSync(join(tmpdir(), 'fundroute-decisions-'))
beforeAll(async () => {
  target = await startTarget()
})
afterAll(async () => {
  await target.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ALL = 'from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z'
const read = async (query: string) =>
  (await target.admin<PageView & ProblemView>('GET', `/admin/v1/decisions?${query}`)).body

describe('recorded decisions for evaluation', () => {
  it('come with the attempt that followed, reported or made by the gateway', async () => {
    const { body: decided } = await decide(target, contextOf(), { headers: { prefer: 'durable' } })
    await target.api('POST', `/v1/decisions/${decided.id}/outcomes`, {
      body: { attempt: 'a-1', route: decided.cascade[0], status: 'approved', latencyMs: 3 },
    })
    const { body: paid } = await pay(target, contextOf())
    const { decisions } = await read(`tenant=demo&${ALL}`)
    const attemptsOf = (id: string | undefined) => decisions.find(row => row.id === id)?.attempts
    expect(attemptsOf(decided.id)).toEqual([{ route: decided.cascade[0], status: 'approved' }])
    expect(attemptsOf(paid.decision)).toEqual([{ route: paid.route, status: 'approved' }])
    expect(decisions[0]?.decision.propensity).toBeGreaterThan(0)
  })

  it.each([
    [`tenant=nobody&${ALL}`, 'not_found'],
    [ALL, 'invalid_request'],
    ['tenant=demo&from=yesterday&to=2099-01-01T00:00:00Z', 'invalid_request'],
    [`tenant=demo&${ALL}&limit=100000`, 'invalid_request'],
    [`tenant=demo&${ALL}&order=up`, 'invalid_request'],
  ])('of %s are refused: %s', async (query, code) => {
    expect((await read(query)).code).toBe(code)
  })

  it('are read by the command page by page, and kept when asked', async () => {
    const policy = join(folder, 'policy.yaml')
    const saved = join(folder, 'saved.ndjson')
    writeFileSync(policy, 'attemptsMax: 2\n')
    const out = vi.spyOn(console, 'log').mockImplementation(() => {})
    const where = ['--admin-url', target.adminUrl, '--tenant', 'demo', '--from', '2020-01-01T00:00:00Z']
    // Two decisions cannot carry a verdict.
    expect(await evaluate(['--policy', policy, '--save', saved, '--json', ...where])).toBe(1)
    const { verdict, policy: judged } = JSON.parse(String(out.mock.calls[0]?.[0]))
    vi.restoreAllMocks()
    expect([verdict, judged.rows, judged.refusal.code]).toEqual(['refused', 2, 'low_effective_size'])
    expect(readFileSync(saved, 'utf8').trim().split('\n')).toHaveLength(2)
  })
})
