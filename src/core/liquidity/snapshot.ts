import type { PoolUsage } from './capacity.ts'
import { ACTIONS, allowanceOf, type ActionPolicy, type LevelState } from './levels.ts'
import { SHADOW_PRICE, shadowPriceBps, type ShadowPricePolicy } from './shadow-price.ts'
import type { Pool, PoolSnapshot } from './types.ts'

export interface SnapshotPolicy {
  readonly actions: ActionPolicy
  readonly shadowPrice: ShadowPricePolicy
}

export const SNAPSHOT_POLICY: SnapshotPolicy = { actions: ACTIONS, shadowPrice: SHADOW_PRICE }

/**
 * The pool as decisions see it.
 * @param usage how full it is now (`poolUsage`)
 * @param pacedUtilization utilisation against the day's curve (`pacing.ts`); it raises the price of scarcity before
 *   the pool itself is full, so that the morning does not drain the day
 */
export function snapshotOf(
  pool: Pool,
  usage: PoolUsage,
  level: LevelState,
  nowMs: number,
  pacedUtilization = 0,
  policy: SnapshotPolicy = SNAPSHOT_POLICY,
): PoolSnapshot {
  const { utilization, headroom, largestLoan, anyOpen } = usage
  return {
    pool: pool.id,
    currency: pool.currency,
    asOfMs: nowMs,
    level: level.level,
    utilization,
    lambdaBps: shadowPriceBps(Math.max(utilization, pacedUtilization), policy.shadowPrice),
    headroom,
    largestLoan,
    anyOpen,
    allowance: allowanceOf(level.level, utilization, policy.actions),
  }
}
