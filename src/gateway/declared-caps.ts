import { fundingDay, quotaRow } from '../core/liquidity/fund-rows.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { PoolRuntime } from './runtime.ts'

const CAPS = 'fund_cap'

/** The rows of a pool with the caps of the configuration: of each source, and of its quota of today. */
export function declaredCaps(
  { pool, utcOffsetMinutes }: PoolRuntime,
  now: number,
): { readonly source: string; readonly cap: number; readonly standing: boolean }[] {
  const day = fundingDay(now, utcOffsetMinutes)
  return pool.sources.flatMap(({ id, cap, dailyQuota }) => [
    { source: id, cap, standing: true },
    ...(dailyQuota === undefined ? [] : [{ source: quotaRow(id, day), cap: dailyQuota, standing: false }]),
  ])
}

/**
 * Declares a cap of the configuration when it is new: one that a movement has set since stays through restarts until
 * the configuration itself is changed.
 */
export async function declareCap(
  journal: Journal,
  clock: Clock,
  pool: string,
  source: string,
  cap: number,
): Promise<void> {
  const key = `${pool}/${source}`
  const row = await journal.getRecord(CAPS, key)
  if (row !== undefined && (JSON.parse(row.body) as { cap: number }).cap === cap) return
  await journal.declareFunds(pool, source, cap)
  const body = JSON.stringify({ cap })
  await journal.putRecord({ collection: CAPS, key, at: clock.now(), body }, row?.version ?? 0)
}
