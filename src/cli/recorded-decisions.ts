import { readFile } from 'node:fs/promises'
import type { RecordedDecision } from '../core/evaluation/recorded.ts'
import type { RecordedPage } from '../gateway/recorded.ts'
import { UsageError } from './usage-error.ts'

/** Options that say which recorded decisions are meant. */
export const RECORDED_OPTIONS = {
  decisions: { type: 'string' },
  'admin-url': { type: 'string', default: 'http://127.0.0.1:9090' },
  'token-env': { type: 'string', default: 'FUNDROUTE_ADMIN_TOKEN' },
  from: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string', default: '20000' },
} as const

export const RECORDED_HELP = `  --decisions FILE   recorded decisions as JSON lines, as --save writes them, instead of a running gateway's journal
  --admin-url URL    operators' listener of the gateway (http://127.0.0.1:9090)
  --token-env NAME   environment variable with its token, where it has one (FUNDROUTE_ADMIN_TOKEN)
  --from, --to TIME  decisions of this time, as 2026-03-01T00:00:00Z (the last seven days)
  --limit N          newest decisions at most, 1 to 200000 (20000)`

export interface RecordedQuery {
  readonly decisions?: string | undefined
  readonly 'admin-url': string
  readonly 'token-env': string
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly limit: string
}

const LIMIT_MAX = 200_000
const PAGE = 200
const WEEK_MS = 7 * 86_400_000
const TIMEOUT_MS = 30_000

/** Reads recorded decisions from a file or page by page from a gateway, newest first. */
export async function readDecisions(
  query: RecordedQuery,
  tenant: string,
  onProgress: (done: number, total: number) => void,
): Promise<RecordedDecision[]> {
  const limit = Number(query.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new UsageError(`--limit must be a whole number from 1 to ${LIMIT_MAX}`)
  if (query.decisions !== undefined) return (await readLines(query.decisions)).slice(0, limit)
  const from = timeOf('--from', query.from) ?? Date.now() - WEEK_MS
  let to = timeOf('--to', query.to) ?? Date.now()
  const found = new Map<string, RecordedDecision>()
  while (found.size < limit && to > from) {
    const page = await download(query, { tenant, from: iso(from), to: iso(to), limit: String(PAGE) })
    for (const recorded of page.decisions) found.set(recorded.id, recorded)
    onProgress(Math.min(found.size, limit), limit)
    if (page.next === undefined) break
    to = Date.parse(page.next)
  }
  return [...found.values()].slice(0, limit)
}

const iso = (at: number): string => new Date(at).toISOString()

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (!Number.isFinite(at)) throw new UsageError(`${option} must be a time such as 2026-03-01T00:00:00Z`)
  return at
}

async function readLines(file: string): Promise<RecordedDecision[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error'
    throw new UsageError(`cannot read ${file} (${code})`, { cause })
  }
  return text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [recordedOf(line, `${file}:${i + 1}`)]))
}

function recordedOf(line: string, place: string): RecordedDecision {
  let content: Partial<RecordedDecision> | null = null
  try {
    content = JSON.parse(line) as Partial<RecordedDecision> | null
  } catch {
    // Told below, like everything else that is no record.
  }
  const { id, decision, attempts } = content ?? {}
  if (typeof id !== 'string' || decision?.inputs?.routes === undefined || !Array.isArray(attempts))
    throw new Error(`${place}: is no recorded decision`)
  return { id, decision, attempts }
}

type Page = Omit<RecordedPage, 'next'> & { readonly next?: string }

async function download(query: RecordedQuery, asked: Record<string, string>): Promise<Page> {
  const base = query['admin-url']
  const token = process.env[query['token-env']]
  const address = new URL(`/admin/v1/decisions?${new URLSearchParams(asked).toString()}`, base)
  const response = await fetch(address, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`nobody answers at ${base}`, { cause })
  })
  if (response.status === 401) throw new UsageError(`${base} wants the token of --token-env`)
  if (!response.ok) throw new Error(`${base} answers ${response.status}`)
  return (await response.json()) as Page
}
