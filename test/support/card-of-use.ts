import type { Scorecard } from '../../src/core/credit/scorecard-model.ts'

/**
 * A scorecard of one feature, the share of the limit in use, so that the score of a payer is known: little use is 1 %
 * default, much of it 50 %; some of it 5 %, or what its points say.
 */
export function cardOfUse(middlePoints = 572.1): Scorecard {
  return {
    format: 'fundroute-scorecard/1',
    version: 'test-1',
    target: 'bad',
    scale: { pointsToDouble: 20, baseScore: 600, baseOdds: 50 },
    intercept: 0,
    derived: [],
    features: [
      {
        name: 'use',
        inputs: [{ column: 'use', binning: { kind: 'numeric', edges: [0.3, 0.8], special: [] } }],
        dimension: 'obligations',
        reason: 'CRD_OBLIGATIONS_HIGH',
        coefficient: 1,
        woe: [0, 0, 0, 0],
        points: [619.7, middlePoints, 487.1, 487.1],
      },
    ],
    baseline: { scoreEdges: [500], scoreCounts: [1, 1], featureCounts: [[1, 1, 1, 1]] },
  }
}
