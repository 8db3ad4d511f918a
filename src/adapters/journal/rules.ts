import { isQuotaRow } from '../../core/liquidity/fund-rows.ts'
import { CLOCK_ERROR_MS } from '../../core/payment/transition.ts'
import type { FundMovement, FundReservation, Reserve, Settle } from '../../ports/journal.ts'

/** What a claim leaves in the history: the payment itself is as it was. */
export const CLAIMED = '{"claimed":true}'

/** From when on a lender's facts know of a hold that is still open: never. */
export const KNOWN_NEVER = Number.MAX_SAFE_INTEGER

/** Whether a lease that ends at `leaseUntil` has run out for whoever measures it by another clock. */
export function leaseIsOver(leaseUntil: number, now: number): boolean {
  return leaseUntil + CLOCK_ERROR_MS < now
}

/** The text whose SHA-256 is the hash of a line of history. */
export function chained(previous: string, version: number, epoch: number, at: number, body: string): string {
  return `${previous}\n${version}\n${epoch}\n${at}\n${body}`
}

/** Amounts that are no whole minor units are misuse: they would unbalance the books for ever. */
export function assertReserve(reserve: Reserve | undefined): void {
  if (reserve === undefined) return
  if (reserve.hold !== undefined) assertAmount(reserve.hold.value)
  for (const leg of reserve.funds?.legs ?? []) assertAmount(leg.value)
}

export function assertSettles(settles: readonly Settle[]): void {
  for (const { value } of settles) if (value !== undefined) assertAmount(value)
}

/**
 * What each leg keeps when only `value` of them all is taken. Whole minor units that sum to `value`: each leg gets what
 * has come up to it in proportion, less what the legs before it have. The row of a day's quota counts the money of the leg
 * before it a second time, and keeps what that leg keeps.
 */
export function keptLegs(legs: FundReservation['legs'], value: number): FundReservation['legs'] {
  const total = legs.reduce((sum, leg) => (isQuotaRow(leg.source) ? sum : sum + BigInt(leg.value)), 0n)
  const kept = BigInt(value)
  if (total <= kept) return legs
  let upTo = 0n
  let taken = 0n
  let share = 0n
  return legs.map(leg => {
    if (isQuotaRow(leg.source)) return { ...leg, value: Math.min(leg.value, Number(share)) }
    upTo += BigInt(leg.value)
    share = (kept * upTo) / total - taken
    taken += share
    return { ...leg, value: Number(share) }
  })
}

export function assertMovement(movement: FundMovement): void {
  assertAmount(movement.value)
}

export function assertAmount(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new TypeError('an amount is a whole number of minor units, not negative')
  }
}
