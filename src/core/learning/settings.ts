/** How fast the learner forgets, when it calls a change and how it tries. `DEFAULT_LEARNING` is what ships. */
export interface LearningSettings {
  /** Rate at which evidence fades per later outcome in its segment: the route-wide level, then all below. */
  readonly fadeRoute: number
  readonly fadeSegment: number
  /** Evidence halves in this time, whatever the traffic. */
  readonly halfLifeMs: number
  /** Observations that a level needs before changes are looked for in it. */
  readonly detectFrom: number
  /** Log-likelihood ratio at which a change is called; one false alarm in about e^threshold outcomes. */
  readonly changeThreshold: number
  /** Log-likelihood ratio at which an open route counts as recovered. */
  readonly restoreThreshold: number
  /** Change that is first assumed of a suspect, in probability; its own outcomes then take over. */
  readonly changeFirstGuess: number
  /** Smallest change worth calling. */
  readonly changeMin: number
  /** Outcomes while open after which the new level is taken for lasting. */
  readonly adoptAfter: number
  /** Observations that a recovered route keeps of its former self. */
  readonly restoredStrengthMax: number
  /** Outcomes older than this when they arrive count as evidence, but have no say on what is going on now. */
  readonly voteWithinMs: number
  /** Share of traffic that probes an open route whose failures cost `probeLoss`; rarer the dearer they are. */
  readonly probeShare: number
  readonly probeLoss: number
  readonly probeShareMax: number
  /** Segments and attempt ids that are remembered at most. */
  readonly segmentsMax: number
  readonly attemptsMax: number
}

/**
 * Tuned on seeds 101..116 of the development scenarios (`docs/learning.md`). Thresholds of 7 gave four false
 * alarms per run on stationary traffic, each dearer than three payments' later detection.
 */
export const DEFAULT_LEARNING: LearningSettings = {
  fadeRoute: 0.0001,
  fadeSegment: 0.0002,
  halfLifeMs: 24 * 3_600_000,
  detectFrom: 40,
  changeThreshold: 10,
  restoreThreshold: 4,
  changeFirstGuess: 0.2,
  changeMin: 0.1,
  adoptAfter: 500,
  restoredStrengthMax: 300,
  voteWithinMs: 3_600_000,
  probeShare: 0.02,
  probeLoss: 0.3,
  probeShareMax: 0.06,
  segmentsMax: 20_000,
  attemptsMax: 100_000,
}
