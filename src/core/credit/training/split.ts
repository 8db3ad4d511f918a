import type { Table } from './table.ts'

/** Row numbers, each list ascending. */
export interface Split {
  readonly development: Uint32Array
  /** Measured once, never fitted to. */
  readonly holdout: Uint32Array
  readonly kind: 'out_of_time' | 'out_of_sample'
}

/** A small seeded generator (mulberry32): the same seed gives the same split on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Keeps the last `share` of rows by a time column for the final test or, without one, a random share that has the same
 * bad rate. Only the former says anything about tomorrow, so the kind is part of every card.
 */
export function splitHoldout(
  table: Table,
  bad: Uint8Array,
  share: number,
  seed: number,
  timeColumn?: string,
): Split {
  if (timeColumn === undefined) {
    const [holdout, development] = stratified(allRows(table.rows), bad, share, seed)
    return { development, holdout, kind: 'out_of_sample' }
  }
  const column = table.columns.get(timeColumn)
  if (!column) throw new RangeError(`no time column ${timeColumn}`)
  if (column.values.some(value => value === null || Number.isNaN(value))) {
    throw new RangeError(`the time column ${timeColumn} has missing values`)
  }
  const order = Array.from(allRows(table.rows)).sort((a, b) => {
    const [x, y] = [column.values[a] as number | string, column.values[b] as number | string]
    return x < y ? -1 : x > y ? 1 : a - b
  })
  const cut = Math.round(order.length * (1 - share))
  return {
    development: Uint32Array.from(order.slice(0, cut)).sort(),
    holdout: Uint32Array.from(order.slice(cut)).sort(),
    kind: 'out_of_time',
  }
}

/** A random `share` of `rows` with the bad rate of the whole, and the rest. */
export function stratified(
  rows: Uint32Array,
  bad: Uint8Array,
  share: number,
  seed: number,
): [taken: Uint32Array, rest: Uint32Array] {
  const random = seededRandom(seed)
  const taken: number[] = []
  const rest: number[] = []
  for (const outcome of [0, 1]) {
    const stratum = Array.from(rows).filter(row => bad[row] === outcome)
    for (let i = stratum.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      ;[stratum[i], stratum[j]] = [stratum[j] as number, stratum[i] as number]
    }
    const cut = Math.round(stratum.length * share)
    taken.push(...stratum.slice(0, cut))
    rest.push(...stratum.slice(cut))
  }
  return [Uint32Array.from(taken).sort(), Uint32Array.from(rest).sort()]
}

function allRows(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, i) => i)
}
