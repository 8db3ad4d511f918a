export interface ShadowPricePolicy {
  /** Utilisation at which scarcity begins to cost. */
  readonly start: number
  /** Price in basis points of the loan when the pool is full. */
  readonly maxBps: number
}

export const SHADOW_PRICE: ShadowPricePolicy = { start: 0.7, maxBps: 800 }

/**
 * The price of scarcity, lambda(u) = max x clamp((u - u0) / (1 - u0), 0, 1)^2, in basis points of the loan.
 * Convex, so that traffic with a good alternative leaves a tightening pool long before any hard stop.
 * @param utilization 0..1, used and reserved over the cap
 */
export function shadowPriceBps(utilization: number, policy: ShadowPricePolicy = SHADOW_PRICE): number {
  const pressure = Math.min(1, Math.max(0, (utilization - policy.start) / (1 - policy.start)))
  return policy.maxBps * pressure * pressure
}
