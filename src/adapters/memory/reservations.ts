import type {
  CreditHold,
  FundMovement,
  FundReservation,
  FundSource,
  Reserve,
  Settle,
} from '../../ports/journal.ts'
import { assertAmount, assertMovement, keptLegs } from '../journal/rules.ts'
import { compare, keyOf, ListTable, Table, type UndoLog } from './tables.ts'

interface Reservation {
  readonly hold?: CreditHold
  readonly funds?: FundReservation
  readonly status: 'held' | 'commit' | 'release'
  /** When it was committed. */
  readonly at: number
}

/** Holds on payers' credit and shares of funding sources. */
export class Reservations {
  readonly #rows: Table<Reservation>
  readonly #ofPayer: ListTable<string>
  readonly #sources: Table<FundSource>
  readonly #movements: Table<true>

  constructor(undo: UndoLog) {
    this.#rows = new Table(undo)
    this.#ofPayer = new ListTable(undo)
    this.#sources = new Table(undo)
    this.#movements = new Table(undo)
  }

  /** Takes what an INTENT needs, or says what is missing; then the caller takes back what was written. */
  reserve(
    tenant: string,
    { reference, hold, funds }: Reserve,
  ): 'credit_held' | 'funds_exhausted' | undefined {
    if (this.#rows.has(reference)) throw new TypeError('a reference reserves once')
    if (hold !== undefined) {
      const payer = keyOf(tenant, hold.lender, hold.payer)
      if (this.#heldBy(payer, hold.asOf) + hold.value > hold.available) return 'credit_held'
      this.#ofPayer.add(payer, reference)
    }
    for (const { source, value } of funds?.legs ?? []) {
      const state = this.#source(funds?.pool ?? '', source)
      if (state === undefined || state.reserved + state.used + value > state.cap) return 'funds_exhausted'
      this.#setSource({ ...state, reserved: state.reserved + value })
    }
    this.#rows.set(reference, {
      ...(hold === undefined ? {} : { hold }),
      ...(funds === undefined ? {} : { funds }),
      status: 'held',
      at: 0,
    })
    return undefined
  }

  /** Open holds, and approvals that the facts of `asOf` do not know yet. */
  #heldBy(payer: string, asOf: number): number {
    let sum = 0
    for (const reference of this.#ofPayer.get(payer)) {
      const row = this.#rows.get(reference)
      const counts = row?.status === 'held' || (row?.status === 'commit' && row.at > asOf)
      if (counts) sum += row.hold?.value ?? 0
    }
    return sum
  }

  settle({ reference, outcome, value: kept }: Settle, now: number): void {
    const row = this.#rows.get(reference)
    if (row === undefined) return
    const next = outcome === 'commit' && kept !== undefined ? reduced(row, kept) : row
    if (row.status === outcome && next === row) return
    for (const [i, { source, value }] of (row.funds?.legs ?? []).entries()) {
      const state = this.#source(row.funds?.pool ?? '', source)
      if (state === undefined) continue
      const taken = outcome === 'commit' ? (next.funds?.legs[i]?.value ?? 0) : 0
      const reserved = state.reserved - (row.status === 'held' ? value : 0)
      // What was repaid in between has left `used` already.
      const used = Math.max(0, state.used + taken - (row.status === 'commit' ? value : 0))
      this.#setSource({ ...state, reserved, used })
    }
    const at = outcome === 'commit' && row.status !== 'commit' ? now : row.at
    this.#rows.set(reference, { ...next, status: outcome, at })
  }

  declare(pool: string, source: string, cap: number): void {
    assertAmount(cap)
    this.#setSource({ ...(this.#source(pool, source) ?? { pool, source, reserved: 0, used: 0 }), cap })
  }

  move(movement: FundMovement): 'applied' | 'duplicate' | 'refused' {
    assertMovement(movement)
    if (this.#movements.has(movement.id)) return 'duplicate'
    const state = this.#source(movement.pool, movement.source)
    const next = state === undefined ? undefined : moved(state, movement)
    if (next === undefined) return 'refused'
    this.#movements.set(movement.id, true)
    this.#setSource(next)
    return 'applied'
  }

  list(): FundSource[] {
    return [...this.#sources.values()].sort((a, b) => compare(a.pool, b.pool) || compare(a.source, b.source))
  }

  #source(pool: string, source: string): FundSource | undefined {
    return this.#sources.get(keyOf(pool, source))
  }

  #setSource(state: FundSource): void {
    this.#sources.set(keyOf(state.pool, state.source), state)
  }
}

/** The reservation with only so much of it kept; the same object when it is no more than that. */
function reduced(row: Reservation, kept: number): Reservation {
  const legs = row.funds === undefined ? undefined : keptLegs(row.funds.legs, kept)
  const fits = legs === row.funds?.legs && (row.hold?.value ?? 0) <= kept
  if (fits) return row
  return {
    ...row,
    ...(row.hold === undefined ? {} : { hold: { ...row.hold, value: Math.min(row.hold.value, kept) } }),
    ...(row.funds === undefined || legs === undefined ? {} : { funds: { ...row.funds, legs } }),
  }
}

/** The source after a movement, or undefined when it may not be made. */
function moved(state: FundSource, { kind, value }: FundMovement): FundSource | undefined {
  switch (kind) {
    case 'repayment':
      return value > state.used ? undefined : { ...state, used: state.used - value }
    case 'drawdown':
      return state.used + state.reserved + value > state.cap
        ? undefined
        : { ...state, used: state.used + value }
    case 'cap_change':
      return { ...state, cap: value }
  }
}
