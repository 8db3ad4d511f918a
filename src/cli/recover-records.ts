import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import type { UpstreamRecord } from '../gateway/upstream-record.ts'
import { recordFields } from '../http/schema-record.ts'
import { UsageError } from './usage-error.ts'

/** Lines of one file; a longer one is brought in parts. */
const RECORDS_MAX = 1_000_000
const PROBLEMS_TOLD_MAX = 10

const rowSchema = z.strictObject({
  ...recordFields,
  final: z
    .union([z.boolean(), z.enum(['true', 'false']).transform(written => written === 'true')])
    .exactOptional(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  value: z.union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,14}$/, 'must be whole minor units')
      .transform(Number),
  ]),
})

/**
 * Reads an upstream's records: JSON lines, or CSV whose first line names the columns. Throws `UsageError` with the place
 * of every line that is not in order; then nothing of the file is used.
 */
export function parseRecords(content: string, file: string): UpstreamRecord[] {
  const rows = content.trimStart().startsWith('{') ? jsonLines(content, file) : csvLines(content, file)
  if (rows.length > RECORDS_MAX) throw new UsageError(`${file} has more than ${RECORDS_MAX} records`)
  const problems: string[] = []
  const records = rows.flatMap(({ line, row }): UpstreamRecord[] => {
    const read = rowSchema.safeParse(flat(row))
    if (!read.success) {
      const [issue] = read.error.issues
      problems.push(`${file}:${line}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
      return []
    }
    const { currency, value, ...rest } = read.data
    return [{ ...rest, amount: { currency, value } }]
  })
  if (problems.length > 0) throw new UsageError(problems.slice(0, PROBLEMS_TOLD_MAX).join('\n'))
  return records
}

interface Row {
  readonly line: number
  readonly row: unknown
}

/** An amount as an object is the same as its two parts; empty columns are columns that are not there. */
function flat(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row
  const { amount, ...rest } = row as Record<string, unknown>
  const whole = typeof amount === 'object' && amount !== null ? { ...rest, ...amount } : { ...row }
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== '' && value !== undefined))
}

function jsonLines(content: string, file: string): Row[] {
  return content.split('\n').flatMap((text, i) => {
    if (text.trim() === '') return []
    try {
      return [{ line: i + 1, row: JSON.parse(text) as unknown }]
    } catch (cause) {
      throw new UsageError(`${file}:${i + 1}: is not JSON`, { cause })
    }
  })
}

function csvLines(content: string, file: string): Row[] {
  try {
    const rows: unknown[] = parse(content, { columns: true, skip_empty_lines: true, trim: true, bom: true })
    return rows.map((row, i) => ({ line: i + 2, row }))
  } catch (cause) {
    throw new UsageError(`${file} is not CSV: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}
