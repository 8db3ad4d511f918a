import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type * as z from 'zod'
import { checkConfig } from './checks.ts'
import { type ConfigProblem, type Finding, formatPath } from './problem.ts'
import { type Config, configSchema } from './schema.ts'

const TEXT_LENGTH_MAX = 1_000_000
const PROBLEMS_MAX = 100
const VERSION_LENGTH = 16
const CHOICES_SHOWN_MAX = 15

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

export type LoadedConfig =
  | {
      readonly ok: true
      readonly config: Config
      /** Changes exactly when the meaning changes: comments, order of keys and written-out defaults do not count. */
      readonly version: string
      readonly warnings: readonly ConfigProblem[]
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/**
 * Reads a configuration: YAML, schema, cross-checks. Reads no file and no environment; `file` only names the source
 * in messages. Messages never repeat a value, because somebody may have pasted a secret.
 */
export async function loadConfig(text: string, file: string): Promise<LoadedConfig> {
  const parsed = parseConfig(text, file)
  return parsed.ok ? { ...parsed, version: await configVersion(parsed.config) } : parsed
}

/** The same without the version, for callers that cannot wait. */
export function parseConfig(text: string, file: string): ParsedConfig {
  if (text.length > TEXT_LENGTH_MAX) {
    return refused([{ ...at(file, 1, 1), message: `is longer than ${TEXT_LENGTH_MAX} characters` }])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const syntax = [...document.errors, ...document.warnings].map(error => {
    const { line, col } = lines.linePos(error.pos[0])
    return { ...at(file, line, col), message: error.message }
  })
  if (syntax.length > 0) return refused(syntax)

  const located = (finding: Finding) => locate(finding, document, lines, file)
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: 100 })
  } catch {
    return refused([{ ...at(file, 1, 1), message: 'repeats aliases too often' }])
  }
  const result = configSchema.safeParse(content, { reportInput: true })
  if (!result.success) return refused(result.error.issues.flatMap(findingsOf).map(located))

  const findings = checkConfig(result.data).map(located)
  const errors = findings.filter(finding => finding.severity === 'error')
  if (errors.length > 0) return refused(errors)
  return { ok: true, config: result.data, warnings: findings }
}

/** First 64 bits of the SHA-256 of the normalised content, as hex. */
export async function configVersion(config: Config): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(sortKeys(config)))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, VERSION_LENGTH)
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]))
}

function at(file: string, line: number, column: number) {
  return { severity: 'error' as const, file, line, column, path: '' }
}

function refused(problems: readonly ConfigProblem[]): ParsedConfig {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  return { ok: false, problems: sorted.slice(0, PROBLEMS_MAX) }
}

function findingsOf(issue: z.core.$ZodIssue): Finding[] {
  const finding = (message: string): Finding[] => [{ severity: 'error', path: issue.path, message }]
  if (isMissing(issue)) return finding('is missing')
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({
        severity: 'error',
        path: [...issue.path, key],
        atKey: true,
        message: 'unknown key',
      }))
    case 'invalid_type':
      return finding(`must be ${withArticle(issue.expected)}`)
    case 'invalid_value':
      if (issue.values.length > CHOICES_SHOWN_MAX) return finding(issue.message)
      return finding(
        `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`,
      )
    case 'invalid_union':
      return finding(`must be one of ${(issue as { options?: readonly unknown[] }).options?.join(', ')}`)
    case 'too_small':
      return finding(limitMessage('least', issue.minimum, issue.origin))
    case 'too_big':
      return finding(limitMessage('most', issue.maximum, issue.origin))
    case 'invalid_key':
      return finding(issue.issues[0]?.message ?? 'has a key that is not allowed')
    default:
      return finding(issue.message)
  }
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  const lacksValue = 'input' in issue && issue.input === undefined
  return lacksValue && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function withArticle(type: string): string {
  switch (type) {
    case 'int':
      return 'an integer'
    case 'record':
    case 'object':
      return 'a mapping'
    case 'array':
      return 'a list'
    default:
      return `a ${type}`
  }
}

function limitMessage(side: 'least' | 'most', limit: number | bigint, origin: string): string {
  if (origin === 'array') return `must have at ${side} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  return origin === 'string' ? `must have at ${side} ${limit} characters` : `must be at ${side} ${limit}`
}

function locate(finding: Finding, document: Document, lines: LineCounter, file: string): ConfigProblem {
  const { line, col } = lines.linePos(offsetOf(finding, document))
  const { severity, message } = finding
  return { severity, file, line, column: col, path: formatPath(finding.path), message }
}

/** Start of the value at a path, of its key, or of the nearest parent that the file does contain. */
function offsetOf(finding: Finding, document: Document): number {
  let node = document.contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const [index, step] of finding.path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null
    let next: Node | null | undefined
    if (isSeq(node)) next = node.items[Number(step)] as Node | undefined
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(step))
      const wantsKey = finding.atKey === true && index === finding.path.length - 1
      next = (wantsKey ? pair?.key : (pair?.value ?? pair?.key)) as Node | undefined
    }
    if (next === undefined || next === null) break
    node = next
    offset = node.range?.[0] ?? offset
  }
  return offset
}
