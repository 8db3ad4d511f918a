import { measure } from '../measures.ts'
import type { Table } from './table.ts'

/** How a model treats one group of a column that it need not use. */
export interface FairnessSlice {
  readonly column: string
  readonly group: string
  readonly rows: number
  readonly badRate: number
  readonly meanPd: number
  readonly auc: number | null
  /** Share approved when the best 70 % of all are approved. */
  readonly approvalRate: number
  /** Approval rate over that of the most approved group of the column; under .80 asks for an explanation. */
  readonly impactRatio: number
}

const APPROVED_SHARE = 0.7
const GROUPS_MAX = 12
const GROUP_ROWS_MIN = 30

/** Measures every named column by group; a number of many values is cut into quarters. */
export function fairnessSlices(
  table: Table,
  pd: Float64Array,
  bad: Uint8Array,
  columns: readonly string[],
): FairnessSlice[] {
  const sorted = pd.slice().sort()
  const cutoff = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * APPROVED_SHARE))] as number
  return columns.flatMap(column => {
    const groups = groupRows(table, column)
    const slices = [...groups].map(([group, rows]) => {
      const [groupPd, groupBad] = [rows.map(row => pd[row] as number), rows.map(row => bad[row] as number)]
      const measures = measure(groupPd, groupBad)
      return {
        column,
        group,
        rows: rows.length,
        badRate: measures.badRate,
        meanPd: groupPd.reduce((sum, value) => sum + value, 0) / rows.length,
        auc: Number.isNaN(measures.auc) ? null : measures.auc,
        approvalRate: groupPd.filter(value => value < cutoff).length / rows.length,
        impactRatio: 1,
      }
    })
    // A handful of rows must not set the standard for everyone.
    const best = Math.max(
      ...slices.filter(slice => slice.rows >= GROUP_ROWS_MIN).map(slice => slice.approvalRate),
      0,
    )
    return slices.map(slice => ({ ...slice, impactRatio: best > 0 ? slice.approvalRate / best : 1 }))
  })
}

function groupRows(table: Table, name: string): Map<string, number[]> {
  const column = table.columns.get(name)
  if (!column) throw new RangeError(`no column ${name} to slice by`)
  const labels =
    column.kind === 'category' ? column.values.map(value => value ?? 'missing') : numberLabels(column.values)
  const groups = new Map<string, number[]>()
  for (const [row, label] of labels.entries()) {
    const rows = groups.get(label)
    if (rows) rows.push(row)
    else groups.set(label, [row])
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function numberLabels(values: Float64Array): string[] {
  const known = values.filter(value => !Number.isNaN(value)).sort()
  if (new Set(known).size <= GROUPS_MAX)
    return Array.from(values, value => (Number.isNaN(value) ? 'missing' : String(value)))
  const edges = [0.25, 0.5, 0.75].map(share => known[Math.floor(known.length * share)] as number)
  const label = (value: number): string => {
    const at = edges.findIndex(edge => value <= edge)
    return at < 0 ? `4th quarter: > ${edges[2]}` : `${['1st', '2nd', '3rd'][at]} quarter: <= ${edges[at]}`
  }
  return Array.from(values, value => (Number.isNaN(value) ? 'missing' : label(value)))
}
