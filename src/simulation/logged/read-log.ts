import { parse } from 'csv-parse/sync'
import * as z from 'zod'
import { CHANNELS, TENDERS } from '../../core/payment/context.ts'
import { CURRENCY_DIGITS } from '../../core/payment/money.ts'
import type { LoggedAttempt } from './study.ts'

const ROWS_MAX = 5_000_000
const column = z.string().min(1).max(100)

/** Which columns of a CSV file say what. */
export const logColumnsSchema = z.strictObject({
  /** Time of the attempt: ISO 8601 or `YYYY-MM-DD hh:mm:ss`, taken as UTC where no zone is given; or Unix seconds. */
  at: column,
  /** The route that was used, under the id that the configuration has for it. */
  route: column,
  approved: column,
  approvedValues: z.array(z.string()).min(1).max(10).default(['1', 'true', 'approved']),
  amount: column,
  amountUnit: z.enum(['minor', 'major']).default('minor'),
  currency: z.enum(Object.keys(CURRENCY_DIGITS) as [string, ...string[]]),
  channel: z.enum(CHANNELS).default('web'),
  tender: z.enum(TENDERS).default('card'),
  issuer: column.exactOptional(),
  /** Columns that become metadata of the payment, as `learning.metadata` of the configuration names them. */
  metadata: z.array(column).max(6).default([]),
  /** What belongs to one payment: a column with its id, or attempts that are alike and close in time. */
  payment: z.union([
    column,
    z.strictObject({ same: z.array(column).min(1).max(6), withinSeconds: z.number().min(0).max(86_400) }),
  ]),
  /** Probability with which the route was chosen; shares of the learned part stand for it when absent. */
  propensity: column.exactOptional(),
})

export type LogColumns = z.output<typeof logColumnsSchema>

/** A file that cannot be used: says in which row and why. */
export class LogError extends Error {
  override readonly name = 'LogError'
}

/** Reads a log in the order of its rows, which must be the order of time. @throws LogError */
export function readLog(text: string, columns: LogColumns): LoggedAttempt[] {
  const payments = paymentsOf(columns)
  const attempts = parseRows(text).map((row, i) => toAttempt(row, i, columns, payments))
  attempts.forEach(({ at }, i) => {
    if (i > 0 && at < (attempts[i - 1] as LoggedAttempt).at)
      throw new LogError(`row ${i + 2}: is earlier than the row before; sort the file by time`)
  })
  return attempts
}

type Read = (name: string) => string
type Payments = (read: Read, at: number, row: number) => { id: string; isFirst: boolean }

function toAttempt(
  row: Readonly<Record<string, string>>,
  i: number,
  columns: LogColumns,
  payments: Payments,
): LoggedAttempt {
  const read = (name: string): string => {
    const value = row[name]
    if (value === undefined) throw new LogError(`there is no column ${name}`)
    return value
  }
  // Line 1 is the header.
  const demand = (holds: boolean, name: string, what: string): void => {
    if (!holds) throw new LogError(`row ${i + 2}: ${name} ${what}`)
  }
  const at = timeOf(read(columns.at))
  demand(Number.isFinite(at), columns.at, 'is no time')
  const value = amountOf(read(columns.amount), columns)
  demand(Number.isSafeInteger(value), columns.amount, 'is no amount')
  const propensity = columns.propensity === undefined ? undefined : Number(read(columns.propensity))
  const isChance = propensity === undefined || (propensity > 0 && propensity <= 1)
  demand(isChance, columns.propensity ?? '', 'must be above 0 and at most 1')
  const { id, isFirst } = payments(read, at, i)
  return {
    id: `${i}`,
    at,
    cluster: id,
    stage: isFirst ? 'first' : 'retry',
    context: contextOf(read, columns, id, value),
    route: read(columns.route),
    approved: columns.approvedValues.includes(read(columns.approved)),
    ...(propensity === undefined ? {} : { propensity }),
  }
}

function parseRows(text: string): Record<string, string>[] {
  let rows: Record<string, string>[]
  try {
    rows = parse(text, { columns: true, skip_empty_lines: true, bom: true, to: ROWS_MAX + 1 })
  } catch (cause) {
    throw new LogError(cause instanceof Error ? cause.message : 'is no CSV', { cause })
  }
  if (rows.length > ROWS_MAX) throw new LogError(`has more than ${ROWS_MAX} rows`)
  return rows
}

function contextOf(read: Read, columns: LogColumns, id: string, value: number): LoggedAttempt['context'] {
  const { tender, currency, channel, issuer, metadata } = columns
  return {
    orderId: id,
    amount: { currency, value },
    channel,
    payer: { id },
    funding: {
      accept: [{ tender }],
      ...(issuer === undefined ? {} : { instruments: { [tender]: { token: 'log', issuer: read(issuer) } } }),
    },
    metadata: Object.fromEntries(metadata.map(name => [name, read(name)])),
  }
}

/** Tells payments apart, and a first attempt from a retry. */
function paymentsOf({ payment }: LogColumns): Payments {
  if (typeof payment === 'string') {
    const seen = new Set<string>()
    return read => {
      const id = read(payment)
      const isFirst = !seen.has(id)
      seen.add(id)
      return { id, isFirst }
    }
  }
  const latest = new Map<string, { id: string; at: number }>()
  return (read, at, row) => {
    const key = payment.same.map(read).join('|')
    const before = latest.get(key)
    const isFirst = before === undefined || at - before.at > payment.withinSeconds * 1_000
    const id = isFirst ? `payment-${row}` : before.id
    latest.set(key, { id, at })
    return { id, isFirst }
  }
}

function timeOf(text: string): number {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(text)
  return Date.parse(hasZone ? text : `${text.replace(' ', 'T')}Z`)
}

function amountOf(text: string, { currency, amountUnit }: LogColumns): number {
  if (!/^\d+(\.\d+)?$/.test(text)) return Number.NaN
  if (amountUnit === 'minor') return Number(text)
  return Math.round(Number(text) * 10 ** (CURRENCY_DIGITS[currency as keyof typeof CURRENCY_DIGITS] ?? 2))
}
