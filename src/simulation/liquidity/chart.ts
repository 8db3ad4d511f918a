/** Inline SVG, drawn to be read at 720 x 200 and scaled to its column. Colours are the page's CSS variables. */
const WIDTH = 720
const HEIGHT = 200
const LEFT = 56
const RIGHT = 8
const TOP = 10
const BOTTOM = 24

export interface ChartSeries {
  readonly label: string
  readonly color: string
  readonly values: readonly number[]
}

export interface ChartFrame {
  readonly title: string
  readonly hours: readonly number[]
  /** Marks the first shock. */
  readonly shockAtHour: number
  readonly formatY: (value: number) => string
  readonly yMax?: number
  /** Coloured strip under the plot, one colour per point. */
  readonly strip?: readonly string[]
  /** Dashed lines, each in its colour. */
  readonly lines?: readonly { readonly at: number; readonly color: string }[]
}

/** Series stacked on one another as areas. */
export function stackedChart(frame: ChartFrame, series: readonly ChartSeries[]): string {
  const base = frame.hours.map(() => 0)
  const tops = series.map(({ values }) => {
    for (const [index, value] of values.entries()) base[index] = (base[index] ?? 0) + value
    return [...base]
  })
  const yMax = frame.yMax ?? niceMax(Math.max(1, ...base))
  const scale = scaleOf(frame, yMax)
  const areas = series.map(({ color, label }, index) => {
    const upper = tops[index] ?? []
    const lower = tops[index - 1] ?? frame.hours.map(() => 0)
    const there = upper.map((value, at) => `${scale.x(at)},${scale.y(value)}`)
    const back = lower.map((value, at) => `${scale.x(at)},${scale.y(value)}`).toReversed()
    return `<polygon points="${[...there, ...back].join(' ')}" fill="${color}"><title>${escapeXml(label)}</title></polygon>`
  })
  return svg(frame, yMax, areas.join(''))
}

/** One line. */
export function lineChart(frame: ChartFrame, series: ChartSeries): string {
  const yMax = frame.yMax ?? niceMax(Math.max(...series.values))
  const scale = scaleOf(frame, yMax)
  const points = series.values.map((value, at) => `${scale.x(at)},${scale.y(Math.min(value, yMax))}`)
  const line = `<polyline points="${points.join(' ')}" fill="none" stroke="${series.color}" stroke-width="2" stroke-linejoin="round"/>`
  return svg(frame, yMax, line)
}

function svg(frame: ChartFrame, yMax: number, marks: string): string {
  const scale = scaleOf(frame, yMax)
  const grid = [0, 0.25, 0.5, 0.75, 1].map(part => {
    const y = scale.y(yMax * part)
    const label = `<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${escapeXml(frame.formatY(yMax * part))}</text>`
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>${label}`
  })
  const dashed = (frame.lines ?? []).map(
    ({ at, color }) =>
      `<line class="dash" stroke="${color}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${scale.y(at)}" y2="${scale.y(at)}"/>`,
  )
  const body = [
    ...grid,
    marks,
    ...dashed,
    stripOf(frame, scale.x),
    shockOf(frame, scale),
    ...ticks(frame, scale.x),
  ]
  const label = escapeXml(frame.title)
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${body.join('')}</svg>`
}

function stripOf(frame: ChartFrame, x: (at: number) => number): string {
  const { strip } = frame
  if (!strip) return ''
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, strip.length)
  const y = HEIGHT - BOTTOM + 2
  return strip
    .map(
      (color, at) =>
        `<rect x="${(x(at) - step / 2).toFixed(1)}" y="${y}" width="${(step + 0.5).toFixed(1)}" height="5" fill="${color}"/>`,
    )
    .join('')
}

function shockOf(frame: ChartFrame, scale: { x(at: number): number; y(value: number): number }): string {
  const at = frame.hours.findLastIndex(hour => hour <= frame.shockAtHour)
  if (at < 0) return ''
  const x = scale.x(at)
  return `<line class="shock" x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`
}

function ticks(frame: ChartFrame, x: (at: number) => number): string[] {
  const last = frame.hours.length - 1
  return [0, 0.25, 0.5, 0.75, 1].map(part => {
    const at = Math.round(last * part)
    const hour = frame.hours[at] ?? 0
    const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle'
    return `<text x="${x(at)}" y="${HEIGHT - 4}" text-anchor="${anchor}">${hour >= 168 ? `${Math.round(hour / 24)} d` : `${hour} h`}</text>`
  })
}

function scaleOf(frame: ChartFrame, yMax: number) {
  const width = WIDTH - LEFT - RIGHT
  const height = HEIGHT - TOP - BOTTOM
  const last = Math.max(1, frame.hours.length - 1)
  return {
    x: (at: number): number => Number((LEFT + (width * at) / last).toFixed(1)),
    y: (value: number): number => Number((TOP + height * (1 - value / yMax)).toFixed(1)),
  }
}

/** The next round number, so that its quarters are round too. */
function niceMax(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find(step => step * power >= value) ?? 10) * power
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
