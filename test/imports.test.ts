import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

/** The rooms that each room may import from, besides itself. Nothing else is allowed. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ['core'],
  gateway: ['core', 'ports'],
  adapters: ['core', 'ports'],
  config: ['core'],
  http: ['core', 'ports', 'gateway', 'config'],
  console: ['core', 'ports', 'gateway', 'config', 'http'],
  simulation: ['core', 'ports', 'gateway', 'config', 'adapters/memory'],
  entry: ['core', 'ports', 'gateway', 'adapters', 'config', 'http', 'console'],
  cli: ['core', 'ports', 'gateway', 'config', 'http', 'console', 'entry', 'simulation', 'sandbox'],
  sandbox: [],
  client: [],
}

/**
 * Inside the core: the life of a decision runs eligibility, scoring, cascade, and nothing looks ahead. The rooms whose
 * numbers the gateway hands on never look at what becomes of them.
 */
const CORE_FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  payment: ['eligibility', 'scoring', 'cascade', 'learning', 'credit', 'liquidity', 'explain'],
  eligibility: ['scoring', 'cascade'],
  scoring: ['cascade'],
  credit: ['scoring', 'cascade'],
  liquidity: ['scoring', 'cascade'],
  learning: ['scoring', 'cascade'],
}

/** npm packages that the rooms without I/O may use: pure computation only. */
const PURE_ROOMS_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: ['@marcbachmann/cel-js'],
  ports: [],
  gateway: [],
  config: ['yaml', 'zod'],
}

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

interface Sources {
  readonly files: readonly string[]
  readonly imports: readonly Import[]
}

function readSources(): Sources {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => /\.tsx?$/.test(file))
  return { files, imports: files.flatMap(file => importsOf(file, readFileSync(join(SRC, file), 'utf8'))) }
}

/** Static imports, re-exports and dynamic imports of literals. Packages keep their name, files are below src. */
function importsOf(file: string, text: string): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const statements = code.matchAll(
    /^\s*(?:import|export)\s(?<type>type\s)?(?:[^'";]*?\sfrom\s)?\s*['"](?<to>[^'"]+)['"]/gm,
  )
  const dynamic = code.matchAll(/\bimport\(\s*['"](?<to>[^'"]+)['"]\s*\)/g)
  return [...statements, ...dynamic].map(match => {
    const to = match.groups?.['to'] ?? ''
    return {
      from: file,
      to: to.startsWith('.') ? relative(SRC, join(SRC, dirname(file), to)) : to,
      typeOnly: match.groups?.['type'] !== undefined,
    }
  })
}

function isFile(to: string): boolean {
  return /\.(tsx?|json|ya?ml|sql)$/.test(to)
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? ''
}

function offences(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    const room = roomOf(from)
    if (!isFile(to)) {
      const packages = PURE_ROOMS_PACKAGES[room]
      return packages === undefined || packages.includes(to) ? [] : [`${from} uses ${to}`]
    }
    if (to.startsWith('..')) return to === '../package.json' ? [] : [`${from} reaches out of src: ${to}`]
    const target = roomOf(to)
    if (room === target) return room === 'core' ? coreOffences(from, to) : []
    const allowed = ALLOWED[room]?.some(place => to.startsWith(`${place}/`)) ?? false
    return allowed ? [] : [`${from} imports ${to}`]
  })
}

function coreOffences(from: string, to: string): string[] {
  const [, room = ''] = from.split('/')
  const [, target = ''] = to.split('/')
  return CORE_FORBIDDEN[room]?.includes(target) ? [`${from} imports ${to}`] : []
}

/** Files that import each other in a ring; imports of types alone are erased and do not count. */
function cycles(imports: readonly Import[]): string[] {
  const graph = new Map<string, string[]>()
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly && isFile(to)) graph.set(from, [...(graph.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.push([...path.slice(start), file].join(' -> '))
    if (start >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

/** The map of the code that newcomers are promised holds, so a reader of one room need not look into the others. */
describe('the direction of imports', () => {
  const sources = readSources()

  it('sees the sources at all', () => {
    expect(sources.files.length).toBeGreaterThan(20)
    expect(sources.imports.length).toBeGreaterThan(sources.files.length)
  })

  it('knows every room', () => {
    const rooms = new Set(sources.files.filter(file => file.includes('/')).map(roomOf))
    expect([...rooms].filter(room => ALLOWED[room] === undefined)).toEqual([])
    expect(sources.files.filter(file => !file.includes('/'))).toEqual([])
  })

  it('is kept by every file', () => {
    expect(offences(sources.imports)).toEqual([])
  })

  it('runs in no circle', () => {
    expect(cycles(sources.imports)).toEqual([])
  })

  it.each([
    ['core/scoring/value.ts', "import { readFile } from 'node:fs/promises'"],
    ['core/scoring/value.ts', "import type { Context } from 'hono'"],
    ['core/credit/scorecard.ts', "import { valueOf } from '../scoring/value.ts'"],
    ['core/payment/money.ts', "import { Journal } from '../../ports/journal.ts'"],
    ['gateway/pay.ts', "import { redis } from '../adapters/redis/client.ts'"],
    ['gateway/pay.ts', "import type { Config } from '../config/schema.ts'"],
    ['http/app.ts', "export { start } from '../entry/node.ts'"],
    ['http/app.ts', "const memory = await import('../adapters/memory/journal.ts')"],
    ['simulation/world.ts', "import { open } from '../adapters/sqlite/journal.ts'"],
    ['entry/node.ts', "import '../sandbox/start.ts'"],
    ['adapters/redis/cache.ts', "import {\n  type Gateway,\n} from '../../gateway/runtime.ts'"],
    ['cli/serve.ts', "import { open } from '../adapters/sqlite/journal.ts'"],
    ['sandbox/start.ts', "import { sameMoney } from '../core/payment/money.ts'"],
    ['config/load.ts', "import { readFile } from 'node:fs/promises'"],
  ])('would be broken by %s with %j', (file, text) => {
    expect(offences(importsOf(file, text))).toHaveLength(1)
  })

  it('would be broken by a ring', () => {
    const ring = [
      ...importsOf('core/a.ts', "import './b.ts'"),
      ...importsOf('core/b.ts', "import { a } from './a.ts'"),
    ]
    expect(cycles(ring)).toEqual(['core/a.ts -> core/b.ts -> core/a.ts'])
  })
})
