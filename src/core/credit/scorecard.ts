import { type PointsScale, type Scorecard, scaleConstants } from './scorecard-model.ts'
import { inputReader } from './scorecard-inputs.ts'
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
 * Prepares a model that `parseScorecard` accepted. Names become slots of arrays here, once, so that scoring itself
 * looks up each raw value one time and then only indexes: a value that is absent, null or of the wrong type falls into
 * its feature's missing bin.
 */
export function compileScorecard(model: Scorecard): Scorer {
  const { factor, offset } = scaleConstants(model.scale)
  const readInputs = inputReader(model)
  const points = model.features.map(feature => Float64Array.from(feature.points))
  const best = points.map(values => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY))
  const bins = new Uint16Array(model.features.length)
  const topFeature = new Int32Array(FACTORS_MAX)
  const topShortfall = new Float64Array(FACTORS_MAX)

  return {
    model,
    bins(values) {
      readInputs(values, bins)
      return bins
    },
    assess(values) {
      readInputs(values, bins)
      let score = 0
      let found = 0
      for (let j = 0; j < bins.length; j++) {
        const got = (points[j] as Float64Array)[bins[j] as number] as number
        score += got
        const shortfall = (best[j] as number) - got
        if (shortfall >= SHORTFALL_MIN) found = keepGreatest(topFeature, topShortfall, found, j, shortfall)
      }
      const factors: ReasonFactor[] = []
      for (let k = 0; k < found; k++) {
        const j = topFeature[k] as number
        const { name, dimension, reason } = model.features[j] as Scorecard['features'][number]
        const bin = bins[j] as number
        const shortfall = topShortfall[k] as number
        factors.push({
          feature: name,
          dimension,
          reason,
          bin,
          points: (best[j] as number) - shortfall,
          shortfall,
        })
      }
      return {
        score,
        pd: 1 / (1 + Math.exp((score - offset) / factor)),
        factors,
        modelVersion: model.version,
      }
    },
  }
}

/** Inserts into the greatest few, kept in falling order; the earlier feature goes first among equals. */
function keepGreatest(
  features: Int32Array,
  shortfalls: Float64Array,
  found: number,
  feature: number,
  shortfall: number,
): number {
  let at = found
  while (at > 0 && (shortfalls[at - 1] as number) < shortfall) at--
  if (at === FACTORS_MAX) return found
  const last = Math.min(found, FACTORS_MAX - 1)
  for (let k = last; k > at; k--) {
    features[k] = features[k - 1] as number
    shortfalls[k] = shortfalls[k - 1] as number
  }
  features[at] = feature
  shortfalls[at] = shortfall
  return last + 1
}
