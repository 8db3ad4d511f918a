import { binCount, DERIVED_OPS, type Scorecard } from './scorecard-model.ts'
import { FACT_DIMENSIONS, FEATURE_REASONS } from './types.ts'

const FEATURES_MAX = 500
const BINS_MAX = 4096
/**
 * Checks a model file: every name, number and list length that inference relies on. Unknown top-level members (the
 * model card) are allowed and left out of the answer.
 *
 * @throws TypeError that names the first member found wrong, as a path.
 */
export function parseScorecard(json: unknown): Scorecard {
  const model = record(json, 'scorecard')
  if (model.format !== 'fundroute-scorecard/1') wrong('format', 'must be fundroute-scorecard/1')
  const scale = record(model.scale, 'scale')
  for (const key of ['pointsToDouble', 'baseOdds']) positive(scale[key], `scale.${key}`)
  finite(scale.baseScore, 'scale.baseScore')
  text(model.version, 'version')
  text(model.target, 'target')
  finite(model.intercept, 'intercept')
  const derivedColumns = list(model.derived, 'derived', 0, FEATURES_MAX)
  const later = new Set(
    derivedColumns.map((column, i) => text(record(column, `derived[${i}]`).name, `derived[${i}].name`)),
  )
  derivedColumns.forEach((column, i) => checkDerived(column, `derived[${i}]`, later))
  const features = list(model.features, 'features', 1, FEATURES_MAX)
  features.forEach((feature, i) => checkFeature(feature, `features[${i}]`))
  checkBaseline(record(model.baseline, 'baseline'), features as unknown as Scorecard['features'])
  const { format, version, target, intercept, derived, baseline } = model as unknown as Scorecard
  return {
    format,
    version,
    target,
    scale: model.scale as Scorecard['scale'],
    intercept,
    derived,
    features: model.features as Scorecard['features'],
    baseline,
  }
}

function checkDerived(value: unknown, path: string, later: Set<string>): void {
  const column = record(value, path)
  const name = text(column.name, `${path}.name`)
  if (!later.delete(name)) wrong(`${path}.name`, 'is defined twice')
  member(column.op, DERIVED_OPS, `${path}.op`)
  const pair = column.op === 'ratio' || column.op === 'difference'
  const columns = list(column.columns, `${path}.columns`, pair ? 2 : 1, pair ? 2 : FEATURES_MAX)
  columns.forEach((operand, i) => {
    const operandName = text(operand, `${path}.columns[${i}]`)
    if (operandName === name) wrong(`${path}.columns[${i}]`, 'refers to itself')
    // Computed in order: a later one would still hold the payer before.
    if (later.has(operandName))
      wrong(`${path}.columns[${i}]`, 'refers to a column that does not come before it')
  })
}

function checkFeature(value: unknown, path: string): void {
  const feature = record(value, path)
  text(feature.name, `${path}.name`)
  member(feature.dimension, FACT_DIMENSIONS, `${path}.dimension`)
  member(feature.reason, FEATURE_REASONS, `${path}.reason`)
  if (finite(feature.coefficient, `${path}.coefficient`) < 0)
    wrong(`${path}.coefficient`, 'must not be negative')
  const bins = list(feature.inputs, `${path}.inputs`, 1, 2).reduce(
    (product: number, input, i) => product * checkInput(input, `${path}.inputs[${i}]`),
    1,
  )
  if (bins > BINS_MAX) wrong(`${path}.inputs`, `make more than ${BINS_MAX} bins`)
  for (const key of ['woe', 'points']) {
    list(feature[key], `${path}.${key}`, bins, bins).forEach((entry, i) =>
      finite(entry, `${path}.${key}[${i}]`),
    )
  }
}

function checkInput(value: unknown, path: string): number {
  const input = record(value, path)
  text(input.column, `${path}.column`)
  const binning = record(input.binning, `${path}.binning`)
  if (binning.kind === 'numeric') {
    const edges = list(binning.edges, `${path}.binning.edges`, 0, BINS_MAX).map((edge, i) =>
      finite(edge, `${path}.binning.edges[${i}]`),
    )
    if (edges.some((edge, i) => i > 0 && edge <= (edges[i - 1] as number)))
      wrong(`${path}.binning.edges`, 'must ascend')
    list(binning.special, `${path}.binning.special`, 0, BINS_MAX).forEach((entry, i) =>
      finite(entry, `${path}.binning.special[${i}]`),
    )
  } else if (binning.kind === 'category') {
    const levels = list(binning.groups, `${path}.binning.groups`, 1, BINS_MAX).flatMap((group, i) =>
      list(group, `${path}.binning.groups[${i}]`, 1, BINS_MAX).map(level =>
        text(level, `${path}.binning.groups[${i}]`),
      ),
    )
    if (new Set(levels).size !== levels.length) wrong(`${path}.binning.groups`, 'name a level twice')
  } else wrong(`${path}.binning.kind`, 'must be numeric or category')
  return binCount(binning as unknown as Parameters<typeof binCount>[0])
}

function checkBaseline(baseline: Record<string, unknown>, features: Scorecard['features']): void {
  const edges = list(baseline.scoreEdges, 'baseline.scoreEdges', 0, 100)
  const checkCounts = (counts: unknown, path: string, length: number): void => {
    list(counts, path, length, length).forEach((count, i) => {
      if (finite(count, `${path}[${i}]`) < 0) wrong(`${path}[${i}]`, 'must not be negative')
    })
  }
  edges.forEach((edge, i) => finite(edge, `baseline.scoreEdges[${i}]`))
  checkCounts(baseline.scoreCounts, 'baseline.scoreCounts', edges.length + 1)
  list(baseline.featureCounts, 'baseline.featureCounts', features.length, features.length).forEach(
    (counts, i) => {
      checkCounts(
        counts,
        `baseline.featureCounts[${i}]`,
        (features[i] as Scorecard['features'][number]).points.length,
      )
    },
  )
}

function wrong(path: string, problem: string): never {
  throw new TypeError(`scorecard: ${path} ${problem}`)
}

function member(value: unknown, allowed: readonly string[], path: string): void {
  if (!allowed.includes(value as string)) wrong(path, `must be one of ${allowed.join(', ')}`)
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(path, 'must be an object')
  return value as Record<string, unknown>
}

function list(value: unknown, path: string, min: number, max: number): unknown[] {
  if (!Array.isArray(value) || value.length < min || value.length > max) {
    wrong(path, `must be a list of ${min === max ? min : `${min} to ${max}`}`)
  }
  return value
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') wrong(path, 'must be a text')
  return value
}

function finite(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) wrong(path, 'must be a finite number')
  return value
}

function positive(value: unknown, path: string): void {
  if (finite(value, path) <= 0) wrong(path, 'must be above zero')
}
