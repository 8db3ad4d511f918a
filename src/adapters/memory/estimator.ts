import type { PaymentContext } from '../../core/payment/context.ts'
import type { Route } from '../../core/payment/route.ts'
import type { RouteEstimate } from '../../core/scoring/value.ts'
import type { Estimator, LearnedAttempt, Stage } from '../../ports/estimator.ts'

/** Weight that an observation keeps after the next one of its route: a memory of some 2,000 attempts. */
const KEEP = 0.9995
const LATENCY_WEIGHT = 0.05
const SEEN_MAX = 100_000

interface Counts {
  approvals: number
  answers: number
  unknowns: number
  attempts: number
  latencyMs: number
}

/** Configured priors and decayed counts per route: what is believed is a weighted mean of both. */
export class CountingEstimator implements Estimator {
  readonly #routes: (id: string) => Route | undefined
  readonly #counts = new Map<string, Counts>()
  readonly #seen = new Set<string>()

  constructor(routes: (id: string) => Route | undefined) {
    this.#routes = routes
  }

  estimate(route: string, _context: PaymentContext, _stage: Stage, _now: number): RouteEstimate {
    const { approval, unknown, latencyMs, strength } = this.#routes(route)?.priors ?? {
      approval: 0.5,
      unknown: 0.01,
      latencyMs: 1_000,
      strength: 2,
    }
    const counts = this.#counts.get(route)
    if (counts === undefined) return { approval, unknown, latencyMs }
    return {
      approval: (approval * strength + counts.approvals) / (strength + counts.answers),
      unknown: (unknown * strength + counts.unknowns) / (strength + counts.attempts),
      latencyMs: counts.latencyMs,
    }
  }

  learn(attempt: LearnedAttempt): void {
    const { route, result, latencyMs } = attempt
    const approved = result.kind === 'approved' || result.kind === 'authorized'
    const answered = approved || result.kind === 'declined'
    if (!answered && result.kind !== 'unknown') return
    if (this.#knows(`${attempt.attemptId}/${answered ? 'answer' : 'unknown'}`)) return
    const counts = this.#countsOf(route)
    counts.attempts = counts.attempts * KEEP + 1
    counts.unknowns = counts.unknowns * KEEP + (answered ? 0 : 1)
    if (answered) {
      counts.answers = counts.answers * KEEP + 1
      counts.approvals = counts.approvals * KEEP + (approved ? 1 : 0)
    }
    if (latencyMs !== undefined) counts.latencyMs += LATENCY_WEIGHT * (latencyMs - counts.latencyMs)
  }

  #knows(key: string): boolean {
    if (this.#seen.has(key)) return true
    this.#seen.add(key)
    if (this.#seen.size > SEEN_MAX) this.#seen.delete(this.#seen.values().next().value as string)
    return false
  }

  #countsOf(route: string): Counts {
    let counts = this.#counts.get(route)
    if (counts === undefined) {
      const latencyMs = this.#routes(route)?.priors.latencyMs ?? 1_000
      counts = { approvals: 0, answers: 0, unknowns: 0, attempts: 0, latencyMs }
      this.#counts.set(route, counts)
    }
    return counts
  }
}
