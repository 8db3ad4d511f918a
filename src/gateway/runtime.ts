import type { ContactRules } from '../core/credit/contact.ts'
import type { DelinquencyStage } from '../core/credit/delinquency.ts'
import type { InstalmentTerms } from '../core/credit/instalment-plan.ts'
import type { LendingTerms, PayerVerdict } from '../core/credit/payer-verdict.ts'
import type { PriceCapRule } from '../core/credit/types.ts'
import type { DecisionPolicy } from '../core/decision.ts'
import type { Pool } from '../core/liquidity/types.ts'
import type { PayerFacts } from '../core/eligibility/facts.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Route } from '../core/payment/route.ts'
import type { LiquidityVerdict } from '../core/eligibility/gates.ts'
import type { Breaker } from '../ports/breaker.ts'
import type { Cache } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import type { Connector, NotificationReader } from '../ports/connector.ts'
import type { EligibilityProvider } from '../ports/eligibility-provider.ts'
import type { Estimator } from '../ports/estimator.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { EnquirySource } from './enquiries.ts'
import type { CountedExperiment } from './tallies.ts'
import type { FundReservation, Journal } from '../ports/journal.ts'
import type { Random } from '../ports/random.ts'
import type { Telemetry } from '../ports/telemetry.ts'

export interface FactsSettings {
  readonly provider: EligibilityProvider
  readonly timeoutMs: number
  readonly freshSeconds: number
  readonly staleSeconds: number
  readonly negativeSeconds: number
}

/** Terms and prices of a credit route. */
export interface CreditOffer {
  readonly terms: readonly InstalmentTerms[]
  readonly quoteSeconds: number
  /** Where a payer asks for an explanation and a review by a person. */
  readonly reviewContact?: string
  readonly utcOffsetMinutes: number
  /** What happens about overdue bills; the usual stages when absent. */
  readonly stages?: readonly DelinquencyStage[]
  readonly contact?: Omit<ContactRules, 'utcOffsetMinutes'>
}

export interface RouteRuntime {
  readonly route: Route
  readonly connector: Connector
  readonly facts?: FactsSettings
  readonly offer?: CreditOffer
  /** Sources beside the lender that are asked about payers. */
  readonly enquiries?: readonly EnquirySource[]
  /** How payers are judged; absent where the lender alone does. */
  readonly lending?: LendingTerms
  /** Absent when the route has no secret to verify notifications with. */
  readonly notifications?: NotificationReader
}

export interface WebhookEndpoint {
  /** Name of the endpoint in the outbox: `{tenant}/{position}`. */
  readonly id: string
  readonly events: readonly string[]
}

/** A policy that is tried on some payers. */
export interface PolicyExperiment extends CountedExperiment {
  readonly id: string
  readonly policy: DecisionPolicy
}

export interface TenantRuntime {
  readonly id: string
  readonly policy: DecisionPolicy
  /** Policies that decide beside the running one without acting. */
  readonly shadows?: readonly DecisionPolicy[]
  readonly experiments?: readonly PolicyExperiment[]
  readonly webhooks: readonly WebhookEndpoint[]
}

/** A funding pool of the configuration and how it is watched. */
export interface PoolRuntime {
  readonly pool: Pool
  /** Pace at which its level is evaluated. */
  readonly evaluateSeconds: number
  /** Of the funders' days. */
  readonly utcOffsetMinutes: number
}

/** One generation of the configuration, built and immutable. A payment keeps the generation it began with. */
export interface Runtime {
  /** Version of the configuration: in every decision. */
  readonly version: string
  readonly tenants: ReadonlyMap<string, TenantRuntime>
  readonly routes: ReadonlyMap<string, RouteRuntime>
  readonly priceCaps: readonly PriceCapRule[]
  readonly pools?: readonly PoolRuntime[]
}

/** What the pools say of a route now, and what an attempt would take from them. */
export interface PoolVerdict extends LiquidityVerdict {
  readonly shadowBps: number
  /** Terms that the pool lends for now; absent: all of the route. */
  readonly terms?: readonly number[]
}

/** The funding pools as the gateway asks them. Snapshots are in process; only the journal holds the counters. */
export interface Pools {
  verdict(route: Route, context: PaymentContext, now: number, highGrade: boolean): PoolVerdict | undefined
  /** What the INTENT has to reserve; undefined for a route without a pool. */
  reservation(route: Route, context: PaymentContext, now: number): FundReservation | undefined
  /** The journal has refused it: others were quicker. True when another source may carry the loan instead. */
  exhausted?(funds: FundReservation): boolean
}

/** What decides about a payer's credit: the lender's policy and appetite, and what the payer has set. */
export interface CreditPolicy {
  /** What the credit policy says of a purchase. Undefined for a route that judges nobody itself. */
  verdict(route: Route, context: PaymentContext, facts: PayerFacts, now: number): PayerVerdict | undefined
  /**
   * The facts with what the payer has set and what is overdue. `paying` reads it from the journal, so that a freeze
   * holds at once everywhere; otherwise a few seconds may pass.
   */
  inForce?(
    tenant: string,
    route: Route,
    payer: string,
    facts: PayerFacts,
    paying: boolean,
  ): Promise<PayerFacts>
}

export interface GatewayPorts {
  readonly clock: Clock
  readonly random: Random
  readonly journal: Journal
  readonly cache: Cache
  readonly breaker: Breaker
  readonly telemetry: Telemetry
  readonly estimator: Estimator
  readonly pools?: Pools
  readonly credit?: CreditPolicy
}

export interface GatewaySettings {
  /** How long one executor owns a payment without renewing, ms. Longer than any attempt's timeout. */
  readonly leaseMs: number
  /** How long a payment may go on opening attempts, ms. */
  readonly paymentMs: number
  /** How long after its INTENT an attempt may still be sent, ms. */
  readonly sendWindowMs: number
}

export const DEFAULT_SETTINGS: GatewaySettings = { leaseMs: 90_000, paymentMs: 60_000, sendWindowMs: 5_000 }

export interface Gateway {
  readonly ports: GatewayPorts
  /** Bounds what is sent again; absent: nothing does. */
  readonly retries?: RetryBudget
  readonly settings: GatewaySettings
  /** The newest generation. Read it once per request. */
  readonly runtime: () => Runtime
  /** Whether sends are held until a restore of the journal is reconciled. Absent: never. */
  readonly held?: () => boolean
}
