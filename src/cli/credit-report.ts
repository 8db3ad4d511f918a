import type { Measures } from '../core/credit/measures.ts'
import type { ModelCard } from '../core/credit/training/model-card.ts'

const figure = (value: number): string => value.toFixed(4)
const percent = (value: number): string => `${(value * 100).toFixed(1)}%`

/** A table of text; the first column to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, j) => Math.max(...rows.map(row => (row[j] ?? '').length)))
  return rows
    .map(row =>
      row
        .map((text, j) => (j === 0 ? text.padEnd(widths[j] ?? 0) : text.padStart(widths[j] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

const MEASURES = ['rows', 'bad', 'AUC', 'KS', 'Gini', 'Brier', '(base)', 'ECE10', 'HL']

function measureRow(label: string, measures: Measures): string[] {
  const { rows, badRate, auc, ks, gini, brier, brierBase, ece10, hosmerLemeshow } = measures
  const figures = [auc, ks, gini, brier, brierBase, ece10].map(figure)
  return [label, String(Math.round(rows)), percent(badRate), ...figures, hosmerLemeshow.toFixed(1)]
}

/** The model card for a reader: measures first, then stability, the features with their bins, fairness, warnings. */
export function cardReport(card: ModelCard): string {
  const { crossValidation: cv } = card
  const measures = [
    ['', ...MEASURES],
    ...(cv ? cv.folds.map((fold, k) => measureRow(`fold ${k}`, fold)) : []),
    ...(cv ? [measureRow('mean of folds', cv.mean)] : []),
    measureRow(card.holdoutKind === 'out_of_time' ? 'out of time' : 'out of sample', card.holdout),
  ]
  const { scoreStability: psi } = card
  const approvals = card.approvalCurve.map(({ share, pdMax, badRate }) => [
    percent(share),
    figure(pdMax),
    percent(badRate),
  ])
  const features = card.features.flatMap(feature => [
    '',
    `${feature.name}  (IV ${feature.informationValue.toFixed(3)}, coefficient ${feature.coefficient.toFixed(3)}, CSI ${figure(feature.stability)}, ${feature.dimension}, ${feature.reason})`,
    columns([
      ['  bin', 'rows', 'bad', 'WOE', 'points', 'shortfall'],
      ...feature.bins
        .filter(bin => bin.rows > 0)
        .map(bin => [
          `  ${bin.label}`,
          String(bin.rows),
          percent(bin.badRate ?? 0),
          bin.woe.toFixed(3),
          bin.points.toFixed(1),
          bin.shortfall.toFixed(1),
        ]),
    ]),
  ])
  return `${[
    `Scorecard for ${card.target}: ${card.features.length} features, seed ${card.seed}`,
    '',
    columns(measures),
    ...(cv ? [`standard deviation over folds: AUC ${figure(cv.sd.auc)}, KS ${figure(cv.sd.ks)}`] : []),
    '',
    `PSI development to hold-out ${figure(psi.psi)} (noise ${figure(psi.noiseMean)}, 95% under ${figure(psi.noiseP95)}): ${psi.verdict}; with every feature: ${card.driftVerdict}`,
    `calibration slope ${card.calibrationSlope.toFixed(3)}; interactions ${card.choice.interactions ? 'kept' : 'not kept'} (validation log loss ${figure(card.choice.logLossInteractions)} with, ${figure(card.choice.logLossMain)} without)`,
    '',
    columns([['approved', 'PD up to', 'bad'], ...approvals]),
    ...features,
    ...fairness(card),
    '',
    ...card.excluded.map(({ column, why }) => `left out: ${column} (${why})`),
    ...card.wrongSign.map(name => `dropped for its sign: ${name}`),
    ...card.warnings.map(warning => `warning: ${warning}`),
  ].join('\n')}\n`
}

function fairness(card: ModelCard): string[] {
  if (card.fairness.length === 0) return []
  const rows = card.fairness.map(slice => [
    `${slice.column} ${slice.group}`,
    String(slice.rows),
    percent(slice.badRate),
    percent(slice.meanPd),
    slice.auc === null ? '-' : figure(slice.auc),
    percent(slice.approvalRate),
    slice.impactRatio.toFixed(2),
  ])
  return [
    '',
    'Fairness, best 70% approved',
    columns([['group', 'rows', 'bad', 'PD', 'AUC', 'approved', 'ratio'], ...rows]),
  ]
}
