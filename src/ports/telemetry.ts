import type { DriftVerdict } from '../core/credit/drift.ts'
import type { RiskPosture } from '../core/credit/types.ts'
import type { LiquidityLevel } from '../core/liquidity/types.ts'
import type { DeclineCategory } from '../core/payment/decline.ts'
import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { PublicStatus } from '../core/payment/payment.ts'
import type { BreakerState } from './breaker.ts'

/**
 * Something that operators want to count, measure or read. Events carry ids and closed words only: no payer, no
 * instrument, no amount that a person could be recognised by, no text from outside.
 */
export type TelemetryEvent =
  /** A decision was made, for whichever entry point. */
  | {
      readonly kind: 'decided'
      readonly tenant: string
      readonly decision: string
      readonly orderId: string
      readonly outcome: 'routed' | 'no_route'
      readonly cascade: readonly string[]
      readonly durationMs: number
      readonly requestId?: string
    }
  /** A gate refused a route, once per route and reason of a decision. */
  | { readonly kind: 'ineligible'; readonly route: string; readonly reason: string }
  /** The public status of a payment became this. `route` is that of the attempt which decided it. */
  | {
      readonly kind: 'payment'
      readonly tenant: string
      readonly payment: string
      readonly status: PublicStatus
      readonly route?: string
    }
  /** An exchange with an upstream about an attempt has ended. `latencyMs` is measured by the monotonic clock. */
  | {
      readonly kind: 'attempt'
      readonly tenant: string
      readonly payment: string
      readonly reference: string
      readonly route: string
      readonly outcome: UpstreamResult['kind']
      readonly category?: DeclineCategory
      readonly cause?: string
      readonly latencyMs: number
      readonly requestId?: string
    }
  /** A payment went on to another route. */
  | {
      readonly kind: 'failover'
      readonly from: string
      readonly to: string
      readonly category: DeclineCategory
    }
  | { readonly kind: 'breaker'; readonly route: string; readonly state: BreakerState }
  /** Facts about a payer were looked up in the cache. `stale` was served while it was refreshed. */
  | {
      readonly kind: 'eligibility_cache'
      readonly result: 'fresh' | 'stale' | 'negative' | 'miss' | 'error'
    }
  | { readonly kind: 'journal_commit'; readonly durationMs: number }
  /** Whether the shared cache answers. */
  | { readonly kind: 'redis'; readonly up: boolean }
  /** Attempts whose outcome is unknown now. */
  | { readonly kind: 'unknown_attempts'; readonly count: number }
  | {
      readonly kind: 'pool'
      readonly pool: string
      readonly utilization: number
      /** Infinity when the pool does not shrink. */
      readonly runwaySeconds: number
      readonly level: LiquidityLevel
      /** What each early-warning indicator says on its own. */
      readonly bands?: Readonly<Record<string, LiquidityLevel>>
      /** Price of scarcity, basis points of the loan. */
      readonly shadowPriceBps?: number
      /** Mean error of the demand forecast of an hour ahead, as a share of demand; absent before there is one. */
      readonly forecastError?: number
    }
  /** How willing the lender is to lend now. */
  | { readonly kind: 'appetite'; readonly posture: RiskPosture }
  /** A window of applicants against those that the scorecard was made from. */
  | {
      readonly kind: 'credit_drift'
      readonly route: string
      /** Population stability index of the score. */
      readonly psi: number
      readonly verdict: DriftVerdict
    }
  /** A source beside the lender was asked about a payer. */
  | {
      readonly kind: 'enquiry'
      readonly route: string
      readonly result: 'known' | 'unknown_payer' | 'unavailable'
      /** Minor units. */
      readonly cost: number
    }
  /** Predictions of a scorecard against what became of the loans. */
  | {
      readonly kind: 'credit_calibration'
      readonly route: string
      /** Losses beyond the prediction, in standard deviations. */
      readonly deviations: number
      readonly ece: number
      readonly verdict: DriftVerdict
    }
  /** The learned approval of a route, 0..1. */
  | { readonly kind: 'route_approval'; readonly route: string; readonly ratio: number }
  /** One event to one endpoint was tried, or kept because it is not tried any more. */
  | {
      readonly kind: 'webhook'
      readonly endpoint: string
      readonly result: 'delivered' | 'failed' | 'gone' | 'undelivered'
      readonly cause?: string
    }
  /** Endpoints that want no more events and wait for an operator. */
  | { readonly kind: 'webhooks_disabled'; readonly count: number }
  /** Something failed that should not. `cause` is a word of ours or an error's name, never its message. */
  | { readonly kind: 'fault'; readonly area: string; readonly cause: string; readonly requestId?: string }

export interface Telemetry {
  /** Never throws, never waits: what cannot be recorded is dropped. */
  record(event: TelemetryEvent): void
}
