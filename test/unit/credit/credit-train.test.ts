import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { creditTrain } from '../../../src/cli/credit-train.ts'
import { parseScorecard } from '../../../src/core/credit/parse-scorecard.ts'
import { compileScorecard } from '../../../src/core/credit/scorecard.ts'
import type { ScorecardFile } from '../../../src/core/credit/training/model-card.ts'
import { population } from './population.ts'

let folder: string
let data: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-train-'))
  data = join(folder, 'population.csv')
  await writeFile(data, population(2_500, 5).text)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the command with its output caught. */
async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const catchInto = (list: string[]) => (chunk: string | Uint8Array) => list.push(String(chunk)) > 0
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(catchInto(out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(catchInto(err)),
  ]
  try {
    return { status: await creditTrain(args), out: out.join(''), err: err.join('') }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
const train = (out: string, ...more: string[]) =>
  run('--data', data, '--target', 'bad', '--out', join(folder, out), ...more)
const read = async (name: string): Promise<ScorecardFile> =>
  JSON.parse(await readFile(join(folder, name), 'utf8'))

describe('credit train', () => {
  it('writes the same file for the same seed, byte for byte, and another for another', async () => {
    expect((await train('a.json')).status).toBe(0)
    expect((await train('b.json')).status).toBe(0)
    expect((await train('c.json', '--seed', '2')).status).toBe(0)
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map(name => readFile(join(folder, `${name}.json`), 'utf8')),
    )
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })

  it('writes a model that inference takes, with a card measured on rows it was not fitted to', async () => {
    const { out, err } = await train('m.json', '--folds', '5', '--fairness', 'age,job')
    const file = await read('m.json')
    const { pd } = compileScorecard(parseScorecard(file)).assess({ income: 9_000, debt: 100, late_1: 0 })
    expect(pd).toBeLessThan(0.1)
    expect(file.card.holdout.rows).toBe(500)
    expect(file.card.developmentRows).toBe(2_000)
    expect(file.card.holdout.auc).toBeGreaterThan(0.75)
    expect(file.card.crossValidation?.folds).toHaveLength(5)
    expect(new Set(file.card.fairness.map(slice => slice.column))).toEqual(new Set(['age', 'job']))
    for (const feature of file.card.features) {
      expect(feature.bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(2_000)
      expect(Math.min(...feature.bins.map(bin => bin.shortfall))).toBe(0)
    }
    expect(out).toMatch(/mean of folds +500 .*\nout of sample +500 /)
    expect(err).toContain('fold 5 of 5')
  })

  it('leaves protected columns out unless told, and says so', async () => {
    const { err } = await train('p.json')
    expect(err).toContain('leaving out age (protected)')
    await train('k.json', '--keep-protected')
    expect((await read('k.json')).card.excluded).toEqual([{ column: 'bad', why: 'target' }])
    await train('n.json', '--protected', 'job')
    const named = await read('n.json')
    expect(named.card.excluded.map(({ column }) => column)).toEqual(['job', 'bad'])
    expect(JSON.stringify(named.features)).not.toContain('"job"')
  })

  it('alarms when the hold-out is another population, and not when it is the same', async () => {
    const [header, ...lines] = population(2_500, 5).text.split('\n') as [string, ...string[]]
    const monthly = async (name: string, latest: (line: string) => string): Promise<ScorecardFile> => {
      const rows = lines.map((line, i) => `${i < 2_000 ? line : latest(line)},${1 + Math.floor(i / 250)}`)
      const file = join(folder, `${name}.csv`)
      await writeFile(file, [`${header},month`, ...rows].join('\n'))
      const out = `${name}.json`
      await run('--data', file, '--target', 'bad', '--time', 'month', '--out', join(folder, out))
      return read(out)
    }
    const same = await monthly('same', line => line)
    expect(same.card.holdoutKind).toBe('out_of_time')
    expect(same.card.driftVerdict).toBe('stable')
    const poorer = await monthly('poorer', line =>
      line.replace(/^\d+/, income => String(Math.round(Number(income) / 2))),
    )
    expect(poorer.card.scoreStability.verdict).toBe('act')
    expect(poorer.card.features.find(({ name }) => name === 'debt/income')?.stability).toBeGreaterThan(0.25)
  })

  it('takes directions, dimensions, reasons and derived columns from a spec', async () => {
    const spec = join(folder, 'spec.yaml')
    await writeFile(
      spec,
      `columns:
  debt: { monotone: increasing, dimension: obligations, reason: CRD_OBLIGATIONS_HIGH }
  burden: { monotone: increasing, dimension: obligations, reason: CRD_OBLIGATIONS_HIGH }
derived:
  - { name: burden, op: ratio, columns: [debt, income] }
`,
    )
    expect((await train('s.json', '--spec', spec)).status).toBe(0)
    const burden = (await read('s.json')).features.find(feature => feature.name === 'burden')
    expect(burden).toMatchObject({ dimension: 'obligations', reason: 'CRD_OBLIGATIONS_HIGH' })
  })

  it('ends with 2 on misuse and with 1 on data it cannot use', async () => {
    expect((await run()).status).toBe(2)
    expect((await run('--data', data, '--target', 'bad', '--folds', '1')).status).toBe(2)
    expect((await run('--data', data, '--target', 'bad', '--unknown')).status).toBe(2)
    expect(
      (await run('--data', data, '--target', 'bad', '--protected', 'a', '--keep-protected')).status,
    ).toBe(2)
    const spec = join(folder, 'wrong.yaml')
    await writeFile(spec, 'columns: { debt: { monotone: sideways } }')
    expect(await train('x.json', '--spec', spec)).toMatchObject({
      status: 2,
      err: expect.stringContaining('monotone'),
    })
    expect(await train('x.json', '--drop', 'nope')).toMatchObject({
      status: 1,
      err: expect.stringContaining('nope'),
    })
    expect((await run('--data', data, '--target', 'nope')).status).toBe(1)
    expect((await run('--data', data, '--target', 'debt')).status).toBe(1)
    expect((await run('--data', join(folder, 'missing.csv'), '--target', 'bad')).status).toBe(1)
    expect((await run('--help')).out).toContain('Usage: fundroute credit train')
  })
})
