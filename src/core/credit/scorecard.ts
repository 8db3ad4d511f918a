import { levelBins, numericBin } from './bin-of.ts'
import { deriveNumber } from './derived-column.ts'
import {
  type Binning,
  binCount,
  type FeatureInput,
  type PointsScale,
  type Scorecard,
  scaleConstants,
} from './scorecard-model.ts'
import type { Assessment, FactValues, ReasonFactor } from './types.ts'

/** More principal reasons than four do not help a person (Reg B, comment 9(b)(2)-1). */
const FACTORS_MAX = 4
/** A bin this close to its feature's best one is not a reason. */
const SHORTFALL_MIN = 1

/** A scorecard made ready for use. Holds scratch space: not for use by two threads at once. */
export interface Scorer {
  readonly model: Scorecard
  /** Score, probability and principal reasons of one payer. O(features), no allocation but the answer. */
  assess(values: FactValues): Assessment
  /** The bin of every feature, in the model's order; valid until the next call. */
  bins(values: FactValues): Uint16Array
}

/** Score of a probability of being bad: offset + factor x ln(good : bad odds). */
export function scoreOfPd(pd: number, scale: PointsScale): number {
  const { factor, offset } = scaleConstants(scale)
  return offset + factor * Math.log((1 - pd) / pd)
}

/** Probability of being bad of a score; the inverse of {@link scoreOfPd}. */
export function pdOfScore(score: number, scale: PointsScale): number {
  const { factor, offset } = scaleConstants(scale)
  return 1 / (1 + Math.exp((score - offset) / factor))
}

/**
 * Prepares a model that `parseScorecard` accepted. Inference resolves names to slots here, once, so that scoring reads
 * arrays: a value that is absent, null or of the wrong type falls into its feature's missing bin.
 */
export function compileScorecard(model: Scorecard): Scorer {
  const { factor, offset } = scaleConstants(model.scale)
  const readSlots = slotReader(model)
  const readers = model.features.map(feature => feature.inputs.map(input => readSlots.binReader(input)))
  const strides = model.features.map(({ inputs }) => (inputs[1] ? binCount(inputs[1].binning) : 0))
  const points = model.features.map(feature => Float64Array.from(feature.points))
  const best = points.map(values => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY))
  const bins = new Uint16Array(model.features.length)

  const fillBins = (values: FactValues): void => {
    readSlots.fill(values)
    for (let j = 0; j < bins.length; j++) {
      const reader = readers[j] as readonly BinReader[]
      const left = (reader[0] as BinReader)(values)
      bins[j] = reader.length === 1 ? left : left * (strides[j] as number) + (reader[1] as BinReader)(values)
    }
  }

  return {
    model,
    bins(values) {
      fillBins(values)
      return bins
    },
    assess(values) {
      fillBins(values)
      let score = 0
      for (let j = 0; j < bins.length; j++) score += (points[j] as Float64Array)[bins[j] as number] as number
      const pd = 1 / (1 + Math.exp((score - offset) / factor))
      return { score, pd, factors: principalFactors(model, bins, points, best), modelVersion: model.version }
    },
  }
}

/** The features that lost most against their best bin: a selection of four, not a sort of all. */
function principalFactors(
  model: Scorecard,
  bins: Uint16Array,
  points: readonly Float64Array[],
  best: readonly number[],
): ReasonFactor[] {
  const factors: ReasonFactor[] = []
  for (let j = 0; j < bins.length; j++) {
    const got = (points[j] as Float64Array)[bins[j] as number] as number
    const shortfall = (best[j] as number) - got
    const least = factors.at(-1)
    if (
      shortfall < SHORTFALL_MIN ||
      (factors.length === FACTORS_MAX && least && shortfall <= least.shortfall)
    )
      continue
    const { name, dimension, reason } = model.features[j] as Scorecard['features'][number]
    if (factors.length === FACTORS_MAX) factors.pop()
    let at = factors.length
    while (at > 0 && (factors[at - 1] as ReasonFactor).shortfall < shortfall) at--
    factors.splice(at, 0, {
      feature: name,
      dimension,
      reason,
      bin: bins[j] as number,
      points: got,
      shortfall,
    })
  }
  return factors
}

type BinReader = (values: FactValues) => number

/** Numbers, raw and derived, live in one array of slots filled once per payer; categories are read by name. */
function slotReader(model: Scorecard): {
  fill(values: FactValues): void
  binReader(input: FeatureInput): BinReader
} {
  const slotOf = new Map<string, number>()
  const slot = (name: string): number => {
    if (!slotOf.has(name)) slotOf.set(name, slotOf.size)
    return slotOf.get(name) as number
  }
  const derivedNames = new Set(model.derived.map(column => column.name))
  const raw: { name: string; slot: number }[] = []
  const want = (name: string): void => {
    if (!derivedNames.has(name) && !slotOf.has(name)) raw.push({ name, slot: slot(name) })
  }
  for (const column of model.derived) column.columns.forEach(want)
  for (const input of model.features.flatMap(feature => [...feature.inputs])) {
    if (input.binning.kind === 'numeric') want(input.column)
  }
  const derived = model.derived.map(({ name, op, columns }) => {
    return { op, operands: columns.map(slot), scratch: new Float64Array(columns.length), slot: slot(name) }
  })
  const slots = new Float64Array(slotOf.size)
  return {
    fill(values) {
      for (const { name, slot: at } of raw) {
        const value = values[name]
        slots[at] = typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
      }
      for (const { op, operands, scratch, slot: at } of derived) {
        for (let k = 0; k < scratch.length; k++) scratch[k] = slots[operands[k] as number] as number
        slots[at] = deriveNumber(op, scratch)
      }
    },
    binReader: ({ column, binning }) => reader(column, binning, slotOf.get(column) ?? -1, slots),
  }
}

function reader(column: string, binning: Binning, slot: number, slots: Float64Array): BinReader {
  if (binning.kind === 'numeric') return () => numericBin(binning, slots[slot] as number)
  const bins = levelBins(binning)
  const unknown = binning.groups.length
  return values => {
    const value = values[column]
    return value === null || value === undefined ? unknown : (bins.get(String(value)) ?? unknown)
  }
}
