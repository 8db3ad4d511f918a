import type { Channel, Tender } from './context.ts'

export type CancelVerb = 'close' | 'void' | 'reverse'

/**
 * What an upstream promises about sending twice, asking and cancelling. The resolver may do only what stands
 * here. It is copied into every attempt, so that a change of configuration never changes a payment in flight.
 */
export interface UpstreamContract {
  readonly idempotency: {
    /** `key`: same key, same answer; `reference`: a second use of a reference is refused; `none`: charged again. */
    readonly mode: 'key' | 'reference' | 'none'
    /** For how long after the first send a key is remembered. A resend later than that may charge again. */
    readonly retentionHours: number
    /**
     * Whether refusals are replayed too, not approvals only; if not, a second send after a refusal is a fresh charge.
     * Errors that had no effect need not be: what is sent again after one is carried out once all the same.
     */
    readonly replaysErrors: boolean
  }
  readonly queryable: boolean
  readonly cancel: readonly CancelVerb[]
  /** How long a sent request may still take effect, in ms; absent: "not found" is never conclusive. */
  readonly settleWindowMs?: number
  /** Refuses a request that arrives after its `expiresAt`. */
  readonly honoursExpiry: boolean
  /** Cancelling an unseen reference makes it unusable. */
  readonly cancelTombstones: boolean
}

/** Dated statement of what a route can do. Data, never code. */
export interface Capability extends UpstreamContract {
  readonly channels: readonly Channel[]
  readonly currencies: readonly string[]
  readonly amount: { readonly min: number; readonly max: number }
  /** Offered terms of a credit route; empty for all others. */
  readonly instalments: readonly number[]
  readonly excludedCategories: readonly string[]
  readonly capture: readonly ('automatic' | 'manual')[]
}

export interface MaintenanceWindow {
  /** Unix ms, inclusive. */
  readonly from: number
  /** Unix ms, exclusive. */
  readonly to: number
}

/** Connector x funding source x channel x pool: one way to fund a payment. */
export interface Route {
  readonly id: string
  readonly tender: Tender
  readonly capability: Capability
  /** What this route costs the platform. Basis points of the amount, minor units per success and per attempt. */
  readonly cost: { readonly percentBps: number; readonly fixed: number; readonly perAttempt: number }
  /** What is believed of the route before it is observed; `strength` is in equivalent observations. */
  readonly priors: {
    readonly approval: number
    readonly unknown: number
    readonly latencyMs: number
    readonly strength: number
  }
  readonly timeoutMs: number
  /** A payment with less time left does not try this route; `neededMs` says what holds when absent. */
  readonly minRemainingMs?: number
  readonly pool?: string
  /** True when the route's eligibility depends on facts of a provider. */
  readonly needsFacts: boolean
  /** False when an operator has switched the route off. */
  readonly enabled: boolean
  /** Why it is switched off, for operators. */
  readonly disabledReason?: string
  readonly maintenance: readonly MaintenanceWindow[]
  /** Name that a shopper reads, by locale; the tender's name when absent. */
  readonly label?: { readonly 'zh-CN': string; readonly en: string }
  readonly lender?: string
}

/** What a route with a longer timeout needs all the same at most, ms: half of the time that a payment has. */
const NEEDED_MS_MAX = 30_000

/** How much of its time a payment must have left for an attempt on the route to begin, ms. */
export function neededMs({ minRemainingMs, timeoutMs }: Route): number {
  return minRemainingMs ?? Math.min(timeoutMs, NEEDED_MS_MAX)
}
