import { deriveNumber } from '../derived-column.ts'
import type { DerivedColumn } from '../scorecard-model.ts'
import type { Column, Table } from './table.ts'

const FAMILY_MIN = 3
/** A number with fewer distinct values is a code or a count, not a magnitude to divide by. */
const MAGNITUDE_DISTINCT_MIN = 50

/** Adds the derived columns to a table, in order, so that later ones may build on earlier ones. */
export function withDerived(table: Table, derived: readonly DerivedColumn[]): Table {
  const columns = new Map<string, Column>(table.columns)
  for (const { name, op, columns: names } of derived) {
    const operands = names.map(operand => {
      const column = columns.get(operand)
      if (column?.kind !== 'numeric') throw new RangeError(`derived ${name}: no numeric column ${operand}`)
      return column.values
    })
    const scratch = new Float64Array(operands.length)
    const values = new Float64Array(table.rows)
    for (let i = 0; i < table.rows; i++) {
      for (const [j, operand] of operands.entries()) scratch[j] = operand[i] as number
      values[i] = deriveNumber(op, scratch)
    }
    columns.set(name, { kind: 'numeric', values })
  }
  return { rows: table.rows, columns }
}

/**
 * Proposes derived columns from names and shapes alone, never from the target: a family is at least three numeric
 * columns that share a stem and end in a number (one quantity over several periods). Each gives its mean, greatest,
 * least and count of positives; magnitudes are then compared as ratios. Which ones stay is the fit's decision.
 */
export function proposeDerived(table: Table, names: readonly string[]): DerivedColumn[] {
  const families = familiesOf(table, names)
  const member = new Set([...families.values()].flat())
  const derived: DerivedColumn[] = []
  const magnitudes = names.filter(name => !member.has(name) && isMagnitude(table, name))
  for (const [stem, columns] of families) {
    for (const op of ['mean', 'max', 'min', 'count_positive'] as const) {
      derived.push({ name: `${op}(${stem}*)`, op, columns })
    }
    if (!isMagnitude(table, columns[0] as string)) continue
    magnitudes.push(columns[0] as string, `mean(${stem}*)`)
    derived.push({
      name: `${columns[0]}-${columns.at(-1)}`,
      op: 'difference',
      columns: [columns[0] as string, columns.at(-1) as string],
    })
  }
  for (const numerator of magnitudes) {
    for (const denominator of magnitudes) {
      if (numerator === denominator) continue
      derived.push({ name: `${numerator}/${denominator}`, op: 'ratio', columns: [numerator, denominator] })
    }
  }
  return derived
}

function familiesOf(table: Table, names: readonly string[]): Map<string, string[]> {
  const families = new Map<string, string[]>()
  for (const name of names) {
    const match = /^(.*?)_?(\d+)$/.exec(name)
    if (!match?.[1] || table.columns.get(name)?.kind !== 'numeric') continue
    families.set(match[1], [...(families.get(match[1]) ?? []), name])
  }
  for (const [stem, columns] of families) {
    if (columns.length < FAMILY_MIN) families.delete(stem)
    else columns.sort((a, b) => period(a) - period(b))
  }
  return families
}

function period(name: string): number {
  return Number(/(\d+)$/.exec(name)?.[1])
}

function isMagnitude(table: Table, name: string): boolean {
  const column = table.columns.get(name)
  return column?.kind === 'numeric' && new Set(column.values).size > MAGNITUDE_DISTINCT_MIN
}
