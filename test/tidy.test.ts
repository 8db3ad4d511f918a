import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const LINES_MAX = 400

/** Where time and randomness enter: adapters behind ports, the edges, and the sandbox, which plays the outside. */
const MAY_READ_CLOCKS = /^src\/(adapters|entry|cli|sandbox)\//

const CLOCK_OR_RANDOM =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.now\b|\brandomUUID\b|\bgetRandomValues\b|\bhrtime\b/

/** Waiting belongs to ports too, in the rooms that a simulator runs under virtual time. */
const TIMER = /\b(setTimeout|setInterval|setImmediate)\s*\(/
const PURE = /^src\/(core|ports|gateway|config)\//

const SKIPPED = /\b(it|test|describe)\.(skip|only|todo|skipIf|runIf|fails)\b|\bx(it|describe)\(/
const UNFINISHED = /\b(TODO|FIXME)\b/

interface Source {
  readonly file: string
  readonly text: string
}

function sources(...folders: readonly string[]): Source[] {
  return folders.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => /\.(ts|tsx|sql|lua|css)$/.test(file) && !file.includes('generated/'))
      .map(file => join(folder, file))
      .map(file => ({ file, text: readFileSync(join(ROOT, file), 'utf8') })),
  )
}

/** The code without its comments, so that a comment may speak of what it forbids. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, comment => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
}

function matching(files: readonly Source[], pattern: RegExp): string[] {
  return files.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  )
}

function code(files: readonly Source[]): Source[] {
  return files.map(({ file, text }) => ({ file, text: withoutComments(text) }))
}

describe('the house style', () => {
  const src = sources('src')
  const tests = sources('test')

  it('keeps every file within what a reader can hold', () => {
    const long = [...src, ...tests].filter(({ text }) => text.split('\n').length - 1 > LINES_MAX)
    expect(long.map(({ file }) => file)).toEqual([])
  })

  it('takes time and randomness from ports and arguments, so that every decision can be replayed', () => {
    const held = src.filter(({ file }) => !MAY_READ_CLOCKS.test(file))
    expect(held.length).toBeGreaterThan(20)
    expect(matching(code(held), CLOCK_OR_RANDOM)).toEqual([])
  })

  it('waits through ports in the rooms that run under virtual time', () => {
    expect(matching(code(src.filter(({ file }) => PURE.test(file))), TIMER)).toEqual([])
  })

  it('skips no test', () => {
    expect(matching(code(tests.filter(({ file }) => !file.endsWith('tidy.test.ts'))), SKIPPED)).toEqual([])
  })

  it('leaves no work behind in a comment', () => {
    expect(
      matching(
        [...src, ...tests].filter(({ file }) => !file.endsWith('tidy.test.ts')),
        UNFINISHED,
      ),
    ).toEqual([])
  })

  it('runs nothing at module scope that an edge runtime refuses', () => {
    const atModuleScope =
      /^(const|let|export const)\s[^=]*=\s*(new AbortController|setInterval|setTimeout|crypto\.)/
    expect(matching(code(src.filter(({ file }) => PURE.test(file))), atModuleScope)).toEqual([])
  })
})

describe('the patterns of the house style', () => {
  it.each([
    [CLOCK_OR_RANDOM, 'const now = Date.now()'],
    [CLOCK_OR_RANDOM, 'const now = new Date( )'],
    [CLOCK_OR_RANDOM, 'if (Math.random() < 0.5) return'],
    [CLOCK_OR_RANDOM, 'const id = crypto.randomUUID()'],
    [TIMER, 'await new Promise(done => setTimeout(done, 10))'],
    [SKIPPED, "  it.skip('x', () => {})"],
    [SKIPPED, "describe.only('x', () => {})"],
    [UNFINISHED, '// TODO: later'],
  ])('%s finds %j', (pattern, line) => {
    expect(matching([{ file: 'a.ts', text: line }], pattern)).toHaveLength(1)
  })

  it.each(['new Date(at)', 'Date.parse(text)', 'submit(1)', 'limit.todo'])('let %j pass', line => {
    for (const pattern of [CLOCK_OR_RANDOM, TIMER, SKIPPED]) {
      expect(matching([{ file: 'a.ts', text: line }], pattern)).toEqual([])
    }
  })

  it('look at code, not at comments', () => {
    expect(withoutComments('a // Date.now\n/* setTimeout(\n */ b')).toBe('a\n\n b')
  })
})
