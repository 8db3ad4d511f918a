const PENALTY = 0.95
const REWARD = 1.0526
const SOFT_RESET_MS = 900_000
const SOFT_RESET_PENALTIES = 9

/** decision-engine's elimination score, version 1. */
export interface EliminationState {
  readonly observe: (success: boolean, now: number) => void
  readonly score: (now: number, threshold: number) => number
}

/**
 * Starts at 1, times .95 per penalty, times 1.0526 per success up to 1. When nothing has set it back for 15
 * minutes a score below the threshold is lifted to threshold / .95^9, ten penalties away from it.
 */
export function newElimination(): EliminationState {
  let score = 1
  let resetAt: number | undefined
  return {
    observe: (success, now) => {
      resetAt ??= now
      score = success ? Math.min(1, score * REWARD) : score * PENALTY
    },
    score: (now, threshold) => {
      if (resetAt !== undefined && now - resetAt > SOFT_RESET_MS) {
        resetAt = now
        if (score < threshold) score = softReset(threshold)
      }
      return score
    },
  }
}

export function softReset(threshold: number): number {
  return Math.min(1, threshold / PENALTY ** SOFT_RESET_PENALTIES)
}

/** Ranking score of a route: a fifth when it counts as out. It is not removed. */
export function eliminationScore(ranking: number, elimination: number, threshold: number): number {
  return elimination < threshold ? ranking / 5 : ranking
}

/** Version 2: threshold and step from the success rates (percent) of the best two routes and a window of N. */
export function eliminationV2(
  first: number,
  second: number,
  window: number,
): { threshold: number; alpha: number } {
  return {
    threshold: (0.29 * first + 0.71 * second) / 100,
    alpha: (first - second) ** 2 / (window ** 2 * first * (100 - first)),
  }
}
