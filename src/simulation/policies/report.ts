import type { GeometricMean, Measured, ScenarioSummary } from './summary.ts'
import { percent, titleOf } from './table.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #667085; --line: #d9dee7; --ours: #c2410c; --other: #94a3b8; --paper: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #344054; --ours: #fb923c; --other: #64748b; --paper: #0f141c } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2.5rem 0 0 } p { color: var(--soft); margin: .25rem 0 1rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums } th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left } tr.ours td { font-weight: 600 } svg { width: 100%; height: auto } text { fill: var(--ink); font: 12px system-ui, sans-serif }
`

/** The comparison as one HTML file that needs nothing else. */
export function asHtml(summaries: readonly ScenarioSummary[], means: readonly GeometricMean[]): string {
  const overview =
    summaries.length > 1
      ? `<h2>Over all scenarios</h2><p>Geometric mean of the regret; less is better.</p>${bars(means)}`
      : ''
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Routing policies compared</title><style>${STYLE}</style></head><body>
<h1>Routing policies compared</h1>
<p>Regret is what is lost, in expectation, against an oracle that knows every approval rate. Whiskers and ± are 95%
intervals over seeds; every policy met the same payments and the same luck.</p>
${overview}
${summaries.map(section).join('\n')}
</body></html>
`
}

function section(summary: ScenarioSummary): string {
  const money = summary.unit === 'minor units'
  const rows = summary.policies.map(
    ({ policy, regret, approvalRate, gapClosed, costPerApproval }) =>
      `<tr${isOurs(policy) ? ' class="ours"' : ''}><td>${escapeHtml(titleOf(policy))}</td><td>${regret.mean.toFixed(0)}</td>` +
      `<td>${plusMinus(regret)}</td><td>${percent(approvalRate.mean)}</td><td>${percent(gapClosed)}</td>` +
      `${money ? `<td>${costPerApproval.toFixed(1)}</td>` : ''}</tr>`,
  )
  return `<h2>${escapeHtml(`${summary.name}: ${summary.title}`)}</h2>
<p>${summary.payments} payments, ${summary.seeds} seeds; the oracle approves ${percent(summary.oracleApprovalRate)}, the best single
route loses ${summary.bestSingleRegret.toFixed(0)} ${summary.unit}.</p>
${bars(summary.policies)}
${lines(summary)}
<table><thead><tr><th>policy</th><th>regret, ${summary.unit}</th><th>±</th><th>approved</th><th>gap closed</th>${money ? '<th>cost per approval</th>' : ''}</tr></thead>
<tbody>${rows.join('')}</tbody></table>`
}

interface Bar {
  readonly policy: string
  readonly regret: Measured
}

const WIDTH = 900
const LABEL = 260
const ROW = 22

function bars(policies: readonly Bar[]): string {
  const sorted = [...policies].sort((a, b) => a.regret.mean - b.regret.mean)
  const most = Math.max(1, ...sorted.map(({ regret }) => regret.mean + (regret.halfWidth || 0)))
  const scale = (value: number): number => (Math.max(0, value) / most) * (WIDTH - LABEL - 80)
  const rows = sorted.map(({ policy, regret }, i) => {
    const y = i * ROW
    const end = LABEL + scale(regret.mean)
    const half = scale(regret.halfWidth || 0)
    return (
      `<text x="${LABEL - 8}" y="${y + 15}" text-anchor="end">${escapeHtml(titleOf(policy))}</text>` +
      `<rect x="${LABEL}" y="${y + 4}" width="${(end - LABEL).toFixed(1)}" height="14" fill="var(${isOurs(policy) ? '--ours' : '--other'})"/>` +
      `<line x1="${Math.max(LABEL, end - half).toFixed(1)}" x2="${(end + half).toFixed(1)}" y1="${y + 11}" y2="${y + 11}" stroke="var(--ink)"/>` +
      `<text x="${(end + half + 6).toFixed(1)}" y="${y + 15}">${regret.mean.toFixed(0)}</text>`
    )
  })
  return `<svg viewBox="0 0 ${WIDTH} ${sorted.length * ROW + 4}" role="img" aria-label="regret by policy">${rows.join('')}</svg>`
}

const CHART_HEIGHT = 220

/** Cumulative regret over time: ours, and the five policies that come nearest. */
function lines(summary: ScenarioSummary): string {
  const sorted = [...summary.policies].sort((a, b) => a.regret.mean - b.regret.mean)
  const shown = [
    ...sorted.filter(({ policy }) => isOurs(policy)),
    ...sorted.filter(({ policy }) => !isOurs(policy)).slice(0, 5),
  ]
  const paths = shown.map(({ policy, slices }) => ({ policy, sums: cumulate(slices) }))
  const most = Math.max(1, ...paths.map(({ sums }) => sums.at(-1) ?? 0))
  const heights = paths.map(({ sums }) => CHART_HEIGHT - ((sums.at(-1) ?? 0) / most) * (CHART_HEIGHT - 16))
  const labels = spreadOut(heights, LABEL_HEIGHT)
  const body = paths.map(({ policy, sums }, place) => {
    const points = sums.map(
      (sum, i) =>
        `${((i / (sums.length - 1)) * (WIDTH - 230)).toFixed(1)},${(CHART_HEIGHT - (sum / most) * (CHART_HEIGHT - 16)).toFixed(1)}`,
    )
    const y = labels[place] as number
    return (
      `<polyline fill="none" stroke="var(${isOurs(policy) ? '--ours' : '--other'})" stroke-width="2" points="${points.join(' ')}"/>` +
      `<text x="${WIDTH - 224}" y="${(y + 4).toFixed(1)}">${escapeHtml(titleOf(policy))}</text>`
    )
  })
  return `<svg viewBox="0 0 ${WIDTH} ${CHART_HEIGHT + 8}" role="img" aria-label="cumulative regret over time"><line x1="0" x2="${WIDTH - 230}" y1="${CHART_HEIGHT}" y2="${CHART_HEIGHT}" stroke="var(--line)"/>${body.join('')}</svg>`
}

const LABEL_HEIGHT = 14

/** Moves places apart, so that no two are closer than `least`; their order stays, and the lowest one (the greatest) too. */
function spreadOut(places: readonly number[], least: number): number[] {
  const spread = [...places]
  const order = places.map((_, i) => i).sort((a, b) => (places[b] as number) - (places[a] as number))
  order.forEach((i, rank) => {
    const below = order[rank - 1]
    if (below !== undefined) spread[i] = Math.min(spread[i] as number, (spread[below] as number) - least)
  })
  return spread
}

function cumulate(slices: readonly number[]): number[] {
  let sum = 0
  return [0, ...slices.map(slice => (sum += slice))]
}

function plusMinus({ halfWidth }: Measured): string {
  return Number.isNaN(halfWidth) ? '-' : halfWidth.toFixed(0)
}

function isOurs(policy: string): boolean {
  return policy.startsWith('fundroute')
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
