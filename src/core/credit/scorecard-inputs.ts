import { levelBins, type NumericEdges, numericBin } from './bin-of.ts'
import { deriveNumber } from './derived-column.ts'
import { binCount, type FeatureInput, type Scorecard } from './scorecard-model.ts'
import type { FactValues } from './types.ts'

/** Fills the bin of every feature, in the model's order. */
export type InputReader = (values: FactValues, bins: Uint16Array) => void

interface NumericInput {
  readonly slot: number
  readonly binning: NumericEdges
}

interface CategoryInput {
  readonly column: string
  readonly bins: ReadonlyMap<string, number>
  readonly unknown: number
}

/**
 * Lays a model's inputs out for reading: every number, raw or derived, has a slot; an input that several features
 * share is binned once; a crossed feature combines the bins of its two inputs.
 */
export function inputReader(model: Scorecard): InputReader {
  const layout = slotLayout(model)
  const { slots, raw, derived, slotOf } = layout
  const inputs = distinctInputs(model)
  const numeric: NumericInput[] = []
  const categories: CategoryInput[] = []
  const place = new Map<string, number>()
  const ordered = [...inputs].sort(([, a], [, b]) =>
    a.binning.kind === b.binning.kind ? 0 : a.binning.kind === 'numeric' ? -1 : 1,
  )
  for (const [key, { column, binning }] of ordered) {
    place.set(key, place.size)
    if (binning.kind === 'numeric') {
      const edges = Float64Array.from(binning.edges)
      numeric.push({ slot: slotOf.get(column) as number, binning: { edges, special: binning.special } })
    } else categories.push({ column, bins: levelBins(binning), unknown: binning.groups.length })
  }
  const at = (input: FeatureInput): number => place.get(keyOf(input)) as number
  const left = Int32Array.from(model.features, ({ inputs: [first] }) => at(first))
  const right = Int32Array.from(model.features, ({ inputs: [, second] }) => (second ? at(second) : -1))
  const stride = Int32Array.from(model.features, ({ inputs: [, second] }) =>
    second ? binCount(second.binning) : 0,
  )
  const inputBins = new Uint16Array(place.size)

  return (values, bins) => {
    for (let i = 0; i < raw.length; i++) {
      const value = values[raw[i] as string]
      // The first slots are the raw columns, in this order.
      slots[i] = typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
    }
    for (let i = 0; i < derived.length; i++) {
      const { op, operands, scratch, slot } = derived[i] as DerivedSlot
      for (let k = 0; k < scratch.length; k++) scratch[k] = slots[operands[k] as number] as number
      slots[slot] = deriveNumber(op, scratch)
    }
    for (let i = 0; i < numeric.length; i++) {
      const { slot, binning } = numeric[i] as NumericInput
      inputBins[i] = numericBin(binning, slots[slot] as number)
    }
    for (let i = 0; i < categories.length; i++) {
      const { column, bins: levels, unknown } = categories[i] as CategoryInput
      const value = values[column]
      const known = value === null || value === undefined ? undefined : levels.get(String(value))
      inputBins[numeric.length + i] = known ?? unknown
    }
    for (let j = 0; j < bins.length; j++) {
      const first = inputBins[left[j] as number] as number
      const second = right[j] as number
      bins[j] = second < 0 ? first : first * (stride[j] as number) + (inputBins[second] as number)
    }
  }
}

interface DerivedSlot {
  readonly op: Parameters<typeof deriveNumber>[0]
  readonly operands: Int32Array
  readonly scratch: Float64Array
  readonly slot: number
}

function slotLayout(model: Scorecard): {
  slots: Float64Array
  raw: string[]
  derived: DerivedSlot[]
  slotOf: Map<string, number>
} {
  const computed = new Set(model.derived.map(column => column.name))
  const binned = model.features.flatMap(({ inputs }) =>
    inputs.filter(input => input.binning.kind === 'numeric'),
  )
  const wanted = [...model.derived.flatMap(column => column.columns), ...binned.map(input => input.column)]
  const raw = [...new Set(wanted)].filter(name => !computed.has(name))
  const slotOf = new Map([...raw, ...computed].map((name, slot) => [name, slot]))
  const derived = model.derived.map(({ name, op, columns }) => ({
    op,
    operands: Int32Array.from(columns, column => slotOf.get(column) as number),
    scratch: new Float64Array(columns.length),
    slot: slotOf.get(name) as number,
  }))
  return { slots: new Float64Array(slotOf.size), raw, derived, slotOf }
}

function distinctInputs(model: Scorecard): Map<string, FeatureInput> {
  return new Map(model.features.flatMap(({ inputs }) => [...inputs]).map(input => [keyOf(input), input]))
}

function keyOf({ column, binning }: FeatureInput): string {
  return JSON.stringify([column, binning])
}
