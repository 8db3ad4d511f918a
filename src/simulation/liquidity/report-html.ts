import type { LiquidityLevel } from '../../core/liquidity/types.ts'
import type { AlarmReport } from './alarm.ts'
import { escapeXml, lineChart, stackedChart, type ChartFrame, type ChartSeries } from './chart.ts'
import type { StressReport } from './report.ts'
import { alarmText, headings, headline } from './report-text.ts'
import { digits, percent, REPORT_WORDS, yuan, type ReportLocale } from './report-words.ts'

const LEVEL_COLORS: Readonly<Record<LiquidityLevel, string>> = {
  green: 'var(--green)',
  amber: 'var(--amber)',
  red: 'var(--red)',
  black: 'var(--black)',
}
const SOURCE_COLORS = ['var(--s1)', 'var(--s2)', 'var(--s3)', 'var(--s4)', 'var(--s5)', 'var(--s6)']

/** A self-contained page: no script, no request to anywhere, light and dark. */
export function htmlReport(
  reports: readonly StressReport[],
  locale: ReportLocale,
  alarm?: AlarmReport,
): string {
  const words = REPORT_WORDS[locale]
  const rows = reports.map(report => row(headline(report, locale), 'td', `#${report.scenario}`))
  return `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${words.title}</title><style>${STYLE}</style></head>
<body><main>
<h1>${words.title}</h1>
<p class="muted">${words.basis} ${reports[0]?.seed ?? 0}.</p>
<div class="scroll"><table><thead>${row(headings(locale), 'th')}</thead><tbody>${rows.join('')}</tbody></table></div>
${alarm ? `<p class="note">${escapeXml(alarmText(alarm, locale))}</p>` : ''}
${reports.map(report => section(report, locale)).join('\n')}
</main></body></html>
`
}

function row(cells: readonly string[], tag: 'td' | 'th', href?: string): string {
  const text = cells.map((cell, index) => {
    const content = escapeXml(cell)
    return `<${tag}>${index === 0 && href ? `<a href="${escapeXml(href)}">${content}</a>` : content}</${tag}>`
  })
  return `<tr>${text.join('')}</tr>`
}

function section(report: StressReport, locale: ReportLocale): string {
  const words = REPORT_WORDS[locale]
  const { forecast } = report
  return `<section id="${escapeXml(report.scenario)}">
<h2>${escapeXml(`${report.scenario.toUpperCase()} · ${report.name[locale]}`)}</h2>
<div class="tiles">${tiles(report, locale)}</div>
${charts(report, locale)}
<figure><figcaption>${words.indicators}</figcaption>${indicatorTable(report, locale)}</figure>
<p class="muted">${words.forecast} ${percent(forecast.wape)}, ${percent(forecast.coverage)} ${words.coverage90}.</p>
</section>`
}

function tiles(report: StressReport, locale: ReportLocale): string {
  const words = REPORT_WORDS[locale]
  const { hoursTo, lost, shifted } = report
  const hours = (level: 'amber' | 'red' | 'black'): [string, string, string] => [
    `${words.hoursTo} ${words[level]}`,
    hoursTo[level] === null ? words.never : digits(hoursTo[level]),
    hoursTo[level] === null ? '' : level,
  ]
  const all: [string, string, string][] = [
    hours('amber'),
    hours('red'),
    hours('black'),
    [words.peakShortfall, yuan(report.peakShortfall.amount), ''],
    [words.shifted, String(shifted.card + shifted.wallet + shifted.balance), ''],
    [words.lostOrders, String(lost.approvals), ''],
    [words.lostValue, yuan(lost.value), ''],
    [words.valueElsewhere, yuan(report.valueElsewhere), ''],
  ]
  return all
    .map(
      ([label, value, mark]) =>
        `<div class="tile ${mark}"><b>${escapeXml(value)}</b><span>${escapeXml(label)}</span></div>`,
    )
    .join('')
}

