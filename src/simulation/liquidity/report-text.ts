import type { AlarmReport } from './alarm.ts'
import type { StressReport } from './report.ts'
import { digits, percent, REPORT_WORDS, yuan, type ReportLocale } from './report-words.ts'

/** The figures of a report that every form of it shows, in order. */
export function headline(report: StressReport, locale: ReportLocale): string[] {
  const words = REPORT_WORDS[locale]
  const { card, wallet, balance } = report.shifted
  const hours = (value: number | null): string => (value === null ? words.never : digits(value))
  return [
    `${report.scenario} ${report.name[locale]}`,
    hours(report.hoursTo.amber),
    hours(report.hoursTo.red),
    hours(report.hoursTo.black),
    yuan(report.peakShortfall.amount),
    `${card + wallet + balance} (${card}/${wallet}/${balance})`,
    String(report.lost.approvals),
    yuan(report.lost.value),
    percent(report.utilizationMax),
    digits(report.indicators.find(({ indicator }) => indicator === 'coverage30d')?.worst ?? Number.NaN),
  ]
}

export function headings(locale: ReportLocale): string[] {
  const words = REPORT_WORDS[locale]
  return [
    words.scenario,
    `${words.hoursTo} ${words.amber}`,
    `${words.hoursTo} ${words.red}`,
    `${words.hoursTo} ${words.black}`,
    `${words.peakShortfall} (${words.unit})`,
    `${words.shifted} (${words.card}/${words.wallet}/${words.balance})`,
    words.lostOrders,
    `${words.lostValue} (${words.unit})`,
    words.utilizationMax,
    words.coverageMin,
  ]
}

/** One block of lines per scenario: figure by figure, readable in a narrow terminal. */
export function textReport(
  reports: readonly StressReport[],
  locale: ReportLocale,
  alarm?: AlarmReport,
): string {
  const labels = headings(locale).slice(1)
  const width = Math.max(...labels.map(columns))
  const blocks = reports.map(report => {
    const [name, ...figures] = headline(report, locale)
    const lines = figures.map((figure, index) => `  ${padded(labels[index] ?? '', width)}  ${figure}`)
    return [name, ...lines, ...warnings(report, locale)].join('\n')
  })
  return [...blocks, ...(alarm ? [alarmText(alarm, locale)] : [])].join('\n\n')
}

function warnings(report: StressReport, locale: ReportLocale): string[] {
  const words = REPORT_WORDS[locale]
  const raised = report.indicators.filter(({ band }) => band !== 'green')
  const text = raised.map(({ indicator, worst, band }) => `${indicator} ${digits(worst)} (${words[band]})`)
  return [`  ${words.indicators}: ${text.join(', ') || '-'}`]
}

export function alarmText(alarm: AlarmReport, locale: ReportLocale): string {
  const {
    leadMinutesMedian,
    leadMinutesP10,
    delayMinutesMedian,
    breaches,
    missed,
    precision,
    falseAlarmsPerWeek,
  } = alarm
  return locale === 'en'
    ? `Alarm: ${breaches} breaches, ${missed} missed; lead P10 ${leadMinutesP10} min, median ${leadMinutesMedian} min; ` +
        `raised ${delayMinutesMedian} min after the surge begins; precision ${percent(precision)}; ` +
        `${falseAlarmsPerWeek.toFixed(2)} false alarms a week`
    : `预警：${breaches} 次触红，漏报 ${missed} 次；提前量 P10 ${leadMinutesP10} 分钟、中位数 ${leadMinutesMedian} 分钟；` +
        `激增后 ${delayMinutesMedian} 分钟报警；准确率 ${percent(precision)}；每周误报 ${falseAlarmsPerWeek.toFixed(2)} 次`
}

/** Width on a terminal: Chinese characters take two columns. */
function columns(text: string): number {
  let width = 0
  for (const character of text) width += /[\u2E80-\uFFEF]/u.test(character) ? 2 : 1
  return width
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)))
}
