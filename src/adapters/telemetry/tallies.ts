/** One line of a metric as prom-client writes it. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** What a registry of prom-client asks of a metric. */
export interface Collected {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'histogram'
  readonly aggregator: 'sum'
  readonly values: readonly Sample[]
}

export interface TallyOptions {
  readonly name: string
  readonly help: string
  /** Each label with the values that it may take. Any other is counted under `other`. */
  readonly labels?: Readonly<Record<string, (value: string) => boolean>>
}

/** Series of one metric. Beyond it, new combinations of labels are counted together. */
const SERIES_MAX = 1_000
const OTHER = 'other'

/**
 * Numbers kept per combination of labels, found by the labels one after the other. prom-client hashes the labels at
 * every increment, which costs ten times as much; here the registry only reads, when it is scraped.
 */
abstract class Tallied<Cell> {
  protected readonly options: TallyOptions
  readonly #names: readonly string[]
  readonly #allowed: readonly ((value: string) => boolean)[]
  readonly #cells = new Map<string, unknown>()
  readonly #series: { readonly labels: Record<string, string>; readonly cell: Cell }[] = []

  constructor(options: TallyOptions) {
    this.options = options
    this.#names = Object.keys(options.labels ?? {})
    this.#allowed = Object.values(options.labels ?? {})
  }

  get name(): string {
    return this.options.name
  }

  /** Called by the registry. */
  get(): Promise<Collected> {
    const { name, help } = this.options
    const values = this.#series.flatMap(({ labels, cell }) => this.samples(labels, cell))
    return Promise.resolve({ name, help, type: this.type, aggregator: 'sum', values })
  }

  abstract readonly type: 'counter' | 'histogram'
  protected abstract newCell(): Cell
  protected abstract samples(labels: Record<string, string>, cell: Cell): Sample[]

  protected cell(a = '', b = '', c = ''): Cell {
    const found = leaf(this.#cells, a, b, c) as Cell | undefined
    return found ?? this.#allowedCell(a, b, c)
  }

  #allowedCell(...given: string[]): Cell {
    const full = this.#series.length >= SERIES_MAX
    const values = this.#names.map((_, index) => {
      const value = given[index] as string
      return !full && this.#allowed[index]?.(value) === true ? value : OTHER
    })
    const [a = '', b = '', c = ''] = values
    const found = leaf(this.#cells, a, b, c) as Cell | undefined
    if (found !== undefined) return found
    const cell = this.newCell()
    branch(branch(this.#cells, a), b).set(c, cell)
    const labels = Object.fromEntries(this.#names.map((label, index) => [label, values[index] as string]))
    this.#series.push({ labels, cell })
    return cell
  }
}

/** A counter with up to three labels. */
export class Tally extends Tallied<{ count: number }> {
  readonly type = 'counter'

  add(a?: string, b?: string, c?: string): void {
    this.cell(a, b, c).count++
  }

  /** Shows the series before anything has happened, so that its first increase is seen as one. */
  declare(a?: string, b?: string, c?: string): void {
    this.cell(a, b, c)
  }

  protected newCell() {
    return { count: 0 }
  }

  protected samples(labels: Record<string, string>, { count }: { count: number }): Sample[] {
    return [{ labels, value: count }]
  }
}

interface Distribution {
  readonly counts: Float64Array
  sum: number
}

/** A histogram of durations with up to three labels. */
export class Timing extends Tallied<Distribution> {
  readonly type = 'histogram'
  readonly #boundsMs: readonly number[]

  /** @param boundsMs upper ends of the buckets, ascending, in ms; shown in seconds */
  constructor(options: TallyOptions, boundsMs: readonly number[]) {
    super(options)
    this.#boundsMs = boundsMs
  }

  /** What is not a finite, non-negative number is not observed: it would spoil the sum for ever. */
  observe(ms: number, a?: string, b?: string, c?: string): void {
    if (!Number.isFinite(ms) || ms < 0) return
    const cell = this.cell(a, b, c)
    let bucket = 0
    while (bucket < this.#boundsMs.length && ms > (this.#boundsMs[bucket] as number)) bucket++
    cell.counts[bucket] = (cell.counts[bucket] as number) + 1
    cell.sum += ms / 1000
  }

  protected newCell(): Distribution {
    return { counts: new Float64Array(this.#boundsMs.length + 1), sum: 0 }
  }

  protected samples(labels: Record<string, string>, { counts, sum }: Distribution): Sample[] {
    const { name } = this.options
    let count = 0
    const buckets = [...counts].map((inBucket, index) => {
      count += inBucket
      const bound = this.#boundsMs[index]
      const le = bound === undefined ? '+Inf' : bound / 1000
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}

type Tree = Map<string, unknown>

function leaf(tree: Tree, a: string, b: string, c: string): unknown {
  return ((tree.get(a) as Tree | undefined)?.get(b) as Tree | undefined)?.get(c)
}

function branch(tree: Tree, key: string): Tree {
  const next = (tree.get(key) as Tree | undefined) ?? new Map<string, unknown>()
  tree.set(key, next)
  return next
}