function charts(report: StressReport, locale: ReportLocale): string {
  const words = REPORT_WORDS[locale]
  const { series, sources } = report
  const frame = (title: string, extra: Partial<ChartFrame>): ChartFrame => ({
    title,
    hours: series.map(({ hour }) => hour),
    shockAtHour: report.shockAtHour,
    formatY: yuan,
    ...extra,
  })
  const levels = frame(words.utilization, {
    yMax: 1,
    formatY: value => `${Math.round(value * 100)}%`,
    strip: series.map(({ level }) => LEVEL_COLORS[level]),
    lines: [
      { at: 0.8, color: 'var(--amber)' },
      { at: 0.92, color: 'var(--red)' },
    ],
  })
  const use = {
    label: words.utilizationMax,
    color: 'var(--ink)',
    values: series.map(point => point.utilization),
  }
  const flows: ChartSeries[] = [
    { label: words.lent, color: 'var(--s1)', values: series.map(point => point.lent) },
    { label: words.shiftedShort, color: 'var(--s3)', values: series.map(point => point.shifted) },
    { label: words.lostShort, color: 'var(--red)', values: series.map(point => point.lost) },
  ]
  const out = sources.map((source, index) => ({
    label: source,
    color: SOURCE_COLORS[index % SOURCE_COLORS.length] ?? 'var(--s1)',
    values: series.map(point => point.out[index] ?? 0),
  }))
  const levelLegend = (['green', 'amber', 'red', 'black'] as const).map(level => ({
    label: words[level],
    color: LEVEL_COLORS[level],
  }))
  return [
    figure(words.utilization, levelLegend, lineChart(levels, use)),
    figure(words.flows, flows, stackedChart(frame(words.flows, {}), flows)),
    figure(words.out, out, stackedChart(frame(words.out, {}), out)),
  ].join('')
}

function figure(title: string, legend: readonly { label: string; color: string }[], chart: string): string {
  const keys = legend.map(
    ({ label, color }) => `<span><i style="background:${color}"></i>${escapeXml(label)}</span>`,
  )
  return `<figure><figcaption>${escapeXml(title)}<span class="legend">${keys.join('')}</span></figcaption>${chart}</figure>`
}

function indicatorTable(report: StressReport, locale: ReportLocale): string {
  const words = REPORT_WORDS[locale]
  const head = row([words.indicator, words.worst, words.band, words.firstAmber], 'th')
  const rows = report.indicators.map(({ indicator, worst, band, hoursToAmber }) => {
    const first = hoursToAmber === null ? '–' : digits(hoursToAmber)
    return `<tr><td>${indicator}</td><td>${digits(worst)}</td><td><span class="pill ${band}">${words[band]}</span></td><td>${first}</td></tr>`
  })
  return `<div class="scroll"><table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table></div>`
}

const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--muted:#667085;--line:#e3e6eb;
--green:#3f9d6b;--amber:#e0a100;--red:#d4483b;--black:#1c2430;
--s1:#3b6fb6;--s2:#58a4b0;--s3:#e2a458;--s4:#8a6fb0;--s5:#7a9e4b;--s6:#b0607f}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2028;--ink:#e6e9ee;--muted:#98a2b3;--line:#2c343f;
--black:#f2f4f7;--s1:#6f9fe0;--s2:#74c2ce;--s3:#e9b878;--s4:#ad95d2}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:0 0 14px}.muted{color:var(--muted);margin:4px 0 16px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px;margin-top:24px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:7px 10px;text-align:right;border-bottom:1px solid var(--line)}
th{color:var(--muted);font-weight:600;vertical-align:bottom}th:first-child,td:first-child{text-align:left}
a{color:inherit}.note{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--s1);
border-radius:8px;padding:10px 14px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:10px;margin-bottom:18px}
.tile{border:1px solid var(--line);border-top:3px solid var(--line);border-radius:8px;padding:8px 12px}
.tile b{display:block;font-size:20px;font-variant-numeric:tabular-nums}.tile span{color:var(--muted);font-size:12px}
.tile.amber{border-top-color:var(--amber)}.tile.red{border-top-color:var(--red)}.tile.black{border-top-color:var(--black)}
figure{margin:0 0 18px}figcaption{font-weight:600;font-size:13px;display:flex;justify-content:space-between;
gap:12px;flex-wrap:wrap;margin-bottom:4px}
.legend{font-weight:400;color:var(--muted)}.legend span{margin-left:14px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:var(--muted)}
.grid{stroke:var(--line)}.dash{stroke-dasharray:4 4}.shock{stroke:var(--red);stroke-dasharray:2 3}
.pill{border-radius:999px;padding:1px 9px;color:#fff;font-size:12px}.pill.green{background:var(--green)}
.pill.amber{background:var(--amber)}.pill.red{background:var(--red)}.pill.black{background:var(--black);color:var(--bg)}
`
