import type { Pool, SourceState } from './types.ts'

/** A source as the journal keeps it. */
export interface FundRow {
  readonly pool: string
  readonly source: string
  readonly cap: number
  readonly reserved: number
  readonly used: number
}

const DAY_MINUTES = 1_440

/** The funder's day, counted from the epoch in its own time zone. */
export function fundingDay(nowMs: number, utcOffsetMinutes: number): number {
  return Math.floor((nowMs / 60_000 + utcOffsetMinutes) / DAY_MINUTES)
}

/**
 * The journal's row that holds a source's quota of one day: a source of its own, whose cap is the quota. A loan takes
 * from both in one write, so that the quota holds as strictly as the cap, and midnight needs no moment when it is reset.
 */
export function quotaRow(source: string, day: number): string {
  return `${source}@${day}`
}

export function isQuotaRow(source: string): boolean {
  return source.includes('@')
}

/** What the core knows of each source of a pool, from the journal's rows. A cap of 0 is a funder that lends nothing. */
export function sourceStates(pool: Pool, rows: readonly FundRow[], day: number): Map<string, SourceState> {
  const own = new Map(rows.filter(row => row.pool === pool.id).map(row => [row.source, row]))
  const states = new Map<string, SourceState>()
  for (const { id, dailyQuota } of pool.sources) {
    const row = own.get(id)
    if (row === undefined) continue
    const { used, reserved } = row
    states.set(id, {
      source: id,
      cap: Math.max(row.cap, used + reserved),
      announcedCap: row.cap,
      ...(dailyQuota === undefined ? {} : { dailyQuota }),
      used,
      reserved,
      drawnToday: own.get(quotaRow(id, day))?.used ?? 0,
      day,
      capVersion: 0,
      open: row.cap > 0,
    })
  }
  return states
}
