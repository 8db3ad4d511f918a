import type { FundMovement, FundReservation, FundSource, Reserve, Settle } from '../../ports/journal.ts'
import { keptLegs, KNOWN_NEVER } from '../journal/rules.ts'
import { one, type StoreContext } from './database.ts'

type Legs = FundReservation['legs']

interface ReservationRow {
  readonly pool: string | null
  readonly legs: string
  readonly status: 'held' | Settle['outcome']
  readonly holdValue: number
}

/** The statements about funding sources. */
export function fundCalls({ db }: StoreContext) {
  return {
    declareFunds(pool: string, source: string, cap: number): void {
      db.run(
        `insert into fund_sources (pool, source, cap, reserved, used) values (?, ?, ?, 0, 0)
         on conflict (pool, source) do update set cap = excluded.cap`,
        pool,
        source,
        cap,
      )
    },

    listFunds: (): FundSource[] =>
      db.all<FundSource>('select pool, source, cap, reserved, used from fund_sources order by pool, source'),

    moveFunds({ id, pool, source, kind, value, at }: FundMovement): 'applied' | 'duplicate' | 'refused' {
      if (one(db, 'select 1 from fund_movements where id = ?', id) !== undefined) return 'duplicate'
      const moved = {
        repayment: `update fund_sources set used = used - ?1 where pool = ?2 and source = ?3 and used >= ?1`,
        drawdown: `update fund_sources set used = used + ?1
          where pool = ?2 and source = ?3 and used + reserved + ?1 <= cap`,
        cap_change: `update fund_sources set cap = ?1 where pool = ?2 and source = ?3`,
      }[kind]
      if (db.run(moved, value, pool, source) === 0) return 'refused'
      db.run(
        'insert into fund_movements (id, pool, source, kind, value, at) values (?, ?, ?, ?, ?, ?)',
        id,
        pool,
        source,
        kind,
        value,
        at,
      )
      return 'applied'
    },
  }
}

/** Takes what an INTENT needs, or says what is missing: then the caller takes back what was written. */
export function reserve(
  { db }: StoreContext,
  tenant: string,
  { reference, hold, funds }: Reserve,
): 'credit_held' | 'funds_exhausted' | undefined {
  if (hold !== undefined) {
    const held = one<{ sum: number }>(
      db,
      `select coalesce(sum(hold_value), 0) as sum from reservations
       where tenant = ? and lender = ? and payer = ? and known_from > ?`,
      tenant,
      hold.lender,
      hold.payer,
      hold.asOf,
    )
    if ((held?.sum ?? 0) + hold.value > hold.available) return 'credit_held'
  }
  for (const { source, value } of funds?.legs ?? []) {
    const taken = db.run(
      `update fund_sources set reserved = reserved + ?1
       where pool = ?2 and source = ?3 and used + reserved + ?1 <= cap`,
      value,
      funds?.pool ?? '',
      source,
    )
    if (taken === 0) return 'funds_exhausted'
  }
  db.run(
    `insert into reservations (reference, tenant, lender, payer, hold_value, pool, legs, status, known_from)
     values (?, ?, ?, ?, ?, ?, ?, 'held', ?)`,
    reference,
    tenant,
    hold?.lender ?? null,
    hold?.payer ?? null,
    hold?.value ?? 0,
    funds?.pool ?? null,
    JSON.stringify(funds?.legs ?? []),
    KNOWN_NEVER,
  )
  return undefined
}

export function settle({ db, now }: StoreContext, { reference, outcome, value: kept }: Settle): void {
  const row = one<ReservationRow>(
    db,
    'select pool, legs, status, hold_value as holdValue from reservations where reference = ?',
    reference,
  )
  if (row === undefined) return
  const legs = JSON.parse(row.legs) as Legs
  const reduces = outcome === 'commit' && kept !== undefined
  const next = reduces ? keptLegs(legs, kept) : legs
  const holdValue = reduces ? Math.min(row.holdValue, kept) : row.holdValue
  const isNew = row.status !== outcome
  if (!isNew && next === legs && holdValue === row.holdValue) return
  const knownFrom = outcome === 'commit' ? now() : 0
  db.run(
    `update reservations set status = ?, known_from = iif(?, ?, known_from), legs = ?, hold_value = ?
     where reference = ?`,
    outcome,
    isNew ? 1 : 0,
    knownFrom,
    JSON.stringify(next),
    holdValue,
    reference,
  )
  for (const [i, { source, value }] of legs.entries()) {
    const taken = outcome === 'commit' ? (next[i]?.value ?? 0) : 0
    // What was repaid in between has left `used` already.
    db.run(
      `update fund_sources set reserved = reserved - ?, used = max(0, used + ?) where pool = ? and source = ?`,
      row.status === 'held' ? value : 0,
      taken - (row.status === 'commit' ? value : 0),
      row.pool,
      source,
    )
  }
}
