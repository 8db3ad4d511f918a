import type { SeedOutcome } from './seeds.ts'
import type { WorldOptions } from './world-options.ts'

/** What seeds of one upstream type came to. */
export interface Tally {
  readonly type: string
  seeds: number
  payments: number
  attempts: number
  /** Left to a person because nothing and nobody else can tell. */
  manual: number
  /** Left to a person because an upstream took another amount, or took its word back. */
  lied: number
  /** Seeds that broke an invariant. */
  violating: number
  /** Seeds that ran twice. */
  replayed: number
  /** Seeds whose second run was not the first one over again. */
  diverged: number
  events: number
  /** Sum over all seeds, modulo 2^32: the same whatever the order they ran in. */
  hash: number
  virtualMs: number
  cpuMs: number
}

export interface Failure {
  readonly options: WorldOptions
  readonly violations: SeedOutcome['result']['violations']
}

/** Adds seeds up by upstream type, and keeps those that failed. */
export class Tallies {
  /** Failing seeds that are kept; more are only counted. */
  static readonly failuresMax = 100
  readonly failures: Failure[] = []
  readonly #types = new Map<string, Tally>()

  /** In the order of their first seeds. */
  get types(): Tally[] {
    return [...this.#types.values()]
  }

  add({ options, result, hashAgain, cpuMs }: SeedOutcome): void {
    const tally = this.#of(options.type)
    const { payments, attempts, manual, lied } = result.ending
    const diverged = hashAgain !== undefined && hashAgain !== result.hash
    tally.seeds++
    tally.payments += payments
    tally.attempts += attempts
    tally.manual += manual
    tally.lied += lied
    tally.events += result.events
    tally.hash = (tally.hash + result.hash) >>> 0
    tally.virtualMs += result.tookMs
    tally.cpuMs += cpuMs
    if (hashAgain !== undefined) tally.replayed++
    if (diverged) tally.diverged++
    if (result.violations.length > 0) tally.violating++
    if (!diverged && result.violations.length === 0) return
    const violations = diverged
      ? [...result.violations, { invariant: 'replay', text: 'two runs of the seed differ', at: 0 }]
      : result.violations
    if (this.failures.length < Tallies.failuresMax) this.failures.push({ options, violations })
  }

  #of(type: string): Tally {
    const known = this.#types.get(type)
    if (known !== undefined) return known
    const tally: Tally = {
      type,
      seeds: 0,
      payments: 0,
      attempts: 0,
      manual: 0,
      lied: 0,
      violating: 0,
      replayed: 0,
      diverged: 0,
      events: 0,
      hash: 0,
      virtualMs: 0,
      cpuMs: 0,
    }
    this.#types.set(type, tally)
    return tally
  }
}

const HEAD = [
  'upstreams',
  'seeds',
  'payments',
  'violating',
  'manual',
  'lied',
  'replayed',
  'sim hours',
  'pay/cpu s',
  'hash',
]

/** One line a type, and one for all. */
export function tallyTable(tallies: readonly Tally[]): string {
  const rows = tallies.map(rowOf)
  if (tallies.length > 1) rows.push(rowOf(sumOf(tallies)))
  const lines = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...lines.map(line => (line[column] as string).length)))
  return lines
    .map(line =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[i] as number)))
        .join('  '),
    )
    .join('\n')
}

function rowOf(tally: Tally): string[] {
  const { payments, diverged } = tally
  return [
    tally.type,
    `${tally.seeds}`,
    `${payments}`,
    `${tally.violating}`,
    share(tally.manual, payments),
    share(tally.lied, payments),
    diverged === 0 ? `${tally.replayed}` : `${tally.replayed} (${diverged} differ)`,
    (tally.virtualMs / 3_600_000).toFixed(0),
    `${Math.round((payments * 1_000) / Math.max(1, tally.cpuMs))}`,
    tally.hash.toString(16).padStart(8, '0'),
  ]
}

function share(part: number, of: number): string {
  return of === 0 ? '-' : `${((100 * part) / of).toFixed(2)} %`
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = { ...(tallies[0] as Tally), type: 'all' }
  for (const tally of tallies.slice(1)) {
    sum.seeds += tally.seeds
    sum.payments += tally.payments
    sum.attempts += tally.attempts
    sum.manual += tally.manual
    sum.lied += tally.lied
    sum.violating += tally.violating
    sum.replayed += tally.replayed
    sum.diverged += tally.diverged
    sum.events += tally.events
    sum.hash = (sum.hash + tally.hash) >>> 0
    sum.virtualMs += tally.virtualMs
    sum.cpuMs += tally.cpuMs
  }
  return sum
}
