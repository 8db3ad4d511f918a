import { parse } from 'csv-parse/sync'
import type { Scenario } from './scenario.ts'

/** Payments in the order of a file. */
export interface Traffic {
  /** Segment number of every row. */
  readonly segments: readonly number[]
  readonly segmentCount: number
  /** Minor units of every row, when the file has them. */
  readonly amounts?: readonly number[]
  /** Approval per segment by route id, when the file has outcomes. */
  readonly approvals?: readonly Readonly<Record<string, number>>[]
}

type Csv = NonNullable<Scenario['traffic']>['csv']
type Row = Readonly<Record<string, string>>

const ROWS_MAX = 1_000_000

/** Observations of the route's mean that a segment's rate is drawn towards when it is fitted. */
const FIT_STRENGTH = 20

/** @throws RangeError naming the line or column that does not fit */
export function readTraffic(text: string, csv: Csv): Traffic {
  const rows: Row[] = parse(text, {
    columns: true,
    skip_empty_lines: true,
    trim: true,
    to: ROWS_MAX,
    delimiter: [',', ';'],
  })
  if (rows.length === 0) throw new RangeError('the traffic file has no rows')
  const columns = new Set(Object.keys(rows[0] as Row))
  const needed = [...csv.segment, csv.amount, csv.route, csv.approved?.column]
  for (const column of needed)
    if (column !== undefined && !columns.has(column))
      throw new RangeError(`the traffic file has no column "${column}"`)

  const numbers = new Map<string, number>()
  const segments = rows.map(row => {
    const key = csv.segment.map(column => row[column]).join('|')
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, numbers.size)
    return numbers.size - 1
  })
  const { amount } = csv
  return {
    segments,
    segmentCount: numbers.size,
    ...(amount === undefined ? {} : { amounts: rows.map((row, i) => amountOf(row[amount] ?? '', i)) }),
    ...(csv.route === undefined || csv.approved === undefined
      ? {}
      : { approvals: fit(rows, segments, numbers.size, csv.route, csv.approved) }),
  }
}

function amountOf(text: string, row: number): number {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value) || value < 0)
    throw new RangeError(`row ${row + 1} of the traffic file has the amount "${text}"`)
  return Math.round(value * 100)
}

function fit(
  rows: readonly Row[],
  segments: readonly number[],
  count: number,
  routeColumn: string,
  approved: { readonly column: string; readonly equals: string },
): Record<string, number>[] {
  const total = new Map<string, { approved: number; trials: number }>()
  const bySegment = Array.from(
    { length: count },
    () => new Map<string, { approved: number; trials: number }>(),
  )
  rows.forEach((row, i) => {
    const route = row[routeColumn] as string
    const success = row[approved.column] === approved.equals ? 1 : 0
    for (const tally of [total, bySegment[segments[i] as number] as typeof total]) {
      const cell = tally.get(route) ?? { approved: 0, trials: 0 }
      tally.set(route, { approved: cell.approved + success, trials: cell.trials + 1 })
    }
  })
  return bySegment.map(tally =>
    Object.fromEntries(
      [...total].map(([route, all]) => {
        const own = tally.get(route) ?? { approved: 0, trials: 0 }
        const mean = all.approved / all.trials
        return [route, (own.approved + FIT_STRENGTH * mean) / (own.trials + FIT_STRENGTH)]
      }),
    ),
  )
}
