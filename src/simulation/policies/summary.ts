import type { WorkerMessage, WorkerWorld } from './compare.ts'
import type { RunResult } from './run.ts'

/** A mean with the half-width of its 95% interval (Student's t over seeds). */
export interface Measured {
  readonly mean: number
  readonly halfWidth: number
}

export interface PolicySummary {
  readonly policy: string
  readonly regret: Measured
  readonly approvalRate: Measured
  /** Expected cost per approval, minor units. */
  readonly costPerApproval: number
  /** Share of the gap between the best single route and the oracle that is closed; can be negative. */
  readonly gapClosed: number
  /** Mean loss over time, in equal slices. */
  readonly slices: readonly number[]
}

export interface ScenarioSummary {
  readonly name: string
  readonly title: string
  /** `approvals`, or `minor units` where the scenario judges by margin. */
  readonly unit: 'approvals' | 'minor units'
  readonly payments: number
  readonly seeds: number
  readonly oracleApprovalRate: number
  readonly bestSingleRegret: number
  readonly policies: readonly PolicySummary[]
}

export interface GeometricMean {
  readonly policy: string
  readonly regret: Measured
}

/** Results in the order of `comparePolicies`, condensed per scenario. */
export function summarize(
  worlds: readonly WorkerWorld[],
  policies: readonly string[],
  results: readonly WorkerMessage[],
): ScenarioSummary[] {
  return worlds.map(({ scenario }, world) => {
    const own = results.filter(({ task }) => task.world === world)
    const all = own.map(({ result }) => result)
    return {
      name: scenario.name,
      title: scenario.title,
      unit: scenario.marginBps === undefined ? 'approvals' : 'minor units',
      payments: scenario.payments,
      seeds: new Set(own.map(({ task }) => task.seed)).size,
      oracleApprovalRate: meanOf(all.map(({ oracleApprovals, payments }) => oracleApprovals / payments)),
      bestSingleRegret: meanOf(all.map(({ bestSingleRegret }) => bestSingleRegret)),
      policies: policies.map(policy =>
        summarizePolicy(
          policy,
          own.filter(({ task }) => task.policy === policy).map(({ result }) => result),
        ),
      ),
    }
  })
}

function summarizePolicy(policy: string, runs: readonly RunResult[]): PolicySummary {
  const regret = measure(runs.map(run => run.regret))
  const single = meanOf(runs.map(run => run.bestSingleRegret))
  const slices = (runs[0]?.slices ?? []).map((_, i) => meanOf(runs.map(run => run.slices[i] as number)))
  return {
    policy,
    regret,
    approvalRate: measure(runs.map(run => run.approvals / run.payments)),
    costPerApproval: meanOf(runs.map(run => (run.approvals > 0 ? run.cost / run.approvals : 0))),
    gapClosed: single > 0 ? 1 - regret.mean / single : 0,
    slices,
  }
}

/** Added to every regret before the logarithm, so that nobody wins a comparison by one scenario without loss. */
const OFFSET = 10

/**
 * Geometric mean over scenarios of the mean regret plus ten, so that a scenario counts by ratio and not by size.
 * The interval carries the scenarios' intervals over to the logarithm.
 */
export function geometricMeans(
  summaries: readonly ScenarioSummary[],
  policies: readonly string[],
): GeometricMean[] {
  return policies.map(policy => {
    const regrets = summaries.map(
      ({ policies: own }) => (own.find(summary => summary.policy === policy) as PolicySummary).regret,
    )
    const logs = regrets.map(({ mean }) => Math.log(OFFSET + Math.max(0, mean)))
    const mean = Math.exp(meanOf(logs))
    const relative = regrets.map(({ mean: own, halfWidth }) => halfWidth / (OFFSET + Math.max(0, own)))
    const spread = Math.sqrt(relative.reduce((sum, share) => sum + share * share, 0)) / regrets.length
    return { policy, regret: { mean, halfWidth: mean * spread } }
  })
}

export function measure(values: readonly number[]): Measured {
  const n = values.length
  const mean = meanOf(values)
  if (n < 2) return { mean, halfWidth: Number.NaN }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  return { mean, halfWidth: studentT(n - 1) * Math.sqrt(variance / n) }
}

/** 97.5% point of Student's t (Cornish-Fisher expansion; within .02 from three degrees of freedom on). */
function studentT(degrees: number): number {
  const z = 1.959964
  if (degrees === 1) return 12.706
  if (degrees === 2) return 4.303
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  )
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
