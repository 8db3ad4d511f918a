import { CATALOGUE } from './catalogue.ts'
import type { GeometricMean, ScenarioSummary } from './summary.ts'

/** The comparison as text, one block per scenario. */
export function asText(summaries: readonly ScenarioSummary[], means: readonly GeometricMean[]): string {
  const blocks = summaries.map(scenarioBlock)
  if (summaries.length > 1) blocks.push(geometricBlock(means, summaries.length))
  return blocks.join('\n\n')
}

function scenarioBlock(summary: ScenarioSummary): string {
  const money = summary.unit === 'minor units'
  const head = [
    `${summary.name}  ${summary.title}`,
    `    ${summary.payments} payments, ${summary.seeds} seeds; oracle approves ${percent(summary.oracleApprovalRate)}`,
    `    ${'policy'.padEnd(34)}${'regret'.padStart(9)}  ${'± 95%'.padStart(7)}  ${'approved'.padStart(8)}${money ? '  cost/approval' : ''}`,
  ]
  const rows = summary.policies.map(
    ({ policy, regret, approvalRate, costPerApproval }) =>
      `    ${titleOf(policy).padEnd(34)}${regret.mean.toFixed(0).padStart(9)}  ${width(regret.halfWidth)}  ` +
      `${percent(approvalRate.mean).padStart(8)}${money ? costPerApproval.toFixed(1).padStart(15) : ''}`,
  )
  return [...head, ...rows].join('\n')
}

function geometricBlock(means: readonly GeometricMean[], count: number): string {
  const rows = means.map(
    ({ policy, regret }) =>
      `    ${titleOf(policy).padEnd(34)}${regret.mean.toFixed(0).padStart(9)}  ${width(regret.halfWidth)}`,
  )
  return [`Geometric mean of the regret over ${count} scenarios`, ...rows].join('\n')
}

export function titleOf(policy: string): string {
  return CATALOGUE.find(({ name }) => name === policy)?.title ?? policy
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}

function width(halfWidth: number): string {
  return Number.isNaN(halfWidth) ? '-'.padStart(7) : halfWidth.toFixed(0).padStart(7)
}
